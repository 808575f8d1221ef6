//! `POST /partner/contract/validate`.

use api::{Shop, Supplier};
use http::Method;
use serde_json::json;

#[test]
fn a_feed_is_judged_at_once_and_the_checklist_waits_for_one_that_was_sent() {
    let supplier = Supplier::new(Shop::shared());
    let ask = |feed: &str| supplier.ask(Method::POST, "/partner/contract/validate").bytes("text/csv", feed).send();
    let found = ask("sku,name,price_cents\nA,Tea,100\nB,,100\nA,Tea,100\n").expect(200).json();
    assert_eq!(found["counts"], json!({"seen": 3, "accepted": 1, "changed": 0, "rejected": 1, "merged": 1}), "{found}");
    assert_eq!(
        (&found["rejections"][0]["rule"], &found["rejections"][0]["line"]),
        (&json!("name_required"), &json!(3))
    );
    assert!(supplier.get("/partner/me").json()["checklist"][1]["done_at"].is_null());
    assert_eq!(supplier.get("/partner/jobs").json()["items"], json!([]));
    let html =
        supplier.ask(Method::POST, "/partner/contract/validate").bytes("text/plain", "<!doctype html><html></html>");
    let refused = html.send().expect(200).json();
    assert!(refused["refusal"]["rule"].is_string() && refused["counts"]["seen"] == 0, "{refused}");
}
