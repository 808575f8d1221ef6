//! Takes what a feed states into the catalog and the stock.

use catalog::supply::{Supplied, Supply, product_id, says_the_same, shop_sku, taken_in};
use catalog::{Draft, Image, Made, Pairs, PriceText, Product, VariantDraft};
use futures::stream::{StreamExt, TryStreamExt};
use kernel::{Fault, Instant, Kind, Principal, ProductId, Sku};
use partners::report::Line;
use partners::validation::Item;
use partners::{Job, Partner};
use std::collections::BTreeMap;

/// Products that are written at the same time.
const AT_ONCE: usize = 16;
/// How often a product is read anew when it changed meanwhile.
const ROUNDS: usize = 5;

/// What became of one row.
pub enum Outcome {
    /// The shop says what the row says.
    Stands {
        /// Whether this job made it so.
        changed: bool,
    },
    /// The shop cannot take it.
    Wrong(Vec<Line>),
}

/// The shop, as feeds change it.
#[derive(Clone)]
pub struct Shelf {
    /// The products.
    pub catalog: catalog::Store,
    /// Their stock.
    pub stock: stock::Store,
}

/// A row with its place in the batch and its SKU in the shop.
struct Row<'a> {
    at: usize,
    item: &'a Item,
    sku: Sku,
}

impl Shelf {
    /// Takes the rows of one step in, or, unless it `stores`, only finds out what they would change. One outcome for each row.
    pub async fn take(
        &self,
        partner: &Partner,
        job: &Job,
        items: &[Item],
        stores: bool,
        now: Instant,
    ) -> Result<Vec<Outcome>, Fault> {
        let mut products: BTreeMap<ProductId, Vec<Row<'_>>> = BTreeMap::new();
        for (at, item) in items.iter().enumerate() {
            let own = item.group.as_deref().unwrap_or(item.sku.as_str());
            let id = product_id(&partner.handle, partner.id.as_str(), own)?;
            products.entry(id).or_default().push(Row { at, item, sku: shop_sku(&partner.handle, &item.sku)? });
        }
        let ids: Vec<ProductId> = products.keys().cloned().collect();
        let known = self.catalog.many(&ids).await?;
        let supplying = Supplying { shelf: self, partner, job, stores, now };
        let each = products.iter().map(|(id, rows)| supplying.product(id, rows, known.get(id).cloned()));
        let each: Vec<_> = each.collect();
        let done: Vec<Vec<(usize, Outcome)>> = futures::stream::iter(each).buffered(AT_ONCE).try_collect().await?;
        let mut outcomes: Vec<(usize, Outcome)> = done.into_iter().flatten().collect();
        outcomes.sort_by_key(|(at, _)| *at);
        let mut outcomes: Vec<Outcome> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        if stores {
            self.count(partner, job, items, &mut outcomes, now).await?;
        }
        Ok(outcomes)
    }

    /// Takes over the counts that the rows state.
    async fn count(
        &self,
        partner: &Partner,
        job: &Job,
        items: &[Item],
        outcomes: &mut [Outcome],
        now: Instant,
    ) -> Result<(), Fault> {
        let mut counts: Vec<(usize, (Sku, u32))> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            if let (Some(units), Outcome::Stands { .. }) = (item.stock, &outcomes[at]) {
                counts.push((at, (shop_sku(&partner.handle, &item.sku)?, units)));
            }
        }
        let asked: Vec<(Sku, u32)> = counts.iter().map(|(_, count)| count.clone()).collect();
        let changed = self.stock.state_many(&asked, job.received_at, now).await?;
        for ((at, _), by_this) in counts.iter().zip(changed) {
            if let Outcome::Stands { changed } = &mut outcomes[*at] {
                *changed |= by_this;
            }
        }
        Ok(())
    }
}

/// A product after the rows of it, if they change it, and what became of each row.
type Folded = (Option<Product>, Vec<(usize, Outcome)>);

/// What all products of one step share.
struct Supplying<'a> {
    shelf: &'a Shelf,
    partner: &'a Partner,
    job: &'a Job,
    stores: bool,
    now: Instant,
}

