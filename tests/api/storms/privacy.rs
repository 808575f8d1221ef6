//! What people write about themselves is nowhere to be read.

use crate::SETTLING;
use api::{Books, Shop, Supplier, everything_stored};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
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

// Proves: S4-S1a
#[test]
fn no_table_queue_or_log_line_holds_a_key_or_a_secret_of_a_partner() {
    let shop = Shop::start(Options::default());
    let supplier = Supplier::live(&shop);
    let issued = supplier.ask(Method::POST, "/partner/keys").json(&json!({"world": "live"})).send().expect(201).json();
    let (spare, spare_id) = (issued["key"].as_str().unwrap(), issued["id"].as_str().unwrap());
    supplier.feed("tea", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,499,20\nBAD,Tea,ten,1\n");
    supplier.state("tea", shop.now(), &json!([{"sku": "TEA", "stock": 4}])).expect(202);
    supplier.ask(Method::DELETE, &format!("/partner/keys/{spare_id}")).send().expect(204);
    let forms = [
        shop.get("/partner/jobs").header("x-api-key", spare),
        shop.get(&format!("/partner/jobs?api_key={spare}")),
        shop.get(&format!("/partner/jobs?x-api-key={}", supplier.key)),
        shop.get("/partner/jobs").header("authorization", format!("Bearer {spare}")),
    ];
    for form in forms {
        form.send().problem(401, "unauthenticated");
    }
    Books::settled(&shop, SETTLING);
    let log = shop.local().unwrap().log().join("\n");
    let secret = supplier.secret.strip_prefix("whsec_").unwrap();
    // As the stores would show it, were it there as bytes.
    let bytes = format!("{:?}", STANDARD.decode(secret).unwrap());
    let bytes = bytes.trim_matches(['[', ']']);
    for (place, text) in [("the stores", everything_stored(&shop)), ("the log", log)] {
        assert!(text.contains(&supplier.id), "{place} know the partner");
        for key in [supplier.key.as_str(), spare, secret, bytes] {
            // What it begins with is shown on purpose, so that people tell their keys apart.
            let (_, hidden) = key.split_at(key.len() / 2);
            assert!(!text.contains(hidden), "{hidden} is in {place}");
        }
    }
}
