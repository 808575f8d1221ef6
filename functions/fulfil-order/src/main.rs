//! Runs `fulfil-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(fulfil_order::function)
}
