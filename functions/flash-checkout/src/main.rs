//! Runs `flash-checkout` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(flash_checkout::function)
}
