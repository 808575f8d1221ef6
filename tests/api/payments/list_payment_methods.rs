//! `GET /api/payment-methods`.

use api::Shop;

#[test]
fn the_ways_to_pay_drive_the_page() {
    let reply = Shop::shared().get("/api/payment-methods").send().expect(200);
    let methods = reply.json();
    let card = methods["items"].as_array().unwrap().iter().find(|method| method["id"] == "card").unwrap().clone();
    assert!(card["fields"].as_array().is_some_and(|fields| fields.iter().any(|field| field["name"] == "token")));
    let etag = reply.header("etag").unwrap();
    Shop::shared().get("/api/payment-methods").header("if-none-match", etag).send().expect(304);
}
