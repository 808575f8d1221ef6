//! Flash sales: few goods, a low price, a moment when everybody comes.
//!
//! - [`sale`]: a sale, its states and its time. Pure.
//! - [`Store`]: the sales in their table.
//! - [`Listing`]: what all environments show, refreshed by one of them.
//! - [`warm`]: the environments that are kept ready for sales. Pure.
//! - [`room`]: who is let in when. Pure. [`Line`]: the line in front of a sale; [`Ticket`]: a place in it, signed.
//!
//! The goods themselves, and what one customer may take of them, are stock; the order is an order. `checkout` puts them
//! together.

pub mod line;
pub mod listing;
pub mod room;
pub mod sale;
pub mod store;
pub mod ticket;
pub mod warm;

pub use line::{Line, Place, Spent};
pub use listing::{Listed, ListedItem, Listing, Shown};
pub use room::Room;
pub use sale::{Item, Phase, Sale, State};
pub use store::Store;
pub use ticket::Ticket;
pub use warm::Warm;
