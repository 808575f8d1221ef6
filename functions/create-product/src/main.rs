//! Runs `create-product` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(create_product::function)
}
