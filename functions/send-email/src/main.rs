//! Runs `send-email` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(send_email::function)
}
