//! What the log says of payments that a provider did not take.

use api::Shop;
use local::Options;
use serde_json::Value;

#[test]
fn the_log_says_why_a_provider_did_not_take_the_money() {
    let shop = Shop::start(Options::default());
    let sku = shop.new_sku(10);
    let declined = shop.shopper().buy(&sku, 1, "tok_insufficient_funds").expect(402).json();
    let undecided = shop.shopper().buy(&sku, 1, "tok_hang").expect(202).json();
    shop.shopper().buy(&sku, 1, "tok_approve").expect(201);
    let log = shop.local().unwrap().log();
    let lines: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |message: &str, trace: &Value| {
        let of_it = lines.iter().filter(|line| line["message"] == message && line["operation"] == "place-order");
        let of_it: Vec<&Value> = of_it.collect();
        assert_eq!(of_it.len(), 1, "{of_it:?}");
        assert!(trace.is_null() || of_it[0]["trace_id"] == *trace, "{of_it:?}");
        of_it[0].clone()
    };
    let line = told("the provider declined a payment", &declined["trace_id"]);
    assert_eq!((&line["level"], &line["cause"]), (&"INFO".into(), &"insufficient_funds".into()), "{line}");
    let line = told("the provider did not do what it was asked", &Value::Null);
    assert_eq!((&line["level"], &line["provider"]), (&"WARN".into(), &"sandbox".into()), "{line}");
    assert_eq!(line["order"], undecided["id"], "{line}");
    assert!(!line["cause"].as_str().unwrap().is_empty(), "{line}");
}
