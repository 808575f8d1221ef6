//! Runs `list-all-orders` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_all_orders::function)
}
