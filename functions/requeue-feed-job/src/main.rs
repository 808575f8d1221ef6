//! Runs `requeue-feed-job` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(requeue_feed_job::function)
}
