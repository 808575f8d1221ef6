//! Runs `get-product` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(get_product::function)
}
