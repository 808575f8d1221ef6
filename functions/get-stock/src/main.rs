//! Runs `get-stock` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(get_stock::function)
}
