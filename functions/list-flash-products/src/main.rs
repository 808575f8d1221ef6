//! Runs `place-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_flash_products::function)
}
