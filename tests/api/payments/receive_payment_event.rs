//! `POST /webhooks/payments/{provider}`.

use api::Shop;
use http::Method;
use serde_json::json;

#[test]
fn an_event_with_a_wrong_signature_is_refused() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    for (timestamp, signature) in [(now, "v1,AAAA"), (now, "v2,AAAA"), (now - 600, "v1,AAAA"), (now, "")] {
        let ask = Shop::shared()
            .ask(Method::POST, "/webhooks/payments/sandbox")
            .header("webhook-id", "evt_1")
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signature)
            .json(&json!({"type": "payment.captured", "id": "evt_1", "data": {}}));
        ask.send().problem(401, "unauthenticated");
    }
}

#[test]
fn a_provider_that_we_do_not_have_is_404() {
    let ask = Shop::shared().ask(Method::POST, "/webhooks/payments/nobody");
    ask.json(&json!({"type": "payment.captured", "id": "evt_1", "data": {}})).send().problem(404, "not_found");
}
