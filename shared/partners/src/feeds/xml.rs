//! XML: RSS 2.0 and Atom with the names of Google Merchant, Yandex Market (YML), and plain lists of products.
//!
//! A record is an element with one of the names in [`RECORDS`], wherever it stands. Prefixes are left out, so `g:id`
//! is `id`. What is within is flattened: the text of an element is `shipping/price`, an attribute `vendor@code`, one
//! of the record itself `@id`, and `<param name="Colour">` is `param:Colour`. Markup of HTML within a text stays in
//! that text. The names of `<category id="…">` before the records are kept, and a record that has only the id gets
//! the name as `category`.
//!
//! There is no DTD: an external one is never fetched, and a document that defines entities is refused.

use super::encoding::{Charset, Text};
use super::lines::Lines;
use super::record::{Field, Names, Record};
use super::refusal::{
    DOCTYPE_ENTITIES, FIELD_TOO_LARGE, NO_ROWS, RECORD_TOO_LARGE, Refusal, TOO_DEEP, TOO_MANY_FIELDS, TRUNCATED,
    UNKNOWN_ENTITY, WRONG_KIND, XML_SYNTAX,
};
use super::{Confidence, Format, Found, Limits, Records, Source};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Error, XmlVersion};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

/// The elements that are records.
const RECORDS: &[&str] =
    &["item", "entry", "offer", "product", "row", "record", "article", "good", "produit", "producto", "artikel"];

/// The elements that are records of other kinds of feeds.
const OTHER_KINDS: &[(&str, &str)] = &[
    ("flight", "flights"),
    ("hotel", "hotels"),
    ("vehicle", "vehicles"),
    ("car", "vehicles"),
    ("listing", "property"),
    ("job", "jobs"),
];

/// The elements whose `name` attribute says what they are about.
const PARAMS: &[&str] = &["param", "attribute", "property", "feature", "specification"];

/// Elements that are markup within a text.
const MARKUP: &[&str] = &[
    "p", "br", "b", "i", "u", "a", "em", "strong", "ul", "ol", "li", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6",
    "table", "tbody", "tr", "td", "th", "font", "small", "sub", "sup", "hr", "img",
];

/// XML.
#[derive(Debug, Clone, Copy)]
pub struct Xml;

impl Format for Xml {
    fn name(&self) -> &'static str {
        "xml"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/xml", "text/xml", "application/rss+xml", "application/atom+xml"]
    }
    fn example(&self) -> &'static str {
        "<products><product><sku>TEA-1</sku><name>Green tea</name><price_cents>499</price_cents><stock>20</stock></product></products>"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["xml", "yml", "rss", "atom"]
    }
    fn recognise(&self, head: &[u8]) -> Confidence {
        match head {
            [b'<', next, ..] if next.is_ascii_alphabetic() || b"?!_".contains(next) => Confidence::Sure,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: Source, charset: Charset, limits: Limits) -> Records {
        Box::new(Reader::new(charset.or_utf8().decode(source), limits))
    }
}

/// Text that is counted in lines, and of which only so much may be read between two events.
pub(crate) struct Metered<R> {
    inner: BufReader<R>,
    lines: Lines,
    read: usize,
    most: usize,
}

impl<R: Read> Metered<R> {
    pub fn new(inner: R, most: usize) -> Self {
        Self { inner: BufReader::with_capacity(16 * 1024, inner), lines: Lines::default(), read: 0, most }
    }

    /// A new event begins.
    pub fn renew(&mut self) {
        self.read = 0;
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read > self.most {
            let detail = format!("A tag, a text or a comment takes more than {} bytes.", self.most);
            return Err(Refusal::new(RECORD_TOO_LARGE, detail).into_io());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.lines.pass(&self.inner.buffer()[..count]);
        self.read += count;
        self.inner.consume(count);
    }
}

struct Reader {
    xml: quick_xml::Reader<Metered<Text>>,
    buffer: Vec<u8>,
    walk: Walk,
    over: bool,
}

impl Reader {
    fn new(text: Text, limits: Limits) -> Self {
        let xml = quick_xml::Reader::from_reader(Metered::new(text, limits.record_bytes));
        Self { xml, buffer: Vec::new(), walk: Walk::new(limits), over: false }
    }

    /// Reads on to the end of the next record.
    fn advance(&mut self) -> Result<Option<Record>, Refusal> {
        loop {
            self.buffer.clear();
            self.xml.get_mut().renew();
            let event = self.xml.read_event_into(&mut self.buffer);
            let line = self.xml.get_ref().lines.line();
            let event = event.map_err(|error| explain(&error, line))?;
            let record = match event {
                Event::Eof => return self.walk.end().map(|()| None).map_err(|refusal| refusal.at(line)),
                event => self.walk.step(&event, line).map_err(|refusal| refusal.at(line))?,
            };
            if record.is_some() {
                return Ok(record);
            }
        }
    }
}

/// What the parser's error means to the sender.
pub(crate) fn explain(error: &Error, line: u64) -> Refusal {
    match error {
        Error::Io(error) => Refusal::of(error, line),
        Error::Syntax(_) => Refusal::new(TRUNCATED, format!("The document ends early: {error}.")).at(line),
        _ => Refusal::new(XML_SYNTAX, format!("This is not well-formed: {error}.")).at(line),
    }
}

impl Iterator for Reader {
    type Item = Result<Found, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let record = self.advance().transpose();
        self.over = !matches!(record, Some(Ok(_)));
        Some(record?.map(Found::Record))
    }
}

