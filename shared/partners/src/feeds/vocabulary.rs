//! The names that feeds really use, as tables. Which one a feed speaks is told from the fields of its first row.

use super::record::Record;
use crate::mapping::Target;

/// The names of one kind of feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vocabulary {
    /// Its name, as reports and mappings write it.
    pub name: &'static str,
    /// Fields that all must be there for a feed to speak it …
    pub(crate) all_of: &'static [&'static str],
    /// … and of which, if there are any, one must be there too.
    pub(crate) any_of: &'static [&'static str],
    /// Which fields say what, the preferred one first. `#` stands for the code of the currency.
    pub(crate) fields: &'static [(Target, &'static [&'static str])],
    /// How it says in what variants differ.
    pub(crate) options: Options,
    /// Whether prices without a currency are in the shop's own.
    pub(crate) currency: PlainPrices,
    /// How products and rows go together.
    pub(crate) rows: Rows,
}

/// What a price without a currency means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlainPrices {
    /// This kind of feed never names one: the mapping's, or the shop's own.
    AreOurs,
    /// This kind of feed must name one: the mapping's, or a refusal.
    AreRefused,
}

/// How products and rows go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// A row is a variant and says all of it.
    Whole,
    /// Rows with one `handle` are one product. The first says what all share; a row without a variant adds a picture.
    ByHandle,
    /// A row with an empty name goes on with the product before it, and shares these fields.
    Continued(&'static [&'static str]),
}

/// Where a variant's options stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Options {
    /// Nowhere.
    None,
    /// In columns that are called like the option.
    Columns(&'static [&'static str]),
    /// In pairs of columns; `#` stands for 1, 2, 3 …
    Pairs(&'static [(&'static str, &'static str)]),
    /// The names in one field that repeats, the values in fields of their own.
    Listed(&'static str, &'static str),
    /// Names and values each in one cell, separated by `|`.
    Split(&'static str, &'static str),
    /// In `param:…`, for what has a group.
    Params,
}

impl Vocabulary {
    fn speaks(&self, record: &Record) -> bool {
        self.all_of.iter().all(|key| record.has(key))
            && (self.any_of.is_empty() || self.any_of.iter().any(|key| record.has(key)))
    }

    /// The first that this row speaks; the last one, which takes anything, if none.
    pub(crate) fn of(record: &Record) -> &'static Self {
        VOCABULARIES.iter().find(|vocabulary| vocabulary.speaks(record)).unwrap_or(&PLAIN)
    }

    /// The one with that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        VOCABULARIES.iter().find(|vocabulary| vocabulary.name == name)
    }
}

/// Every vocabulary. The first that fits counts.
pub const VOCABULARIES: &[Vocabulary] =
    &[CONTRACT, SHOPIFY_CSV, SHOPIFY_JSON, WOOCOMMERCE, VENDURE, MEDUSA, AWIN, YANDEX, FACEBOOK, GOOGLE, PLAIN];

/// Version 1.0 of our own contract.
const CONTRACT: Vocabulary = Vocabulary {
    name: "contract",
    all_of: &["sku", "price_cents"],
    any_of: &[],
    fields: &[
        (Target::Sku, &["sku"]),
        (Target::Name, &["name"]),
        (Target::PriceCents, &["price_cents"]),
        (Target::Stock, &["stock"]),
        (Target::Description, &["description"]),
        (Target::Image, &["image_url"]),
        (Target::Category, &["category"]),
        (Target::Currency, &["currency"]),
    ],
    options: Options::None,
    currency: PlainPrices::AreOurs,
    rows: Rows::Whole,
};

