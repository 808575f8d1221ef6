//! Runs `remove-cart-item` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(remove_cart_item::function)
}
