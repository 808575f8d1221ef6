//! `POST /partner/jobs/{jobId}/requeue`.

use api::{Shop, Supplier};
use http::Method;
use serde_json::json;

#[test]
fn a_feed_that_is_over_is_read_again_unless_a_later_one_came() {
    let supplier = Supplier::new(Shop::shared());
    let feed = "sku,name,price_cents\nA,Tea,100\n";
    let first = supplier.feed("one", "text/csv", feed);
    let path = format!("/partner/jobs/{}/requeue", first["id"].as_str().unwrap());
    let again = supplier.ask(Method::POST, &path).send().expect(202).json();
    assert_eq!((&again["state"], &again["counts"]["seen"]), (&json!("received"), &json!(0)));
    let done = supplier.wait_for(first["id"].as_str().unwrap());
    assert_eq!((&done["state"], &done["counts"]["accepted"]), (&json!("done"), &json!(1)), "{done}");
    supplier.feed("two", "text/csv", feed);
    supplier.ask(Method::POST, &path).send().problem(409, "overtaken");
}

#[test]
fn a_key_of_the_sandbox_has_no_live_feed_read_again() {
    let shop = Shop::shared();
    let mut supplier = Supplier::new(shop);
    let sandbox = supplier.key.clone();
    supplier.go_live();
    let job = supplier.feed("live", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,100,5\n");
    assert_eq!(job["world"], "live", "{job}");
    let path = format!("/partner/jobs/{}/requeue", job["id"].as_str().unwrap());
    supplier.ask(Method::POST, &path).header("x-api-key", &sandbox).key("again").send().problem(403, "forbidden");
    supplier.ask(Method::POST, &path).key("again").send().expect(202);
}
