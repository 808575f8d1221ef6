//! A row, judged: every rule in turn, so that one report names all that is wrong.

use super::rejection::{Findings, Wrong};
use super::seen::{Before, Seen};
use super::text::{line, plain_text};
use super::{
    BRAND_TOO_LONG, CATEGORY_FORMAT, CONTROL_CHARACTER, CURRENCY_CONFLICT, CURRENCY_REQUIRED, CURRENCY_UNKNOWN,
    DESCRIPTION_TOO_LONG, DUPLICATE_IN_FEED, Flag, GROUP_TOO_LONG, Item, MORE_FIELDS_THAN_HEADERS, NAME_REQUIRED,
    NAME_TOO_LONG, PRICE_REQUIRED, Rejection, Rule, SALE_PRICE_ABOVE_PRICE, SHOP_CURRENCY, SKU_FORMAT, SKU_REQUIRED,
    SKU_TOO_LONG, TOO_MANY_VARIANTS, availability, gtin, limits, options, price, suspicious, url, weight,
};
use crate::feeds::{How, Note, PlainPrices, Record};
use crate::mapping::{Plan, Said, Target};
use kernel::{Amount, Currency, Money, Sku};

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judged {
    Good(Box<Item>),
    Bad(Vec<Rejection>),
    Merged(How),
}

/// Judges the rows of one feed.
#[derive(Debug)]
pub(crate) struct Judge {
    plan: Plan,
    seen: Seen,
    currency_assumed: Assumed,
}

/// Whether the feed was told that its prices are taken to be in the shop's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Assumed {
    No,
    JustNow,
    Told,
}

impl Judge {
    pub fn new(plan: Plan) -> Self {
        Self { plan, seen: Seen::default(), currency_assumed: Assumed::No }
    }

    pub const fn vocabulary(&self) -> &'static str {
        self.plan.vocabulary.name
    }

    /// What the last row gave reason to say, once.
    pub fn note(&mut self) -> Option<Note> {
        (self.currency_assumed == Assumed::JustNow).then(|| {
            self.currency_assumed = Assumed::Told;
            Note::currency_assumed()
        })
    }

    pub fn judge(&mut self, record: &Record) -> Judged {
        if self.plan.get(record, Target::Kind).is_some_and(|kind| stands_for_variants(&kind.text)) {
            return Judged::Merged(How::StandsForVariants);
        }
        let mut findings = Findings::of(record);
        let group = self.plan.get(record, Target::Group);
        if let Some(group) = group.as_ref().filter(|group| !self.seen.has_room(&group.text)) {
            let detail = format!("There are {} before this one.", limits::VARIANTS);
            findings.refuse(TOO_MANY_VARIANTS, group, detail);
            return Judged::Bad(findings.rejections);
        }
        let row = Row { plan: &self.plan, record };
        let item = row.item(&mut findings);
        self.currency_assumed = match (self.currency_assumed, &item) {
            (Assumed::No, Some(_)) if row.assumes_currency() => Assumed::JustNow,
            (before, _) => before,
        };
        match item {
            Some(item) => self.compare(record, item, findings),
            None => Judged::Bad(findings.rejections),
        }
    }

    /// A good row against those before it.
    fn compare(&mut self, record: &Record, item: Item, mut findings: Findings) -> Judged {
        match self.seen.row(item.sku.as_str(), record) {
            Before::Same => return Judged::Merged(How::Repeated),
            Before::Different(first) => {
                let sku = item.sku.as_str();
                let said = self.plan.said(record, Target::Sku);
                findings.refuse(DUPLICATE_IN_FEED, &said, format!("{sku} came first in line {first}."));
                return Judged::Bad(findings.rejections);
            }
            Before::Never => {}
        }
        if let Some(group) = self.plan.get(record, Target::Group) {
            self.seen.variant(&group.text);
        }
        Judged::Good(Box::new(item))
    }
}

/// Kinds of products that have no price of their own.
fn stands_for_variants(kind: &str) -> bool {
    kind.split(',').any(|kind| matches!(kind.trim(), "variable" | "grouped"))
}

/// A row and how it is understood.
struct Row<'a> {
    plan: &'a Plan,
    record: &'a Record,
}

