//! A product is changed: the members that are sent, nothing else, and only in the version that the sender has seen.

use crate::create::{claim, taken};
use crate::draft::{self, PriceText, VariantDraft};
use crate::pairs::Pairs;
use crate::product::{Image, Made, Product, Status};
use crate::rules::{Findings, limits};
use kernel::{Fault, Kind};
use table::{Refused, Write};

/// What is to change. Lists replace lists.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// See [`Product::name`].
    pub name: Option<String>,
    /// See [`Product::description`].
    pub description: Option<String>,
    /// See [`Product::brand`].
    pub brand: Option<String>,
    /// See [`Product::category`].
    pub category: Option<String>,
    /// See [`Product::tags`].
    pub tags: Option<Vec<String>>,
    /// See [`Product::attributes`].
    pub attributes: Option<Pairs>,
    /// See [`Product::images`].
    pub images: Option<Vec<Image>>,
    /// The picture that stands for the product; the others stay.
    pub image_url: Option<String>,
    /// The price of a product with one variant.
    pub price: Option<PriceText>,
    /// Withdraw it, or put it back on sale.
    pub status: Option<Status>,
    /// All variants there will be.
    pub variants: Option<Vec<VariantDraft>>,
}

/// `product` with `patch` applied; `None` when that changes nothing.
///
/// # Errors
/// Invalid or unprocessable, with every field that breaks a rule.
pub fn apply(product: &Product, patch: &Patch, made: &Made) -> Result<Option<Product>, Fault> {
    let mut findings = Findings::default();
    let mut next = product.clone();
    texts(&mut findings, &mut next, patch);
    pictures(&mut findings, &mut next, patch);
    prices(&mut findings, &mut next, patch);
    next.status = patch.status.unwrap_or(next.status);
    draft::whole(&mut findings, &next);
    findings.settle(())?;
    if next == *product {
        return Ok(None);
    }
    next.version += 1;
    next.updated_at = made.at;
    next.changed_by = made.by.to_string();
    next.trace = made.trace.clone();
    Ok(Some(next))
}

fn texts(findings: &mut Findings, next: &mut Product, patch: &Patch) {
    if let Some(name) = &patch.name {
        next.name = findings.required_line("/name", name, limits::NAME);
    }
    if let Some(description) = &patch.description {
        next.description = findings.paragraphs("/description", description, limits::DESCRIPTION);
    }
    if let Some(brand) = &patch.brand {
        next.brand = findings.line("/brand", brand, limits::BRAND);
    }
    if let Some(category) = &patch.category {
        next.category = draft::category(findings, Some(category));
    }
    if let Some(tags) = &patch.tags {
        next.tags = draft::tags(findings, tags);
    }
    if let Some(attributes) = &patch.attributes {
        next.attributes = draft::attributes(findings, attributes);
    }
}

fn pictures(findings: &mut Findings, next: &mut Product, patch: &Patch) {
    if let Some(images) = &patch.images {
        next.images = draft::images(findings, images);
    }
    if let Some(url) = &patch.image_url {
        let url = findings.image_url("/image_url", url);
        draft::put_first(&mut next.images, url);
        next.images.truncate(limits::IMAGES);
    }
}

fn prices(findings: &mut Findings, next: &mut Product, patch: &Patch) {
    if let Some(variants) = &patch.variants {
        if variants.is_empty() {
            findings.malformed("/variants", "min_items", "A product has at least one variant.");
        }
        next.variants = draft::variants(findings, variants, next.currency);
    }
    let Some(price) = &patch.price else {
        return;
    };
    let currency = next.currency;
    match next.variants.as_mut_slice() {
        [only] if patch.variants.is_none() => {
            only.price = draft::amount(findings, "/price", price, currency);
            // A price that is no longer below the one it was compared with is no offer any more.
            only.compare_at = only.compare_at.filter(|before| *before > only.price);
        }
        _ => findings.broken(
            "/price",
            "price_of_variants",
            "Each variant has its price; the product has none of its own.",
        ),
    }
}

