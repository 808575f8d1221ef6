//! `GET /flash/products`.

use api::{Shop, in_sale};
use cloud::Clock;
use kernel::Instant;
use local::Options;
use serde_json::{Value, json};
use std::time::Duration;

/// A shop without demo goods, on a clock that only moves by hand.
fn shop() -> (Shop, Clock) {
    let clock = Clock::manual(Instant::from_seconds(1_900_000_000));
    (Shop::start(Options { clock: clock.clone(), seed: false, ..Options::default() }), clock)
}

fn listing(shop: &Shop) -> Value {
    shop.get("/flash/products").send().expect(200).json()
}

fn queries(shop: &Shop) -> u64 {
    let counted = shop.local().unwrap().cloud().counters();
    let of_the_listing = counted.sum(|action| {
        action.caller.contains("list-flash-products") && action.action == "Query" && action.resource == "russet-flash"
    });
    of_the_listing.calls
}

#[test]
fn a_sale_is_shown_with_prices_a_badge_and_the_time() {
    let (shop, clock) = shop();
    let (sale, sku) = shop.new_sale(47, |_| {});
    let reply = shop.get("/flash/products").send().expect(200);
    assert_eq!(
        reply.header("cache-control"),
        Some("public, max-age=5, s-maxage=30, stale-while-revalidate=30, stale-if-error=300")
    );
    let shown = reply.json();
    assert_eq!(shown["server_time"], json!(clock.now().to_string()));
    let (listed, item) = (&shown["sales"][0], &shown["sales"][0]["items"][0]);
    assert_eq!((&listed["id"], &listed["state"]), (&json!(sale), &json!("open")));
    assert_eq!(
        (&item["sku"], &item["price"]["amount"], &item["was_price"]["amount"]),
        (&json!(sku), &json!(500), &json!(1000))
    );
    assert_eq!(item["stock"], json!({"level": "in", "remaining": 40}), "rounded down to tens");

    let etag = reply.header("etag").unwrap().to_owned();
    shop.get("/flash/products").header("if-none-match", &etag).send().expect(304);
    clock.advance(Duration::from_secs(1));
    let later = shop.get("/flash/products").header("if-none-match", &etag).send().expect(200);
    assert_ne!(later.json()["server_time"], shown["server_time"], "another time is another answer");
}

#[test]
fn the_badge_follows_within_a_window_and_the_state_at_once() {
    let (shop, clock) = shop();
    let (sale, sku) = shop.new_sale(12, |sale| {
        sale["starts_at"] = json!(Instant::from_seconds(1_900_000_010).to_string());
        sale["ends_at"] = json!(Instant::from_seconds(1_900_000_100).to_string());
    });
    let state = |shown: &Value| shown["sales"][0]["state"].as_str().unwrap_or("gone").to_owned();
    let remaining = |shown: &Value| shown["sales"][0]["items"][0]["stock"]["remaining"].as_u64().unwrap();
    let before = listing(&shop);
    assert_eq!((state(&before), remaining(&before)), ("upcoming".to_owned(), 10));
    clock.advance(Duration::from_secs(10));
    assert_eq!(state(&listing(&shop)), "open");
    shop.shopper().post("/flash/checkout", &in_sale(&sale, &sku, 5, "tok_approve")).expect(201);
    assert_eq!(remaining(&listing(&shop)), 10, "from memory");
    clock.advance(Duration::from_secs(21));
    assert_eq!(remaining(&listing(&shop)), 7);
    clock.advance(Duration::from_secs(69));
    assert_eq!(state(&listing(&shop)), "over");
    clock.advance(Duration::from_secs(600));
    assert_eq!(state(&listing(&shop)), "gone");
    assert!(queries(&shop) <= 5, "{}", queries(&shop));
}

#[test]
fn a_shop_without_sales_shows_none() {
    let (shop, _clock) = shop();
    assert_eq!(listing(&shop)["sales"], json!([]));
}

// Proves: S4-P1b
#[test]
fn twenty_environments_ask_the_table_once_in_each_window() {
    let (shop, clock) = shop();
    shop.new_sale(100, |_| {});
    let asked_before = queries(&shop);
    for window in 1..=4 {
        std::thread::scope(|scope| {
            for _ in 0..60 {
                scope.spawn(|| {
                    for _ in 0..3 {
                        listing(&shop);
                    }
                });
            }
        });
        assert_eq!(queries(&shop) - asked_before, window, "after {window} windows");
        // Within the window nobody asks again.
        clock.advance(Duration::from_secs(29));
        listing(&shop);
        assert_eq!(queries(&shop) - asked_before, window);
        clock.advance(Duration::from_secs(1));
    }
    let made = shop.local().unwrap().pool("list-flash-products").unwrap().made();
    println!("4 queries in 4 windows over {made} environments");
    assert!(made >= 5, "{made}");
}
