//! DynamoDB: the engine (dynoxide on SQLite) on a thread of its own.

mod answer;
mod dispatch;
mod engine;
mod store;
mod tables;

pub(crate) use answer::Answer;
pub(crate) use engine::{Engine, MemoryCount, Record};
pub(crate) use tables::tables_of;