/// The writes that turn `product` into `next`, if it is still what was read. SKUs of dropped variants stay with the
/// product.
///
/// # Errors
/// A bug when a row does not write.
pub fn writes(product: &Product, next: &Product) -> Result<Vec<Write>, Fault> {
    let mut writes = vec![Write::put(next)?.seen(product.version)];
    for variant in next.variants.iter().filter(|variant| product.variant(&variant.sku).is_none()) {
        writes.push(claim(next, &variant.sku)?);
    }
    Ok(writes)
}

/// Why the writes of [`writes`] were refused; `None` when the refusal is of this very change, made before and its
/// answer lost.
#[must_use]
pub fn refusal(next: &Product, refused: &Refused) -> Option<Fault> {
    if refused.index > 0 {
        return Some(taken(refused));
    }
    let stands = refused.old.clone().and_then(|item| item.read::<Product>().ok());
    if stands.is_some_and(|stands| stands == *next) { None } else { Some(stale()) }
}

/// The version that the sender has seen is not the current one.
#[must_use]
pub fn stale() -> Fault {
    let detail = "This product was changed since you read it. Read it again and repeat your change.";
    Fault::new(Kind::Precondition, "stale_version", detail)
}

#[cfg(test)]
mod tests {
    use super::{Patch, apply};
    use crate::{Draft, Made, PriceText, Product, Status, VariantDraft};
    use kernel::{Amount, Instant, Kind, Principal};

    fn made(at: i64) -> Made {
        Made { by: Principal::System, at: Instant::from_seconds(at), trace: None }
    }

    fn decimal(text: &str) -> Option<PriceText> {
        Some(PriceText::Decimal(text.to_owned()))
    }

    fn product(skus: &[&str]) -> Product {
        let variant =
            |sku: &&str| VariantDraft { sku: (*sku).to_owned(), price: decimal("5.00"), ..VariantDraft::default() };
        let draft = Draft { name: "Tea".to_owned(), variants: skus.iter().map(variant).collect(), ..Draft::default() };
        draft.product(draft.ids([0; 16]).unwrap().remove(0), &made(1)).unwrap()
    }

    #[test]
    fn what_is_not_sent_stays() {
        let patch = Patch { status: Some(Status::Withdrawn), ..Patch::default() };
        let before = product(&["A"]);
        let after = apply(&before, &patch, &made(2)).unwrap().unwrap();
        let expected =
            Product { status: Status::Withdrawn, version: 2, updated_at: Instant::from_seconds(2), ..before };
        assert_eq!(after, expected);
    }

    #[test]
    fn a_patch_that_changes_nothing_makes_no_version() {
        let patch = Patch { name: Some("Tea".to_owned()), price: decimal("5"), ..Patch::default() };
        assert_eq!(apply(&product(&["A"]), &patch, &made(2)).unwrap(), None);
    }

    #[test]
    fn one_price_is_for_products_with_one_variant() {
        let patch = Patch { price: decimal("7.50"), ..Patch::default() };
        assert_eq!(apply(&product(&["A"]), &patch, &made(2)).unwrap().unwrap().variants[0].price, Amount::minor(750));
        let fault = apply(&product(&["A", "B"]), &patch, &made(2)).unwrap_err();
        assert_eq!((fault.kind, fault.errors[0].rule), (Kind::Unprocessable, "price_of_variants"));
    }

    #[test]
    fn a_dropped_variant_costs_no_write_and_a_new_one_claims_its_sku() {
        let before = product(&["A", "B"]);
        let variants =
            ["B", "C"].map(|sku| VariantDraft { sku: sku.to_owned(), price: decimal("1"), ..VariantDraft::default() });
        let patch = Patch { variants: Some(variants.to_vec()), ..Patch::default() };
        let after = apply(&before, &patch, &made(2)).unwrap().unwrap();
        let writes = super::writes(&before, &after).unwrap();
        let keys: Vec<&str> = writes.iter().map(|write| write.key().pk.as_str()).collect();
        assert_eq!(keys, ["PRODUCT#tea", "SKU#C"]);
    }
}
