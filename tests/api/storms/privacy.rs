//! What people write about themselves is nowhere to be read.

use crate::SETTLING;
use api::{Books, Shop, everything_stored};
use local::Options;
use serde_json::json;

// Proves: S0-01
#[test]
fn no_table_queue_or_log_line_holds_a_contact_an_address_or_a_token() {
    let shop = Shop::start(Options::default());
    let sku = shop.new_sku(10);
    let shopper = shop.shopper();
    let body = json!({
        "items": [{"sku": sku, "quantity": 1}],
        "email": "grace.hopper@navy-example.com",
        "country": "DE",
        "address": {"name": "Grace Hopper", "line1": "Cobolallee 7", "city": "Wermelskirchen", "postal_code": "42929", "country": "DE", "phone": "+49 2196 4711"},
        "payment": {"method": "card", "token": "tok_slow_10"},
    });
    let id = shopper.post("/api/orders", &body).expect(201).json()["id"].as_str().unwrap().to_owned();
    shopper
        .post("/api/orders", &{
            let mut body = body.clone();
            body["payment"]["token"] = json!("tok_decline");
            body
        })
        .expect(402);
    shopper.post(&format!("/api/orders/{id}/cancellation"), &json!({})).expect(200);
    Books::settled(&shop, SETTLING);
    let log = shop.local().unwrap().log().join("\n");
    for (place, text) in [("the stores", everything_stored(&shop)), ("the log", log)] {
        assert!(text.contains(&id), "{place} know the order");
        for secret in
            ["grace.hopper", "navy-example", "Grace Hopper", "Cobolallee", "+49 2196", "tok_slow_10", "tok_decline"]
        {
            assert!(!text.contains(secret), "{secret} is in {place}");
        }
    }
}
