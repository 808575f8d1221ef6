//! HTTPS to others: one client, with a deadline for each call, a limit on what comes back, no redirects, and errors that
//! say whether the request can have been received. TLS 1.2 or 1.3 through rustls with Mozilla's roots; plain HTTP only
//! to this machine.

mod client;
mod target;

pub use bytes::Bytes;
pub use client::{Answer, Ask, Carrier, Client, Failure};
pub use http::{HeaderMap, Method, Request, StatusCode};
pub use target::{NotAllowed, Target};
