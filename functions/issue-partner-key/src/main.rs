//! Runs `issue-partner-key` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(issue_partner_key::function)
}
