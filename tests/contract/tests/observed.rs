//! What functions do in a run against what their roles allow: no more, and nothing is allowed that nothing does.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use api::{Answers, Receiver, Shop, Supplier, eventually, in_sale, order};
use contract::grants::Grants;
use contract::tree::Tree;
use http::Method;
use kernel::Role;
use local::Options;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// Rights that a run of ten seconds does not use, each with why it is there.
const SELDOM: [(&str, &str, &str); 21] = [
    (
        "apply-stock-update",
        "dynamodb:BatchGetItem to arn:aws:dynamodb:eu-central-1:123456789012:table/russet-stock",
        "a SKU of many cells",
    ),
    (
        "process-feed",
        "dynamodb:GetItem to arn:aws:dynamodb:eu-central-1:123456789012:table/russet-catalog",
        "a product that changed while a feed was read",
    ),
    ("recommend-products", "dynamodb:GetItem", "a product that the read model does not list yet"),
    ("retry-payment", "sqs:SendMessage", "a payment that is still undecided after it was looked after"),
    ("place-order", "dynamodb:", "a repeat finds the order; a SKU of many cells has a directory"),
    ("pay-order", "dynamodb:", "a SKU of many cells; staff who pay for a shopper are told no"),
    ("retry-payment", "dynamodb:", "an attempt that was taken over holds again, in many cells if need be"),
    ("reconcile-payments", "dynamodb:", "as retry-payment, for what its queue has lost"),
    ("reconcile-payments", "kms:", "as retry-payment, for what its queue has lost"),
    ("pay-order", "kms:Decrypt", "a repeat takes an attempt over and opens its token"),
    ("place-order", "kms:Decrypt", "a repeat takes an attempt over and opens its token"),
    ("expire-order", "sqs:SendMessage", "an order that is looked at before it is due"),
    ("expire-order", "dynamodb:UpdateItem", "a provider that does not answer counts against its breaker"),
    ("refund-payment", "dynamodb:UpdateItem", "as expire-order"),
    ("refund-payment", "sqs:SendMessage", "a provider that is left alone is waited for"),
    ("flash-checkout", "kms:Decrypt", "as place-order"),
    ("flash-checkout", "dynamodb:BatchGetItem", "as place-order; the line moves when nobody in it looked for a second"),
    ("flash-checkout", "dynamodb:PutItem to arn:aws:dynamodb:eu-central-1:123456789012:table/russet-flash", "as above"),
    ("sweep-holds", "dynamodb:", "a hold whose order ended and whose message was lost"),
    (
        "sweep-partner-work",
        "sqs:SendMessage to arn:aws:sqs:eu-central-1:123456789012:russet-feed-jobs",
        "feeds whose message was lost",
    ),
    ("project-catalog", "s3:", "segments are merged when there are many, and dropped ten minutes later"),
];

/// What was done, as (function, service, operation, resource).
fn done(shop: &Shop) -> BTreeSet<(String, &'static str, String, String)> {
    let counted = shop.local().expect("a run of this process").cloud().counters();
    let mut found = BTreeSet::new();
    for (action, _) in counted.actions {
        let caller = action.caller.trim_start_matches("LOCAL").trim_end_matches(|digit: char| digit.is_ascii_digit());
        for resource in action.resource.split(',') {
            found.insert((caller.to_owned(), action.service, action.action.clone(), resource.to_owned()));
        }
    }
    found
}

/// Crowds the SKU's one cell until it is given another, so that looks at it become looks at many.
fn spread(shop: &Shop, sku: &str) {
    for _ in 0..14 {
        shop.shopper().post("/api/orders", &order(sku, 1, None)).expect(201);
    }
    shop.shopper().buy(sku, 1, "tok_approve").expect(201);
    let cells = || shop.stock(sku)["cells"].as_array().map_or(0, Vec::len);
    eventually(Duration::from_secs(20), cells, |cells| *cells > 1);
    let body = json!({ "change": 20, "reason": "delivery" });
    shop.staff(Role::Warehouse, Method::POST, &format!("/admin/stock/{sku}"))
        .key("wide")
        .json(&body)
        .send()
        .expect(200);
}

