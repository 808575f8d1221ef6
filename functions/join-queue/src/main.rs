//! Runs `place-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(join_queue::function)
}
