//! Runs `retry-payment` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(retry_payment::function)
}
