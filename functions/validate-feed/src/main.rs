//! Runs `validate-feed` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(validate_feed::function)
}