const SHOPIFY_CSV: Vocabulary = Vocabulary {
    name: "shopify",
    all_of: &["handle", "variant_price"],
    any_of: &[],
    fields: &[
        (Target::Sku, &["variant_sku"]),
        (Target::Group, &["handle"]),
        (Target::Name, &["title"]),
        (Target::Description, &["body_(html)", "body_html", "body"]),
        (Target::Brand, &["vendor"]),
        (Target::Category, &["type", "product_category"]),
        (Target::Price, &["variant_price"]),
        (Target::OldPrice, &["variant_compare_at_price"]),
        (Target::Stock, &["variant_inventory_qty"]),
        (Target::Image, &["variant_image", "image_src"]),
        (Target::Barcode, &["variant_barcode"]),
        (Target::Weight, &["variant_grams"]),
        (Target::Active, &["status", "published"]),
    ],
    options: Options::Pairs(&[("option#_name", "option#_value")]),
    currency: PlainPrices::AreOurs,
    rows: Rows::ByHandle,
};

const SHOPIFY_JSON: Vocabulary = Vocabulary {
    name: "shopify_json",
    all_of: &["variants/price"],
    any_of: &[],
    fields: &[
        (Target::Sku, &["variants/sku"]),
        (Target::Group, &["handle"]),
        (Target::Name, &["title"]),
        (Target::Description, &["body_html"]),
        (Target::Brand, &["vendor"]),
        (Target::Category, &["product_type"]),
        (Target::Price, &["variants/price"]),
        (Target::OldPrice, &["variants/compare_at_price"]),
        (Target::Stock, &["variants/inventory_quantity"]),
        (Target::Availability, &["variants/available"]),
        (Target::Image, &["variants/featured_image/src", "images/src"]),
        (Target::Barcode, &["variants/barcode"]),
        (Target::Weight, &["variants/grams"]),
        (Target::Active, &["status"]),
    ],
    options: Options::Listed("options/name", "variants/option#"),
    currency: PlainPrices::AreOurs,
    rows: Rows::Whole,
};

const WOOCOMMERCE: Vocabulary = Vocabulary {
    name: "woocommerce",
    all_of: &["sku", "name", "regular_price"],
    any_of: &["type", "published", "in_stock?"],
    fields: &[
        (Target::Sku, &["sku"]),
        (Target::Group, &["parent"]),
        (Target::Name, &["name"]),
        (Target::Description, &["description", "short_description"]),
        (Target::Category, &["categories"]),
        (Target::Price, &["regular_price"]),
        (Target::SalePrice, &["sale_price"]),
        (Target::SalePeriod, &["date_sale_price_starts", "date_sale_price_ends"]),
        (Target::Stock, &["stock"]),
        (Target::Availability, &["in_stock?"]),
        (Target::Image, &["images"]),
        (Target::WeightKilograms, &["weight_(kg)"]),
        (Target::Gtin, &["gtin,_upc,_ean,_or_isbn"]),
        (Target::Active, &["published"]),
        (Target::Kind, &["type"]),
    ],
    options: Options::Pairs(&[("attribute_#_name", "attribute_#_value(s)")]),
    currency: PlainPrices::AreOurs,
    rows: Rows::Whole,
};

const VENDURE: Vocabulary = Vocabulary {
    name: "vendure",
    all_of: &["name", "sku", "price", "optiongroups"],
    any_of: &[],
    fields: &[
        (Target::Sku, &["sku"]),
        (Target::Group, &["slug", "name"]),
        (Target::Name, &["name"]),
        (Target::Description, &["description"]),
        (Target::Price, &["price"]),
        (Target::Stock, &["stockonhand"]),
    ],
    options: Options::Split("optiongroups", "optionvalues"),
    currency: PlainPrices::AreOurs,
    rows: Rows::Continued(&["name", "slug", "description", "assets", "facets", "optiongroups"]),
};

