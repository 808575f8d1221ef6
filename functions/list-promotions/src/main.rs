//! Runs `list-promotions` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(list_promotions::function)
}
