//! place-order, whose limiter counts calendar minutes and weighs the last one: nearly right, and not exact.

use super::placing;
use checkout::{Checkout, Pricer};
use kernel::{Fault, Instant};
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use std::time::Duration;
use table::{Key, Table, Write};

/// Checkouts in a minute.
const QUOTA: i64 = 5;

#[derive(Clone)]
struct Needs {
    checkout: Checkout,
    pricer: Pricer,
    control: Table,
}

/// As the right one.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (checkout, pricer) = (wiring::checkout(platform)?, wiring::pricer(platform)?);
    let needs = Needs { checkout, pricer, control: platform.table("control")? };
    lambda::http(platform, "place-order", move |request| handle(needs.clone(), request))
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    limit(&needs.control, &request.shopper().await?.to_string(), request.received_at()).await?;
    placing::place(&needs.checkout, &needs.pricer, &request).await
}

/// Two counters: this minute's, and the last one's for as much of it as a minute ending now still reaches into.
async fn limit(control: &Table, who: &str, now: Instant) -> Result<(), Problem> {
    let (minute, into) = (now.seconds() / 60, now.seconds() % 60);
    let key = |minute: i64| Key::new(format!("BUCKET#{who}#{minute}"));
    let taken = control.write(Write::update(key(minute), "ADD taken :one").number(":one", 1)).await;
    let taken = taken.map_err(Fault::from)?.and_then(|item| item.number("taken")).unwrap_or_default();
    let before = Write::update(key(minute - 1), "ADD taken :none").number(":none", 0);
    let before =
        control.write(before).await.map_err(Fault::from)?.and_then(|item| item.number("taken")).unwrap_or_default();
    if taken + before.min(QUOTA) * (60 - into) / 60 > QUOTA {
        return Err(Fault::limited(Duration::from_secs(u64::try_from(60 - into).unwrap_or(60))).into());
    }
    Ok(())
}
