//! `GET /metrics`.

use api::Shop;
use kernel::Role;
use local::Options;
use std::time::Duration;

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
    let text = api::eventually(Duration::from_secs(30), metrics, counted);
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
        assert!(value(&text, &name).is_some_and(|seconds| seconds > 0.0), "{name} in {text}");
    }
}

// Proves: S3-12, S1-B03, S1-P13
#[test]
fn a_scripted_day_gives_the_figures_that_were_worked_out_by_hand() {
    let shop = Shop::start(Options::default());
    let local = shop.local().unwrap();
    let sku = shop.new_sku(1_000);
    for _ in 0..4 {
        shop.get("/api/products?q=soap").send().expect(200);
    }
    let shoppers: Vec<_> = (0..4).map(|_| shop.shopper()).collect();
    for shopper in &shoppers {
        for _ in 0..2 {
            shopper.post("/api/cart", &serde_json::json!({"sku": sku, "quantity": 1})).expect(200);
        }
    }
    shoppers[0].buy(&sku, 3, "tok_approve").expect(201);
    shoppers[1].buy(&sku, 1, "tok_decline").expect(402);
    shoppers[1].buy(&sku, 1, "tok_approve").expect(201);
    shoppers[2].buy(&sku, 2_000, "tok_approve");
    shop.staff(Role::Support, http::Method::GET, "/admin/orders").send().expect(200);
    assert!(local.handle().block_on(local.pollers().unwrap().settled(Duration::from_secs(30))));
    let event = br#"{"version":"0","detail":{}}"#.to_vec();
    local.handle().block_on(local.pool("sweep-holds").unwrap().invoke(event)).unwrap();

    let text = shop.get("/metrics").send().expect(200).text();
    for (name, expected) in [
        ("searches_today", 4.0),
        ("carts_started_today", 4.0),
        ("cart_additions_today", 8.0),
        ("payments_approved_today", 2.0),
        ("payments_declined_today", 1.0),
        ("units_sold_today", 4.0),
        ("cart_abandonment_ratio", 0.5),
        ("payment_success_ratio", 0.6667),
        ("search_to_purchase_ratio", 0.5),
        ("http_requests_total{operation=\"add-cart-item\"}", 8.0),
        ("http_request_errors_total{operation=\"add-cart-item\"}", 0.0),
    ] {
        assert_eq!(value(&text, &format!("{name} ")), Some(expected), "{name} in {text}");
    }
    assert!(value(&text, "stock_turnover_ratio ").is_some(), "{text}");
    // Whatever ran tells of itself without being listed anywhere.
    for operation in
        ["publish-order-events", "settle-holds", "project-orders", "send-email", "sweep-holds", "place-order"]
    {
        let name = format!("invocations_total{{operation=\"{operation}\"}}");
        assert!(value(&text, &name).is_some_and(|count| count > 0.0), "{name} in {text}");
    }
}

#[test]
fn when_cloudwatch_does_not_answer_the_totals_are_told_without_the_rates() {
    let shop = Shop::start(Options::default());
    shop.local().unwrap().cloud().set_faults(Some(std::sync::Arc::new(|call: &cloud::Call<'_>| {
        (call.service == "cloudwatch").then_some(cloud::Trouble::Throttle)
    })));
    let text = shop.get("/metrics").send().expect(200).text();
    assert!(text.contains("orders_total 0") && !text.contains("http_requests_total"), "{text}");
}

fn value(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}
