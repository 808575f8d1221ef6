//! HTTPS to others: one client, with a deadline for each call, a limit on what comes back, no redirects, and errors that
//! say whether the request can have been received. TLS 1.2 or 1.3 through rustls with Mozilla's roots; plain HTTP only
//! to this machine. Addresses that strangers chose are called only on the open web, whatever a name comes to stand for.

mod client;
mod resolver;
mod target;

pub use bytes::Bytes;
pub use client::{Answer, Ask, Carrier, Client, Failure};
pub use http::{HeaderMap, Method, Request, StatusCode};
pub use resolver::Names;
pub use target::{NotAllowed, Reach, Target};
