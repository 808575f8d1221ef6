//! Runs `publish-order-events` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(publish_order_events::function)
}
