//! Runs `process-feed` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(process_feed::function)
}
