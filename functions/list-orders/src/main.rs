//! Runs `list-orders` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_orders::function)
}
