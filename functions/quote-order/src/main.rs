//! Runs `quote-order` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(quote_order::function)
}
