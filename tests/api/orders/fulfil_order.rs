//! `POST /admin/orders/{orderId}/fulfilment`.

use api::{Reply, Shop};
use http::Method;
use kernel::Role;
use serde_json::{Value, json};

fn fulfil(id: &str, body: &Value) -> Reply {
    Shop::shared().staff(Role::Warehouse, Method::POST, &format!("/admin/orders/{id}/fulfilment")).json(body).send()
}

fn bought(sku: &str) -> String {
    Shop::shared().shopper().buy(sku, 2, "tok_approve").expect(201).json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_order_is_packed_shipped_with_tracking_and_delivered() {
    let id = bought(&Shop::shared().new_sku(5));
    let packed = fulfil(&id, &json!({"action": "pack"})).expect(200).json();
    assert_eq!(packed["state"], "packed");
    let parcel = packed["parcels"][0]["id"].clone();
    let shipped = fulfil(&id, &json!({"action": "ship", "parcel": parcel, "carrier": "DHL", "tracking": "0034043"}))
        .expect(200)
        .json();
    assert_eq!((&shipped["state"], &shipped["parcels"][0]["tracking"]), (&json!("shipped"), &json!("0034043")));
    let delivered = fulfil(&id, &json!({"action": "deliver", "parcel": parcel})).expect(200).json();
    assert_eq!((&delivered["state"], &delivered["status"]), (&json!("delivered"), &json!("completed")));
    Shop::shared()
        .staff(Role::Support, Method::POST, &format!("/api/orders/{id}/cancellation"))
        .key(&crate::every_operation::fresh_key())
        .json(&json!({}))
        .send()
        .expect(409);
}

#[test]
fn a_part_is_packed_and_the_rest_waits() {
    let sku = Shop::shared().new_sku(5);
    let id = bought(&sku);
    let part = fulfil(&id, &json!({"action": "pack", "lines": [{"sku": sku, "quantity": 1}]})).expect(200).json();
    assert_eq!(part["lines"][0]["packed"], 1);
    let more = fulfil(&id, &json!({"action": "pack", "lines": [{"sku": sku, "quantity": 2}]}));
    assert!([409, 422].contains(&more.status), "{more}");
    let rest = fulfil(&id, &json!({"action": "pack"})).expect(200).json();
    assert_eq!((&rest["lines"][0]["packed"], rest["parcels"].as_array().unwrap().len()), (&json!(2), 2));
}

#[test]
fn what_is_not_paid_is_not_packed() {
    let sku = Shop::shared().new_sku(5);
    let shopper = Shop::shared().shopper();
    let id =
        shopper.post("/api/orders", &api::order(&sku, 1, None)).expect(201).json()["id"].as_str().unwrap().to_owned();
    fulfil(&id, &json!({"action": "pack"})).expect(409);
}

#[test]
fn a_repeat_packs_once() {
    let sku = Shop::shared().new_sku(5);
    let id = bought(&sku);
    let key = crate::every_operation::fresh_key();
    let pack = |quantity: u32| {
        let body = json!({"action": "pack", "lines": [{"sku": sku, "quantity": quantity}]});
        Shop::shared()
            .staff(Role::Warehouse, Method::POST, &format!("/admin/orders/{id}/fulfilment"))
            .key(&key)
            .json(&body)
            .send()
    };
    let (first, again) = (pack(1).expect(200), pack(1).expect(200));
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    pack(2).expect(422);
}
