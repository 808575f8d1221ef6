//! Runs `get-cart` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(get_cart::function)
}
