//! Flash sales, put together from what the contexts know: [`open`](mod@open) takes items from the catalog and spreads their
//! stock, [`close`](mod@close) gathers it, [`buy`](mod@buy) prices one item for an order.

pub mod buy;
pub mod close;
pub mod open;

pub use buy::{Bought, Wanted, buy};
pub use close::{Closing, close};
pub use open::{Opening, Wish, open};
