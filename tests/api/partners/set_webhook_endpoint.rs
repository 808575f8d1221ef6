//! `PUT /partner/webhook`, and that what is set there is told.

use api::{Answers, Receiver, Shop, Supplier};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
const FINE: &[Answers] = &[Answers::With(204, "")];

fn set(supplier: &Supplier<'_>, url: &Value) -> api::Reply {
    supplier.ask(Method::PUT, "/partner/webhook").json(&json!({ "url": url })).send()
}

#[test]
fn an_endpoint_that_is_set_gets_a_signed_test_at_once() {
    let (shop, receiver) = (Shop::shared(), Receiver::start(FINE));
    let supplier = Supplier::new(shop);
    let answer = set(&supplier, &receiver.url().into()).expect(200).json();
    assert_eq!(answer["url"], receiver.url());
    let got = receiver.wait_for(1, SOON);
    assert_eq!(got.len(), 1);
    assert!(got[0].is_signed_with(&supplier.secret, shop.now()), "{:?}", got[0]);
    let told = got[0].json();
    assert_eq!((&told["type"], &told["data"]["url"]), (&json!("webhook.test"), &json!(receiver.url())));
    let delivery = supplier.delivery("webhook.test", "delivered", SOON);
    assert_eq!(got[0].header("webhook-id"), delivery["id"]);
    assert_eq!(got[0].header("content-type"), "application/json");
    assert_eq!(delivery["body"].as_str().map(str::as_bytes), Some(&*got[0].body));
    assert_eq!((&delivery["tries"][0]["status"], &delivery["next_try_at"]), (&json!(204), &Value::Null));
    let me = supplier.get("/partner/me").expect(200).json();
    assert_eq!(me["webhook"]["url"], receiver.url());
}

#[test]
fn an_address_that_is_not_on_the_open_web_is_refused() {
    let supplier = Supplier::new(Shop::shared());
    for (rule, url) in [
        ("format", "hooks.acme.example"),
        ("format", "ftp://hooks.acme.example/"),
        ("format", "https://user:secret@hooks.acme.example/"),
        ("format", "javascript:alert(1)"),
        ("format", "https://hooks.acme.example\\@10.0.0.1/"),
        ("https", "http://hooks.acme.example/"),
        ("https", "http://10.0.0.1/"),
        ("https", "http://169.254.169.254/latest/meta-data/"),
        ("public", "https://10.0.0.1/"),
        ("public", "https://192.168.1.1/hook"),
        ("public", "https://169.254.169.254/latest/meta-data/"),
        ("public", "https://2852039166/"),
        ("public", "https://0xa9fea9fe/"),
        ("public", "https://0251.0376.0251.0376/"),
        ("public", "https://172.16.1/"),
        ("public", "https://0.0.0.0/"),
        ("public", "https://[::ffff:169.254.169.254]/"),
        ("public", "https://[fd00:ec2::254]/"),
        ("public", "https://[fe80::1]/"),
        ("public", "https://[64:ff9b::a00:1]/"),
    ] {
        let refused = set(&supplier, &url.into()).problem(400, "invalid_request").json();
        let error = &refused["errors"][0];
        assert_eq!((&error["pointer"], &error["rule"]), (&json!("/url"), &json!(rule)), "{url}: {refused}");
    }
    set(&supplier, &json!(format!("https://hooks.example/{}", "x".repeat(2100)))).problem(400, "invalid_request");
    set(&supplier, &Value::Null).problem(400, "invalid_request");
    assert_eq!(supplier.get("/partner/me").json()["webhook"]["url"], Value::Null);
}

#[test]
fn events_go_nowhere_once_the_endpoint_is_taken_away() {
    let (shop, receiver) = (Shop::shared(), Receiver::start(FINE));
    let supplier = Supplier::new(shop);
    supplier.listens_at(receiver.url());
    assert_eq!(receiver.wait_for(1, SOON).len(), 1);
    for _ in 0..2 {
        supplier.ask(Method::DELETE, "/partner/webhook").send().expect(204);
    }
    assert_eq!(supplier.get("/partner/me").json()["webhook"]["url"], Value::Null);
    supplier.feed("one", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,100,5\n");
    let other = Receiver::start(FINE);
    supplier.listens_at(other.url());
    assert_eq!(other.wait_for(1, SOON).len(), 1, "the next endpoint is told at once");
    assert_eq!(receiver.got().len(), 1, "and the one before heard nothing more");
    let kinds: Vec<Value> = supplier.get("/partner/deliveries").json()["items"]
        .as_array()
        .map(|items| items.iter().map(|item| item["type"].clone()).collect())
        .unwrap_or_default();
    assert_eq!(kinds, ["webhook.test", "webhook.test"], "what happened in between is told to nobody");
}
