//! A segment: some products with the index of their words, as bytes that are searched where they lie. Once written it
//! never changes. Its size in memory is its size in the bucket, which is what makes the bound of the index exact.
//!
//! Products stand in the order of their ids, words and SKUs in theirs, so that all three are found by halving.

use crate::SHOP_CURRENCY;
use crate::index::codec::{Taking, Texts, put_number, put_text, put_u32, u32_at};
use crate::index::document::Card;
use crate::level::StockLevel;
use bytes::Bytes;
use kernel::{Amount, Currency, Fault, Instant};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// What a segment begins with; the last digit is the version of this format.
const MAGIC: &[u8; 8] = b"RUSSETS1";
/// Bytes of one row: what filters and sorting look at, of fixed width.
const ROW: usize = 36;
/// Bits of the place of a variant within its product.
const VARIANT_BITS: u32 = 8;

/// The sections, in their order.
#[derive(Clone, Copy)]
enum Part {
    Rows,
    Cards,
    TagLists,
    Categories,
    Brands,
    Tags,
    Words,
    PostingEnds,
    Postings,
    Skus,
}

const PARTS: usize = 10;

/// Some products, immutable.
#[derive(Debug, Clone)]
pub struct Segment {
    bytes: Bytes,
    parts: [(usize, usize); PARTS],
    count: usize,
}

/// What filters and sorting look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub price: u64,
    pub created_at: u64,
    pub category: u32,
    pub brand: u32,
    pub featured: u16,
    pub level: StockLevel,
    pub withdrawn: bool,
}

impl Segment {
    /// The segment in `bytes`.
    ///
    /// # Errors
    /// A bug when they are not one.
    pub fn open(bytes: Bytes) -> Result<Self, Fault> {
        Self::parse(bytes).ok_or_else(|| Fault::bug("these bytes are not a segment of the catalog"))
    }

    fn parse(bytes: Bytes) -> Option<Self> {
        let head = bytes.strip_prefix(MAGIC)?;
        let count = u32_at(head, 0)?;
        let mut start = MAGIC.len() + 4 * (PARTS + 1);
        let mut parts = [(0, 0); PARTS];
        for (part, place) in parts.iter_mut().enumerate() {
            let length = u32_at(head, part + 1)?;
            *place = (start, start.checked_add(length)?);
            start = place.1;
        }
        let complete =
            start == bytes.len() && parts[Part::Rows as usize].1 - parts[Part::Rows as usize].0 == ROW * (count + 1);
        complete.then_some(Self { bytes, parts, count })
    }

