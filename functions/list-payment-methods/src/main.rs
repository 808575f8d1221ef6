//! Runs `list-payment-methods` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_payment_methods::function)
}
