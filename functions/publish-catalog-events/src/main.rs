//! Runs `publish-catalog-events` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(publish_catalog_events::function)
}
