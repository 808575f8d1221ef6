//! `GET /partner/jobs/{jobId}/report`.

use api::{Shop, Supplier};

// Proves: S4-U2b
#[test]
fn each_wrong_row_is_told_with_its_line_its_field_and_how_to_mend_it() {
    let supplier = Supplier::new(Shop::shared());
    let feed = "sku,name,price_cents,stock\nA,Tea,,1\nB,Tea,100,1\n=cmd(),Tea,100,-1\n";
    let job = supplier.feed("k", "text/csv", feed);
    let path = format!("/partner/jobs/{}/report", job["id"].as_str().unwrap());
    let report = supplier.get(&path).expect(200).json();
    let first = &report["items"][0];
    assert_eq!(
        (first["line"].as_u64(), first["row"].as_u64(), first["rule"].as_str()),
        (Some(2), Some(1), Some("price_required"))
    );
    assert!(first["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{report}");
    let csv = supplier.get(&format!("{path}?format=csv")).expect(200);
    assert!(csv.header("content-type").is_some_and(|said| said.starts_with("text/csv")), "{csv}");
    let text = csv.text();
    assert!(
        text.lines().count() > 2
            && !text.lines().any(|line| line.split(',').any(|cell| cell.starts_with(['=', '+', '-', '@']))),
        "{text}"
    );
    assert!(csv.header("content-disposition").is_some_and(|said| said.starts_with("attachment")), "{csv}");
}