/// An element within a record: what its fields are called, and its text so far.
struct Open {
    path: String,
    text: String,
    holds_elements: bool,
}

/// The walk through a document.
struct Walk {
    limits: Limits,
    names: Names,
    /// How many elements are open around the record.
    around: usize,
    began: bool,
    /// The row and the line of the record that is open, and what it has said so far.
    record: Option<(u64, u64)>,
    fields: Vec<Field>,
    record_bytes: usize,
    open: Vec<Open>,
    /// Markup elements within the text of the innermost open element.
    markup: usize,
    category: Option<(String, String)>,
    categories: HashMap<String, String>,
    row: u64,
}

impl Walk {
    /// How many categories are kept, and how long their ids and names may be: two megabytes in all.
    const CATEGORIES: usize = 8_192;
    const CATEGORY_BYTES: usize = 256;
    /// Elements around a record.
    const AROUND: usize = 10;

    fn new(limits: Limits) -> Self {
        Self {
            limits,
            names: Names::default(),
            around: 0,
            began: false,
            record: None,
            fields: Vec::new(),
            record_bytes: 0,
            open: Vec::new(),
            markup: 0,
            category: None,
            categories: HashMap::new(),
            row: 0,
        }
    }

    fn step(&mut self, event: &Event<'_>, line: u64) -> Result<Option<Record>, Refusal> {
        match event {
            Event::Start(tag) => self.start(tag, line).map(|()| None),
            Event::Empty(tag) => {
                self.start(tag, line)?;
                self.close(tag.local_name().as_ref())
            }
            Event::End(tag) => self.close(tag.local_name().as_ref()),
            Event::Text(text) => self.text(text).map(|()| None),
            Event::CData(text) => self.text(text).map(|()| None),
            Event::GeneralRef(reference) => self.text(&resolve(reference)?).map(|()| None),
            Event::DocType(declaration) => read_over(declaration).map(|()| None),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(None),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, line: u64) -> Result<(), Refusal> {
        let local = tag.local_name();
        let local: &str = local.as_ref();
        if self.record.is_some() {
            return self.start_within(tag, local);
        }
        self.around += 1;
        if self.around > Self::AROUND {
            return Err(Refusal::new(TOO_DEEP, "The elements around the products are nested too deeply."));
        }
        if self.around == 1 && self.began {
            return Err(Refusal::new(XML_SYNTAX, "There is a second document after the first."));
        }
        self.began = true;
        let name = local.to_lowercase();
        if let Some((_, kind)) = OTHER_KINDS.iter().find(|(other, _)| *other == name) {
            return Err(Refusal::new(WRONG_KIND, format!("This is a feed of {kind}: it has an element <{local}>.")));
        }
        if self.around > 1 && RECORDS.contains(&name.as_str()) {
            return self.start_record(tag, line);
        }
        if name == "category" {
            self.category = attribute(tag, "id")?.map(|id| (id, String::new()));
        }
        Ok(())
    }

    fn start_record(&mut self, tag: &BytesStart<'_>, line: u64) -> Result<(), Refusal> {
        self.row += 1;
        // The tag may span lines, and the record begins where it does.
        let line = line.saturating_sub(super::lines::ends_within(tag.as_bytes())).max(1);
        self.record = Some((self.row, line));
        self.record_bytes = 0;
        self.attributes(tag, "")
    }

    fn start_within(&mut self, tag: &BytesStart<'_>, local: &str) -> Result<(), Refusal> {
        if self.open.len() + self.markup >= self.limits.depth {
            return Err(Refusal::new(TOO_DEEP, format!("This goes deeper than {} levels.", self.limits.depth)));
        }
        if !self.open.is_empty() && MARKUP.contains(&local.to_ascii_lowercase().as_str()) {
            self.markup += 1;
            return self.text(&format!("<{local}>"));
        }
        let named = if PARAMS.contains(&local) { attribute(tag, "name")? } else { None };
        let path = match (self.open.last_mut(), named) {
            (_, Some(name)) => format!("param:{name}"),
            (Some(parent), None) => {
                parent.holds_elements = true;
                format!("{}/{local}", parent.path)
            }
            (None, None) => local.to_owned(),
        };
        self.attributes(tag, &path)?;
        self.open.push(Open { path, text: String::new(), holds_elements: false });
        Ok(())
    }

    fn attributes(&mut self, tag: &BytesStart<'_>, path: &str) -> Result<(), Refusal> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| Refusal::new(XML_SYNTAX, format!("{error}.")))?;
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| explain(&error, 1).unplaced())?;
            let name: &str = attribute.key.as_ref();
            self.push(&format!("{path}@{name}"), &value)?;
        }
        Ok(())
    }

    fn close(&mut self, local: &str) -> Result<Option<Record>, Refusal> {
        if self.markup > 0 {
            self.markup -= 1;
            return self.text(&format!("</{local}>")).map(|()| None);
        }
        if let Some(open) = self.open.pop() {
            if !open.holds_elements || !open.text.trim().is_empty() {
                self.push(&open.path, &open.text)?;
            }
            return Ok(None);
        }
        self.around = self.around.saturating_sub(1);
        self.keep_category();
        let fields = std::mem::take(&mut self.fields);
        let record = self.record.take().map(|(row, line)| Record { row, line, fields, surplus: None });
        Ok(record.map(|record| self.with_category(record)))
    }

    fn keep_category(&mut self) {
        let Some((id, name)) = self.category.take() else {
            return;
        };
        if self.categories.len() < Self::CATEGORIES && id.len() <= Self::CATEGORY_BYTES {
            self.categories.insert(id, name.trim().to_owned());
        }
    }

    fn with_category(&mut self, mut record: Record) -> Record {
        let id = record.get("categoryid").map(|field| field.value.trim().to_owned());
        let name = id.and_then(|id| self.categories.get(&id));
        if let (Some(name), None) = (name, record.get("category")) {
            record.fields.push(Field { name: self.names.name("category"), value: name.as_str().into(), column: None });
        }
        record
    }

    fn text(&mut self, text: &str) -> Result<(), Refusal> {
        if let Some(open) = self.open.last_mut() {
            if open.text.len() + text.len() > self.limits.field_bytes {
                let detail = format!("<{}> has more than {} bytes.", open.path, self.limits.field_bytes);
                return Err(Refusal::new(FIELD_TOO_LARGE, detail));
            }
            open.text.push_str(text);
        } else if self.around == 0 && !text.trim().is_empty() {
            return Err(Refusal::new(XML_SYNTAX, "There is text outside the document's element."));
        } else if let Some((_, name)) = &mut self.category {
            name.extend(text.chars().take(Self::CATEGORY_BYTES.saturating_sub(name.len()) / 4));
        }
        Ok(())
    }

    fn push(&mut self, path: &str, value: &str) -> Result<(), Refusal> {
        if self.fields.len() >= self.limits.fields {
            let detail = format!("This product has more than {} fields.", self.limits.fields);
            return Err(Refusal::new(TOO_MANY_FIELDS, detail));
        }
        if value.len() > self.limits.field_bytes {
            let detail = format!("`{path}` has more than {} bytes.", self.limits.field_bytes);
            return Err(Refusal::new(FIELD_TOO_LARGE, detail));
        }
        self.record_bytes += path.len() + value.len();
        if self.record_bytes > self.limits.record_bytes {
            let detail = format!("This product takes more than {} bytes.", self.limits.record_bytes);
            return Err(Refusal::new(RECORD_TOO_LARGE, detail));
        }
        self.fields.push(Field { name: self.names.name(path), value: value.into(), column: None });
        Ok(())
    }

    /// The document is at its end: nothing may be open, and something must have been there.
    fn end(&self) -> Result<(), Refusal> {
        if self.around > 0 {
            return Err(Refusal::new(TRUNCATED, "The document ends before its elements do."));
        }
        if self.row > 0 {
            return Ok(());
        }
        let detail = format!("The document has no product: no element called {}.", RECORDS.join(", "));
        Err(Refusal::new(NO_ROWS, detail))
    }
}

