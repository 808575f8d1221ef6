//! Runs `cancel-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(cancel_order::function)
}
