//! Runs `get-partner` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(get_partner::function)
}
