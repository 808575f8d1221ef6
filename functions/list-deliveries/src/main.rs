//! Runs `list-deliveries` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_deliveries::function)
}
