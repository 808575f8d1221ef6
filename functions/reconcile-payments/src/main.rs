//! Runs `reconcile-payments` on Lambda.

fn main() -> Result<(), lambda::Error> {
    lambda::run(reconcile_payments::function)
}
