//! Runs `get-feed-job` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(get_feed_job::function)
}
