//! A product as somebody writes it down: from a form, a feed or the demo data. Checking it makes a [`Product`].

use crate::pairs::Pairs;
use crate::product::{Image, Made, Product, Status, Variant};
use crate::rules::{Findings, limits};
use kernel::{Amount, Currency, Fault, Money, ProductId, Sku};

/// The currency of a product that names none.
pub const SHOP_CURRENCY: Currency = Currency::USD;
/// The category of a product that names none.
const NO_CATEGORY: &str = "other";

/// A price as it is written: a plain decimal in the product's currency, or minor units with their currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceText {
    /// `19.99`.
    Decimal(String),
    /// `{"amount": 1999, "currency": "USD"}`.
    Money(Money),
}

/// A variant, not checked yet.
#[derive(Debug, Clone, Default)]
pub struct VariantDraft {
    /// See [`Variant::sku`].
    pub sku: String,
    /// Empty: named by its options.
    pub name: String,
    /// See [`Variant::options`].
    pub options: Pairs,
    /// Must be there.
    pub price: Option<PriceText>,
    /// A plain decimal, above the price.
    pub compare_at: Option<String>,
    /// With its packing.
    pub weight_grams: u32,
    /// See [`Variant::image_url`].
    pub image_url: Option<String>,
}

/// A new product, not checked yet.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Given, or made from the name.
    pub id: Option<String>,
    /// Must say something.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// May be empty.
    pub brand: String,
    /// `None` stands among the others.
    pub category: Option<String>,
    /// Twice the same counts once.
    pub tags: Vec<String>,
    /// What the label says.
    pub attributes: Pairs,
    /// In order.
    pub images: Vec<Image>,
    /// A picture without a description, put first.
    pub image_url: Option<String>,
    /// ISO 4217; the shop's own if `None`.
    pub currency: Option<String>,
    /// Without variants: the price of the one variant there will be, whose SKU is the product's id.
    pub price: Option<PriceText>,
    /// See [`Product::featured`].
    pub featured: Option<u16>,
    /// Either these or the price.
    pub variants: Vec<VariantDraft>,
}

impl Draft {
    /// Under which ids it may be made, the preferred one first: the one that it names, or one made from its name and,
    /// should that be taken, the same with an ending made from `random`.
    ///
    /// # Errors
    /// Invalid when it names an id that breaks the grammar.
    pub fn ids(&self, random: [u8; 16]) -> Result<Vec<ProductId>, Fault> {
        const RULE: &str =
            "A product's id is 1 to 64 lower-case letters, digits and hyphens, and does not begin with a hyphen.";
        let refused = || Fault::field("/id", "format", RULE);
        let parse = |text: &str| ProductId::parse(text).map_err(|_| refused());
        if let Some(id) = &self.id {
            return if id.starts_with('-') { Err(refused()) } else { Ok(vec![parse(id)?]) };
        }
        let ending: String = kernel::id::encode(random).chars().skip(18).collect();
        let slug = slug(&self.name);
        if slug.is_empty() {
            return Ok(vec![parse(&format!("product-{ending}"))?]);
        }
        Ok(vec![parse(&slug)?, parse(&format!("{slug}-{ending}"))?])
    }

    /// The product, version 1, under `id`.
    ///
    /// # Errors
    /// Invalid or unprocessable, with every field that breaks a rule.
    pub fn product(&self, id: ProductId, made: &Made) -> Result<Product, Fault> {
        let mut findings = Findings::default();
        let currency = currency(&mut findings, self.currency.as_deref());
        let mut images = images(&mut findings, &self.images);
        if let Some(url) = &self.image_url {
            let url = findings.image_url("/image_url", url);
            put_first(&mut images, url);
        }
        let variants = self.priced_variants(&mut findings, &id, currency);
        let product = Product {
            version: 1,
            status: Status::Active,
            name: findings.required_line("/name", &self.name, limits::NAME),
            description: findings.paragraphs("/description", &self.description, limits::DESCRIPTION),
            brand: findings.line("/brand", &self.brand, limits::BRAND),
            category: category(&mut findings, self.category.as_deref()),
            tags: tags(&mut findings, &self.tags),
            attributes: attributes(&mut findings, &self.attributes),
            images,
            currency,
            variants,
            featured: self.featured,
            supplied: None,
            created_at: made.at,
            updated_at: made.at,
            changed_by: made.by.to_string(),
            trace: made.trace.clone(),
            id,
        };
        whole(&mut findings, &product);
        findings.settle(product)
    }

