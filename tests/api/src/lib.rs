//! What the black-box tests share: the shop they ask, shoppers who each have an address and a cookie of their own, and
//! answers that are checked against the contract as they come in.

#![allow(clippy::expect_used, reason = "a test that cannot go on says why by panicking")]

mod ask;
mod books;
mod inside;
mod process;
mod receiver;
mod reply;
mod sale;
mod shop;
mod shopper;
mod supplier;

pub use ask::Ask;
pub use books::{Books, everything_stored};
pub use inside::{Death, Inside, outlives};
pub use process::Process;
pub use receiver::{Answers, Got, Receiver};
pub use reply::Reply;
pub use sale::{in_sale, sale_of};
pub use shop::{Shop, contract, eventually};
pub use shopper::{Shopper, order};
pub use supplier::Supplier;
