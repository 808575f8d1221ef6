//! What partners supply: products of theirs that come again and again in feeds, variant by variant. A supply that says what is
//! there already changes nothing, and what a later feed said stands.

use crate::create::claim;
use crate::draft::{Draft, whole};
use crate::product::{Made, Product, Status};
use crate::rules::{Findings, limits};
use crate::store::Store;
use kernel::{Fault, Instant, Kind, ProductId, Sku};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use table::{Key, Write, WriteError};

/// Where a partner's product comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplied {
    /// The partner's id.
    pub partner: String,
    /// The job whose feed changed it last.
    pub job: String,
    /// When that feed came.
    pub at: Instant,
}

/// One variant, with the product it is of, as a feed states it.
#[derive(Debug, Clone)]
pub struct Supply {
    /// The product, with this one variant.
    pub draft: Draft,
    /// Whether it is to be on sale.
    pub active: bool,
}

/// `before` with one more supply taken in: its variant in the place of the one with the same SKU or beside the others, and what
/// it says of the product itself. `before` itself, when a later feed said something else since.
///
/// # Errors
/// Invalid or unprocessable with every field that breaks a rule; a conflict when the product is not this partner's.
pub fn taken_in(
    before: Option<&Product>,
    id: &ProductId,
    supply: &Supply,
    from: &Supplied,
    made: &Made,
) -> Result<Product, Fault> {
    let mut next = supply.draft.product(id.clone(), made)?;
    next.status = if supply.active { Status::Active } else { Status::Withdrawn };
    next.supplied = Some(from.clone());
    let Some(before) = before else {
        return Ok(next);
    };
    let Some(source) = before.supplied.as_ref().filter(|source| source.partner == from.partner) else {
        return Err(Fault::new(Kind::Conflict, "not_yours", "Another product of the shop has this name."));
    };
    if source.at > from.at {
        return Ok(before.clone());
    }
    let next = joined(before, next)?;
    Ok(if says_the_same(before, &next) { before.clone() } else { next })
}

/// `before` with the one variant of `next`. What is said of the product itself counts from its first variant alone: feeds say it
/// anew with each variant, and not always the same.
fn joined(before: &Product, next: Product) -> Result<Product, Fault> {
    let mut findings = Findings::default();
    let leads = next.skus().first() == before.skus().first();
    let alone = leads && before.variants.len() == 1;
    if next.currency != before.currency && !alone {
        let detail = format!("All variants of this product are priced in {}.", before.currency);
        findings.broken("/currency", "currency", detail);
    }
    let mut variants = before.variants.clone();
    for variant in &next.variants {
        match variants.iter_mut().find(|known| known.sku == variant.sku) {
            Some(known) => *known = variant.clone(),
            None => variants.push(variant.clone()),
        }
    }
    let mut joined = if leads { next } else { Product { supplied: next.supplied, ..before.clone() } };
    joined.variants = variants;
    (joined.version, joined.created_at, joined.featured) = (before.version, before.created_at, before.featured);
    findings.at_most("/variants", joined.variants.len(), limits::VARIANTS);
    whole(&mut findings, &joined);
    findings.settle(joined)
}

/// Whether two states of a product differ in nothing that people see.
#[must_use]
pub fn says_the_same(before: &Product, next: &Product) -> bool {
    let quiet = |product: &Product| {
        let mut product = product.clone();
        (product.updated_at, product.changed_by, product.trace, product.supplied) =
            (Instant::from_millis(0), String::new(), None, None);
        product
    };
    quiet(before) == quiet(next)
}

/// The id of a partner's product: the partner's handle, and a name derived from the partner and its own name of the product.
///
/// # Errors
/// A bug when the handle breaks the grammar of ids.
pub fn product_id(handle: &str, partner: &str, own: &str) -> Result<ProductId, Fault> {
    let mut derived = kernel::id::derived(&["partner-product", partner, own]);
    derived.truncate(16);
    ProductId::parse(&format!("{handle}-{derived}")).map_err(|error| Fault::bug(error.to_string()))
}

/// The SKU in the shop of a partner's SKU: led by the partner's handle, so that no partner can name another's. One that would be
/// too long then is named by its hash.
///
/// # Errors
/// A bug when the handle breaks the grammar of SKUs.
pub fn shop_sku(handle: &str, own: &Sku) -> Result<Sku, Fault> {
    let plain = Sku::parse(&format!("{handle}:{own}"));
    plain
        .or_else(|_| Sku::parse(&format!("{handle}:{}", kernel::id::derived(&["partner-sku", own.as_str()]))))
        .map_err(|error| Fault::bug(error.to_string()))
}

