//! Runs `deliver-webhook` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(deliver_webhook::function)
}
