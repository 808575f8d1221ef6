//! Runs `change-cart-item` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(change_cart_item::function)
}
