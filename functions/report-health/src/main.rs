//! Runs `report-health` on Lambda.
fn main() -> Result<(), lambda::Error> {
    lambda::run(report_health::function)
}
