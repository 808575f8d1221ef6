//! The catalog: products with their variants, what they cost, and how they are found.
//!
//! Writing is one item per product ([`Product`]) beside one row per SKU, which keeps a SKU with the product that had
//! it first. [`Store`] loads and looks up; [`create`] and [`change`] are pure and give the writes to be made.

pub mod change;
pub mod create;
mod draft;
pub mod index;
mod level;
mod offer;
mod pairs;
mod product;
mod rules;
mod sheet;
mod store;
pub mod supply;
pub mod view;

pub use change::Patch;
pub use draft::{Draft, PriceText, SHOP_CURRENCY, VariantDraft};
pub use level::{LOW_AT_MOST, StockLevel};
pub use offer::{Answer, Offer, Wanted};
pub use pairs::Pairs;
pub use product::{Image, Made, Product, SkuRow, Status, Variant, category_label};
pub use rules::limits;
pub use sheet::{Sheet, VariantSheet};
pub use store::Store;
