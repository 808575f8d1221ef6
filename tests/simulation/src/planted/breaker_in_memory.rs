//! place-order, whose breaker each environment keeps for itself. Its table is a cloud of its own inside the environment.

use super::placing;
use checkout::{Checkout, Pricer, Till};
use cloud::{Cloud, Definition, Options};
use lambda::{Error, Function, Platform, Problem, Reach, Reply, Request, Settings};
use payments::Breakers;
use std::sync::Arc;

/// As the right one.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let setting = |name: &str| platform.setting(name);
    let (base, secret, shop) = (setting("PAYMENT_PROVIDER_URL")?, setting("SECRET_PAYMENTS")?, setting("PUBLIC_URL")?);
    let (clock, random) = (platform.clock(), platform.randomness());
    let breakers = breakers_in_memory(platform)?;
    let till = Till::new(base, platform.secrets(), secret, clock, random, breakers, shop).through(platform.outbound());
    let checkout = Checkout { till, ..wiring::checkout(platform)? };
    let pricer = wiring::pricer(platform)?;
    lambda::http(platform, "place-order", move |request| handle(checkout.clone(), pricer.clone(), request))
}

fn breakers_in_memory(platform: &Platform) -> Result<Breakers, Error> {
    let table = platform.setting("TABLE_CONTROL")?;
    let definition = Definition { region: platform.region().to_string(), ..Definition::empty() };
    let memory = Cloud::inline(Options { definition: definition.with_table(table), ..Options::default() })?;
    let mut environment: std::collections::HashMap<_, _> = memory.environment("memory").into_iter().collect();
    environment.insert("TABLE_CONTROL".to_owned(), table.to_owned());
    let settings = Settings { environment, clock: platform.clock(), output: Arc::new(|_| {}) };
    let reach = Reach { aws: Some(memory.client()), ..Reach::default() };
    Ok(Breakers::new(Platform::reaching(settings, reach)?.table("control")?))
}

async fn handle(checkout: Checkout, pricer: Pricer, request: Request) -> Result<Reply, Problem> {
    checkout.till.ready("card").await?;
    placing::place(&checkout, &pricer, &request).await
}
