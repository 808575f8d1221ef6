//! Runs `recommend-products` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(recommend_products::function)
}
