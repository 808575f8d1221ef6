//! JSON: an array of objects, one object a line, or an object with an array of them.
//!
//! Objects are flattened: a member of a member is `shipping/price`, the elements of an array come one after the other
//! under its name, `null` is not there. An object with an array `variants` of objects gives one record for each of
//! them, with the product's own fields before `variants/sku`, `variants/price` … Numbers stay the text they are
//! written as: nothing here makes a float of them.

use super::encoding::{Charset, Text};
use super::lines::Lines;
use super::record::{Field, Names, Record};
use super::refusal::{
    FIELD_TOO_LARGE, JSON_SYNTAX, NO_ROWS, NOT_RECORDS, RECORD_TOO_LARGE, Refusal, TOO_DEEP, TOO_MANY_FIELDS, TRUNCATED,
};
use super::{Confidence, Format, Found, Limits, Records, Source};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::io::{BufRead, BufReader};

/// The members in which objects keep their list of products.
const LISTS: &[&str] = &["products", "items", "offers", "entries", "rows", "data"];

/// How many variants a product may have, times its own fields, which each of them repeats: enough for the two thousand
/// variants that the largest shop systems allow.
const VARIANT_FIELDS: usize = 200_000;

/// JSON.
#[derive(Debug, Clone, Copy)]
pub struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/json", "application/x-ndjson", "application/jsonl", "text/json"]
    }
    fn example(&self) -> &'static str {
        r#"[{"sku": "TEA-1", "name": "Green tea", "price_cents": 499, "stock": 20}]"#
    }

    fn endings(&self) -> &'static [&'static str] {
        &["json", "jsonl", "ndjson"]
    }
    fn recognise(&self, head: &[u8]) -> Confidence {
        let mut shown = head.iter().filter(|byte| !byte.is_ascii_whitespace());
        match (shown.next(), shown.next()) {
            (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b']')) => Confidence::Sure,
            (Some(b'{' | b'['), _) => Confidence::Perhaps,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: Source, charset: Charset, limits: Limits) -> Records {
        Box::new(Reader::new(charset.or_utf8().decode(source), limits))
    }
}

/// Where in the document the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    /// Before an element of the list, which is the document or, `within` it, a member.
    Element {
        first: bool,
        within: bool,
    },
    /// Between objects that follow each other line by line.
    Lines,
    End,
}

struct Reader {
    text: BufReader<Text>,
    limits: Limits,
    lines: Lines,
    at: At,
    row: u64,
    names: Names,
    value: Vec<u8>,
    variants: Variants,
}

impl Reader {
    fn new(text: Text, limits: Limits) -> Self {
        let text = BufReader::with_capacity(16 * 1024, text);
        let variants = Variants::default();
        let (names, value) = (Names::default(), Vec::new());
        Self { text, limits, lines: Lines::default(), at: At::Start, row: 0, names, value, variants }
    }

    fn refuse(&self, rule: crate::validation::Rule, detail: impl Into<String>) -> Refusal {
        Refusal::new(rule, detail).at(self.lines.line())
    }

    fn syntax(&self, expected: &str) -> Refusal {
        self.refuse(JSON_SYNTAX, format!("Here should be {expected}."))
    }

    fn cut_short(&self) -> Refusal {
        self.refuse(TRUNCATED, "The document ends within a value.")
    }

    fn peek(&mut self) -> Result<Option<u8>, Refusal> {
        let line = self.lines.line();
        Ok(self.text.fill_buf().map_err(|error| Refusal::of(&error, line))?.first().copied())
    }

    fn take(&mut self, byte: u8) {
        self.lines.pass(&[byte]);
        self.text.consume(1);
    }

