//! Runs `replay-delivery` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(replay_delivery::function)
}
