//! `POST /partner/uploads` and `POST /partner/uploads/{uploadId}/ingest`.

use api::{Shop, Supplier};
use http::Method;
use serde_json::{Value, json};

fn ingest(supplier: &Supplier<'_>, upload: &Value) -> api::Reply {
    let path = format!("/partner/uploads/{}/ingest", upload["id"].as_str().unwrap_or_default());
    supplier.ask(Method::POST, &path).key("read-it").send()
}

fn said_of(feed: &[u8]) -> Value {
    json!({"bytes": feed.len(), "sha256": kernel::id::sha256_hex(feed), "media_type": "text/csv", "file_name": "large.csv"})
}

fn create(supplier: &Supplier<'_>, body: &Value) -> api::Reply {
    supplier.ask(Method::POST, "/partner/uploads").json(body).send()
}

#[test]
fn a_feed_that_is_too_large_for_a_request_is_stored_by_its_sender_and_read_like_any_other() {
    let supplier = Supplier::new(Shop::shared());
    let words = "leaf ".repeat(900);
    let row = |n: usize| format!("N{n},Tea {n},{words},{},5\n", if n % 100 == 7 { "" } else { "100" });
    let feed = format!("sku,name,description,price_cents,stock\n{}", (0..1_200).map(row).collect::<String>());
    assert!(feed.len() > 5_000_000, "more than a request may hold: {}", feed.len());
    supplier.ingest("large", "text/csv", feed.clone()).expect(413);
    let upload = create(&supplier, &said_of(feed.as_bytes())).expect(201).json();
    ingest(&supplier, &upload).problem(409, "upload_missing");
    assert_eq!(supplier.put(&upload, feed.as_bytes()), 200);
    let again = supplier.ask(Method::POST, &format!("/partner/uploads/{}/ingest", upload["id"].as_str().unwrap()));
    let job = again.key("now-it-is-there").send().expect(202).json();
    assert_eq!((&job["bytes"], &job["file_name"]), (&json!(feed.len()), &json!("large.csv")));
    let over = supplier.wait_for(job["id"].as_str().unwrap());
    assert_eq!((&over["state"], &over["format"]), (&json!("done"), &json!("csv")), "{over}");
    let counts = &over["counts"];
    assert_eq!((&counts["seen"], &counts["rejected"]), (&json!(1_200), &json!(12)), "{over}");
}

#[test]
fn only_what_was_announced_is_taken_and_only_once() {
    let supplier = Supplier::new(Shop::shared());
    let feed = "sku,name,price_cents\nTEA,Tea,100\n";
    let upload = create(&supplier, &said_of(feed.as_bytes())).expect(201).json();
    assert_eq!(supplier.put(&upload, feed.replace("100", "999").as_bytes()), 400, "other bytes of the same length");
    assert_eq!(supplier.put(&upload, feed.as_bytes()), 200);
    assert_eq!(supplier.put(&upload, feed.as_bytes()), 412, "a second time");
    let url = upload["url"].as_str().unwrap();
    let signed: Vec<&str> = url.split('&').filter_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders=")).collect();
    assert!(signed.len() == 1 && signed[0].contains("if-none-match") && signed[0].contains("content-length"), "{url}");
    assert!(signed[0].contains("x-amz-checksum-sha256"), "{url}");
    assert!(!url.contains(&supplier.key), "{url}");
}

/// What the bucket answers a browser that asks whether a page of `origin` may put an upload: the status and the origin that may.
fn preflight(shop: &Shop, upload: &Value, origin: &str, headers: &str) -> (u16, Option<String>) {
    let request = http::Request::options(upload["url"].as_str().unwrap()).header("origin", origin);
    let request = request.header("access-control-request-method", "PUT");
    let request = request.header("access-control-request-headers", headers).body(()).unwrap();
    let answer = shop.agent().run(request).unwrap();
    let allowed = answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), allowed)
}

#[test]
fn a_browser_stores_an_upload_for_whoever_has_its_address_and_nothing_else() {
    let shop = Shop::shared();
    let supplier = Supplier::new(shop);
    let upload = create(&supplier, &said_of(b"sku,name,price_cents\nTEA,Tea,100\n")).expect(201).json();
    let names = upload["headers"].as_object().unwrap().keys().filter(|name| *name != "content-length");
    // A browser adds the kind of the file by itself.
    let asked = names.cloned().collect::<Vec<_>>().join(",") + ",content-type";
    assert_eq!(preflight(shop, &upload, shop.url(), &asked), (200, Some(shop.url().to_owned())));
    assert_eq!(preflight(shop, &upload, shop.url(), "x-amz-acl"), (403, None));
    let url = upload["url"].as_str().unwrap();
    assert_eq!(shop.agent().get(url).call().unwrap().status().as_u16(), 403, "it was signed for a PUT");
    let bare = shop.agent().put(url).send(&b"sku,name,price_cents\nTEA,Tea,100\n"[..]).unwrap();
    assert_eq!(bare.status().as_u16(), 403, "without the headers that were signed");
}

#[test]
fn what_is_no_upload_is_refused() {
    let (supplier, other) = (Supplier::new(Shop::shared()), Supplier::new(Shop::shared()));
    let feed = said_of(b"x");
    for (member, value, pointer) in [
        ("bytes", json!(0), "/bytes"),
        ("bytes", json!(268_435_457), "/bytes"),
        ("sha256", json!("abc"), "/sha256"),
        ("sha256", json!("G".repeat(64)), "/sha256"),
        ("file_name", json!("a\u{0}b"), "/file_name"),
    ] {
        let mut body = feed.clone();
        body[member] = value;
        let refused = create(&supplier, &body).problem(400, "invalid_request").json();
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let mut form = feed.clone();
    form["media_type"] = json!("multipart/form-data");
    create(&supplier, &form).problem(415, "unsupported_media_type");
    let upload = supplier.upload("text/csv", b"sku,name,price_cents\nTEA,Tea,100\n");
    ingest(&other, &upload).problem(404, "not_found");
    ingest(&supplier, &json!({"id": "nosuch"})).problem(404, "not_found");
}
