//! What people write about themselves while messages are on their way: everything that is stored, waits, was said or
//! measured.

use api::{Shop, eventually, everything_stored};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloud::Trouble;
use local::Options;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const PLANTED: [&str; 7] = [
    "zq.lovelace@analytical-zq.example",
    "Zqaugusta Kingzq",
    "Zqhalley Street 77",
    "Zqottery",
    "ZQ99 1ZQ",
    "+44 7700 900999",
    "tok_slow_13",
];

/// How a text may still be read: as it is, in lower case, in a URL, as hex, and inside base64 wherever it begins.
fn disguises(text: &str) -> Vec<String> {
    let encoded: String = text
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let inside = (0..3).map(|before| {
        let bytes = [&b"   "[..before], text.as_bytes()].concat();
        let base64 = STANDARD.encode(bytes).trim_end_matches('=').to_owned();
        // The first and the last letters hold bits of what stands beside.
        base64[4.min(before * 4)..base64.len() - 2].to_owned()
    });
    [text.to_owned(), text.to_lowercase(), encoded, hex].into_iter().chain(inside).collect()
}

// Proves: S0-01
#[test]
fn nothing_stored_sent_said_or_measured_holds_a_contact_an_address_or_a_token() {
    let shop = Shop::start(Options::default());
    let local = shop.local().unwrap();
    let sku = shop.new_sku(10);
    // Whoever takes messages fails, so that all of them stay in their queues to be looked at.
    let takers = ["send-email", "project-orders", "settle-holds", "retry-payment", "refund-payment", "expire-order"];
    local.cloud().set_faults(Some(Arc::new(move |call: &cloud::Call<'_>| {
        let taker = takers.iter().any(|taker| call.caller.starts_with(&format!("LOCAL{taker}")));
        (taker && call.service == "dynamodb").then_some(Trouble::ServerError)
    })));

    let [email, name, street, city, code, phone, token] = PLANTED;
    let address =
        json!({"name": name, "line1": street, "city": city, "postal_code": code, "country": "DE", "phone": phone});
    let order = json!({"items": [{"sku": sku, "quantity": 1}], "email": email, "country": "DE", "address": address});
    let mut paid = order.clone();
    paid["payment"] = json!({"method": "card", "token": token});
    let mut declined = order.clone();
    declined["payment"] = json!({"method": "card", "token": "tok_decline"});

    let shopper = shop.shopper();
    let id = |reply: api::Reply| reply.json()["id"].as_str().unwrap().to_owned();
    let bought = id(shopper.post("/api/orders", &paid).expect(201));
    shopper.post("/api/orders", &declined).expect(402);
    let waiting = id(shopper.post("/api/orders", &order).expect(201));
    let by_card = json!({"method": "card", "token": token});
    shopper.post(&format!("/api/orders/{waiting}/payments"), &by_card).expect(201);
    shopper.post(&format!("/api/orders/{bought}/cancellation"), &json!({})).expect(200);

    let waits = |queue: &str| local.cloud().queue_bodies(queue).unwrap_or_default().join("\n");
    for queue in ["russet-mail", "russet-stock-settlement", "russet-order-projection", "russet-refunds"] {
        eventually(Duration::from_secs(20), || waits(queue), |waiting| waiting.contains(&bought));
    }
    let places = [
        ("the stores and the queues", everything_stored(&shop)),
        ("the log", local.log().join("\n")),
        ("what was measured", local.documents().join("\n")),
    ];
    assert!(places[0].1.contains(&bought) && places[1].1.contains(&waiting) && places[2].1.contains("place-order"));
    for (place, text) in places {
        for planted in PLANTED {
            for shape in disguises(planted) {
                assert!(!text.contains(&shape), "{planted} is in {place} as {shape}");
            }
        }
    }
}

#[test]
fn a_disguise_is_seen_through() {
    let hidden = STANDARD.encode("{\"email\":\"zq.lovelace@analytical-zq.example\",\"x\":1}");
    assert!(disguises(PLANTED[0]).iter().any(|shape| hidden.contains(shape.as_str())));
    let hidden = STANDARD.encode("a zq.lovelace@analytical-zq.example");
    assert!(disguises(PLANTED[0]).iter().any(|shape| hidden.contains(shape.as_str())));
}
