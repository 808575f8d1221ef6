//! Runs `pay-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(pay_order::function)
}
