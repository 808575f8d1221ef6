//! `GET /api/health` and `GET /ping`.

use api::Shop;
use serde_json::json;

// Proves: S2-27
#[test]
fn the_shop_says_which_version_answers() {
    let health = Shop::shared().get("/api/health").send().expect(200).json();
    assert_eq!(health["status"], "ok");
    assert!(health["version"].as_str().is_some_and(|version| !version.is_empty()));
    assert!(health.get("checks").is_none());
}

// Proves: S2-27
#[test]
fn a_deep_look_asks_the_store_as_well() {
    let health = Shop::shared().get("/api/health?deep=1").send().expect(200).json();
    assert_eq!((&health["status"], &health["checks"]), (&json!("ok"), &json!({"control": "ok"})));
}

#[test]
fn ping_is_the_shortest_sign_of_life() {
    let reply = Shop::shared().get("/ping").send().expect(200);
    assert_eq!(reply.json(), json!({"status": "ok"}));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}
