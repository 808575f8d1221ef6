//! Runs `add-cart-item` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(add_cart_item::function)
}
