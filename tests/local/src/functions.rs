//! Every function there is, mounted as it ships. A contract test holds this table equal to the OpenAPI document and the
//! template.

use futures::future::BoxFuture;
use lambda::{Error, Function, Platform};

/// Makes a function in an environment.
pub type Start = for<'a> fn(&'a Platform) -> BoxFuture<'a, Result<Function, Error>>;

/// One function, by its operation.
#[derive(Debug, Clone, Copy)]
pub struct Mounted {
    /// The operation, kebab-case.
    pub operation: &'static str,
    /// Makes it.
    pub start: Start,
}

/// All of them, by context.
pub const ALL: &[Mounted] = &[
    // operations
    Mounted { operation: "report-health", start: |platform| Box::pin(report_health::function(platform)) },
    Mounted { operation: "export-metrics", start: |platform| Box::pin(export_metrics::function(platform)) },
];
