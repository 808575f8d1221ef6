//! Runs `receive-payment-event` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(receive_payment_event::function)
}
