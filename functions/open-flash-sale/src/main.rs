//! Runs `open-flash-sale` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(open_flash_sale::function)
}
