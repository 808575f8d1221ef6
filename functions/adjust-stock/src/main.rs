//! Runs `adjust-stock` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(adjust_stock::function)
}
