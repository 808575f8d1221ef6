//! Runs `list-flash-products` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_flash_products::function)
}
