//! Runs `list-products` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_products::function)
}
