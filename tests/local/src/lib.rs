//! The whole shop in one process: the gateway, every function in environments of its own, the stand-ins for AWS, the
//! payment sandbox and the web pages.

pub mod command_line;
pub mod contract;
pub mod counters;
pub mod environments;
pub mod event;
pub mod functions;
pub mod gateway;
mod log;
pub mod pages;
pub mod refusal;
mod running;
mod sandbox_routes;
pub mod schema;
mod secrets;
mod seed;
pub mod web_build;

pub use command_line::Options;
pub use running::{Local, start};
