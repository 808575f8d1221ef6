//! The ten rules of `Idempotency-Key`, on every operation that heeds one: which those are, the contract says.

use crate::every_operation::fresh_key;
use api::{Answers, Ask, Receiver, Reply, Shop, Shopper, Supplier, contract, in_sale, order, sale_of};
use http::Method;
use kernel::Role;
use local::contract::{Idempotency, Operation};
use serde_json::{Value, json};
use std::time::Duration;

/// A request that will succeed, and another body for the same place.
struct Ready<'a> {
    ask: Ask<'a>,
    body: Value,
    other: Value,
}

impl<'a> Ready<'a> {
    fn new(ask: Ask<'a>, body: Value, other: Value) -> Self {
        Self { ask, body, other }
    }

    fn send(&self, key: &str) -> Reply {
        self.ask.clone().key(key).json(&self.body).send()
    }
}

/// The operations that heed a key.
fn heeding() -> impl Iterator<Item = &'static Operation> {
    contract().operations().iter().filter(|operation| operation.idempotency != Idempotency::Ignored)
}

/// A shopper with a cookie and one line in the cart.
fn with_cookie<'a>(shop: &'a Shop, sku: &str) -> Shopper<'a> {
    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({"sku": sku, "quantity": 1})).expect(200);
    shopper
}

fn id(reply: Reply) -> String {
    reply.expect(201).json()["id"].as_str().unwrap().to_owned()
}

/// A handle that nobody has.
fn handle() -> String {
    format!("h{}", kernel::id::derived(&[&fresh_key()]).get(..20).unwrap())
}

/// A feed of one tea at that price.
fn feed(cents: u32) -> Value {
    json!([{"sku": "A", "name": "Tea", "price_cents": cents}])
}

/// A request of a partner of its own.
fn of_a_partner<'a>(shop: &'a Shop, operation: &Operation, path: &str) -> Ask<'a> {
    Supplier::new(shop).ask(operation.method.clone(), path)
}