const MEDUSA: Vocabulary = Vocabulary {
    name: "medusa",
    all_of: &["product_title", "variant_sku"],
    any_of: &[],
    fields: &[
        (Target::Sku, &["variant_sku"]),
        (Target::Group, &["product_handle", "product_id"]),
        (Target::Name, &["product_title"]),
        (Target::Description, &["product_description"]),
        (Target::Category, &["product_collection_title", "product_type"]),
        (Target::Price, &["variant_price_#", "price_#"]),
        (Target::Stock, &["variant_inventory_quantity"]),
        (Target::Image, &["product_thumbnail", "product_image_1", "product_image_2", "image_1_url", "image_2_url"]),
        (Target::Barcode, &["variant_ean", "variant_upc", "variant_barcode"]),
        (Target::Weight, &["variant_weight", "product_weight"]),
        (Target::Active, &["product_status"]),
    ],
    options: Options::Pairs(&[
        ("variant_option_#_name", "variant_option_#_value"),
        ("option_#_name", "option_#_value"),
    ]),
    currency: PlainPrices::AreOurs,
    rows: Rows::Whole,
};

const AWIN: Vocabulary = Vocabulary {
    name: "awin",
    all_of: &["product_name", "search_price"],
    any_of: &["merchant_product_id", "aw_product_id"],
    fields: &[
        (Target::Sku, &["merchant_product_id", "aw_product_id"]),
        (Target::Group, &["parent_product_id"]),
        (Target::Name, &["product_name"]),
        (Target::Description, &["description", "product_short_description"]),
        (Target::Brand, &["brand_name"]),
        (Target::Category, &["merchant_category", "category_name"]),
        (Target::Price, &["search_price"]),
        (Target::OldPrice, &["rrp_price", "product_price_old"]),
        (Target::Currency, &["currency"]),
        (Target::Stock, &["stock_quantity"]),
        (Target::Availability, &["in_stock", "stock_status"]),
        (Target::Image, &["merchant_image_url", "large_image", "alternate_image"]),
        (Target::Gtin, &["product_gtin", "ean", "upc"]),
        (Target::Weight, &["delivery_weight"]),
    ],
    options: Options::Columns(&["colour", "size"]),
    currency: PlainPrices::AreRefused,
    rows: Rows::Whole,
};

/// Yandex Market's YML: an `<offer id="…">`.
const YANDEX: Vocabulary = Vocabulary {
    name: "yandex",
    all_of: &["@id"],
    any_of: &["currencyid", "categoryid", "vendorcode", "picture", "vendor", "@available"],
    fields: &[
        (Target::Sku, &["@id"]),
        (Target::Group, &["@group_id"]),
        (Target::Name, &["name", "model", "title"]),
        (Target::Description, &["description"]),
        (Target::Brand, &["vendor", "brand"]),
        (Target::Category, &["category", "market_category"]),
        (Target::Price, &["price"]),
        (Target::OldPrice, &["oldprice", "price_old"]),
        (Target::Currency, &["currencyid"]),
        (Target::Stock, &["stock_quantity", "quantity_in_stock", "count", "quantity"]),
        (Target::Availability, &["@available", "available", "availability"]),
        (Target::Image, &["picture", "image_link"]),
        (Target::Barcode, &["barcode"]),
        (Target::WeightKilograms, &["weight"]),
    ],
    options: Options::Params,
    currency: PlainPrices::AreRefused,
    rows: Rows::Whole,
};

/// Facebook's catalog: Google's names and some of its own.
const FACEBOOK: Vocabulary = Vocabulary {
    name: "facebook",
    all_of: &["id", "title", "price"],
    any_of: &["fb_product_category", "quantity_to_sell_on_facebook", "inventory"],
    fields: GOOGLE_FIELDS,
    options: Options::Columns(GOOGLE_OPTIONS),
    currency: PlainPrices::AreRefused,
    rows: Rows::Whole,
};

const GOOGLE: Vocabulary = Vocabulary {
    name: "google",
    all_of: &["id", "title"],
    any_of: &["image_link", "availability", "condition", "google_product_category", "item_group_id", "sale_price"],
    fields: GOOGLE_FIELDS,
    options: Options::Columns(GOOGLE_OPTIONS),
    currency: PlainPrices::AreRefused,
    rows: Rows::Whole,
};

