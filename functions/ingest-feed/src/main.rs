//! Runs `ingest-feed` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(ingest_feed::function)
}
