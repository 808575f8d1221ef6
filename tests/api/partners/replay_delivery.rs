//! `POST /partner/deliveries/{deliveryId}/replay`.

use api::{Answers, Receiver, Shop, Supplier};
use http::Method;
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

fn replay(supplier: &Supplier<'_>, delivery: &Value) -> api::Reply {
    let id = delivery["id"].as_str().unwrap_or_default();
    supplier.ask(Method::POST, &format!("/partner/deliveries/{id}/replay")).send()
}

#[test]
fn what_was_delivered_is_sent_again_with_the_same_id_and_the_same_body() {
    let receiver = Receiver::start(&[Answers::With(200, "")]);
    let supplier = Supplier::new(Shop::shared());
    supplier.listens_at(receiver.url());
    let delivery = supplier.delivery("webhook.test", "delivered", SOON);
    let sent = replay(&supplier, &delivery).expect(202).json();
    assert_eq!((sent["state"].as_str(), &sent["id"]), (Some("pending"), &delivery["id"]));
    let got = receiver.wait_for(2, SOON);
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    assert_eq!(got[0].body, got[1].body);
    let again = supplier.delivery("webhook.test", "delivered", SOON);
    assert_eq!(again["tries"].as_array().map(Vec::len), Some(2));
}

#[test]
fn there_has_to_be_an_endpoint_and_a_delivery_of_ones_own() {
    let receiver = Receiver::start(&[Answers::With(200, "")]);
    let (supplier, other) = (Supplier::new(Shop::shared()), Supplier::new(Shop::shared()));
    supplier.listens_at(receiver.url());
    let delivery = supplier.delivery("webhook.test", "delivered", SOON);
    replay(&other, &delivery).problem(404, "not_found");
    replay(&supplier, &serde_json::json!({"id": "nosuch"})).problem(404, "not_found");
    supplier.ask(Method::DELETE, "/partner/webhook").send().expect(204);
    replay(&supplier, &delivery).problem(409, "no_endpoint");
    assert_eq!(receiver.got().len(), 1);
}