impl Supplying<'_> {
    /// Takes the rows of one product in.
    async fn product(
        &self,
        id: &ProductId,
        rows: &[Row<'_>],
        mut before: Option<Product>,
    ) -> Result<Vec<(usize, Outcome)>, Fault> {
        for _ in 0..ROUNDS {
            let (next, outcomes) = self.folded(id, rows, before.as_ref())?;
            let Some(next) = next.filter(|_| self.stores) else {
                return Ok(outcomes);
            };
            match self.shelf.catalog.supply(before.as_ref(), &next).await {
                Ok(true) => return Ok(outcomes),
                Ok(false) => before = self.shelf.catalog.product(id).await?,
                Err(fault) if fault.kind == Kind::Conflict => {
                    return Ok(rows.iter().map(|row| (row.at, wrong(row.item, &fault))).collect());
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(Fault::unavailable(format!("product {id} changed {ROUNDS} times while a feed was read")))
    }

    /// The product with every row of it taken in, if that changes it, and what became of each row.
    fn folded(&self, id: &ProductId, rows: &[Row<'_>], before: Option<&Product>) -> Result<Folded, Fault> {
        let by = Principal::Partner(self.partner.id.clone());
        let made = Made { by, at: self.now, trace: self.job.trace.clone() };
        let from =
            Supplied { partner: self.partner.id.to_string(), job: self.job.id.to_string(), at: self.job.received_at };
        let (mut current, mut taken) = (before.cloned(), Vec::with_capacity(rows.len()));
        for row in rows {
            match taken_in(current.as_ref(), id, &supply(row), &from, &made) {
                Ok(next) => {
                    current = Some(next);
                    taken.push((row.at, None));
                }
                Err(fault) if matches!(fault.kind, Kind::Invalid | Kind::Unprocessable | Kind::Conflict) => {
                    taken.push((row.at, Some(wrong(row.item, &fault))));
                }
                Err(fault) => return Err(fault),
            }
        }
        let next = current.filter(|next| before.is_none_or(|before| !says_the_same(before, next)));
        let by_this = |product: Option<&Product>| {
            let source = product.and_then(|product| product.supplied.as_ref());
            source.is_some_and(|source| source.job == from.job)
        };
        let changed = next.is_some() || by_this(before);
        let outcome = |wrong: Option<Outcome>| wrong.unwrap_or(Outcome::Stands { changed });
        Ok((next, taken.into_iter().map(|(at, wrong)| (at, outcome(wrong))).collect()))
    }
}

fn supply(row: &Row<'_>) -> Supply {
    let item = row.item;
    let image = item.images.first().map(|url| secure(url));
    let variant = VariantDraft {
        sku: row.sku.to_string(),
        name: String::new(),
        options: Pairs(item.options.clone()),
        price: Some(PriceText::Money(item.price)),
        compare_at: item.compare_at.map(|money| money.decimal()),
        weight_grams: item.weight_grams.unwrap_or(0),
        image_url: image,
    };
    let images = item.images.iter().take(catalog::limits::IMAGES);
    Supply {
        draft: Draft {
            name: item.name.clone(),
            description: item.description.clone(),
            brand: item.brand.clone(),
            category: item.category.clone(),
            images: images.map(|url| Image { url: secure(url), alt: String::new() }).collect(),
            currency: Some(item.price.currency.to_string()),
            variants: vec![variant],
            ..Draft::default()
        },
        active: item.active,
    }
}

/// Pictures are asked for over https alone; who serves them over http serves them so too, as browsers assume as well.
fn secure(url: &str) -> String {
    url.strip_prefix("http://").map_or_else(|| url.to_owned(), |rest| format!("https://{rest}"))
}

/// Why the shop cannot take a row, told with the row's place in the feed.
fn wrong(item: &Item, fault: &Fault) -> Outcome {
    if fault.errors.is_empty() {
        return Outcome::Wrong(vec![Line::of_shop(item, "", fault.code, &fault.detail)]);
    }
    let told = fault.errors.iter().map(|error| {
        let field = error.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
        Line::of_shop(item, field, error.rule, &error.detail)
    });
    Outcome::Wrong(told.collect())
}
