//! The cloud of a unit test: what the template defines, in memory.

use crate::cloud::{Cloud, Options, StartError};
use crate::definition::Definition;
use std::path::Path;

/// The definition in the repository's own template.
///
/// # Errors
/// A sentence saying what is wrong with the template.
pub fn definition() -> Result<Definition, String> {
    Definition::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml"), &[])
}

/// A cloud in memory with all tables, queues, keys, secrets and buckets of the template. No function is called: see
/// [`Cloud::poll`].
///
/// # Errors
/// A sentence saying what is wrong with the template, or why there is no listener.
pub fn start() -> Result<Cloud, StartError> {
    Cloud::start(Options { definition: definition()?, ..Options::default() })
}