    /// The next byte that is no white space, left where it is.
    fn next_shown(&mut self) -> Result<Option<u8>, Refusal> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(Some(byte));
            }
            self.take(byte);
        }
        Ok(None)
    }

    fn need(&mut self) -> Result<u8, Refusal> {
        self.next_shown()?.ok_or_else(|| self.cut_short())
    }

    /// Reads one value into `self.value` without looking into it, and has its syntax checked. What is too long or too
    /// deep is refused on the way.
    fn value(&mut self) -> Result<(), Refusal> {
        self.need()?;
        self.value.clear();
        let mut scan = Scan::default();
        while !scan.done {
            let line = self.lines.line();
            let buffer = self.text.fill_buf().map_err(|error| Refusal::of(&error, line))?;
            if buffer.is_empty() {
                break;
            }
            let count = scan.pass(buffer);
            self.value.extend_from_slice(&buffer[..count]);
            self.lines.pass(&buffer[..count]);
            self.text.consume(count);
            self.within_bounds(&scan)?;
        }
        if !scan.done && !scan.scalar {
            return Err(self.cut_short());
        }
        let checked = serde_json::from_slice::<&RawValue>(&self.value).map(|_| ());
        checked.map_err(|error| self.explain(&error))
    }

    fn within_bounds(&self, scan: &Scan) -> Result<(), Refusal> {
        // The record itself is the first level.
        if scan.deepest > self.limits.depth + 1 {
            return Err(self.refuse(TOO_DEEP, format!("This goes deeper than {} levels.", self.limits.depth)));
        }
        if self.value.len() > self.limits.record_bytes {
            let most = self.limits.record_bytes;
            return Err(self.refuse(RECORD_TOO_LARGE, format!("This product takes more than {most} bytes.")));
        }
        Ok(())
    }

    /// The line of a fault within the value, which was read already.
    fn explain(&self, error: &serde_json::Error) -> Refusal {
        let within = super::lines::ends_within(&self.value);
        let before = u64::try_from(error.line()).unwrap_or(1).saturating_sub(1);
        let line = (self.lines.line() - within + before).min(self.lines.line());
        let told = error.to_string();
        let what = told.split(" at line").next().unwrap_or_default().to_owned();
        Refusal::new(JSON_SYNTAX, format!("This is no JSON: {what}.")).at(line)
    }

    fn begin(&mut self) -> Result<Option<Record>, Refusal> {
        match self.next_shown()? {
            None => Err(self.refuse(super::refusal::EMPTY_FEED, "The document is empty.")),
            Some(b'[') => {
                self.take(b'[');
                self.at = At::Element { first: true, within: false };
                self.element()
            }
            Some(b'{') => self.object(),
            Some(_) => {
                self.value()?;
                self.end()?;
                Err(self.refuse(NOT_RECORDS, "The document is a single value."))
            }
        }
    }

    /// The first object of the document: either it keeps the list, or it is the first record.
    fn object(&mut self) -> Result<Option<Record>, Refusal> {
        let mut members = vec![b'{'];
        let line = self.lines.line();
        self.take(b'{');
        let mut first = true;
        while self.another(first, b'}')? {
            self.value()?;
            let name = self.member_name()?;
            if LISTS.contains(&name.as_str()) && self.need()? == b'[' {
                self.take(b'[');
                self.at = At::Element { first: true, within: true };
                return self.element();
            }
            if !first {
                members.push(b',');
            }
            members.extend_from_slice(&serde_json::to_vec(&name).unwrap_or_default());
            members.push(b':');
            self.value()?;
            members.extend_from_slice(&self.value);
            if members.len() > self.limits.record_bytes {
                return Err(self.refuse(RECORD_TOO_LARGE, "This object is too large for a product."));
            }
            first = false;
        }
        members.push(b'}');
        self.at = At::Lines;
        self.value = members;
        self.record(line)
    }

    /// The name in `self.value`, and the colon after it.
    fn member_name(&mut self) -> Result<String, Refusal> {
        let name: Result<String, _> = serde_json::from_slice(&self.value);
        let name = name.map_err(|_| self.syntax("the name of a member"))?;
        match self.need()? {
            b':' => self.take(b':'),
            _ => return Err(self.syntax("a colon")),
        }
        Ok(name)
    }

    /// Whether another element follows; the comma before it or the bracket at the end is read.
    fn another(&mut self, first: bool, bracket: u8) -> Result<bool, Refusal> {
        match self.need()? {
            byte if byte == bracket => {
                self.take(byte);
                Ok(false)
            }
            b',' if !first => {
                self.take(b',');
                Ok(true)
            }
            _ if first => Ok(true),
            _ => Err(self.syntax("a comma or a closing bracket")),
        }
    }

    fn element(&mut self) -> Result<Option<Record>, Refusal> {
        let At::Element { first, within } = self.at else {
            return self.line();
        };
        if !self.another(first, b']')? {
            if within {
                self.rest_of_object()?;
            }
            self.end()?;
            self.at = At::End;
            return if self.row == 0 { Err(self.refuse(NO_ROWS, "The list is empty.")) } else { Ok(None) };
        }
        self.at = At::Element { first: false, within };
        self.need()?;
        let line = self.lines.line();
        self.value()?;
        self.record(line)
    }

    fn rest_of_object(&mut self) -> Result<(), Refusal> {
        while self.another(false, b'}')? {
            self.value()?;
            self.member_name()?;
            self.value()?;
        }
        Ok(())
    }

    fn line(&mut self) -> Result<Option<Record>, Refusal> {
        let before = self.lines.line();
        match self.next_shown()? {
            None => {
                self.at = At::End;
                Ok(None)
            }
            Some(b'{') if self.lines.line() > before => {
                let line = self.lines.line();
                self.value()?;
                self.record(line)
            }
            Some(_) => Err(self.syntax("the end, or another object in a line of its own")),
        }
    }

    fn end(&mut self) -> Result<(), Refusal> {
        match self.next_shown()? {
            None => Ok(()),
            Some(_) => Err(self.syntax("the end of the document")),
        }
    }

    /// The record in `self.value`, or the first of its variants.
    fn record(&mut self, line: u64) -> Result<Option<Record>, Refusal> {
        let text = std::mem::take(&mut self.value);
        let members = members_of(&text).map_err(|_| not_an_object(line))?;
        let mut flat = Flat { names: &mut self.names, limits: self.limits, fields: Vec::new(), bytes: 0, line };
        let mut variants = Vec::new();
        for (name, value) in &members {
            match name.as_str() {
                "variants" if !objects_in(value).is_empty() => variants = objects_in(value),
                _ => flat.add(name, value)?,
            }
        }
        let fields = flat.fields;
        if variants.is_empty() {
            return Ok(Some(self.numbered(line, fields)));
        }
        if variants.len() * fields.len().max(1) > VARIANT_FIELDS {
            let detail = format!("This product has {} variants of {} fields.", variants.len(), fields.len());
            return Err(Refusal::new(RECORD_TOO_LARGE, detail).at(line));
        }
        let variants = variants.into_iter().rev().map(ToOwned::to_owned).collect();
        self.variants = Variants { product: fields, rest: variants, line };
        self.variant()
    }

    fn numbered(&mut self, line: u64, fields: Vec<Field>) -> Record {
        self.row += 1;
        Record { row: self.row, line, fields, surplus: None }
    }

    fn variant(&mut self) -> Result<Option<Record>, Refusal> {
        let Some(variant) = self.variants.rest.pop() else {
            return self.element();
        };
        let (line, fields) = (self.variants.line, self.variants.product.clone());
        let mut flat = Flat { names: &mut self.names, limits: self.limits, fields, bytes: 0, line };
        flat.add("variants", &variant)?;
        let fields = flat.fields;
        Ok(Some(self.numbered(line, fields)))
    }

    fn advance(&mut self) -> Result<Option<Record>, Refusal> {
        match self.at {
            At::End => Ok(None),
            At::Start => self.begin(),
            At::Element { .. } | At::Lines => self.variant(),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Found, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.advance().transpose();
        if !matches!(record, Some(Ok(_))) {
            self.at = At::End;
        }
        Some(record?.map(Found::Record))
    }
}

