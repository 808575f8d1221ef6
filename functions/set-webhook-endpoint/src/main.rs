//! Runs `set-webhook-endpoint` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(set_webhook_endpoint::function)
}
