//! Runs `sweep-deliveries` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(sweep_deliveries::function)
}
