//! Runs `warm-flash-sales` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(warm_flash_sales::function)
}
