//! Runs `join-queue` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(join_queue::function)
}
