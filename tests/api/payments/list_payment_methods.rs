//! `GET /api/payment-methods`.

use api::Shop;

#[test]
fn the_ways_to_pay_drive_the_page() {
    let reply = Shop::shared().get("/api/payment-methods").send().expect(200);
    let methods = reply.json();
    let card = methods["items"].as_array().unwrap().iter().find(|method| method["id"] == "card").unwrap().clone();
    assert!(card["fields"].as_array().is_some_and(|fields| fields.iter().any(|field| field["name"] == "token")));
    for (id, kind) in [("paypal", "redirect"), ("crypto", "later")] {
        let method = methods["items"].as_array().unwrap().iter().find(|method| method["id"] == id).unwrap();
        assert_eq!((&method["kind"], method["fields"].as_array().map(Vec::len)), (&serde_json::json!(kind), Some(0)));
    }
    let etag = reply.header("etag").unwrap();
    Shop::shared().get("/api/payment-methods").header("if-none-match", etag).send().expect(304);
}
