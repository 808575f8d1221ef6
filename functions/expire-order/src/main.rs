//! Runs `expire-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(expire_order::function)
}
