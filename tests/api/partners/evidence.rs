//! What looks like an attack is kept: who, when, from where, the request without its secrets, and a copy of the body.

use api::{Shop, Supplier};
use http::Method;
use partners::evidence::SecurityEvent;
use serde_json::json;
use std::collections::BTreeSet;
use table::Query;

/// The events in that part of the audit log.
fn events(shop: &Shop, whose: &str) -> Vec<SecurityEvent> {
    let audit = shop.platform().table("audit").unwrap();
    let query = Query::new("pk = :pk").text(":pk", format!("SECURITY#{whose}"));
    let page = shop.block_on(audit.query_items(query)).unwrap();
    page.items.into_iter().map(|item| item.read().unwrap()).collect()
}

fn copy(shop: &Shop, event: &SecurityEvent) -> Vec<u8> {
    let bucket = shop.platform().bucket("evidence").unwrap();
    shop.block_on(bucket.get(&event.object)).unwrap().expect("a copy").into()
}

// Proves: S4-S2c
#[test]
fn a_feed_that_looks_like_an_attack_is_kept_with_where_it_came_from() {
    let shop = Shop::shared();
    let supplier = Supplier::new(shop);
    let hostile = "sku,name,price_cents,stock\nx' OR '1'='1,Tea,100,1\nTEA,<script>alert(1)</script>,100,1\nPOT,\"${jndi:ldap://x}\",100,1\n";
    let ask = supplier.ask(Method::POST, "/partner/ingest").header("user-agent", "evil/1.0").key("hostile");
    let job = ask.bytes("text/csv", hostile).send().expect(202).json();
    let over = supplier.wait_for(job["id"].as_str().unwrap());
    assert_eq!((&over["counts"]["rejected"], &over["counts"]["accepted"]), (&json!(1), &json!(2)), "{over}");

    let events = events(shop, &supplier.id);
    assert_eq!(events.len(), 1, "{events:?}");
    let event = &events[0];
    let seen = ["looks_like_script", "looks_like_sql", "looks_like_template"].map(str::to_owned);
    assert_eq!(event.seen, BTreeSet::from(seen));
    assert_eq!(event.job.as_ref().map(kernel::JobId::as_str), job["id"].as_str());
    assert_eq!((event.operation.as_str(), event.bytes), ("ingest-feed", hostile.len() as u64));
    assert_eq!(event.sha256, kernel::id::sha256_hex(hostile.as_bytes()));
    assert_eq!(event.origin.headers["user-agent"], "evil/1.0");
    assert_eq!(event.origin.key.as_deref(), partners::key::name_in(&supplier.key));
    assert!(event.origin.address.starts_with("10."), "{event:?}");
    assert!(!serde_json::to_string(event).unwrap().contains(&supplier.key), "the key is not kept");
    assert_eq!(copy(shop, event), hostile.as_bytes());
}

#[test]
fn entities_are_kept_and_what_only_looks_alike_is_not() {
    let shop = Shop::shared();
    let (hostile, honest) = (Supplier::new(shop), Supplier::new(shop));
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE p [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><products><product><sku>A</sku><name>&b;</name><price_cents>1</price_cents></product></products>";
    let refused = hostile.feed("laughs", "application/xml", laughs);
    assert_eq!(refused["state"], "refused", "{refused}");
    let kept = events(shop, &hostile.id);
    assert_eq!(kept.iter().map(|event| event.seen.len()).collect::<Vec<_>>(), [1], "{kept:?}");
    let alike = "sku,name,price_cents,stock\nA,O'Brien's tea,100,1\nB,Drop table lamp,100,1\nC,Select & Union,100,1\nD,Tea - 5 % off,100,1\n";
    assert_eq!(honest.feed("alike", "text/csv", alike)["counts"]["accepted"], 4);
    assert_eq!(events(shop, &honest.id), []);
}

// Proves: S4-S2c
#[test]
fn a_forged_webhook_is_kept() {
    let shop = Shop::shared();
    let supplier = Supplier::new(shop);
    let body = json!({"as_of": shop.now().to_string(), "items": [{"sku": "TEA", "stock": 9}]}).to_string();
    let forged = supplier
        .webhook("msg", shop.now(), &body)
        .header("webhook-signature", "v1,Zm9yZ2Vk")
        .send()
        .problem(401, "unauthenticated");
    let request = forged.header("x-request-id").unwrap();
    let day = shop.now().to_string()[..10].to_owned();
    let all = (0..16).flat_map(|lot| events(shop, &format!("UNKNOWN#{day}#{lot}")));
    let event = all.into_iter().find(|event| event.origin.request == request).expect("an event");
    assert_eq!(event.seen, BTreeSet::from(["forged".to_owned()]));
    assert_eq!(event.origin.headers["x-partner-id"], supplier.id);
    assert!(!event.origin.headers.contains_key("webhook-signature"));
    assert_eq!(copy(shop, &event), body.as_bytes());
}
