//! What every context may name: ids, money, instants, roles and faults. No IO, no clock, no randomness.
//!
//! - [`id`]: the names of things, each a type of its own; ids that are derived rather than drawn.
//! - [`money`]: integer minor units in a currency, and how they are split without losing a cent.
//! - [`instant`]: a moment in milliseconds, and how it is written for people.
//! - [`principal`]: who asks, and in which role.
//! - [`fault`]: what went wrong, said without a transport.
//! - [`address`]: which addresses are on the open web.
//! - [`card`]: how a card number, which must never reach us, is noticed.

pub mod address;
pub mod card;
pub mod fault;
pub mod id;
pub mod instant;
pub mod mask;
pub mod money;
pub mod principal;

pub use fault::{Fault, FieldError, Kind};
pub use id::{CustomerId, Email, GuestId, JobId, OrderId, PartnerId, ProductId, Region, SaleId, Sku};
pub use instant::Instant;
pub use money::{Amount, Currency, Money};
pub use principal::{Principal, Role};
