//! More shoppers than goods.

use crate::{SETTLING, insist, times};
use api::{Books, Reply, Shop, order};
use http::Method;
use kernel::Sku;
use local::Options;
use orders::State;
use std::time::Duration;

const SHOPPERS: usize = 300;

fn all_at_once(shop: &Shop, sku: &str) -> Vec<Reply> {
    std::thread::scope(|scope| {
        let buying: Vec<_> = (0..SHOPPERS)
            .map(|_| {
                scope.spawn(|| {
                    let shopper = shop.shopper();
                    let body = order(sku, 1, Some("tok_approve"));
                    let ask = shopper.ask(Method::POST, "/api/orders").key(&shopper.fresh_key()).json(&body);
                    insist(&ask, Duration::from_secs(120))
                })
            })
            .collect();
        buying.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

// Proves: S3-06
#[test]
fn three_hundred_shoppers_buy_exactly_the_hundred_that_there_are() {
    let shop = Shop::start(Options { environments: 20, seed: true, ..Options::default() });
    for _ in 0..times("RUNS", 1, 20) {
        let sku = shop.new_sku(100);
        let replies = all_at_once(&shop, &sku);
        let of = |status: u16| replies.iter().filter(|reply| reply.status == status).count();
        // On a machine that is busy beyond the 4.5 s of a request, a buyer may be told to look again: the books say below
        // that they have paid all the same.
        assert_eq!(
            (of(201) + of(202), of(409)),
            (100, 200),
            "{:?}",
            replies.iter().map(|reply| reply.status).collect::<Vec<_>>()
        );
        for refused in replies.iter().filter(|reply| reply.status == 409) {
            let problem = refused.json();
            assert_eq!(
                (problem["code"].as_str(), problem["detail"].as_str()),
                (Some("out_of_stock"), Some("This item is no longer available."))
            );
        }
        let books = Books::settled(&shop, SETTLING);
        let name = Sku::parse(&sku).unwrap();
        let cells: Vec<_> = books.cells.iter().filter(|cell| cell.id.sku == name).collect();
        assert_eq!(cells.iter().map(|cell| cell.sold).sum::<u32>(), 100);
        assert_eq!(cells.iter().map(|cell| cell.available).sum::<u32>(), 0);
        let paid =
            books.orders.values().filter(|order| order.state == State::Paid && order.placed.lines[0].sku == name);
        assert_eq!(paid.count(), 100);
    }
}

#[test]
fn a_limited_coupon_is_used_as_often_as_it_may() {
    let shop = Shop::start(Options::default());
    let sku = shop.new_sku(500);
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let buying: Vec<_> = (0..80)
            .map(|_| {
                scope.spawn(|| {
                    let shopper = shop.shopper();
                    let mut body = order(&sku, 1, Some("tok_approve"));
                    body["coupon"] = "LIMITED5".into();
                    let ask = shopper.ask(Method::POST, "/api/orders").key(&shopper.fresh_key()).json(&body);
                    insist(&ask, Duration::from_secs(120))
                })
            })
            .collect();
        buying.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 50);
    assert!(replies.iter().all(|reply| [201, 409, 422].contains(&reply.status)));
    Books::settled(&shop, SETTLING);
}
