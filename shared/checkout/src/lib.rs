//! Checkout: the one context that may name the others, because it orchestrates them.
//!
//! - [`pricing`], [`shipping`], [`tax`], [`promotion`]: what a basket costs. Pure.
//! - [`quote`]: that price, signed for a quarter of an hour.
//! - [`place`](mod@place), [`pay`](mod@pay): the paths that take orders and money.
//! - [`settle`]: what an outcome of a payment means for an order. Pure.
//! - [`event`]: what providers tell unasked.
//! - [`resume`](mod@resume): what was left undecided is decided.
//! - [`sale`]: flash sales, opened, bought from and closed.

pub mod basket;
pub mod event;
pub mod pay;
pub mod place;
pub mod pricing;
pub mod promotion;
pub mod quote;
pub mod resume;
pub mod sale;
pub mod settle;
pub mod shipping;
pub mod shown;
pub mod tax;
pub mod till;

pub use basket::{Pricer, Wish, Wishes};
pub use event::{Heard, settle_payment_event};
pub use pay::{Pay, Tender};

pub use place::{Checkout, Place, Placement, Untaken};
pub use pricing::{Basket, Item, Priced, price};
pub use promotion::{Promotion, PromotionKind, Promotions};
pub use quote::Quote;
pub use resume::Next;
pub use settle::Outcome;
pub use shown::ShownQuote;
pub use till::Till;

// One number, known to the order that counts the calls and to whoever makes them.
const _: () = assert!(orders::CALLS_MOST == payments::CALLS_MOST);
