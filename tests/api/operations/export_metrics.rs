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

// Proves: S4-O2
#[test]
fn requests_are_timed_into_a_histogram_with_percentiles() {
    for _ in 0..5 {
        Shop::shared().get("/api/products?limit=3").send().expect(200);
    }
    let metrics = || Shop::shared().get("/metrics").send().expect(200).text();
    let counted =
        |text: &String| value(text, "http_request_duration_seconds_count{operation=\"list-products\"}") >= Some(5.0);
    let text = api::eventually(std::time::Duration::from_secs(30), metrics, counted);
    let buckets: Vec<f64> = text
        .lines()
        .filter(|line| line.starts_with("http_request_duration_seconds_bucket{operation=\"list-products\""))
        .filter_map(|line| line.rsplit_once(' ')?.1.parse().ok())
        .collect();
    assert_eq!(buckets.len(), 12, "{text}");
    assert!(buckets.is_sorted(), "{buckets:?}");
    assert_eq!(
        value(&text, "http_request_duration_seconds_bucket{operation=\"list-products\",le=\"+Inf\"}"),
        buckets.last().copied()
    );
    for quantile in ["0.5", "0.95", "0.99"] {
        let name =
            format!("http_request_duration_quantile_seconds{{operation=\"list-products\",quantile=\"{quantile}\"}}");
        assert!(value(&text, &name).is_some(), "{name} in {text}");
    }
}

fn value(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}
