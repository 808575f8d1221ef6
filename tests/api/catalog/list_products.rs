//! `GET /api/products`.

use api::{Reply, Shop};
use local::Options;
use serde_json::Value;
use std::collections::BTreeSet;

fn page(query: &str) -> Reply {
    Shop::shared().get(&format!("/api/products{query}")).send().expect(200)
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn products_are_listed_with_what_a_card_shows() {
    let page = page("").json();
    assert_eq!(page["items"].as_array().unwrap().len(), 24);
    assert!(page["total"].as_u64().unwrap() >= 50);
    assert!(page["facets"]["category"].as_array().unwrap().len() >= 8);
}

// Proves: S1-P08, C9
#[test]
fn the_union_of_all_pages_is_exactly_the_catalog() {
    // A shop of its own: elsewhere other tests make and withdraw products between two pages.
    let shop = Shop::start(Options { seed: true, ..Options::default() });
    let page = |query: &str| shop.get(&format!("/api/products{query}")).send().expect(200);
    let whole: BTreeSet<String> = ids(&page("?limit=all").json()).into_iter().collect();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = page(&format!("?limit=7&sort=name{cursor}"));
        let body = page.json();
        seen.extend(ids(&body));
        let Some(next) = body["next_cursor"].as_str() else { break };
        assert!(page.header("link").is_some_and(|link| link.contains("rel=\"next\"")), "{page}");
        cursor = format!("&cursor={next}");
    }
    assert_eq!(whole.len(), 60, "the demo shop");
    assert_eq!(seen.len(), whole.len(), "no product is on two pages");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), whole);
}

#[test]
fn a_search_forgives_a_typing_error() {
    let found = page("?q=magnesiun").json();
    assert!(ids(&found).iter().any(|id| id.contains("magnesium")), "{found}");
    assert!(found["corrected_query"].is_string());
}

#[test]
fn filters_and_sorting_do_what_they_say() {
    let priced = page("?sort=price_asc&limit=100&max_price=20.00").json();
    let prices: Vec<i64> = priced["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["price_money"]["amount"].as_i64().unwrap())
        .collect();
    assert!(!prices.is_empty() && prices.is_sorted() && prices.iter().all(|price| *price <= 2000), "{prices:?}");
    let category = page("").json()["facets"]["category"][0].clone();
    let name = category["value"].as_str().unwrap();
    let within = page(&format!("?category={name}&limit=100")).json();
    assert_eq!(within["total"], category["count"]);
    assert!(within["items"].as_array().unwrap().iter().all(|item| item["category"] == name));
}

// Proves: S0-10
#[test]
fn a_list_that_has_not_changed_is_not_sent_again() {
    let first = page("?limit=5");
    assert_eq!(
        first.header("cache-control"),
        Some("public, max-age=5, s-maxage=30, stale-while-revalidate=30, stale-if-error=300")
    );
    // Other tests put products into the same shop meanwhile: a list that did change comes whole, under another etag.
    let mut etag = first.header("etag").unwrap().to_owned();
    let not_sent_again = (0..50).any(|_| {
        assert!(!etag.starts_with("W/"), "{etag}");
        let again = Shop::shared().get("/api/products?limit=5").header("if-none-match", &etag).send();
        if again.status == 304 {
            assert!(again.body.is_empty());
            return true;
        }
        let newer = again.expect(200).header("etag").unwrap().to_owned();
        assert_ne!(newer, etag, "the same list was sent again");
        etag = newer;
        false
    });
    assert!(not_sent_again);
}

#[test]
fn a_cursor_that_was_altered_is_refused() {
    let next = page("?limit=5").json()["next_cursor"].as_str().unwrap().to_owned();
    let altered = next.replacen(next.chars().next().unwrap(), "A", 1);
    for cursor in [altered.as_str(), "x", "a.b", &next[..next.len() - 2]] {
        Shop::shared().get(&format!("/api/products?limit=5&cursor={cursor}")).send().problem(400, "invalid_request");
    }
}
