//! Runs `onboard-partner` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(onboard_partner::function)
}
