//! Orders: one item each, with its state and the list of its events.
//!
//! - [`state`]: the machine, as a table.
//! - [`payment_state`]: the machine of its payment, as a table.
//! - [`order`]: what was placed, what happened, and the state that follows.
//! - [`fulfil`](mod@fulfil), [`cancel`](mod@cancel): pure steps.
//! - [`store`]: whole items, written on the version that was read.
//! - [`shown`]: the order as people see it.
//! - [`publish`]: what the rest of the shop is told.
//! - [`view`]: lists and counters, a projection.

pub mod cancel;
pub mod contact;
pub mod event;
pub mod fulfil;
pub mod letters;
pub mod measure;
pub mod order;
pub mod payment;
pub mod payment_state;
pub mod publish;
pub mod shown;
pub mod state;
pub mod store;
pub mod view;

pub use contact::{Address, Contact};
pub use event::{Event, Units, What};
pub use order::{
    Answer, Applied, InSale, Line, Masks, Order, PAYMENT_TIME, Placed, REQUEST_BUDGET, SealedToken, Told, Totals,
};
pub use payment::{CALLS_MOST, Card, Errand, Given, Payment};
pub use payment_state::PaymentState;
pub use shown::Shown;
pub use state::{Action, State, Status};
pub use store::{New, Store, Unsaved};
