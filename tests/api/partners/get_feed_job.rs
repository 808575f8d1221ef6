//! `GET /partner/jobs/{jobId}`.

use api::{Shop, Supplier};

#[test]
fn a_job_of_another_partner_is_not_there() {
    let (one, other) = (Supplier::new(Shop::shared()), Supplier::new(Shop::shared()));
    let job = one.ingest("k", "text/csv", "sku,name,price_cents\nA,Tea,100\n").expect(202).json();
    let path = format!("/partner/jobs/{}", job["id"].as_str().unwrap());
    one.get(&path).expect(200);
    let foreign = other.get(&path).problem(404, "not_found");
    let absent = other.get("/partner/jobs/00000000000000000000000000").problem(404, "not_found");
    assert_eq!(foreign.json()["detail"], absent.json()["detail"]);
}
