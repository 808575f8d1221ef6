//! The rules that hold between the parts of the repository. Each rule is a function from the repository's files (or
//! from the expanded templates) to the violations it finds, so that its test can also feed it a broken copy.

pub mod gateway;
pub mod grants;
pub mod openapi;
pub mod schema;
pub mod stacks;
pub mod tree;
pub mod yaml;

#[cfg(test)]
mod rules;
