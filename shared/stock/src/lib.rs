//! Stock lives in cells: small items that each hold what is available, what is sold and the open holds. Hold, commit
//! and release are each one conditional write of one cell, idempotent because a hold carries its order's id. So there
//! is no transaction on the way to a sale, and a SKU sells as fast as its cells have partitions.
//!
//! - [`Cell`]: one cell, its laws ([`check_cell`]), pure.
//! - [`Store`]: the verbs over the table. [`Store::hold`] for checkout; [`Store::settle`] for decided orders;
//!   [`Store::plan`] for puts, takes and counts; [`Store::look`] and [`Store::levels`] to read.
//! - [`Settlement`]: the message that an order's decision becomes.
//!
//! The order decides, the cell follows: nothing is released because a clock ran out. A limited coupon is stock too,
//! under the SKU `COUPON:<code>` ([`coupon`]), and so is what one customer may take of a sale ([`allowance`]).

mod adjust;
mod allowance;
mod cell;
mod directory;
mod gather;
mod hold;
mod level;
mod sales;
mod seed;
mod settle;
mod settling;
mod shelf;
mod spread;
mod store;
mod sweep;

pub use adjust::{Adjustment, Planned};
pub use allowance::{Allowance, Within, allowance};
pub use cell::{Cell, CellId, Entry, Stock, Violation, check_cell};
pub use directory::Directory;
pub use hold::{HOLD_LASTS, Held, Refusal};
pub use level::{Availability, LOW, Level, LevelChange};
pub use sales::Sales;
pub use settle::Settled;
pub use settling::{Decision, Line, Settlement};
pub use shelf::Shelf;
pub use store::{Store, coupon};
pub use sweep::{Overdue, Swept};