fn not_an_object(line: u64) -> Refusal {
    Refusal::new(NOT_RECORDS, "An element of the list is not an object.").at(line)
}

/// The variants of a product that are still to come, the next one last.
#[derive(Default)]
struct Variants {
    product: Vec<Field>,
    rest: Vec<Box<RawValue>>,
    line: u64,
}

/// Finds the end of a value: brackets outside texts, or whatever ends a scalar.
#[derive(Debug, Default)]
struct Scan {
    depth: usize,
    deepest: usize,
    in_text: bool,
    escaped: bool,
    begun: bool,
    scalar: bool,
    done: bool,
}

impl Scan {
    /// How many of these bytes still belong to the value.
    fn pass(&mut self, bytes: &[u8]) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            if self.scalar && matches!(byte, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\n' | b'\r') {
                self.done = true;
                return at;
            }
            self.step(*byte);
            if self.done {
                return at + 1;
            }
        }
        bytes.len()
    }

    fn step(&mut self, byte: u8) {
        if self.in_text {
            self.in_text = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            self.done = !self.in_text && self.depth == 0;
            return;
        }
        match byte {
            b'"' if !self.scalar => self.in_text = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.done = self.depth == 0;
            }
            _ => self.scalar |= !self.begun,
        }
        self.begun = true;
    }
}