/// Everything that a first, successful request of an operation needs.
fn ready<'a>(shop: &'a Shop, operation: &Operation) -> Ready<'a> {
    let staff = |role: Role, path: &str| shop.staff(role, operation.method.clone(), path);
    let sku = shop.new_sku(50);
    let shopper = with_cookie(shop, &sku);
    let by_shopper = |path: &str| shopper.ask(operation.method.clone(), path);
    let items = |quantity: u32| json!({"items": [{"sku": sku, "quantity": quantity}], "country": "DE"});
    match operation.id.as_str() {
        "create-product" => {
            let body = |price: &str| json!({"name": fresh_key(), "price": price});
            Ready::new(staff(Role::Admin, "/api/products"), body("1.00"), body("2.00"))
        }
        "update-product" => {
            let ask = staff(Role::Admin, &format!("/api/products/{sku}")).header("if-match", "\"1\"");
            Ready::new(ask, json!({"name": "New"}), json!({"name": "Newer"}))
        }
        "adjust-stock" => {
            let body = |change: i64| json!({"change": change, "reason": "Delivery"});
            Ready::new(staff(Role::Warehouse, &format!("/admin/stock/{sku}")), body(3), body(4))
        }
        "add-cart-item" => {
            let body = |quantity: u32| json!({"sku": sku, "quantity": quantity});
            Ready::new(by_shopper("/api/cart"), body(1), body(2))
        }
        "change-cart-item" => {
            Ready::new(by_shopper(&format!("/api/cart/items/{sku}")), json!({"quantity": 5}), json!({"quantity": 6}))
        }
        "quote-order" => Ready::new(by_shopper("/api/quotes"), items(1), items(2)),
        "place-order" => {
            let body = |quantity: u32| order(&sku, quantity, Some("tok_approve"));
            Ready::new(by_shopper("/api/orders"), body(1), body(2))
        }
        "pay-order" => {
            let path = format!("/api/orders/{}/payments", id(shopper.post("/api/orders", &order(&sku, 1, None))));
            let body = |token: &str| json!({"method": "card", "token": token});
            Ready::new(by_shopper(&path), body("tok_approve"), body("tok_decline"))
        }
        "cancel-order" => {
            let path = format!("/api/orders/{}/cancellation", id(shopper.buy(&sku, 1, "tok_approve")));
            Ready::new(by_shopper(&path), json!({"reason": "a"}), json!({"reason": "b"}))
        }
        "fulfil-order" => {
            let path = format!("/admin/orders/{}/fulfilment", id(shopper.buy(&sku, 2, "tok_approve")));
            let body = |quantity: u32| json!({"action": "pack", "lines": [{"sku": sku, "quantity": quantity}]});
            Ready::new(staff(Role::Warehouse, &path), body(1), body(2))
        }
        "create-promotion" => {
            let body = |percent: u32| json!({"code": fresh_key(), "kind": "percentage", "percent": percent});
            Ready::new(staff(Role::Finance, "/admin/promotions"), body(5), body(6))
        }
        "open-flash-sale" => {
            let body = |limit: u32| {
                let mut body = sale_of(&sku, shop.now());
                body["limit_per_customer"] = json!(limit);
                body
            };
            Ready::new(staff(Role::Admin, "/admin/flash-sales"), body(1), body(2))
        }
        "flash-checkout" => {
            let (sale, sku) = shop.new_sale(50, |_| {});
            let body = |quantity: u32| in_sale(&sale, &sku, quantity, "tok_approve");
            Ready::new(by_shopper("/flash/checkout"), body(1), body(2))
        }
        "join-queue" => {
            let with_a_line = || shop.new_sale(50, |sale| sale["waiting_room"] = json!(true)).0;
            let body = |sale: String| json!({"sale": sale});
            Ready::new(by_shopper("/flash/queue"), body(with_a_line()), body(with_a_line()))
        }
        "onboard-partner" => {
            let handle = handle();
            let body = |name: &str| json!({"handle": handle, "name": name, "email": "feeds@example.com"});
            Ready::new(shop.ask(Method::POST, "/partner/onboard"), body("One"), body("Other"))
        }
        "issue-partner-key" => {
            let body = |days: u32| json!({"world": "sandbox", "expires_in_days": days});
            Ready::new(of_a_partner(shop, operation, "/partner/keys"), body(1), body(2))
        }
        "ingest-feed" => Ready::new(of_a_partner(shop, operation, &operation.path), feed(100), feed(200)),
        "create-upload" => {
            let body = |bytes: u64| json!({"bytes": bytes, "sha256": "0".repeat(64), "media_type": "text/csv"});
            Ready::new(of_a_partner(shop, operation, &operation.path), body(1), body(2))
        }
        "ingest-upload" => {
            let (supplier, feed) = (Supplier::new(shop), "sku,name,price_cents\nTEA,Tea,100\n");
            let upload = supplier.upload("text/csv", feed.as_bytes());
            let path = format!("/partner/uploads/{}/ingest", upload["id"].as_str().unwrap());
            Ready::new(supplier.ask(Method::POST, &path), json!({}), json!({"other": 1}))
        }
        "validate-feed" => Ready::new(of_a_partner(shop, operation, &operation.path), feed(100), feed(200)),
        "requeue-feed-job" => {
            let supplier = Supplier::new(shop);
            let job = supplier.feed("once", "application/json", "[]");
            let path = format!("/partner/jobs/{}/requeue", job["id"].as_str().unwrap());
            Ready::new(supplier.ask(Method::POST, &path), json!({}), json!({"other": 1}))
        }
        "rotate-webhook-secret" => {
            Ready::new(of_a_partner(shop, operation, &operation.path), json!({}), json!({"other": 1}))
        }
        "replay-delivery" => {
            let (supplier, receiver) = (Supplier::new(shop), Receiver::start(&[Answers::With(200, "")]));
            supplier.listens_at(receiver.url());
            let delivery = supplier.delivery("webhook.test", "delivered", Duration::from_secs(20));
            let path = format!("/partner/deliveries/{}/replay", delivery["id"].as_str().unwrap());
            Ready::new(supplier.ask(Method::POST, &path), json!({}), json!({"other": 1}))
        }
        other => panic!("{other} heeds a key: say here what its first request needs"),
    }
}

#[test]
fn rules_1_and_2_a_repeat_gets_the_same_status_and_bytes() {
    for operation in heeding() {
        let (ready, key) = (ready(Shop::shared(), operation), fresh_key());
        let first = ready.send(&key);
        assert!((200..300).contains(&first.status) && first.header("idempotency-replayed").is_none(), "{first}");
        for _ in 0..2 {
            let again = ready.send(&key);
            assert_eq!((again.status, &again.body), (first.status, &first.body), "{}", operation.id);
            assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again}");
            assert_eq!(again.header("location"), first.header("location"));
        }
    }
}