/// Sells in one sale at once and in another one after a line, until both are over.
fn sell_in_flash_sales(shop: &Shop) {
    let ends_at = shop.now().plus(Duration::from_secs(150)).to_string();
    let sale_with = |line: bool| {
        shop.new_sale(100, |sale| {
            sale["waiting_room"] = json!(line);
            sale["expected_per_second"] = json!(if line { 1 } else { 100 });
            sale["ends_at"] = json!(ends_at);
        })
    };
    let (at_once, sku) = sale_with(false);
    let shopper = shop.shopper();
    shopper.post("/flash/checkout", &in_sale(&at_once, &sku, 1, "tok_approve")).expect(201);
    shopper.post("/flash/checkout", &in_sale(&at_once, &sku, 3, "tok_decline")).expect(402);
    shopper.post("/flash/checkout", &in_sale(&at_once, &sku, 11, "tok_approve")).expect(409);
    // More than a cell has is held in parts.
    let key = shopper.fresh_key();
    let parts = shopper.ask(Method::POST, "/flash/checkout").key(&key).json(&in_sale(&at_once, &sku, 9, "tok_fail_1"));
    drop((shopper.send(&parts), shopper.send(&parts)));
    drop(
        shop.staff(Role::Support, Method::POST, "/flash/checkout")
            .key("staff")
            .json(&in_sale(&at_once, &sku, 1, "tok_approve"))
            .send(),
    );

    let (in_line, sku) = sale_with(true);
    let joined: Vec<_> = (0..6)
        .map(|_| {
            let shopper = shop.shopper();
            let place = shopper.post("/flash/queue", &json!({ "sale": in_line })).expect(201).json();
            (shopper, place["ticket"].as_str().unwrap().to_owned())
        })
        .collect();
    // The line moves while the last one looks, and while the first ones buy.
    for (shopper, ticket) in joined.iter().rev() {
        let place = || shopper.get(&format!("/flash/queue/{ticket}")).expect(200).json();
        eventually(Duration::from_secs(30), place, |place| place["admitted"] == true);
        let mut body = in_sale(&in_line, &sku, 1, "tok_approve");
        body["ticket"] = json!(ticket);
        shopper.post("/flash/checkout", &body).expect(201);
    }
    shopper.post("/flash/queue", &json!({ "sale": in_line })).expect(201);
    shopper.post("/flash/queue", &json!({ "sale": in_line })).expect(200);
    let mut third = api::sale_of(&shop.new_sku(3), shop.now());
    third["ends_at"] = json!(ends_at);
    for _ in 0..2 {
        shop.staff(Role::Admin, Method::POST, "/admin/flash-sales").key("sale").json(&third).send().expect(201);
    }
    shop.get("/flash/products").send().expect(200);
}