const GOOGLE_OPTIONS: &[&str] = &["color", "size", "material", "pattern"];

const GOOGLE_FIELDS: &[(Target, &[&str])] = &[
    (Target::Sku, &["id"]),
    (Target::Group, &["item_group_id"]),
    (Target::Name, &["title"]),
    (Target::Description, &["description"]),
    (Target::Brand, &["brand"]),
    (Target::Category, &["product_type", "google_product_category", "fb_product_category"]),
    (Target::Price, &["price"]),
    (Target::SalePrice, &["sale_price"]),
    (Target::SalePeriod, &["sale_price_effective_date"]),
    (Target::Currency, &["currency", "currencyid"]),
    (Target::Stock, &["quantity_to_sell_on_facebook", "inventory", "quantity"]),
    (Target::Availability, &["availability"]),
    (Target::Image, &["image_link", "additional_image_link"]),
    (Target::Gtin, &["gtin"]),
    (Target::Weight, &["shipping_weight"]),
];

/// What people call things when they follow nobody's format.
const PLAIN: Vocabulary = Vocabulary {
    name: "plain",
    all_of: &[],
    any_of: &[],
    fields: &[
        (Target::Sku, &["sku", "id", "@id", "article", "artnr", "item_number", "product_id", "code", "mpn"]),
        (Target::Group, &["item_group_id", "parent_sku", "group_id", "handle"]),
        (Target::Name, &["name", "title", "product_name", "product"]),
        (Target::Description, &["description", "product_description", "body_html"]),
        (Target::Brand, &["brand", "vendor", "manufacturer"]),
        (Target::Category, &["category", "product_type", "categories"]),
        (Target::PriceCents, &["price_cents"]),
        (Target::Price, &["price", "price/amount", "unit_price"]),
        (Target::SalePrice, &["sale_price"]),
        (Target::OldPrice, &["compare_at_price", "list_price", "old_price", "rrp"]),
        (Target::Currency, &["currency", "currency_code", "price/currency", "price@currency"]),
        (Target::Stock, &["stock", "quantity", "qty", "inventory", "stock_quantity"]),
        (Target::Availability, &["availability", "available", "in_stock"]),
        (Target::Image, &["image_url", "image", "images", "image_link", "additional_image_link", "picture"]),
        (Target::Gtin, &["gtin", "ean", "upc", "isbn"]),
        (Target::Barcode, &["barcode"]),
        (Target::Weight, &["weight_grams", "weight"]),
        (Target::Active, &["active", "status", "published"]),
    ],
    options: Options::Columns(&["color", "colour", "size"]),
    currency: PlainPrices::AreOurs,
    rows: Rows::Whole,
};

/// Feeds of other things: what they are of, the fields that give them away, and how many of those it takes.
const OTHER_KINDS: &[(&str, &[&str], usize)] = &[
    (
        "flights",
        &["destination_id", "origin_id", "flight_price", "flight_description", "origin_airport", "destination_airport"],
        2,
    ),
    ("hotels", &["hotel_id", "hotel_name"], 1),
    ("hotels", &["property_id", "star_rating", "checkin_date", "checkin_time"], 2),
    ("vehicles", &["vin", "mileage.value", "body_style", "vehicle_id", "state_of_vehicle", "vehicle_type"], 2),
    ("property", &["home_listing_id", "num_beds", "num_baths", "listing_type"], 2),
    ("jobs", &["job_id", "job_title", "salary"], 2),
];

/// What the feed is of, if not of products, and the field that says so.
pub(crate) fn other_kind(record: &Record) -> Option<(&'static str, &'static str)> {
    OTHER_KINDS.iter().find_map(|(kind, marks, needed)| {
        let mut there = marks.iter().filter(|mark| record.has(mark));
        let first = there.next()?;
        (there.count() + 1 >= *needed).then_some((*kind, *first))
    })
}
