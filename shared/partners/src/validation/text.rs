//! Free text as it is kept: plain, with paragraphs.
//!
//! A text that uses tags of HTML is turned into what a reader would see: paragraphs and list items stand on lines of
//! their own; scripts, styles and comments are gone. A text that does not is left as it is, so `a < b` and an unknown
//! `<tag>` are only characters. Nothing is removed to make the result harmless: it is text, and whoever shows it
//! escapes it.

/// Elements that are read as markup.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figure",
    "figcaption",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "mark",
    "meta",
    "nav",
    "noscript",
    "object",
    "ol",
    "option",
    "p",
    "param",
    "path",
    "picture",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "select",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
    "video",
    "wbr",
];
/// Elements whose content nobody reads.
const UNREAD: &[&str] = &["script", "style", "template", "iframe", "object", "svg", "head", "title", "noscript"];
/// Elements that stand apart.
const PARAGRAPHS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "section",
    "article",
    "hr",
    "pre",
];
/// Elements that begin a line.
const LINES: &[&str] = &["br", "div", "li", "tr", "dt", "dd", "header", "footer", "option", "figcaption"];
/// Elements that keep words apart.
const CELLS: &[&str] = &["td", "th"];

/// The characters that feeds most often write by name.
const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("shy", ""),
    ("ensp", " "),
    ("emsp", " "),
    ("thinsp", " "),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("bull", "•"),
    ("middot", "·"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("sbquo", "‚"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("bdquo", "„"),
    ("deg", "°"),
    ("plusmn", "±"),
    ("times", "×"),
    ("frac12", "½"),
    ("frac14", "¼"),
    ("sup2", "²"),
    ("sup3", "³"),
    ("micro", "µ"),
    ("euro", "€"),
    ("pound", "£"),
    ("yen", "¥"),
    ("cent", "¢"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("agrave", "à"),
    ("aacute", "á"),
    ("acirc", "â"),
    ("atilde", "ã"),
    ("auml", "ä"),
    ("aring", "å"),
    ("aelig", "æ"),
    ("ccedil", "ç"),
    ("egrave", "è"),
    ("eacute", "é"),
    ("ecirc", "ê"),
    ("euml", "ë"),
    ("igrave", "ì"),
    ("iacute", "í"),
    ("icirc", "î"),
    ("iuml", "ï"),
    ("ntilde", "ñ"),
    ("ograve", "ò"),
    ("oacute", "ó"),
    ("ocirc", "ô"),
    ("otilde", "õ"),
    ("ouml", "ö"),
    ("oslash", "ø"),
    ("ugrave", "ù"),
    ("uacute", "ú"),
    ("ucirc", "û"),
    ("uuml", "ü"),
    ("szlig", "ß"),
    ("Auml", "Ä"),
    ("Ouml", "Ö"),
    ("Uuml", "Ü"),
    ("Eacute", "É"),
    ("Egrave", "È"),
    ("Agrave", "À"),
];

/// What a reader would see of `text`.
#[must_use]
pub fn plain_text(text: &str) -> String {
    let markup = is_markup(text);
    let mut page = Page { out: String::with_capacity(text.len()), gap: Gap::None, markup };
    let lower = text.to_ascii_lowercase();
    let mut at = 0;
    // Once something was opened and never closed, nothing after it is closed either.
    let mut unclosed = false;
    while let Some(c) = text[at..].chars().next() {
        let read = match c {
            '<' if markup && !unclosed => match tag(&lower[at..]) {
                Tag::Element { name, length } => {
                    page.element(name);
                    length
                }
                Tag::Unread(length) => length,
                Tag::Text => 0,
                Tag::Unclosed => {
                    unclosed = true;
                    0
                }
            },
            '&' => entity(&text[at..]).map_or(0, |(characters, length)| {
                page.text(characters.chars());
                length
            }),
            _ => 0,
        };
        at += match read {
            0 => {
                page.text(std::iter::once(c));
                c.len_utf8()
            }
            read => read,
        };
    }
    page.out.trim().to_owned()
}

/// Whether the text uses a tag of HTML.
fn is_markup(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text.as_bytes()[at + 1..];
        rest.starts_with(b"!--") || name_of(rest.strip_prefix(b"/").unwrap_or(rest)).is_some()
    })
}

/// The known element that these bytes begin with.
fn name_of(bytes: &[u8]) -> Option<&'static str> {
    let length = bytes.iter().take(12).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (name, rest) = bytes.split_at(length);
    let ends = rest.first().is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let known = || ELEMENTS.iter().find(|known| known.as_bytes().eq_ignore_ascii_case(name)).copied();
    if ends { known() } else { None }
}

/// What a `<` begins.
enum Tag {
    /// A tag of this length.
    Element { name: &'static str, length: usize },
    /// A comment, or an element that nobody reads, of this length.
    Unread(usize),
    /// Only a character.
    Text,
    /// A tag that never ends.
    Unclosed,
}

fn tag(lower: &str) -> Tag {
    if lower.starts_with("<!--") {
        return Tag::Unread(lower.find("-->").map_or(lower.len(), |end| end + 3));
    }
    let closing = lower[1..].starts_with('/');
    let Some(name) = name_of(&lower.as_bytes()[1 + usize::from(closing)..]) else {
        return Tag::Text;
    };
    let Some(length) = end_of(lower) else {
        return Tag::Unclosed;
    };
    if !closing && UNREAD.contains(&name) && !lower[..length].ends_with("/>") {
        let end = lower[length..].find(&format!("</{name}")).map_or(lower.len(), |end| length + end);
        return Tag::Unread(end);
    }
    Tag::Element { name, length }
}

/// The length of a tag: to the `>` outside quotes.
fn end_of(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') if tag.as_bytes()[at - 1] == b'=' => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    // A quote that is never closed is none.
    quote.and_then(|_| tag.find('>').map(|end| end + 1))
}

/// The characters that an entity stands for, and its length.
fn entity(text: &str) -> Option<(String, usize)> {
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let characters = match name.strip_prefix('#') {
        Some(number) => by_number(number)?.to_string(),
        None => ENTITIES.iter().find(|(known, _)| *known == name)?.1.to_owned(),
    };
    Some((characters, end + 1))
}

fn by_number(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    let c = char::from_u32(code)?;
    Some(if c == '\u{a0}' || c.is_control() { ' ' } else { c })
}

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

/// The text that is written, with the gap that is due before the next word.
struct Page {
    out: String,
    gap: Gap,
    markup: bool,
}

impl Page {
    fn element(&mut self, name: &str) {
        let gap = match name {
            _ if PARAGRAPHS.contains(&name) => Gap::Paragraph,
            _ if LINES.contains(&name) => Gap::Line,
            _ if CELLS.contains(&name) => Gap::Space,
            _ => Gap::None,
        };
        self.gap = self.gap.max(gap);
    }

    fn text(&mut self, characters: impl Iterator<Item = char>) {
        for c in characters {
            match c {
                '\r' | '\u{feff}' => {}
                _ if self.markup && (c.is_whitespace() || c == '\u{a0}') => self.gap = self.gap.max(Gap::Space),
                _ => self.word(if c == '\u{a0}' { ' ' } else { c }),
            }
        }
    }

    fn word(&mut self, c: char) {
        if !self.out.is_empty() {
            self.out.push_str(match self.gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.gap = Gap::None;
        self.out.push(c);
    }
}

/// A text on one line: each run of white space is one blank.
pub(crate) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
