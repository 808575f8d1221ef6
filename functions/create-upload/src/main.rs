//! Runs `create-upload` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(create_upload::function)
}
