//! `GET /metrics`: totals from the projection's counters, so that they survive restarts and equal the tables, and what was
//! measured since midnight in UTC, in the text format that Prometheus scrapes.

mod business;
mod exposition;
mod measured;

use exposition::Exposition;
use lambda::{Function, Measured, Platform, Problem, Reply, Request, StatusCode};
use orders::view::Views;

/// Makes the function.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, lambda::Error> {
    let views = Views::new(platform.table("order-views")?);
    let questions = [measured::questions(), business::questions()].concat();
    let measured = platform.measured(&questions);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(views.clone(), measured.clone(), request))
}

async fn handle(views: Views, measured: Measured, request: Request) -> Result<Reply, Problem> {
    let counters = views.counters().await?;
    let mut text = Exposition::default();
    totals(&mut text, &counters.all().collect::<Vec<_>>());
    // Totals are worth telling without the times: a scraper sees that those are missing.
    match measured.figures(request.received_at()).await {
        Ok(figures) => {
            measured::write(&mut text, &figures);
            business::write(&mut text, &figures);
        }
        Err(fault) => request.span().warn("CloudWatch was not read", &[("cause", &fault.to_string())]),
    }
    let reply = Reply::bytes(StatusCode::OK, exposition::MEDIA_TYPE, text.finish().into_bytes());
    Ok(reply.header("cache-control", "no-store"))
}

/// The counters of orders, by the names that dashboards know.
fn totals(text: &mut Exposition, counters: &[(&str, i64)]) {
    let one = |name: &str| counters.iter().find_map(|(known, value)| (*known == name).then_some(*value)).unwrap_or(0);
    let each = |prefix: &'static str| {
        counters.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, *value)))
    };
    text.counter("orders_total", "Orders placed.", one("orders"));
    text.counter("paid_orders_total", "Orders that were paid.", one("paid"));
    text.counter("units_sold_total", "Units in orders that were paid.", one("units"));
    text.gauges("orders_in_state", "Orders by the state they are in now.", "state", each("state_"));
    text.counters("revenue_minor_units_total", "What paid orders cost, in minor units.", "currency", each("revenue_"));
    text.counters("refunded_minor_units_total", "What went back, in minor units.", "currency", each("refunded_"));
}
