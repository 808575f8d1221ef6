//! Runs `list-partners` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_partners::function)
}
