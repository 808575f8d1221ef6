//! Runs `place-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(open_flash_sale::function)
}
