//! Runs `rotate-webhook-secret` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(rotate_webhook_secret::function)
}
