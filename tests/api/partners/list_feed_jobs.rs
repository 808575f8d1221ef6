//! `GET /partner/jobs`.

use api::{Shop, Supplier};
use serde_json::json;

#[test]
fn a_partner_sees_its_own_feeds_newest_first() {
    let (one, other) = (Supplier::new(Shop::shared()), Supplier::new(Shop::shared()));
    let feed = "sku,name,price_cents\nA,Tea,100\n";
    let sent: Vec<_> = (0..3).map(|n| one.ingest(&format!("k{n}"), "text/csv", feed).expect(202).json()).collect();
    let first = one.get("/partner/jobs?limit=2").expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = one.get(&format!("/partner/jobs?limit=2&cursor={cursor}")).expect(200).json();
    let ids: Vec<_> =
        [&first, &rest].iter().flat_map(|page| page["items"].as_array().unwrap()).map(|job| &job["id"]).collect();
    assert_eq!(ids, [&sent[2]["id"], &sent[1]["id"], &sent[0]["id"]]);
    assert_eq!(other.get("/partner/jobs").expect(200).json()["items"], json!([]));
}

#[test]
fn staff_see_the_feeds_of_any_partner_and_partners_only_their_own() {
    let (shop, supplier) = (Shop::shared(), Supplier::new(Shop::shared()));
    let job = supplier.feed("one", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,100,5\n");
    let path = format!("/admin/partners/{}/jobs", supplier.id);
    let page = shop.staff(kernel::Role::Support, http::Method::GET, &path).send().expect(200).json();
    assert_eq!((&page["items"][0]["id"], &page["next_cursor"]), (&job["id"], &serde_json::Value::Null), "{page}");
    supplier.get(&path).expect(401);
    shop.staff(kernel::Role::Support, http::Method::GET, "/admin/partners/00000000000000000000000000/jobs")
        .send()
        .problem(404, "not_found");
}
