//! Runs `update-product` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(update_product::function)
}
