//! Products in the table, against the conditions as they ship.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests are tests")]

mod support;

use catalog::{Answer, Patch, PriceText, Status, Wanted, change, create};
use kernel::{Amount, Kind};
use std::time::Instant as Watch;
use support::{Shop, demo, draft, id, made, product, sku};
use table::WriteError;

async fn make(shop: &Shop, product: &catalog::Product) -> Result<(), kernel::Fault> {
    match shop.store().table().transact(create::writes(product)?, None).await {
        Ok(()) => Ok(()),
        Err(WriteError::Refused(refused)) => Err(create::refusal(product, &refused)),
        Err(WriteError::Fault(fault)) => Err(fault),
    }
}

#[tokio::test]
async fn a_product_reads_back_as_it_was_made() {
    let shop = Shop::start();
    for product in demo().into_iter().take(3) {
        make(&shop, &product).await.unwrap();
        assert_eq!(shop.store().product(&product.id).await.unwrap(), Some(product));
    }
    assert_eq!(shop.store().product(&id("nothing")).await.unwrap(), None);
}

#[tokio::test]
async fn an_id_and_a_sku_are_taken_once_and_nothing_is_half_done() {
    let shop = Shop::start();
    make(&shop, &product("tea", &["A", "B"])).await.unwrap();
    assert_eq!(make(&shop, &product("tea", &["C"])).await.unwrap_err().code, "product_exists");
    let fault = make(&shop, &product("coffee", &["C", "B"])).await.unwrap_err();
    assert_eq!((fault.code, fault.kind), ("sku_taken", Kind::Conflict));
    assert!(fault.detail.contains("SKU B"), "{fault}");
    assert_eq!(shop.store().product(&id("coffee")).await.unwrap(), None);
    make(&shop, &product("coffee", &["C"])).await.unwrap();
}

#[tokio::test]
async fn of_two_changes_of_one_version_one_is_made() {
    let shop = Shop::start();
    let tea = product("tea", &["A"]);
    make(&shop, &tea).await.unwrap();
    let rename = |name: &str| Patch { name: Some(name.to_owned()), ..Patch::default() };
    let first = change::apply(&tea, &rename("Green tea"), &made(2)).unwrap().unwrap();
    let second = change::apply(&tea, &rename("Black tea"), &made(3)).unwrap().unwrap();
    let table = shop.store().table().clone();
    table.transact(change::writes(&tea, &first).unwrap(), None).await.unwrap();
    let Err(WriteError::Refused(refused)) = table.transact(change::writes(&tea, &second).unwrap(), None).await else {
        panic!("the second change is refused");
    };
    assert_eq!(change::refusal(&second, &refused).map(|fault| fault.code), Some("stale_version"));
    // The first one's own repeat, after a lost answer, finds its change made.
    assert_eq!(change::refusal(&first, &refused), None);
}

#[tokio::test]
async fn a_sku_stays_with_its_product_when_the_variant_goes() {
    let shop = Shop::start();
    let tea = product("tea", &["A", "B"]);
    make(&shop, &tea).await.unwrap();
    let patch = Patch { variants: Some(draft(&["B"]).variants), ..Patch::default() };
    let without = change::apply(&tea, &patch, &made(2)).unwrap().unwrap();
    shop.store().table().transact(change::writes(&tea, &without).unwrap(), None).await.unwrap();
    assert_eq!(make(&shop, &product("coffee", &["A"])).await.unwrap_err().code, "sku_taken");
    assert!(shop.store().variants(&[sku("A")]).await.unwrap().is_empty());
    let back = Patch { variants: Some(draft(&["A", "B"]).variants), ..Patch::default() };
    let with = change::apply(&without, &back, &made(3)).unwrap().unwrap();
    shop.store().table().transact(change::writes(&without, &with).unwrap(), None).await.unwrap();
    assert_eq!(shop.store().variants(&[sku("A")]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn offers_are_found_by_sku_and_by_product_in_two_reads() {
    let shop = Shop::start();
    make(&shop, &product("tea", &["A", "B"])).await.unwrap();
    let mut coffee = product("coffee", &["C"]);
    coffee.status = Status::Withdrawn;
    make(&shop, &coffee).await.unwrap();
    let wanted = [
        Wanted::Sku(sku("B")),
        Wanted::Product(id("coffee")),
        Wanted::Product(id("tea")),
        Wanted::Sku(sku("nothing")),
        Wanted::Sku(sku("A")),
    ];
    shop.cloud.reset_counters();
    let answers = shop.store().offers(&wanted).await.unwrap();
    assert_eq!(shop.cloud.counters().sum(|action| action.service == "dynamodb").calls, 2);
    let [Answer::Offer(b), Answer::Offer(c), Answer::Several, Answer::Nothing, Answer::Offer(a)] = answers.as_slice()
    else {
        panic!("{answers:?}");
    };
    assert_eq!(
        (b.sku.as_str(), b.variant_name.as_str(), b.unit_price, b.weight_grams),
        ("B", "B", Amount::minor(500), 120)
    );
    assert!(c.withdrawn && !a.withdrawn);
    assert_eq!((a.product_id.as_str(), a.product_name.as_str(), a.version), ("tea", "Tea", 1));
}

#[tokio::test]
async fn the_demo_catalog_is_made_in_a_few_transactions() {
    let shop = Shop::start();
    let products = demo();
    shop.cloud.reset_counters();
    let watch = Watch::now();
    shop.store().create_many(&products).await.unwrap();
    let (took, calls) = (watch.elapsed(), shop.cloud.counters().sum(|action| action.service == "dynamodb").calls);
    println!("{} products in {calls} transactions and {took:?}", products.len());
    assert!(calls <= 5, "{calls} transactions");
    let skus: Vec<_> = products.iter().flat_map(catalog::Product::skus).collect();
    assert_eq!(shop.store().variants(&skus).await.unwrap().len(), skus.len());
    assert_eq!(shop.store().create_many(&products).await.unwrap_err().code, "product_exists");
}

#[tokio::test]
async fn free_text_is_stored_as_it_is_and_does_nothing() {
    let shop = Shop::start();
    let names = [
        "O'Brien's; DROP TABLE products; --",
        "Drop table lamp",
        "Select & Union",
        "<script>alert(1)</script>",
        "{{7*7}} ${x} :seen #n",
    ];
    for (at, name) in names.iter().enumerate() {
        let text = format!("p{at}");
        let draft = catalog::Draft {
            name: (*name).to_owned(),
            price: Some(PriceText::Decimal("1".to_owned())),
            ..catalog::Draft::default()
        };
        let product = draft.product(id(&text), &made(1)).unwrap();
        make(&shop, &product).await.unwrap();
        assert_eq!(shop.store().product(&product.id).await.unwrap().unwrap().name, *name);
    }
}
