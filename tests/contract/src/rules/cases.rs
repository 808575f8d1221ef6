//! The black-box tests leave no operation out: who may not is refused everywhere, and every write is repeated.

use crate::openapi::operations;
use crate::tree::Tree;

/// Tests that go through all operations of the contract by themselves, and the filter that makes them do so.
const GENERATED: [(&str, &str); 3] = [
    ("fn staff_operations_want_a_valid_token_in_a_fitting_role()", "operation.staff_only"),
    ("fn signed_operations_want_a_signature()", "operation.signed"),
    ("fn a_cookie_that_was_tampered_with_is_no_cookie()", "!operation.staff_only"),
];

fn every_operation_has_its_unauthorised_case(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let generated = tree.text("tests/api/every_operation.rs").unwrap_or_default();
    for (test, filter) in GENERATED {
        let body = generated.split(test).nth(1).and_then(|rest| rest.split("\n}\n").next()).unwrap_or_default();
        if !body.contains("contract()") || !body.contains(filter) {
            found.push(format!("tests/api/every_operation.rs: {test} does not go through the contract"));
        }
    }
    for operation in operations(&crate::rules::contract_of(tree)) {
        let of_a_guest = operation.value["security"].to_string().contains("guest");
        if !of_a_guest || !operation.path.contains("{orderId}") {
            continue;
        }
        let file = format!("/{}.rs", operation.function.replace('-', "_"));
        let text = tree.under("tests/api/", &file).map(|(_, text)| text).next().unwrap_or_default();
        let foreign =
            text.lines().any(|line| line.starts_with("fn ") && (line.contains("another") || line.contains("others")));
        if !foreign {
            found.push(format!("{}: nobody tries it on another shopper's order", operation.function));
        }
    }
    found
}

fn every_write_has_its_idempotency_case(tree: &Tree) -> Vec<String> {
    let text = tree.text("tests/api/idempotency.rs").unwrap_or_default();
    operations(&crate::rules::contract_of(tree))
        .into_iter()
        .filter(|operation| operation.text("x-idempotency") != Some("ignored"))
        .filter(|operation| !text.contains(&format!("\"{}\" =>", operation.id)))
        .map(|operation| format!("{}: is never repeated under one key", operation.id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{every_operation_has_its_unauthorised_case, every_write_has_its_idempotency_case};
    use crate::rules::{caught, none, tree};

    #[test]
    fn every_operation_is_tried_by_who_may_not() {
        none(&every_operation_has_its_unauthorised_case(&tree()));
    }

    #[test]
    fn an_operation_that_nobody_tries_without_leave_is_caught() {
        let torn = tree().without("tests/api/orders/cancel_order.rs");
        caught(&every_operation_has_its_unauthorised_case(&torn), "cancel-order: nobody tries");
        let torn = tree().replaced(
            "tests/api/every_operation.rs",
            "filter(|operation| operation.signed)",
            "filter(|operation| operation.gone)",
        );
        caught(&every_operation_has_its_unauthorised_case(&torn), "signed_operations_want_a_signature");
    }

    #[test]
    fn every_write_is_repeated_under_one_key() {
        none(&every_write_has_its_idempotency_case(&tree()));
    }

    #[test]
    fn a_write_that_is_never_repeated_is_caught() {
        let torn = tree().replaced("tests/api/idempotency.rs", "\"pay-order\" =>", "\"pay\" =>");
        caught(&every_write_has_its_idempotency_case(&torn), "pay-order: is never repeated");
    }
}
