//! The accounts context.
