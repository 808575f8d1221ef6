//! Runs `list-feed-jobs` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_feed_jobs::function)
}