impl<'a> Row<'a> {
    fn get(&self, target: Target) -> Option<Said<'a>> {
        self.plan.get(self.record, target)
    }

    /// The item, if not a single rule is broken.
    fn item(&self, findings: &mut Findings) -> Option<Item> {
        self.surplus(findings);
        let sku = self.sku(findings);
        let name = self.name(findings);
        let prices = self.prices(findings);
        let description = self.description(findings);
        let brand = self.short(Target::Brand, limits::BRAND, BRAND_TOO_LONG, findings);
        let group = self.short(Target::Group, limits::GROUP, GROUP_TOO_LONG, findings);
        let options = options::options(self.plan, self.record, group.is_some(), findings);
        let category = self.category(findings);
        let stock = self.checked(Target::Stock, findings, availability::stock);
        let availability = self.checked(Target::Availability, findings, availability::availability);
        let (images, pictures_left_out) = self.images(findings);
        let (gtin, barcode_left_out) = self.gtin(findings);
        let weight_grams = self.weight(findings);
        let active = self.checked(Target::Active, findings, availability::active).unwrap_or(true);
        let (Some(sku), Some(name), Some(prices), []) = (sku, name, prices, &*findings.rejections) else {
            return None;
        };
        let mut item = Item {
            row: self.record.row,
            line: self.record.line,
            sku,
            group,
            name,
            description,
            brand: brand.unwrap_or_default(),
            category,
            price: prices.now,
            compare_at: prices.otherwise,
            stock,
            availability,
            images,
            gtin,
            options,
            weight_grams,
            active,
            flags: Vec::new(),
        };
        item.flags = flags(&item);
        item.flags.extend(pictures_left_out.then_some(Flag::PicturesLeftOut));
        item.flags.extend(prices.period_left_out.then_some(Flag::SalePeriodLeftOut));
        item.flags.extend(barcode_left_out.then_some(Flag::BarcodeLeftOut));
        Some(item)
    }

    /// The value of `target`, if there is one and it holds.
    fn checked<T>(&self, target: Target, findings: &mut Findings, check: fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let said = self.get(target)?;
        findings.keep(&said, check(&said.text))
    }

    fn required(&self, target: Target, rule: Rule, findings: &mut Findings) -> Option<Said<'a>> {
        let said = self.get(target);
        if said.is_none() {
            findings.refuse(rule, &self.plan.said(self.record, target), "This is empty or missing.");
        }
        said
    }

    fn surplus(&self, findings: &mut Findings) {
        if let Some(surplus) = &self.record.surplus {
            let said = Said { text: (&*surplus.text).into(), field: &surplus.name, column: Some(surplus.column) };
            findings.refuse(MORE_FIELDS_THAN_HEADERS, &said, "There is a value in a column without a name.");
        }
    }

    fn sku(&self, findings: &mut Findings) -> Option<Sku> {
        let said = self.required(Target::Sku, SKU_REQUIRED, findings)?;
        findings.keep(&said, sku(&said.text))
    }

    fn name(&self, findings: &mut Findings) -> Option<String> {
        let said = self.required(Target::Name, NAME_REQUIRED, findings)?;
        findings.keep(&said, short(&said.text, limits::NAME, NAME_TOO_LONG))
    }

    fn short(&self, target: Target, most: usize, rule: Rule, findings: &mut Findings) -> Option<String> {
        let said = self.get(target)?;
        findings.keep(&said, short(&said.text, most, rule))
    }

    fn description(&self, findings: &mut Findings) -> String {
        self.checked(Target::Description, findings, description).unwrap_or_default()
    }

    /// The last part of a path: `Home > Kitchen > Kettles`.
    fn category(&self, findings: &mut Findings) -> Option<String> {
        self.checked(Target::Category, findings, category)
    }

    fn weight(&self, findings: &mut Findings) -> Option<u32> {
        let places = [(Target::Weight, "g"), (Target::WeightKilograms, "kg")];
        let (said, plain) = places.into_iter().find_map(|(target, plain)| Some((self.get(target)?, plain)))?;
        findings.keep(&said, weight::grams(&said.text, plain))
    }

    /// A GTIN; or a bar code, if it is one. Says whether a bar code was left out.
    fn gtin(&self, findings: &mut Findings) -> (Option<String>, bool) {
        if let Some(said) = self.get(Target::Gtin) {
            return (findings.keep(&said, gtin::gtin(&said.text)), false);
        }
        let barcode = self.get(Target::Barcode).map(|said| gtin::gtin(&said.text));
        let left_out = matches!(barcode, Some(Err(_)));
        (barcode.and_then(Result::ok), left_out)
    }

    /// Every picture once, as many as may be. Says whether some were left out.
    fn images(&self, findings: &mut Findings) -> (Vec<String>, bool) {
        let mut images: Vec<String> = Vec::new();
        for said in self.plan.all(self.record, Target::Image) {
            for address in addresses(&said.text) {
                let whole = self.plan.image_base.as_deref().filter(|_| !address.contains("://"));
                let address = format!("{}{address}", whole.unwrap_or_default());
                let said = Said { text: address.into(), ..said.clone() };
                let image = findings.keep(&said, url::image(&said.text));
                images.extend(image.filter(|image| !images.contains(image)));
                if images.len() > limits::IMAGES || findings.rejections.len() > limits::IMAGES {
                    images.truncate(limits::IMAGES);
                    return (images, true);
                }
            }
        }
        (images, false)
    }

    fn prices(&self, findings: &mut Findings) -> Option<Prices> {
        if let Some(said) = self.get(Target::PriceCents) {
            let currency = self.currency(None, &said, findings)?;
            let amount = findings.keep(&said, price::cents(&said.text))?;
            let now = Money { amount, currency };
            return Some(Prices { now, otherwise: None, period_left_out: false });
        }
        let said = self.required(self.priced_by(), PRICE_REQUIRED, findings)?;
        let regular = self.money(&said, findings)?;
        let sale = self.get(Target::SalePrice);
        let in_period = self.get(Target::SalePeriod).is_some();
        if let Some(said) = sale.filter(|_| !in_period) {
            let sale = self.money(&said, findings)?;
            // Exports write 0 where there is no sale.
            if sale.amount != Amount::ZERO {
                return findings.keep(&said, cheaper(regular, sale));
            }
        }
        let period_left_out = in_period && self.get(Target::SalePrice).is_some();
        let otherwise = match self.get(Target::OldPrice) {
            Some(said) => Some(self.money(&said, findings)?).filter(|old| higher(*old, regular)),
            None => None,
        };
        Some(Prices { now: regular, otherwise, period_left_out })
    }

    /// A vocabulary with prices in cents misses that one, the others the plain one.
    fn priced_by(&self) -> Target {
        if self.plan.takes(Target::Price) { Target::Price } else { Target::PriceCents }
    }

    fn money(&self, said: &Said<'_>, findings: &mut Findings) -> Option<Money> {
        let (number, code) = price::split(&said.text);
        let currency = self.currency(code, said, findings)?;
        let amount = findings.keep(said, price::amount(number, self.plan.decimal, currency))?;
        Some(Money { amount, currency })
    }

    /// The currency that the price names, or its field, or the mapping, or the vocabulary.
    fn currency(&self, code: Option<String>, price: &Said<'_>, findings: &mut Findings) -> Option<Currency> {
        let field = self.get(Target::Currency);
        let by_field = field.as_ref().map(|said| said.text.to_ascii_uppercase());
        let (code, said) = match (code, by_field, &field) {
            (Some(code), Some(other), Some(said)) if code != other => {
                findings.refuse(CURRENCY_CONFLICT, said, format!("The price is in {code}."));
                return None;
            }
            (Some(code), ..) => (code, price),
            (None, Some(code), Some(said)) => (code, said),
            _ => return self.unnamed(price, findings),
        };
        findings.keep(said, Currency::parse(&code).map_err(|_| unknown(&code)))
    }

    fn unnamed(&self, price: &Said<'_>, findings: &mut Findings) -> Option<Currency> {
        let ours = (self.plan.vocabulary.currency == PlainPrices::AreOurs).then_some(SHOP_CURRENCY);
        let currency = self.plan.currency.or(ours);
        if currency.is_none() {
            findings.refuse(CURRENCY_REQUIRED, price, "No currency stands behind the price or in a field of its own.");
        }
        currency
    }

    /// Whether nobody said what the price is in.
    fn assumes_currency(&self) -> bool {
        let named = || self.get(Target::Price).is_some_and(|said| price::split(&said.text).1.is_some());
        self.plan.currency.is_none() && self.get(Target::Currency).is_none() && !named()
    }
}

