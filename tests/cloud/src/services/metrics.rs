//! CloudWatch: not there yet.
