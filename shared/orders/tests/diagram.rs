//! `docs/states.md` is drawn from the tables of states. `BLESS=1 cargo test -p orders --test diagram` draws it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why by panicking")]

use orders::payment_state::MACHINE;
use orders::state::TRANSITIONS;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

fn drawn() -> String {
    let mut page = String::from(
        "# States\n\nDrawn from the tables in the code, and held equal to them by a test (`shared/orders/tests/diagram.rs`). Who may do \
         what is in the brackets; what an order can do next is told by its `allowed_actions`.\n\n## An order\n\n\
         Packing, shipping and delivering lead on once they cover the whole order.\n\n",
    );
    let orders = TRANSITIONS.iter().map(|row| (row.from.name(), row.action.name(), row.role.name(), row.to.name()));
    draw(&mut page, "pending_payment", orders);
    page.push_str("\n## Its payment\n\nWhat is told twice stays as it is; those lines are left out.\n\n");
    let action = |action: orders::payment_state::Action| match action {
        orders::payment_state::Action::Try => "try",
        orders::payment_state::Action::Ask => "ask",
        orders::payment_state::Action::Authorize => "authorize",
        orders::payment_state::Action::Capture => "capture",
        orders::payment_state::Action::Decline => "decline",
        orders::payment_state::Action::Void => "void",
        orders::payment_state::Action::RefundPart => "refund part",
        orders::payment_state::Action::RefundAll => "refund all",
    };
    let payments = MACHINE
        .iter()
        .filter(|rule| rule.from != rule.to)
        .map(|rule| (rule.from.name(), action(rule.action), rule.role.name(), rule.to.name()));
    draw(&mut page, "processing", payments);
    page
}

fn draw<'a>(page: &mut String, first: &str, rows: impl Iterator<Item = (&'a str, &'a str, &'a str, &'a str)>) {
    let mut edges: BTreeMap<(&str, &str), BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for (from, action, role, to) in rows {
        edges.entry((from, to)).or_default().entry(action).or_default().push(role);
    }
    writeln!(page, "```mermaid\nstateDiagram-v2\n    [*] --> {first}").unwrap();
    for ((from, to), actions) in edges {
        let words: Vec<String> =
            actions.into_iter().map(|(action, roles)| format!("{action} ({})", roles.join(", "))).collect();
        writeln!(page, "    {from} --> {to}: {}", words.join(", ")).unwrap();
    }
    page.push_str("```\n");
}

#[test]
fn the_diagram_in_the_docs_is_the_table_in_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/states.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, drawn()).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(known, drawn(), "docs/states.md is out of date: run BLESS=1 cargo test -p orders --test diagram");
}