/// What an item costs.
struct Prices {
    now: Money,
    otherwise: Option<Money>,
    period_left_out: bool,
}

/// The sale price with the regular one behind it.
fn cheaper(regular: Money, sale: Money) -> Result<Prices, Wrong> {
    let Some(amount) = sale.in_currency(regular.currency) else {
        return Err(Wrong::new(CURRENCY_CONFLICT, format!("The regular price is in {}.", regular.currency)));
    };
    if amount > regular.amount {
        let detail = format!("The regular price is {} {}.", regular.decimal(), regular.currency);
        return Err(Wrong::new(SALE_PRICE_ABOVE_PRICE, detail));
    }
    let otherwise = Some(regular).filter(|regular| higher(*regular, sale));
    Ok(Prices { now: sale, otherwise, period_left_out: false })
}

fn higher(one: Money, other: Money) -> bool {
    one.in_currency(other.currency).is_some_and(|amount| amount > other.amount)
}

fn unknown(code: &str) -> Wrong {
    let shown: String = code.chars().take(16).collect();
    Wrong::new(CURRENCY_UNKNOWN, format!("{shown} is not an active code of ISO 4217."))
}

/// A SKU of a partner: one of ours that begins with a letter or a digit and goes on with those and `- _ . / + : , ( ) ~ @`.
fn sku(text: &str) -> Result<Sku, Wrong> {
    if text.chars().count() > limits::SKU {
        return Err(Wrong::new(SKU_TOO_LONG, format!("This has {} characters.", text.chars().count())));
    }
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+:,()~@".contains(&byte);
    let sound = text.bytes().all(part) && text.starts_with(|c: char| c.is_ascii_alphanumeric());
    let parsed = Sku::parse(text).ok().filter(|_| sound);
    parsed.ok_or_else(|| {
        Wrong::new(
            SKU_FORMAT,
            "A SKU begins with a letter or a digit and holds letters, digits and - _ . / + : , ( ) ~ @ only.",
        )
    })
}

