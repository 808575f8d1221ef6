//! Runs `sweep-holds` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(sweep_holds::function)
}
