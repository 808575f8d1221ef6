//! Runs `project-catalog` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(project_catalog::function)
}
