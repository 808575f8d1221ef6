//! Runs `export-metrics` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(export_metrics::function)
}
