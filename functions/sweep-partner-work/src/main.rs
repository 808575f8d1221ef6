//! Runs `sweep-partner-work` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(sweep_partner_work::function)
}
