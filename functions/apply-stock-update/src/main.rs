//! Runs `apply-stock-update` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(apply_stock_update::function)
}
