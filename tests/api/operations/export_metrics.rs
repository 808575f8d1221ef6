//! `GET /metrics`.

use api::Shop;

// Proves: S1-B01
#[test]
fn metrics_are_in_the_text_format_of_prometheus() {
    let reply = Shop::shared().get("/metrics").send().expect(200);
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = reply.text();
    assert!(text.contains("# TYPE orders_total counter\norders_total "), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}
