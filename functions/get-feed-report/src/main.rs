//! Runs `get-feed-report` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(get_feed_report::function)
}