/// The members of an object in order, each value as it is written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

fn members_of(text: &[u8]) -> Result<Vec<(String, &RawValue)>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    Ok(deserializer.deserialize_map(InOrder)?.0)
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// The elements of an array, if they are all objects.
fn objects_in(value: &RawValue) -> Vec<&RawValue> {
    let elements: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
    if elements.iter().all(|element| element.get().starts_with('{')) { elements } else { Vec::new() }
}

/// Makes fields of members, and of the members within them; as deep as [`Scan`] let them be.
struct Flat<'a> {
    names: &'a mut Names,
    limits: Limits,
    fields: Vec<Field>,
    bytes: usize,
    line: u64,
}

impl Flat<'_> {
    fn add(&mut self, path: &str, value: &RawValue) -> Result<(), Refusal> {
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                for (name, value) in members_of(text.as_bytes()).unwrap_or_default() {
                    self.add(&format!("{path}/{name}"), value)?;
                }
                Ok(())
            }
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
                elements.into_iter().try_for_each(|element| self.add(path, element))
            }
            Some(b'"') => {
                // A lone half of a surrogate pair is JSON by its grammar, and no character.
                let text: String = serde_json::from_str(text).map_err(|_| {
                    Refusal::new(JSON_SYNTAX, format!("The text of `{path}` holds half a character.")).at(self.line)
                })?;
                self.push(path, &text)
            }
            _ if text == "null" => Ok(()),
            _ => self.push(path, text),
        }
    }

    fn push(&mut self, path: &str, value: &str) -> Result<(), Refusal> {
        if self.fields.len() >= self.limits.fields {
            let detail = format!("This product has more than {} fields.", self.limits.fields);
            return Err(Refusal::new(TOO_MANY_FIELDS, detail).at(self.line));
        }
        if value.len() > self.limits.field_bytes {
            let detail = format!("The field has more than {} bytes.", self.limits.field_bytes);
            return Err(Refusal::new(FIELD_TOO_LARGE, detail).at(self.line));
        }
        // One long name over many members would multiply.
        self.bytes += path.len() + value.len();
        if self.bytes > 2 * self.limits.record_bytes {
            let detail = format!("This product takes more than {} bytes.", self.limits.record_bytes);
            return Err(Refusal::new(RECORD_TOO_LARGE, detail).at(self.line));
        }
        self.fields.push(Field { name: self.names.name(path), value: value.into(), column: None });
        Ok(())
    }
}
