//! Runs `refund-payment` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(refund_payment::function)
}
