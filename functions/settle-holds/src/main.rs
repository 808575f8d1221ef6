//! Runs `settle-holds` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(settle_holds::function)
}
