//! The rules of stock, against the table as it ships: conditions, transactions and all.

mod histories;
mod holds;
mod races;
mod settlement;
mod support;
