//! Each minute: looks after every order that waits for its payment longer than it should. The queues do this first; this
//! is the backstop behind them. It also measures how many providers are left alone.

use checkout::Checkout;
use kernel::{Fault, Instant};
use lambda::{Error, Function, Platform};
use orders::State;
use orders::view::Views;
use std::time::Duration;
use telemetry::Span;

/// Orders that are looked after in one run at the most.
const RUN: usize = 200;
/// Younger orders are left to their own requests and queues.
const AGE: Duration = Duration::from_secs(30);

/// Needs all that settles an order, and the list of those that wait.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let (checkout, views) = (wiring::checkout(platform)?, Views::new(platform.table("order-views")?));
    let clock = platform.clock();
    lambda::schedule(platform, env!("CARGO_PKG_NAME"), move |span| {
        handle(checkout.clone(), views.clone(), clock(), span)
    })
}

async fn handle(checkout: Checkout, views: Views, now: Instant, span: Span) -> Result<(), Fault> {
    let trace = span.trace().to_string();
    let mut failed = None;
    for summary in views.waiting(State::PendingPayment, now.minus(AGE), RUN).await? {
        let looked_after = match checkout.resume(&summary.id, &trace).await {
            Ok(_) => checkout.expire(&summary.id, &trace).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = looked_after {
            span.warn(
                "an order could not be looked after",
                &[("order", summary.id.as_str()), ("cause", &fault.to_string())],
            );
            failed = Some(fault);
        }
    }
    // For the alarm of operators: who is left alone for long needs somebody to look.
    let resting = checkout.till.resting().await?;
    span.measure(|metrics| metrics.count("providers_resting", i64::try_from(resting).unwrap_or(i64::MAX)));
    failed.map_or(Ok(()), Err)
}