fn controls(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

fn short(text: &str, most: usize, rule: Rule) -> Result<String, Wrong> {
    if controls(text) {
        return Err(Wrong::new(CONTROL_CHARACTER, "This holds a character that cannot be seen."));
    }
    let text = line(text);
    let length = text.chars().count();
    if length > most { Err(Wrong::new(rule, format!("This has {length} characters."))) } else { Ok(text) }
}

fn description(text: &str) -> Result<String, Wrong> {
    let plain = plain_text(text);
    let length = plain.chars().count();
    if length > limits::DESCRIPTION {
        return Err(Wrong::new(DESCRIPTION_TOO_LONG, format!("This has {length} characters without its markup.")));
    }
    if controls(&plain) {
        return Err(Wrong::new(CONTROL_CHARACTER, "This holds a character that cannot be seen."));
    }
    Ok(plain)
}

fn category(text: &str) -> Result<String, Wrong> {
    let leaf = text.rsplit('>').map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
    let category = short(leaf, limits::CATEGORY, CATEGORY_FORMAT)?;
    if !category.chars().any(char::is_alphanumeric) {
        return Err(Wrong::new(CATEGORY_FORMAT, "This has neither a letter nor a digit."));
    }
    Ok(category)
}

/// The addresses in one cell: one, a JSON array, or several separated by commas or bars.
fn addresses(text: &str) -> Vec<String> {
    if text.starts_with("[\"")
        && let Ok(addresses) = serde_json::from_str(text)
    {
        return addresses;
    }
    let mut addresses: Vec<String> = Vec::new();
    for part in text.split(',').flat_map(|part| part.split('|')).map(str::trim).filter(|part| !part.is_empty()) {
        match addresses.last_mut() {
            // A comma within an address: what follows is no address of its own.
            Some(last) if last.contains("://") && !part.contains("://") => {
                last.push(',');
                last.push_str(part);
            }
            _ => addresses.push(part.to_owned()),
        }
    }
    if addresses.is_empty() { vec![text.to_owned()] } else { addresses }
}

/// What the free texts look like; each once.
fn flags(item: &Item) -> Vec<Flag> {
    let options = item.options.iter().flat_map(|(name, value)| [name, value]);
    let texts = [&item.name, &item.description, &item.brand].into_iter().chain(&item.category).chain(&item.group);
    let mut flags: Vec<Flag> = texts.chain(options).flat_map(|text| suspicious::flags(text)).collect();
    flags.sort_unstable();
    flags.dedup();
    flags
}