#[test]
fn rule_3_the_same_key_with_another_body_is_422() {
    for operation in heeding() {
        let (ready, key) = (ready(Shop::shared(), operation), fresh_key());
        let first = ready.send(&key);
        let other = ready.ask.clone().key(&key).json(&ready.other).send().expect(422);
        assert_eq!(other.json()["code"], "idempotency_key_reused", "{other}");
        assert_eq!(ready.send(&key).body, first.body, "{}", operation.id);
    }
}

#[test]
fn rule_4_at_the_same_time_there_is_one_execution_and_the_others_are_told_to_ask_again() {
    for operation in heeding() {
        let (ready, key) = (ready(Shop::shared(), operation), fresh_key());
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let sending: Vec<_> = (0..6).map(|_| scope.spawn(|| ready.send(&key))).collect();
            sending.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let settled = ready.send(&key);
        assert!((200..300).contains(&settled.status), "{settled}");
        for reply in replies {
            if reply.status == 409 {
                assert_eq!(reply.header("retry-after"), Some("1"), "{reply}");
            } else {
                assert_eq!((reply.status, &reply.body), (settled.status, &settled.body), "{}", operation.id);
            }
        }
    }
}

#[test]
fn rule_5_what_was_refused_before_work_began_leaves_the_key_free() {
    for operation in heeding() {
        let (ready, key) = (ready(Shop::shared(), operation), fresh_key());
        // What a feed may say is found out behind the answer.
        if operation.body.as_ref().is_some_and(|body| !body.raw) {
            ready.ask.clone().key(&key).json(&json!({"unexpected": true})).send().expect(400);
        }
        if operation.partner_only {
            ready.ask.clone().without("x-api-key").key(&key).json(&ready.body).send().expect(401);
        }
        if operation.staff_only {
            ready.ask.clone().without("authorization").key(&key).json(&ready.body).send().expect(401);
        }
        let first = ready.send(&key);
        assert!((200..300).contains(&first.status) && first.header("idempotency-replayed").is_none(), "{first}");
    }
}

#[test]
fn rule_6_a_key_that_is_required_is_asked_for() {
    for operation in heeding() {
        let ready = ready(Shop::shared(), operation);
        let without = ready.ask.clone().json(&ready.body).send();
        if operation.idempotency == Idempotency::Required {
            without.expect(400);
        } else {
            assert!((200..300).contains(&without.status), "{without}");
        }
    }
}

#[test]
fn rule_7_a_key_that_is_not_1_to_255_visible_characters_is_refused() {
    for operation in heeding() {
        let ready = ready(Shop::shared(), operation);
        let long = "k".repeat(256);
        for key in [long.as_bytes(), b"a key", "schl\u{fc}ssel".as_bytes(), b"\xff", b"a\tb"] {
            ready.ask.clone().header_bytes("idempotency-key", key).json(&ready.body).send().expect(400);
        }
        let most = ready.send(&"k".repeat(255));
        assert!((200..300).contains(&most.status), "{most}");
    }
}

#[test]
fn rule_9_reading_and_deleting_ignore_the_key() {
    let sku = Shop::shared().new_sku(5);
    let shopper = with_cookie(Shop::shared(), &sku);
    let key = fresh_key();
    for (method, path) in [(Method::DELETE, format!("/api/cart/items/{sku}")), (Method::GET, "/api/cart".to_owned())] {
        for _ in 0..2 {
            let reply = shopper.ask(method.clone(), &path).key(&key).send().expect(200);
            assert_eq!(reply.header("idempotency-replayed"), None);
        }
    }
    shopper.ask(Method::GET, "/api/cart").key("not a key").send().expect(200);
}

#[test]
fn rule_10_one_callers_key_never_matches_anothers() {
    for operation in heeding() {
        let key = fresh_key();
        let first = ready(Shop::shared(), operation).send(&key);
        let second = if operation.staff_only {
            // Staff of one role are one principal here: the other caller is another route or product of theirs.
            let other = ready(Shop::shared(), operation);
            if operation.path.contains('{') { other.send(&key) } else { other.send(&fresh_key()) }
        } else {
            ready(Shop::shared(), operation).send(&key)
        };
        assert!((200..300).contains(&second.status), "{second}");
        assert_eq!(second.header("idempotency-replayed"), None, "{}: {first} and {second}", operation.id);
    }
}