    fn priced_variants(&self, findings: &mut Findings, id: &ProductId, currency: Currency) -> Vec<Variant> {
        if !self.variants.is_empty() {
            if self.price.is_some() {
                findings.broken(
                    "/price",
                    "price_of_variants",
                    "Each variant has its price; the product has none of its own.",
                );
            }
            return variants(findings, &self.variants, currency);
        }
        let Some(price) = &self.price else {
            findings.malformed("/price", "required", "Give a price, or variants with their prices.");
            return Vec::new();
        };
        let price = amount(findings, "/price", price, currency);
        // A product's id is a SKU by its grammar.
        let Ok(sku) = Sku::parse(id.as_str()) else {
            return Vec::new();
        };
        vec![Variant {
            sku,
            name: String::new(),
            options: Pairs::default(),
            price,
            compare_at: None,
            weight_grams: 0,
            image_url: None,
        }]
    }
}

/// Lower-case letters and digits of `name` with single hyphens between the words, at most 48 characters.
fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !matches!(c, '\'' | '’') && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(48);
    slug.trim_end_matches('-').to_owned()
}

fn currency(findings: &mut Findings, code: Option<&str>) -> Currency {
    let Some(code) = code else {
        return SHOP_CURRENCY;
    };
    Currency::parse(code).unwrap_or_else(|error| {
        findings.malformed("/currency", "currency", error.to_string());
        SHOP_CURRENCY
    })
}

pub(crate) fn category(findings: &mut Findings, category: Option<&str>) -> String {
    category.map_or_else(|| NO_CATEGORY.to_owned(), |text| findings.required_line("/category", text, limits::CATEGORY))
}

pub(crate) fn tags(findings: &mut Findings, tags: &[String]) -> Vec<String> {
    findings.at_most("/tags", tags.len(), limits::TAGS);
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    for (at, tag) in tags.iter().enumerate() {
        let tag = findings.required_line(&format!("/tags/{at}"), tag, limits::CATEGORY);
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}

pub(crate) fn attributes(findings: &mut Findings, attributes: &Pairs) -> Pairs {
    findings.at_most("/attributes", attributes.len(), limits::ATTRIBUTES);
    pairs(findings, "/attributes", attributes, limits::ATTRIBUTE)
}

fn pairs(findings: &mut Findings, pointer: &str, pairs: &Pairs, most: usize) -> Pairs {
    let checked = pairs.0.iter().map(|(name, value)| {
        let member = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        (findings.required_line(&member, name, limits::PAIR_NAME), findings.line(&member, value, most))
    });
    Pairs(checked.collect())
}

pub(crate) fn images(findings: &mut Findings, images: &[Image]) -> Vec<Image> {
    findings.at_most("/images", images.len(), limits::IMAGES);
    images.iter().enumerate().map(|(at, image)| findings.image(&format!("/images/{at}"), image)).collect()
}

/// Makes `url` the picture that stands for the product.
pub(crate) fn put_first(images: &mut Vec<Image>, url: String) {
    match images.iter().position(|image| image.url == url) {
        Some(at) => images[..=at].rotate_right(1),
        None => images.insert(0, Image { url, alt: String::new() }),
    }
}

pub(crate) fn variants(findings: &mut Findings, drafts: &[VariantDraft], currency: Currency) -> Vec<Variant> {
    findings.at_most("/variants", drafts.len(), limits::VARIANTS);
    let mut variants: Vec<Variant> = Vec::with_capacity(drafts.len());
    for (at, draft) in drafts.iter().enumerate() {
        let pointer = format!("/variants/{at}");
        let Some(variant) = variant(findings, &pointer, draft, currency) else {
            continue;
        };
        if variants.iter().any(|other| other.sku == variant.sku) {
            findings.broken(format!("{pointer}/sku"), "unique", "Two variants of a product cannot share a SKU.");
        }
        variants.push(variant);
    }
    variants
}

fn variant(findings: &mut Findings, pointer: &str, draft: &VariantDraft, currency: Currency) -> Option<Variant> {
    let sku = Sku::parse(&draft.sku);
    if let Err(error) = &sku {
        findings.malformed(format!("{pointer}/sku"), "sku", error.to_string());
    }
    if draft.price.is_none() {
        findings.malformed(format!("{pointer}/price"), "required", "A variant has a price.");
    }
    let price_at = format!("{pointer}/price");
    let price = draft.price.as_ref().map_or(Amount::ZERO, |price| amount(findings, &price_at, price, currency));
    let compare_at = draft.compare_at.as_ref().map(|text| {
        let pointer = format!("{pointer}/compare_at");
        let before = decimal(findings, &pointer, text, currency);
        if before <= price && draft.price.is_some() {
            findings.broken(pointer, "above_price", "The price it is compared with is above its price.");
        }
        before
    });
    if draft.weight_grams > limits::WEIGHT_GRAMS {
        findings.malformed(
            format!("{pointer}/weight_grams"),
            "maximum",
            "Nothing that we send weighs more than a ton.",
        );
    }
    findings.at_most(&format!("{pointer}/options"), draft.options.len(), limits::OPTIONS);
    let options = pairs(findings, &format!("{pointer}/options"), &draft.options, limits::PAIR_NAME);
    let name = findings.line(&format!("{pointer}/name"), &draft.name, limits::NAME);
    let image_url = draft.image_url.as_ref().map(|url| findings.image_url(&format!("{pointer}/image_url"), url));
    let name = if name.is_empty() { named_by(&options) } else { name };
    Some(Variant { sku: sku.ok()?, name, options, price, compare_at, weight_grams: draft.weight_grams, image_url })
}

/// The values of the options, as many as fit a name.
fn named_by(options: &Pairs) -> String {
    let values: Vec<&str> =
        options.0.iter().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty()).collect();
    values.join(" / ").chars().take(limits::NAME).collect()
}