impl Store {
    /// The products of `ids` that are there, with every acknowledged write.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn many(&self, ids: &[ProductId]) -> Result<HashMap<ProductId, Product>, Fault> {
        let keys: Vec<Key> = ids.iter().map(Product::key_of).collect();
        let products: Vec<Product> = self.table().get_many(&keys).await?;
        Ok(products.into_iter().map(|product| (product.id.clone(), product)).collect())
    }

    /// Puts a supplied product in the place of what was read: first its new SKUs, each by itself, then the product. A death
    /// between the two leaves a SKU that no product has yet, which sells nothing and is this product's already. False when
    /// another change came first.
    ///
    /// # Errors
    /// A conflict when a SKU belongs to another product; unavailable when the table does not answer.
    pub async fn supply(&self, before: Option<&Product>, next: &Product) -> Result<bool, Fault> {
        let known = |sku: &Sku| before.is_some_and(|before| before.variant(sku).is_some());
        for variant in next.variants.iter().filter(|variant| !known(&variant.sku)) {
            match self.table().write(claim(next, &variant.sku)?).await {
                Ok(_) => {}
                Err(WriteError::Refused(refused)) => return Err(crate::create::taken(&refused)),
                Err(WriteError::Fault(fault)) => return Err(fault),
            }
        }
        let seen = before.map_or(0, |before| before.version);
        let mut next = next.clone();
        next.version = seen + 1;
        match self.table().write(Write::put(&next)?.seen(seen)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Supplied, Supply, product_id, shop_sku, taken_in};
    use crate::{Draft, Made, PriceText, Product, VariantDraft};
    use kernel::{Instant, Kind, Principal, ProductId, Sku};

    fn from(job: &str, seconds: i64) -> Supplied {
        Supplied { partner: "p".to_owned(), job: job.to_owned(), at: Instant::from_seconds(seconds) }
    }

    fn supply(sku: &str, name: &str, price: &str) -> Supply {
        let variant = VariantDraft {
            sku: sku.to_owned(),
            price: Some(PriceText::Decimal(price.to_owned())),
            ..VariantDraft::default()
        };
        Supply { draft: Draft { name: name.to_owned(), variants: vec![variant], ..Draft::default() }, active: true }
    }

    fn take(before: Option<&Product>, supply: &Supply, from: &Supplied) -> Result<Product, kernel::Fault> {
        let made = Made { by: Principal::System, at: from.at, trace: None };
        taken_in(before, &ProductId::parse("acme-1").unwrap(), supply, from, &made)
    }

    #[test]
    fn variants_come_one_by_one_and_the_same_again_changes_nothing() {
        let first = take(None, &supply("A", "Tea", "1.00"), &from("one", 1)).unwrap();
        let second = take(Some(&first), &supply("B", "Tea", "2.00"), &from("one", 1)).unwrap();
        assert_eq!(second.skus().len(), 2);
        let again = take(Some(&second), &supply("A", "Tea", "1.00"), &from("two", 2)).unwrap();
        assert_eq!(again, second, "nor does it say that another job was here");
        let dearer = take(Some(&second), &supply("A", "Tea", "1.50"), &from("two", 2)).unwrap();
        assert_eq!(dearer.variants[0].price, kernel::Amount::minor(150));
        assert_eq!(dearer.supplied.unwrap().job, "two");
    }

    #[test]
    fn what_is_said_of_the_product_counts_from_its_first_variant() {
        let first = take(None, &supply("A", "Tea", "1.00"), &from("one", 1)).unwrap();
        let both = take(Some(&first), &supply("B", "Tea, green", "2.00"), &from("one", 1)).unwrap();
        assert_eq!(both.name, "Tea");
        let renamed = take(Some(&both), &supply("A", "Fine tea", "1.00"), &from("two", 2)).unwrap();
        assert_eq!((renamed.name.as_str(), renamed.variants.len()), ("Fine tea", 2));
    }

    #[test]
    fn variants_of_one_product_are_priced_in_one_currency() {
        let first = take(None, &supply("A", "Tea", "1.00"), &from("one", 1)).unwrap();
        let mut euros = supply("B", "Tea", "1.00");
        euros.draft.currency = Some("EUR".to_owned());
        assert_eq!(take(Some(&first), &euros, &from("one", 1)).unwrap_err().errors[0].rule, "currency");
        let mut alone = supply("A", "Tea", "1.00");
        alone.draft.currency = Some("EUR".to_owned());
        assert_eq!(take(Some(&first), &alone, &from("two", 2)).unwrap().currency.to_string(), "EUR");
    }

    #[test]
    fn what_a_later_feed_said_stands() {
        let late = take(None, &supply("A", "Tea", "3.00"), &from("late", 9)).unwrap();
        assert_eq!(take(Some(&late), &supply("A", "Tea", "1.00"), &from("early", 1)).unwrap(), late);
    }

    #[test]
    fn a_product_of_somebody_else_is_not_touched() {
        let theirs = Supplied { partner: "q".to_owned(), ..from("x", 1) };
        let product = take(None, &supply("A", "Tea", "3.00"), &theirs).unwrap();
        let refused = take(Some(&product), &supply("A", "Tea", "1.00"), &from("y", 2)).unwrap_err();
        assert_eq!((refused.kind, refused.code), (Kind::Conflict, "not_yours"));
        let ours = Product { supplied: None, ..product };
        assert_eq!(take(Some(&ours), &supply("A", "Tea", "1.00"), &from("y", 2)).unwrap_err().code, "not_yours");
    }

    #[test]
    fn more_variants_than_a_product_has_are_refused() {
        let mut product = take(None, &supply("V0", "Tea", "1.00"), &from("x", 1)).unwrap();
        for n in 1..50 {
            product = take(Some(&product), &supply(&format!("V{n}"), "Tea", "1.00"), &from("x", 1)).unwrap();
        }
        assert!(take(Some(&product), &supply("V50", "Tea", "1.00"), &from("x", 1)).is_err());
    }

    #[test]
    fn names_in_the_shop_are_the_partners_own_alone() {
        let sku = |text: &str| Sku::parse(text).unwrap();
        assert_eq!(shop_sku("acme", &sku("A-1")).unwrap(), sku("acme:A-1"));
        assert_ne!(shop_sku("acme", &sku("A-1")).unwrap(), shop_sku("bolt", &sku("A-1")).unwrap());
        let long = shop_sku("acme", &sku(&"x".repeat(128))).unwrap();
        assert_eq!(long.as_str().len(), "acme:".len() + 26);
        assert_ne!(product_id("acme", "p", "1").unwrap(), product_id("acme", "p", "2").unwrap());
    }
}
