//! Runs `create-promotion` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(create_promotion::function)
}
