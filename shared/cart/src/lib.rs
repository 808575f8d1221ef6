//! Carts: what a shopper means to buy.
//!
//! - [`Cart`]: its lines, and how they change. Pure.
//! - [`merge`]: how two carts become one, whoever comes first and however often. Pure.
//! - [`priced`]: a cart at today's prices, from [`Offer`]s that the caller looked up. Pure.
//! - [`Store`]: loads a cart; a change is saved by one conditional write ([`Cart::save`]).

mod lines;
mod merge;
mod price;
mod store;

pub use lines::{Cart, LIFE, LINES_MOST, Line, QUANTITY_MOST};
pub use merge::merge;
pub use price::{Offer, PricedCart, PricedLine, priced};
pub use store::Store;