/// One attribute, among the first few: a tag may have a hundred thousand.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Refusal> {
    let mut attributes = tag.attributes();
    let mut first = attributes.with_checks(false).flatten().take(16);
    let found = first.find(|attribute| attribute.key.local_name().as_ref() == name);
    let value = found.map(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).map(Cow::into_owned));
    value.transpose().map_err(|error| explain(&error, 1).unplaced())
}

/// The character that a reference stands for: by number, or one of the five that XML has.
pub(crate) fn resolve(reference: &BytesRef<'_>) -> Result<String, Refusal> {
    let by_number = reference.resolve_char_ref().map_err(|error| Refusal::new(XML_SYNTAX, format!("{error}.")))?;
    if let Some(character) = by_number {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    let known = quick_xml::escape::resolve_predefined_entity(name).map(ToOwned::to_owned);
    let shown: String = name.chars().take(32).collect();
    known.ok_or_else(|| Refusal::new(UNKNOWN_ENTITY, format!("XML does not know &{shown};.")))
}

/// A DOCTYPE names a grammar that is never fetched. One that brings entities along is refused.
fn read_over(declaration: &str) -> Result<(), Refusal> {
    if declaration.to_ascii_uppercase().contains("<!ENTITY") {
        return Err(Refusal::new(DOCTYPE_ENTITIES, "The DOCTYPE defines entities."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Metered;
    use std::io::Read;

    #[test]
    fn metered_text_can_be_read_and_ends_where_it_may_not_go_on() {
        let mut text = String::new();
        assert!(Metered::new(&b"abc"[..], 3).read_to_string(&mut text).is_ok());
        assert_eq!(text, "abc");
        assert!(Metered::new(&b"abc"[..], 2).read_to_string(&mut text).is_err());
    }
}
