//! Runs `publish-stock-events` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(publish_stock_events::function)
}
