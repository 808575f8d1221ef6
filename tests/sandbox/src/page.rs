//! The ledger for people.

use crate::ledger::{Entry, Payment};
use crate::paypal::DECISIONS;
use kernel::{Amount, Currency};
use std::fmt::Write;

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
<title>Payment sandbox</title><style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;\
color-scheme:light dark}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid \
#8884}td.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.85em}</style>";

/// The page: payments and books, newest first.
pub(crate) fn of(payments: &[Payment], entries: &[Entry]) -> String {
    let mut html = format!(
        "{HEAD}<h1>Payment sandbox</h1><p>{} payments, {} entries. No money moves here.</p><h2>Payments</h2><table><tr><th>Reference\
<th>Payment<th>Status<th>Amount<th>Refunded<th>Made</tr>",
        payments.len(),
        entries.len()
    );
    for payment in payments.iter().rev() {
        let provider = &payment.provider;
        let status = payment
            .decline_code
            .as_ref()
            .map_or_else(|| payment.status.clone(), |code| format!("{} ({code})", payment.status));
        let status = format!("{status} · {provider}");
        row(
            &mut html,
            [&payment.reference, &payment.id, &status],
            [&money(payment.amount, &payment.currency), &money(payment.refunded, &payment.currency)],
            &payment.made_at,
        );
    }
    html.push_str(
        "</table><h2>Entries</h2><table><tr><th>Reference<th>Payment<th>Kind<th>Number<th>Amount<th>Made</tr>",
    );
    for entry in entries.iter().rev() {
        row(
            &mut html,
            [&entry.reference, &entry.payment, &entry.kind],
            [&entry.number.to_string(), &money(entry.amount, &entry.currency)],
            &entry.made_at,
        );
    }
    html.push_str("</table></html>");
    html
}

/// The page on which a shopper approves a PayPal order.
pub(crate) fn approval(payment: &Payment) -> String {
    let amount = escaped(&money(payment.amount, &payment.currency));
    let buttons =
        DECISIONS.map(|(decision, words)| format!("<p><button name=decision value={decision}>{words}</button>"));
    format!(
        "{HEAD}<h1>Pay {amount} with PayPal</h1><p>This is the sandbox: no account exists and no money moves. The order is \
         <b>{}</b>.</p><form method=post>{}</form></html>",
        escaped(&payment.status),
        buttons.concat()
    )
}

/// The page on which a shopper pays to an address.
pub(crate) fn wallet(payment: &Payment) -> String {
    let text = |name: &str| escaped(payment.details[name].as_str().unwrap_or_default());
    format!(
        "{HEAD}<h1>Send {} BTC</h1><p>To <code>{}</code>, for {}. This is the sandbox: no coin moves. The charge is <b>{}</b>.</p>\
         <form method=post><p><button name=how value=exact>Send the exact amount</button><p><button name=how value=little>Send half of \
         it</button><p><button name=how value=late>Let the quote run out, then send it</button></form></html>",
        text("asset_amount"),
        text("address"),
        escaped(&money(payment.amount, &payment.currency)),
        escaped(&payment.status)
    )
}

fn row(html: &mut String, words: [&str; 3], numbers: [&str; 2], at: &str) {
    let [reference, payment, word] = words.map(escaped);
    let [first, second] = numbers.map(escaped);
    let at = escaped(at);
    let written = write!(
        html,
        "<tr><td><code>{reference}</code><td><code>{payment}</code><td>{word}<td class=n>{first}<td class=n>{second}<td>{at}</tr>"
    );
    // Writing to a string does not fail.
    debug_assert!(written.is_ok());
}

fn money(minor: i64, code: &str) -> String {
    Currency::parse(code).map_or_else(
        |_| format!("{minor} {code}"),
        |currency| format!("{} {code}", currency.decimal(Amount::minor(minor))),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