    fn part(&self, part: Part) -> &[u8] {
        let (start, end) = self.parts[part as usize];
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Products in it, those that are out of date and those that are withdrawn included.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Its size.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    fn row_bytes(&self, doc: usize) -> &[u8] {
        self.part(Part::Rows).get(ROW * doc..ROW * (doc + 1)).unwrap_or(&[0; ROW])
    }

    pub(crate) fn row(&self, doc: usize) -> Row {
        let bytes = self.row_bytes(doc);
        let wide = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap_or_default());
        let half = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default());
        Row {
            price: wide(8),
            created_at: wide(16),
            category: half(24),
            brand: half(28),
            featured: u16::from_le_bytes([bytes[32], bytes[33]]),
            level: level_of(bytes[34]),
            withdrawn: bytes[35] != 0,
        }
    }

    /// Where this product's part of a section lies; its end is the next product's start.
    fn range(&self, doc: usize, column: usize) -> Range<usize> {
        let at = |doc: usize| u32_at(self.row_bytes(doc), column).unwrap_or(0);
        at(doc)..at(doc + 1)
    }

    fn card_bytes(&self, doc: usize) -> &[u8] {
        self.part(Part::Cards).get(self.range(doc, 0)).unwrap_or_default()
    }

    /// The ordinals of the product's tags.
    pub(crate) fn tags_of(&self, doc: usize) -> impl Iterator<Item = usize> {
        let lists = self.part(Part::TagLists);
        let range = self.range(doc, 1);
        (range.start..range.end.min(lists.len() / 4)).filter_map(move |at| u32_at(lists, at))
    }

    /// The product's id.
    #[must_use]
    pub fn id(&self, doc: usize) -> &str {
        Taking(self.card_bytes(doc)).text().unwrap_or_default()
    }

    /// The product's version and revision: of two, the higher counts.
    #[must_use]
    pub fn age(&self, doc: usize) -> (u64, u64) {
        let mut card = Taking(self.card_bytes(doc));
        card.text().and_then(|_| Some((card.number()?, card.number()?))).unwrap_or_default()
    }

    /// Where the product `id` stands.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        let doc = lower_bound(self.count, |doc| self.id(doc) < id);
        (doc < self.count && self.id(doc) == id).then_some(doc)
    }

    /// Which product has `sku`.
    #[must_use]
    pub fn find_sku(&self, sku: &str) -> Option<usize> {
        let skus = self.part(Part::Skus);
        let count = skus.len() / 4;
        let at = |index: usize| {
            let place = u32_at(skus, index).unwrap_or(0);
            (place >> VARIANT_BITS, place & ((1 << VARIANT_BITS) - 1))
        };
        let name = |index: usize| {
            let (doc, variant) = at(index);
            self.sku(doc, variant).unwrap_or_default()
        };
        let index = lower_bound(count, |index| name(index) < sku);
        (index < count && name(index) == sku).then(|| at(index).0)
    }

    fn sku(&self, doc: usize, variant: usize) -> Option<&str> {
        let mut card = Taking(self.card_bytes(doc));
        skip_to_variants(&mut card)?;
        let count = usize::try_from(card.number()?).ok()?;
        for at in 0..count {
            let sku = card.text()?;
            if at == variant {
                return Some(sku);
            }
            card.byte()?;
        }
        None
    }

    /// What is shown of the product.
    #[must_use]
    pub fn card(&self, doc: usize) -> Option<Card> {
        let row = self.row(doc);
        let mut card = Taking(self.card_bytes(doc));
        let id = card.text()?.to_owned();
        let (version, revision) = (card.number()?, card.number()?);
        let updated_at = moment(card.number()?);
        let compare_at = card.number()?.checked_sub(1).map(amount);
        let price_varies = card.byte()? != 0;
        let currency = currency_of(card.text()?)?;
        let (name, image_url, image_alt) = (card.text()?.to_owned(), card.text()?.to_owned(), card.text()?.to_owned());
        let variants = (0..card.number()?).map(|_| Some((card.text()?.to_owned(), level_of(card.byte()?))));
        let variants = variants.collect::<Option<Vec<_>>>()?;
        Some(Card {
            id,
            version,
            revision,
            withdrawn: row.withdrawn,
            name,
            brand: self.brands().at(row.brand as usize).to_owned(),
            category: self.categories().at(row.category as usize).to_owned(),
            tags: self.tags_of(doc).map(|tag| self.tags().at(tag).to_owned()).collect(),
            image_url,
            image_alt,
            currency,
            price: amount(row.price),
            compare_at,
            price_varies,
            featured: (row.featured != u16::MAX).then_some(row.featured),
            created_at: moment(row.created_at),
            updated_at,
            variants,
        })
    }

    /// The product's name.
    #[must_use]
    pub fn name(&self, doc: usize) -> &str {
        let mut card = Taking(self.card_bytes(doc));
        skip_to_name(&mut card).and_then(|()| card.text()).unwrap_or_default()
    }

    pub(crate) fn categories(&self) -> Texts<'_> {
        Texts::read(self.part(Part::Categories))
    }

    pub(crate) fn brands(&self) -> Texts<'_> {
        Texts::read(self.part(Part::Brands))
    }

    pub(crate) fn tags(&self) -> Texts<'_> {
        Texts::read(self.part(Part::Tags))
    }

    pub(crate) fn words(&self) -> Texts<'_> {
        Texts::read(self.part(Part::Words))
    }

    /// The products under the word with that ordinal, ascending, each with the word's impact.
    pub(crate) fn postings(&self, word: usize) -> Postings<'_> {
        let ends = self.part(Part::PostingEnds);
        let start = if word == 0 { 0 } else { u32_at(ends, word - 1).unwrap_or(0) };
        let end = u32_at(ends, word).unwrap_or(0);
        Postings { bytes: Taking(self.part(Part::Postings).get(start..end).unwrap_or_default()), doc: 0, first: true }
    }
}