/// Comes as a partner, sends feeds and states stock.
fn supply(shop: &Shop) {
    let body = json!({ "handle": "observed", "name": "Observed", "email": "feeds@example.com" });
    for _ in 0..2 {
        shop.ask(Method::POST, "/partner/onboard")
            .key("partner")
            .header("x-forwarded-for", "10.9.9.9")
            .json(&body)
            .send();
    }
    let supplier = Supplier::live(shop);
    let feed = |units: u32| format!("sku,name,price_cents,stock\nA,Tea,100,{units}\nB,Tea,100,\nC,Tea,,1\n");
    let first = supplier.feed("one", "text/csv", feed(5));
    let second = supplier.feed("two", "text/csv", feed(7));
    supplier.get(&format!("/partner/jobs/{}/report", first["id"].as_str().unwrap())).expect(200);
    let page = supplier.get("/partner/jobs?limit=1").expect(200).json();
    supplier.get(&format!("/partner/jobs?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).expect(200);
    let requeue = format!("/partner/jobs/{}/requeue", second["id"].as_str().unwrap());
    supplier.ask(Method::POST, &requeue).key("again").send().expect(202);
    supplier.wait_for(second["id"].as_str().unwrap());
    supplier
        .state("observed", shop.now(), &json!([{ "sku": "A", "stock": 3 }, { "sku": "B", "stock": 4 }]))
        .expect(202);
    let path = format!("/admin/stock/{}", supplier.shop_sku("B"));
    let stock = || shop.staff(Role::Warehouse, Method::GET, &path).send().json()["available"].as_u64();
    eventually(Duration::from_secs(20), stock, |units| *units == Some(4));
    let body = json!({ "as_of": shop.now().to_string(), "items": [{ "sku": "A", "stock": 1 }] }).to_string();
    supplier.webhook("forged", shop.now(), &body).header("webhook-signature", "v1,AAAA").send().expect(401);
    supplier.feed("evil", "text/csv", "sku,name,price_cents\nA,<script>alert(1)</script>,1\n");
    let upload = supplier.upload("text/csv", b"sku,name,price_cents\nUP,Tea,1\n");
    let path = format!("/partner/uploads/{}/ingest", upload["id"].as_str().unwrap());
    supplier.ask(Method::POST, &path).key("upload").send().expect(202);
    tell(&supplier);
    // Whichever function a key is used with first notes that it was.
    let firsts = [
        (Method::GET, "/partner/me", None),
        (Method::GET, "/partner/jobs", None),
        (Method::GET, "/partner/contract", None),
        (Method::GET, "/partner/jobs/00000000000000000000000000", None),
        (Method::GET, "/partner/jobs/00000000000000000000000000/report?cursor=x.y", None),
        (Method::POST, "/partner/jobs/00000000000000000000000000/requeue", None),
        (Method::DELETE, "/partner/keys/00000000000000000000000000", None),
        (Method::POST, "/partner/keys", Some(json!({ "world": "sandbox" }))),
        (Method::PUT, "/partner/webhook", Some(json!({ "url": "https://hooks.acme.example/" }))),
        (Method::POST, "/partner/webhook/secret", None),
        (
            Method::POST,
            "/partner/uploads",
            Some(json!({ "bytes": 1, "sha256": "0".repeat(64), "media_type": "text/csv" })),
        ),
        (Method::GET, "/partner/deliveries", None),
        (Method::POST, "/partner/deliveries/00000000000000000000000000/replay", None),
        (Method::POST, "/partner/contract/validate", Some(json!([{ "sku": "A", "name": "Tea", "price_cents": 1 }]))),
    ];
    for (method, path, body) in firsts {
        let ask = Supplier::new(shop).ask(method, path).key("first");
        let reply = match &body {
            Some(body) => ask.json(body).send(),
            None => ask.send(),
        };
        assert!(reply.status < 500, "{reply}");
    }
    let own = supplier.get("/partner/me").expect(200).json();
    let key = own["keys"][0]["id"].as_str().unwrap();
    supplier.ask(Method::DELETE, &format!("/partner/keys/{key}")).send().expect(204);
    for path in [
        "/admin/partners?limit=1".to_owned(),
        format!("/admin/partners/{}", supplier.id),
        format!("/admin/partners/{}/jobs", supplier.id),
    ] {
        shop.staff(Role::Support, Method::GET, &path).send().expect(200);
    }
}

/// Wants to be told, is not there for a while, and asks again.
fn tell(supplier: &Supplier<'_>) {
    let (up, down) = (Receiver::start(&[Answers::With(200, "")]), Receiver::start(&[Answers::With(500, "")]));
    for _ in 0..2 {
        supplier.listens_at(up.url());
    }
    supplier.delivery("webhook.test", "delivered", Duration::from_secs(20));
    let page = supplier.get("/partner/deliveries?limit=1").expect(200).json();
    supplier.get(&format!("/partner/deliveries?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).expect(200);
    let replay = format!("/partner/deliveries/{}/replay", page["items"][0]["id"].as_str().unwrap());
    supplier.ask(Method::POST, &replay).key("again").send().expect(202);
    supplier.ask(Method::POST, "/partner/webhook/secret").send().expect(201);
    supplier.listens_at(down.url());
}

/// One of everything that shoppers, staff, the provider and the clock can do.
fn live_a_day(shop: &Shop) {
    sell_in_flash_sales(shop);
    supply(shop);
    let sku = shop.new_sku(200);
    let product = json!({ "name": "Something else", "price": "5.00" });
    shop.staff(Role::Admin, Method::POST, "/api/products").key("product").json(&product).send().expect(201);
    let withdrawn = shop.new_sku(3);
    shop.staff(Role::Admin, Method::PATCH, &format!("/api/products/{withdrawn}"))
        .header("if-match", "\"1\"")
        .json(&json!({ "status": "withdrawn" }))
        .send()
        .expect(200);
    let page = shop.get("/api/products?limit=2").send().expect(200).json();
    if let Some(cursor) = page["next_cursor"].as_str() {
        shop.get(&format!("/api/products?limit=2&cursor={cursor}")).send();
    }
    shop.get(&format!("/api/products/{sku}")).send().expect(200);
    shop.get(&format!("/api/products/{sku}/recommendations")).send().expect(200);
    for path in ["/api/health?deep=1", "/ping", "/metrics", "/api/payment-methods"] {
        shop.get(path).send().expect(200);
    }
    shop.staff(Role::Admin, Method::PATCH, &format!("/api/products/{sku}"))
        .header("if-match", "\"1\"")
        .key("change-1")
        .json(&json!({ "description": "Changed." }))
        .send()
        .expect(200);
    let variants =
        json!({ "variants": [{ "sku": sku, "price": "10.00" }, { "sku": format!("{sku}-NEW"), "price": "11.00" }] });
    shop.staff(Role::Admin, Method::PATCH, &format!("/api/products/{sku}"))
        .header("if-match", "\"2\"")
        .json(&variants)
        .send();
    let stock = format!("/admin/stock/{sku}");
    for body in [
        json!({ "change": 5, "reason": "delivery" }),
        json!({ "change": -2, "reason": "broken" }),
        json!({ "stated": 300, "as_of": "2026-01-05T10:00:00.000Z", "reason": "count" }),
    ] {
        shop.staff(Role::Warehouse, Method::POST, &stock).key(&body.to_string().replace(' ', "")).json(&body).send();
    }
    shop.stock(&sku);
    let coupon = json!({ "code": "OBSERVED", "kind": "percentage", "percent": 10, "limit": 10 });
    shop.staff(Role::Admin, Method::POST, "/admin/promotions").key("coupon").json(&coupon).send().expect(201);
    shop.staff(Role::Admin, Method::GET, "/admin/promotions?limit=1").send().expect(200);

    spread(shop, &sku);
    let shopper = shop.shopper();
    shopper.post("/api/cart", &json!({ "sku": format!("{sku}-NEW"), "quantity": 1 })).expect(200);
    shopper.post("/api/cart", &json!({ "sku": sku, "quantity": 2 })).expect(200);
    shopper.get("/api/cart").expect(200);
    let item = format!("/api/cart/items/{sku}");
    shopper.send(&shopper.ask(Method::PATCH, &item).key("patch-1").json(&json!({ "quantity": 3 }))).expect(200);
    shopper.send(&shopper.ask(Method::DELETE, &item)).expect(200);
    let quote = json!({ "items": [{ "sku": sku, "quantity": 1 }], "country": "DE", "coupon": "OBSERVED" });
    let quote = shopper.post("/api/quotes", &quote).expect(200).json();
    let quoted = json!({ "quote": quote["quote"], "email": "ada@example.com", "payment": { "method": "card", "token": "tok_approve" } });
    let paid = shopper.post("/api/orders", &quoted).expect(201).json();
    let paid = paid["id"].as_str().unwrap().to_owned();
    shopper.get(&format!("/api/orders/{paid}")).expect(200);
    let key = "eyJrdHkiOiJFQyIsImNydiI6IlAtMjU2IiwieCI6IjdVVFp2dlpLUExWMThTZ2RSMWlIZGNqMTFQcU13OFRKTHVCRkJ2X0lFM0UiLCJ5IjoiMFVJcEF5ZW9rYXBJczZJZk1PaHM0aDlseF9oXzQ1RDNuRnA2OUx4SUtiVSJ9";
    drop(shopper.send(&shopper.ask(Method::GET, &format!("/api/orders/{paid}")).header("session-key", key)));
    shop.staff(Role::Support, Method::GET, &format!("/api/orders/{paid}")).send().expect(200);
    for path in ["/api/orders", "/api/quotes"] {
        drop(shop.staff(Role::Support, Method::GET, path).send());
    }
    let quote = json!({ "items": [{ "sku": sku, "quantity": 1 }], "country": "DE" });
    drop(shop.staff(Role::Support, Method::POST, "/api/quotes").json(&quote).send());
    drop(shop.staff(Role::Support, Method::POST, "/api/orders").key("staff").json(&order(&sku, 1, None)).send());
    shopper.get("/api/orders?limit=1").expect(200);

    let waiting = shopper.post("/api/orders", &order(&sku, 1, None)).expect(201).json();
    let waiting = waiting["id"].as_str().unwrap().to_owned();
    let pay = json!({ "method": "card", "token": "tok_approve" });
    shopper.post(&format!("/api/orders/{waiting}/payments"), &pay).expect(201);
    shopper.post(&format!("/api/orders/{waiting}/cancellation"), &json!({ "reason": "twice" })).expect(200);
    let left = shop.shopper();
    let unpaid = left.post("/api/orders", &order(&sku, 1, None)).expect(201).json();
    let cancellation = format!("/api/orders/{}/cancellation", unpaid["id"].as_str().unwrap());
    let reason = json!({ "reason": "asked by telephone" });
    shop.staff(Role::Support, Method::POST, &cancellation).key("cancel").json(&reason).send().expect(200);
    left.post("/api/orders", &order(&sku, 1, None)).expect(201);
    left.buy(&sku, 1, "tok_decline");
    left.buy(&sku, 1, "tok_fail_2");
    let other = shop.shopper();
    other.buy(&sku, 1, "tok_hang");
    other.buy(&sku, 1, "tok_lost_answer");
    other.buy(&sku, 1000, "tok_approve");

    let fulfilment = format!("/admin/orders/{paid}/fulfilment");
    let packed = shop
        .staff(Role::Warehouse, Method::POST, &fulfilment)
        .key("pack")
        .json(&json!({ "action": "pack" }))
        .send()
        .expect(200)
        .json();
    let parcel = packed["parcels"][0]["id"].clone();
    for body in [
        json!({ "action": "ship", "parcel": parcel, "carrier": "DHL", "tracking": "1" }),
        json!({ "action": "deliver", "parcel": parcel }),
    ] {
        let key = body["action"].as_str().unwrap().to_owned();
        shop.staff(Role::Warehouse, Method::POST, &fulfilment).key(&key).json(&body).send().expect(200);
    }
    shop.staff(Role::Support, Method::GET, "/admin/orders?limit=1").send().expect(200);
    shop.staff(Role::Support, Method::GET, "/admin/orders?state=paid").send().expect(200);
}

// Proves: S3-15, S1-P04
#[test]
fn functions_do_what_their_roles_allow_and_roles_allow_what_functions_do() {
    let clock = cloud::Clock::manual(cloud::Clock::system().now());
    let ticking = clock.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(20));
            ticking.advance(Duration::from_millis(20));
        }
    });
    let shop = Shop::start(Options { clock: clock.clone(), environments: 4, ..Options::default() });
    live_a_day(&shop);
    // Everything that waits for a time comes: schedules, due orders, payments to look after.
    for minutes in std::iter::repeat_n(1, 20).chain([30, 1, 1]) {
        clock.advance(Duration::from_secs(60 * minutes + 1));
        std::thread::sleep(Duration::from_millis(400));
    }
    eventually(Duration::from_secs(20), || done(&shop).len(), |_| true);

    let grants = Grants::read(&Tree::read()).unwrap();
    let done = done(&shop);
    let calls =
        done.iter().map(|(who, service, action, what)| (who.as_str(), *service, action.as_str(), what.as_str()));
    let breaches = grants.breaches(calls);
    assert!(breaches.is_empty(), "no role allows what was done:\n{}", breaches.join("\n"));

    let unused = grants.unused(
        done.iter().map(|(who, service, action, what)| (who.as_str(), *service, action.as_str(), what.as_str())),
    );
    let unused: Vec<String> = unused
        .into_iter()
        .filter(|right| {
            !SELDOM.iter().any(|(function, action, _)| right.starts_with(&format!("{function} may {action}")))
        })
        .collect();
    assert!(unused.is_empty(), "nothing does what a role allows:\n{}", unused.join("\n"));
}

/// Every sample of an event, given to its function as Lambda would give it.
// Proves: S2-19
#[test]
fn every_sample_of_an_event_is_one_that_its_function_can_read() {
    let shop = Shop::start(Options::default());
    let local = shop.local().expect("a run of this process");
    let tree = Tree::read();
    let mut misread = Vec::new();
    for (path, event) in tree.under("events/samples/", ".json") {
        let operation = path.trim_start_matches("events/samples/").trim_end_matches(".json");
        let pool = local.pool(operation).unwrap_or_else(|| panic!("{operation} is not mounted"));
        let answer = local.handle().block_on(pool.invoke(event.as_bytes().to_vec()));
        let answer = answer.unwrap_or_else(|_| panic!("{operation} gave no answer to its sample"));
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        let status = answer["statusCode"].as_u64();
        let failed = status.is_some_and(|status| status >= 500 || matches!(status, 405 | 415))
            || answer["batchItemFailures"].as_array().is_some_and(|all| !all.is_empty());
        if failed {
            misread.push(format!("{operation}: {answer}"));
        }
    }
    assert!(misread.is_empty(), "{}", misread.join("\n"));
}
