//! Runs `close-flash-sale` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(close_flash_sale::function)
}
