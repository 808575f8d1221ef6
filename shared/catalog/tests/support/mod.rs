//! A cloud in memory, and products to put into it.

#![allow(dead_code, reason = "each test program uses a part of it")]

use catalog::view::Shelf;
use catalog::{Draft, Made, Pairs, PriceText, Product, Store, VariantDraft};
use cloud::Cloud;
use kernel::{Instant, Principal, ProductId, Sku};
use lambda::{Platform, Settings};
use std::sync::Arc;

/// A cloud and a way to reach it, as a function of that operation would.
pub struct Shop {
    pub cloud: Cloud,
}

impl Shop {
    pub fn start() -> Self {
        Self { cloud: cloud::testing::start().unwrap() }
    }

    /// A platform of its own, as each environment has.
    pub fn platform(&self, operation: &str) -> Platform {
        let function =
            self.cloud.definition().functions.iter().find(|function| function.operation == operation).unwrap();
        let mut environment = function.environment.clone();
        environment.extend(self.cloud.environment(operation));
        let clock = Arc::new(|| Instant::from_seconds(1_000));
        let output = Arc::new(|_: &str| ());
        Platform::new(Settings { environment: environment.into_iter().collect(), clock, output }).unwrap()
    }

    pub fn store(&self) -> Store {
        Store::new(self.platform("create-product").table("catalog").unwrap())
    }

    /// What one environment of that operation has in memory: at first, nothing.
    pub fn shelf(&self, operation: &str) -> Shelf {
        let platform = self.platform(operation);
        Shelf::new(platform.table("control").unwrap(), platform.bucket("catalog").unwrap())
    }
}

pub fn made(seconds: i64) -> Made {
    Made { by: Principal::System, at: Instant::from_seconds(seconds), trace: None }
}

pub fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

pub fn id(text: &str) -> ProductId {
    ProductId::parse(text).unwrap()
}

pub fn draft(skus: &[&str]) -> Draft {
    let variant = |sku: &&str| VariantDraft {
        sku: (*sku).to_owned(),
        options: Pairs::from([("Size", *sku)]),
        price: Some(PriceText::Decimal("5.00".to_owned())),
        weight_grams: 120,
        ..VariantDraft::default()
    };
    Draft { name: "Tea".to_owned(), variants: skus.iter().map(variant).collect(), ..Draft::default() }
}

pub fn product(name: &str, skus: &[&str]) -> Product {
    draft(skus).product(id(name), &made(1)).unwrap()
}

/// The demo catalog, as it is seeded.
pub fn demo() -> Vec<Product> {
    let json: serde_json::Value = serde_json::from_str(include_str!("../../../../demo/catalog.json")).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let drafts = json["products"].as_array().unwrap().iter().enumerate().map(|(at, one)| {
        let variants = one["variants"].as_array().unwrap().iter().map(|variant| VariantDraft {
            sku: text(&variant["sku"]),
            name: text(&variant["name"]),
            options: serde_json::from_value(variant["options"].clone()).unwrap(),
            price: Some(PriceText::Decimal(text(&variant["price"]))),
            compare_at: variant["compare_at"].as_str().map(str::to_owned),
            weight_grams: u32::try_from(variant["weight_grams"].as_u64().unwrap()).unwrap(),
            image_url: None,
        });
        let draft = Draft {
            id: Some(text(&one["id"])),
            name: text(&one["name"]),
            description: text(&one["description"]),
            brand: text(&one["brand"]),
            category: Some(text(&one["category"])),
            tags: one["tags"].as_array().unwrap().iter().map(text).collect(),
            attributes: serde_json::from_value(one["attributes"].clone()).unwrap(),
            featured: one["featured"].as_u64().map(|rank| u16::try_from(rank).unwrap()),
            variants: variants.collect(),
            ..Draft::default()
        };
        draft.product(id(&text(&one["id"])), &made(i64::try_from(at).unwrap())).unwrap()
    });
    drafts.collect()
}
