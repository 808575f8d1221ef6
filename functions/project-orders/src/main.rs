//! Runs `project-orders` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(project_orders::function)
}
