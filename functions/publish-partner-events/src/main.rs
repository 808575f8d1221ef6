//! Runs `publish-partner-events` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(publish_partner_events::function)
}