pub(crate) fn amount(findings: &mut Findings, pointer: &str, price: &PriceText, currency: Currency) -> Amount {
    match price {
        PriceText::Decimal(text) => decimal(findings, pointer, text, currency),
        PriceText::Money(money) => {
            if money.currency != currency {
                findings.broken(pointer, "currency", format!("All prices of this product are in {currency}."));
            }
            within(findings, pointer, money.amount)
        }
    }
}

fn decimal(findings: &mut Findings, pointer: &str, text: &str, currency: Currency) -> Amount {
    let Ok(amount) = currency.parse_decimal(text) else {
        let places = currency.exponent();
        let detail = format!(
            "A price is a plain decimal with at most {places} places, such as {}.",
            currency.decimal(Amount::minor(1999))
        );
        findings.malformed(pointer, "decimal", detail);
        return Amount::ZERO;
    };
    within(findings, pointer, amount)
}

fn within(findings: &mut Findings, pointer: &str, amount: Amount) -> Amount {
    if amount < Amount::ZERO {
        findings.malformed(pointer, "minimum", "A price is not negative.");
    }
    if amount.units() > limits::PRICE {
        findings.malformed(pointer, "maximum", "A price has at most ten digits.");
    }
    amount
}

/// What can only be said of the product as a whole.
pub(crate) fn whole(findings: &mut Findings, product: &Product) {
    let bytes = serde_json::to_vec(product).map_or(usize::MAX, |json| json.len());
    if bytes > limits::PRODUCT_BYTES {
        findings.broken("", "size", format!("A product takes at most {} bytes.", limits::PRODUCT_BYTES));
    }
}

#[cfg(test)]
mod tests {
    use super::{Draft, PriceText, VariantDraft, slug};
    use crate::product::{Made, Product};
    use kernel::{Amount, Fault, Instant, Kind, Principal};
    use proptest::prelude::*;

    fn made() -> Made {
        Made { by: Principal::System, at: Instant::from_seconds(1), trace: None }
    }

    fn plain(name: &str, price: &str) -> Draft {
        Draft { name: name.to_owned(), price: Some(PriceText::Decimal(price.to_owned())), ..Draft::default() }
    }

    fn check(draft: &Draft) -> Result<Product, Fault> {
        let id = draft.ids([7; 16])?.remove(0);
        draft.product(id, &made())
    }

    fn rules(draft: &Draft) -> Vec<(String, &'static str)> {
        check(draft).unwrap_err().errors.into_iter().map(|error| (error.pointer, error.rule)).collect()
    }

