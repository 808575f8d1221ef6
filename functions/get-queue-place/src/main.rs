//! Runs `get-queue-place` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(get_queue_place::function)
}
