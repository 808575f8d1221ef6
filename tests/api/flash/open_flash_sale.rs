//! `POST /admin/flash-sales`.

use crate::every_operation::fresh_key;
use api::{Reply, Shop, sale_of};
use http::Method;
use kernel::Role;
use serde_json::{Value, json};
use std::time::Duration;

/// A sale of a new product, changed.
fn body(change: impl FnOnce(&mut Value)) -> Value {
    let shop = Shop::shared();
    let mut body = sale_of(&shop.new_sku(100), shop.now());
    change(&mut body);
    body
}

fn refused(reply: &Reply) -> String {
    reply.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_sale_is_opened_over_many_cells_and_no_unit_is_lost() {
    let shop = Shop::shared();
    let body = body(|_| {});
    let reply = shop.ask_to_open(&body).expect(201);
    let sale = reply.json();
    assert_eq!(reply.header("location"), Some(format!("/admin/flash-sales/{}", sale["id"].as_str().unwrap()).as_str()));
    assert_eq!((&sale["state"], &sale["items"][0]["cells"]), (&json!("open"), &json!(7)));
    assert_eq!(sale["items"][0]["was_price"], json!({"amount": 1000, "currency": "USD"}));
    let stock = shop.stock(sale["items"][0]["sku"].as_str().unwrap());
    let cells = stock["cells"].as_array().unwrap();
    let units: Vec<u64> = cells.iter().map(|cell| cell["available"].as_u64().unwrap()).collect();
    assert_eq!((units.len(), units.iter().sum::<u64>(), &stock["put_in"]), (7, 100, &json!(100)));
    assert!(units.iter().all(|units| (14..=16).contains(units)), "{units:?}");
}

#[test]
fn what_cannot_be_sold_like_this_is_refused_with_the_place() {
    let shop = Shop::shared();
    let price = |amount: u32| move |sale: &mut Value| sale["items"][0]["price"]["amount"] = json!(amount);
    for (body, status, pointer) in [
        (body(|sale| sale["items"][0]["sku"] = json!("NO-SUCH-SKU")), 422, "/items/0/sku"),
        (body(price(1000)), 422, "/items/0/price/amount"),
        (body(price(0)), 400, "/items/0/price/amount"),
        (body(|sale| sale["items"][0]["price"]["currency"] = json!("EUR")), 422, "/items/0/price/currency"),
        (body(|sale| sale["ends_at"] = sale["starts_at"].clone()), 400, "/ends_at"),
        (body(|sale| sale["starts_at"] = json!("yesterday")), 400, "/starts_at"),
        (body(|sale| sale["name"] = json!("  ")), 400, "/name"),
        (body(|sale| sale["items"] = json!([sale["items"][0], sale["items"][0]])), 400, "/items/1/sku"),
    ] {
        let reply = shop.ask_to_open(&body).expect(status);
        assert_eq!(refused(&reply), pointer, "{reply}");
    }
    let ended = body(|sale| {
        sale["starts_at"] = json!(shop.now().minus(Duration::from_secs(7200)).to_string());
        sale["ends_at"] = json!(shop.now().minus(Duration::from_secs(1)).to_string());
    });
    shop.ask_to_open(&ended).problem(422, "sale_refused");
}

#[test]
fn an_item_is_in_one_sale_at_a_time() {
    let shop = Shop::shared();
    let body = body(|_| {});
    shop.ask_to_open(&body).expect(201);
    shop.ask_to_open(&body).problem(409, "in_another_sale");
}

#[test]
fn many_who_open_a_sale_of_the_same_item_at_once_open_one() {
    let shop = Shop::shared();
    let body = body(|_| {});
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..6).map(|_| scope.spawn(|| shop.ask_to_open(&body))).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "{replies:?}");
    assert!(replies.iter().all(|reply| [201, 409, 503].contains(&reply.status)), "{replies:?}");
    let stock = shop.stock(body["items"][0]["sku"].as_str().unwrap());
    assert_eq!((&stock["put_in"], &stock["available"]), (&json!(100), &json!(100)));
}

#[test]
fn a_repeat_under_its_key_opens_nothing_twice() {
    let shop = Shop::shared();
    let (body, key) = (body(|_| {}), fresh_key());
    let open = || shop.staff(Role::Admin, Method::POST, "/admin/flash-sales").key(&key).json(&body).send().expect(201);
    let first = open();
    let again = open();
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
}

#[test]
fn only_an_admin_opens_sales() {
    let shop = Shop::shared();
    let body = body(|_| {});
    shop.staff(Role::Finance, Method::POST, "/admin/flash-sales").json(&body).send().problem(403, "forbidden");
    shop.ask(Method::POST, "/admin/flash-sales").json(&body).send().problem(401, "unauthenticated");
}