    // Proves: S1-D01
    #[test]
    fn a_name_ends_at_255_characters_whatever_its_script() {
        assert!(check(&plain(&"ж".repeat(255), "1")).is_ok());
        assert_eq!(rules(&plain(&"ж".repeat(256), "1")), [("/name".to_owned(), "max_length")]);
        assert_eq!(rules(&plain("  ", "1")), [("/name".to_owned(), "required")]);
    }

    // Proves: S1-D01
    #[test]
    fn a_price_is_from_0_to_ten_digits() {
        for good in ["0", "0.00", "19.99", "99999999.99"] {
            assert!(check(&plain("Soap", good)).is_ok(), "{good}");
        }
        for (bad, rule) in [
            ("-0.01", "minimum"),
            ("100000000.00", "maximum"),
            ("1.999", "decimal"),
            ("1e3", "decimal"),
            ("", "decimal"),
        ] {
            assert_eq!(rules(&plain("Soap", bad)), [("/price".to_owned(), rule)], "{bad}");
        }
    }

    #[test]
    fn a_product_without_variants_has_one_that_is_named_like_it() {
        let product = check(&plain("Lavender Soap", "9.99")).unwrap();
        assert_eq!((product.id.as_str(), product.variants[0].sku.as_str()), ("lavender-soap", "lavender-soap"));
        assert_eq!(product.variants[0].price, Amount::minor(999));
        assert_eq!(product.category, "other");
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let bad = |sku: &str, price: &str| VariantDraft {
            sku: sku.to_owned(),
            price: Some(PriceText::Decimal(price.to_owned())),
            compare_at: Some("1.00".to_owned()),
            ..VariantDraft::default()
        };
        let draft = Draft { variants: vec![bad("a b", "x"), bad("A", "2.00"), bad("A", "0.50")], ..Draft::default() };
        let found = rules(&draft);
        let of =
            |pointer: &str| found.iter().filter(|(at, _)| at == pointer).map(|(_, rule)| *rule).collect::<Vec<_>>();
        assert_eq!(of("/name"), ["required"]);
        assert_eq!(of("/variants/0/sku"), ["sku"]);
        assert_eq!(of("/variants/0/price"), ["decimal"]);
        assert_eq!(of("/variants/1/compare_at"), ["above_price"]);
        assert_eq!(of("/variants/2/sku"), ["unique"]);
    }

    #[test]
    fn a_rule_that_the_form_cannot_show_is_unprocessable() {
        let variant = VariantDraft {
            sku: "A".to_owned(),
            price: Some(PriceText::Decimal("2".to_owned())),
            ..VariantDraft::default()
        };
        let draft = Draft { name: "Tea".to_owned(), variants: vec![variant.clone(), variant], ..Draft::default() };
        assert_eq!(check(&draft).unwrap_err().kind, Kind::Unprocessable);
    }

    #[test]
    fn an_id_is_made_from_the_name_and_has_a_second_choice() {
        assert_eq!(slug("Tarn & Thistle: Men’s Balm!"), "tarn-thistle-mens-balm");
        let ids = plain("Tea", "1").ids([9; 16]).unwrap();
        assert!(ids[1].as_str().starts_with("tea-") && ids[1].as_str().len() == 12);
        assert_eq!(plain("茶", "1").ids([9; 16]).unwrap().len(), 1);
        let named = Draft { id: Some("-tea".to_owned()), ..plain("Tea", "1") };
        assert!(named.ids([0; 16]).is_err());
    }

    proptest! {
        // Proves: S1-D01
        #[test]
        fn a_decimal_price_comes_back_as_it_was_written(units in 0_i64..=9_999_999_999) {
            let text = format!("{}.{:02}", units / 100, units % 100);
            let product = check(&plain("Soap", &text)).unwrap();
            prop_assert_eq!(product.money(product.variants[0].price).decimal(), text);
        }

        // Free text is kept as it is, or refused: it is never bent.
        #[test]
        fn a_name_is_stored_as_it_was_sent(name in "[a-zA-Z'\"<>;&%$ -]{1,80}") {
            prop_assume!(!name.trim().is_empty());
            prop_assert_eq!(check(&plain(&name, "1")).unwrap().name, name.trim());
        }
    }
}
