//! Runs `place-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(get_queue_place::function)
}
