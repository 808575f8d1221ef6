//! Runs `place-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(close_flash_sale::function)
}
