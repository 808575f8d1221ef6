//! Runs `receive-stock-update` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(receive_stock_update::function)
}
