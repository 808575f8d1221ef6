//! The rules that a row must keep, and what is said about one that does not.
//!
//! Fields with a grammar (SKU, prices, currencies, stock, GTIN, addresses) are refused when they break it, whatever
//! is in them. Free text is data: it is kept as it is, without its markup, and looked at only to raise a flag.

mod availability;
mod gtin;
mod item;
mod judge;
mod options;
mod price;
mod rejection;
mod report;
mod rules;
mod seen;
mod suspicious;
mod text;
mod url;
mod weight;
mod whole;

pub use availability::Availability;
pub use item::{Item, SHOP_CURRENCY, limits};
pub(crate) use judge::{Judge, Judged};
pub use rejection::Rejection;
pub use report::csv_cell;
pub use rules::*;
pub(crate) use suspicious::flags;
pub use suspicious::{Flag, hides};
pub use text::plain_text;
pub use whole::{Verdict, validate_whole};
