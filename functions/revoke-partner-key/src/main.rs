//! Runs `revoke-partner-key` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(revoke_partner_key::function)
}
