//! Runs `get-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(get_order::function)
}