/// The products under one word.
pub(crate) struct Postings<'a> {
    bytes: Taking<'a>,
    doc: usize,
    first: bool,
}

impl Iterator for Postings<'_> {
    type Item = (usize, u8);

    fn next(&mut self) -> Option<(usize, u8)> {
        let step = usize::try_from(self.bytes.number()?).ok()?;
        let impact = self.bytes.byte()?;
        self.doc = if self.first { step } else { self.doc.checked_add(step)? };
        self.first = false;
        Some((self.doc, impact))
    }
}

fn lower_bound(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

fn level_of(byte: u8) -> StockLevel {
    match byte {
        2 => StockLevel::In,
        1 => StockLevel::Low,
        _ => StockLevel::Out,
    }
}

const fn level_byte(level: StockLevel) -> u8 {
    match level {
        StockLevel::In => 2,
        StockLevel::Low => 1,
        StockLevel::Out => 0,
    }
}

/// The shop's own currency is not looked up in the list of all.
fn currency_of(code: &str) -> Option<Currency> {
    if code == SHOP_CURRENCY.code() { Some(SHOP_CURRENCY) } else { Currency::parse(code).ok() }
}

fn amount(units: u64) -> Amount {
    Amount::minor(i64::try_from(units).unwrap_or(i64::MAX))
}

fn moment(millis: u64) -> Instant {
    Instant::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn skip_to_name(card: &mut Taking<'_>) -> Option<()> {
    card.text()?;
    for _ in 0..4 {
        card.number()?;
    }
    card.byte()?;
    card.text().map(|_| ())
}

fn skip_to_variants(card: &mut Taking<'_>) -> Option<()> {
    skip_to_name(card)?;
    for _ in 0..3 {
        card.text()?;
    }
    Some(())
}

fn put_card(out: &mut Vec<u8>, card: &Card) {
    put_text(out, &card.id);
    put_number(out, card.version);
    put_number(out, card.revision);
    put_number(out, unsigned(card.updated_at.millis()));
    put_number(out, card.compare_at.map_or(0, |amount| unsigned(amount.units()) + 1));
    out.push(u8::from(card.price_varies));
    put_text(out, card.currency.code());
    put_text(out, &card.name);
    put_text(out, &card.image_url);
    put_text(out, &card.image_alt);
    put_number(out, card.variants.len() as u64);
    for (sku, level) in &card.variants {
        put_text(out, sku);
        out.push(level_byte(*level));
    }
}

/// Gathers products and writes them as one segment.
#[derive(Debug, Default)]
pub struct Builder {
    entries: Vec<(Card, Vec<(u32, u8)>)>,
    words: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Builder {
    /// Adds a product with its words and their impacts. An id that comes twice is a mistake of the caller.
    pub fn add<'a>(&mut self, card: Card, words: impl IntoIterator<Item = (&'a str, u8)>) {
        let words = words.into_iter().map(|(word, impact)| (self.number(word), impact)).collect();
        self.entries.push((card, words));
    }

    /// Adds the products of `segment` that `wanted` names, each as `revise` leaves it.
    pub fn absorb(&mut self, segment: &Segment, wanted: impl Fn(usize) -> bool, mut revise: impl FnMut(Card) -> Card) {
        let mut places: HashMap<usize, usize> = HashMap::new();
        for doc in (0..segment.count()).filter(|doc| wanted(*doc)) {
            if let Some(card) = segment.card(doc) {
                places.insert(doc, self.entries.len());
                self.entries.push((revise(card), Vec::new()));
            }
        }
        let words = segment.words();
        for word in 0..words.count() {
            for (doc, impact) in segment.postings(word) {
                if let Some(place) = places.get(&doc) {
                    let number = self.number(words.at(word));
                    self.entries[*place].1.push((number, impact));
                }
            }
        }
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }

    /// Products gathered so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The segment's bytes.
    #[must_use]
    pub fn build(mut self) -> Vec<u8> {
        self.entries.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let cards: Vec<&Card> = self.entries.iter().map(|(card, _)| card).collect();
        let categories = dictionary(cards.iter().map(|card| card.category.as_str()));
        let brands = dictionary(cards.iter().map(|card| card.brand.as_str()));
        let tags = dictionary(cards.iter().flat_map(|card| card.tags.iter().map(String::as_str)));
        let (rows, card_bytes, tag_lists) = rows(&cards, &categories, &brands, &tags);
        let (words, ends, postings) = self.postings();
        let parts: [Vec<u8>; PARTS] = [
            rows,
            card_bytes,
            tag_lists,
            texts(&categories),
            texts(&brands),
            texts(&tags),
            texts(&words),
            ends,
            postings,
            skus(&cards),
        ];
        let mut bytes = Vec::with_capacity(parts.iter().map(Vec::len).sum::<usize>() + 64);
        bytes.extend_from_slice(MAGIC);
        put_u32(&mut bytes, cards.len());
        for part in &parts {
            put_u32(&mut bytes, part.len());
        }
        for part in &parts {
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// The words in order, where each one's products end, and the products.
    fn postings(&self) -> (Vec<&str>, Vec<u8>, Vec<u8>) {
        let mut lists: Vec<Vec<(usize, u8)>> = vec![Vec::new(); self.words.len()];
        for (doc, (_, words)) in self.entries.iter().enumerate() {
            for (word, impact) in words {
                lists[*word as usize].push((doc, *impact));
            }
        }
        let mut order: Vec<usize> = (0..self.words.len()).filter(|word| !lists[*word].is_empty()).collect();
        order.sort_by(|a, b| self.words[*a].cmp(&self.words[*b]));
        let (mut ends, mut postings) = (Vec::new(), Vec::new());
        for word in &order {
            let mut last = 0;
            for (doc, impact) in &lists[*word] {
                put_number(&mut postings, (doc - last) as u64);
                postings.push(*impact);
                last = *doc;
            }
            put_u32(&mut ends, postings.len());
        }
        (order.into_iter().map(|word| self.words[word].as_str()).collect(), ends, postings)
    }
}

fn texts(list: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Texts::write(&mut bytes, list);
    bytes
}

fn dictionary<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    values.collect::<BTreeSet<&str>>().into_iter().collect()
}

fn rows(cards: &[&Card], categories: &[&str], brands: &[&str], tags: &[&str]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let place = |list: &[&str], value: &str| list.binary_search(&value).unwrap_or(0);
    let (mut rows, mut bytes, mut tag_lists) = (Vec::new(), Vec::new(), Vec::new());
    for card in cards {
        put_u32(&mut rows, bytes.len());
        put_u32(&mut rows, tag_lists.len() / 4);
        rows.extend_from_slice(&unsigned(card.price.units()).to_le_bytes());
        rows.extend_from_slice(&unsigned(card.created_at.millis()).to_le_bytes());
        put_u32(&mut rows, place(categories, &card.category));
        put_u32(&mut rows, place(brands, &card.brand));
        rows.extend_from_slice(&card.featured.unwrap_or(u16::MAX).to_le_bytes());
        rows.push(level_byte(card.level()));
        rows.push(u8::from(card.withdrawn));
        put_card(&mut bytes, card);
        for tag in &card.tags {
            put_u32(&mut tag_lists, place(tags, tag));
        }
    }
    // One row more than there are products says where the last one ends.
    let start = rows.len();
    put_u32(&mut rows, bytes.len());
    put_u32(&mut rows, tag_lists.len() / 4);
    rows.resize(start + ROW, 0);
    (rows, bytes, tag_lists)
}

fn skus(cards: &[&Card]) -> Vec<u8> {
    let mut places: Vec<(&str, usize)> = Vec::new();
    for (doc, card) in cards.iter().enumerate() {
        for (variant, (sku, _)) in card.variants.iter().enumerate().take(1 << VARIANT_BITS) {
            places.push((sku, doc << VARIANT_BITS | variant));
        }
    }
    places.sort_unstable();
    let mut bytes = Vec::with_capacity(4 * places.len());
    for (_, place) in places {
        put_u32(&mut bytes, place);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{Builder, Segment};
    use crate::index::document::{Card, impacts};
    use crate::index::sample;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn built(cards: &[Card]) -> Segment {
        let mut builder = Builder::default();
        for card in cards {
            builder.add(card.clone(), [(card.name.as_str(), 9), ("all", 1)]);
        }
        Segment::open(Bytes::from(builder.build())).unwrap()
    }

    #[test]
    fn cards_words_and_skus_read_back() {
        let mut cards: Vec<Card> = (0..50).map(|n| sample::card(&format!("product-{n:02}"), n)).collect();
        let segment = built(&cards);
        cards.sort_by(|a, b| a.id.cmp(&b.id));
        for (doc, card) in cards.iter().enumerate() {
            assert_eq!(segment.card(doc).as_ref(), Some(card));
            assert_eq!((segment.find(&card.id), segment.name(doc)), (Some(doc), card.name.as_str()));
            for (sku, _) in &card.variants {
                assert_eq!(segment.find_sku(sku), Some(doc), "{sku}");
            }
        }
        assert_eq!((segment.find("product-99"), segment.find_sku("nothing")), (None, None));
        let all = segment.words().position("all").unwrap();
        assert_eq!(segment.postings(all).map(|(doc, _)| doc).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn an_absorbed_product_keeps_its_words() {
        let document = sample::document("tea", "Nettle Tea");
        let impacts = impacts(&document);
        let mut first = Builder::default();
        first.add(
            Card::new(&document, &Default::default()),
            impacts.iter().map(|(word, impact)| (word.as_str(), *impact)),
        );
        first.add(sample::card("other", 1), [("other", 1)]);
        let first = Segment::open(Bytes::from(first.build())).unwrap();
        let mut second = Builder::default();
        second.absorb(&first, |doc| first.id(doc) == "tea", |card| Card { revision: 4, ..card });
        let second = Segment::open(Bytes::from(second.build())).unwrap();
        assert_eq!((second.count(), second.age(0)), (1, (document.version, 4)));
        assert_eq!(second.words().count(), impacts.len());
        for (word, impact) in &impacts {
            let word = second.words().position(word).unwrap();
            assert_eq!(second.postings(word).collect::<Vec<_>>(), [(0, *impact)]);
        }
    }

    #[test]
    fn an_empty_segment_is_one() {
        assert_eq!(built(&[]).count(), 0);
    }

    proptest! {
        #[test]
        fn cut_or_bent_bytes_never_panic(cut in 0_usize..2_000, at in 0_usize..2_000, with in any::<u8>()) {
            let mut builder = Builder::default();
            for n in 0..5 {
                builder.add(sample::card(&format!("p{n}"), n), [("word", 3)]);
            }
            let mut bytes = builder.build();
            let at = at % bytes.len();
            bytes[at] = with;
            if cut % 2 == 0 {
                bytes.truncate(bytes.len().saturating_sub(cut % 50));
            }
            if let Ok(segment) = Segment::open(Bytes::from(bytes)) {
                for doc in 0..segment.count().min(10) {
                    drop(segment.card(doc));
                    segment.tags_of(doc).take(100).for_each(drop);
                }
                for word in 0..segment.words().count().min(10) {
                    segment.postings(word).take(100).for_each(drop);
                }
                assert!(segment.find("p1").is_none_or(|doc| doc < segment.count()));
                assert!(segment.find_sku("p1-0").is_none_or(|doc| doc < 1 << 24));
            }
        }
    }
}
