//! Why a feed cannot be read any further. What was read before stays good.

use crate::validation::Rule;
use std::fmt;
use std::io;

/// A feed, or the rest of one, is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which rule; with its message and its hint.
    pub rule: Rule,
    /// What was found, in words for the sender.
    pub detail: String,
    /// The line of the feed, counted from 1, where there is one.
    pub line: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(rule: Rule, detail: impl Into<String>) -> Self {
        Self { rule, detail: detail.into(), line: None }
    }

    pub(crate) fn at(mut self, line: u64) -> Self {
        self.line = self.line.or(Some(line));
        self
    }

    /// Without a line, for whoever knows a better one.
    pub(crate) fn unplaced(mut self) -> Self {
        self.line = None;
        self
    }

    /// How a reader tells the layer above it, which knows the line.
    pub(crate) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// What a failed read means: what a layer below refused, or a source that broke off.
    pub(crate) fn of(error: &io::Error, line: u64) -> Self {
        let told = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).cloned();
        told.unwrap_or_else(|| Self::new(READ_FAILED, "The feed could not be read to its end.")).at(line)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.detail)
    }
}

impl std::error::Error for Refusal {}

/// Every reason for refusing a feed as a whole.
pub const REFUSALS: &[Rule] = &[
    EMPTY_FEED,
    NO_ROWS,
    WRONG_KIND,
    NOT_A_FEED,
    ARCHIVE,
    NOT_RECORDS,
    NO_KNOWN_COLUMNS,
    TRUNCATED,
    DAMAGED,
    TOO_DEEP,
    RECORD_TOO_LARGE,
    FIELD_TOO_LARGE,
    TOO_MANY_FIELDS,
    TOO_MANY_ROWS,
    UNPACKS_TOO_LARGE,
    UNCLOSED_QUOTE,
    INVALID_ENCODING,
    UNKNOWN_ENCODING,
    DOCTYPE_ENTITIES,
    UNKNOWN_ENTITY,
    XML_SYNTAX,
    JSON_SYNTAX,
    READ_FAILED,
];

/// Not a byte, or nothing but blanks.
pub const EMPTY_FEED: Rule = Rule {
    name: "empty_feed",
    message: "The feed is empty. Nothing was changed.",
    hint: "Send a file with a header and at least one product.",
};
/// A header, or a frame, and no product.
pub const NO_ROWS: Rule = Rule {
    name: "no_rows",
    message: "The feed holds no products. Nothing was changed.",
    hint: "Check that your export had products to write. To take products off sale, send them with stock 0.",
};
/// Flights, hotels, cars.
pub const WRONG_KIND: Rule = Rule {
    name: "wrong_kind",
    message: "This is not a feed of products.",
    hint: "Send a product feed. Feeds of flights, hotels, vehicles or property are not taken.",
};
/// A web page, a picture, a program.
pub const NOT_A_FEED: Rule = Rule {
    name: "not_a_feed",
    message: "This file is not a feed in a format that we read.",
    hint: "Send CSV, TSV, JSON, XML or Excel. If you gave an address, check that it answers without a login.",
};
/// A zip that is no spreadsheet.
pub const ARCHIVE: Rule = Rule {
    name: "archive",
    message: "Archives are not unpacked.",
    hint: "Send the feed itself, plain or compressed with gzip.",
};
/// A JSON document that is not a list of objects.
pub const NOT_RECORDS: Rule = Rule {
    name: "not_records",
    message: "The document is not a list of products.",
    hint: "Send an array of objects, one object a line, or an object with an array named products or items.",
};
/// Headers that say nothing to us.
pub const NO_KNOWN_COLUMNS: Rule = Rule {
    name: "no_known_columns",
    message: "None of the feed's fields is one that we know.",
    hint: "Name the fields sku, name and price_cents, or give a mapping that says which field is which.",
};
/// The end is missing.
pub const TRUNCATED: Rule = Rule {
    name: "truncated",
    message: "The feed breaks off before its end.",
    hint: "The upload was probably cut short. Send the whole file again.",
};
/// The compression does not hold.
pub const DAMAGED: Rule = Rule {
    name: "damaged",
    message: "The compressed file is damaged.",
    hint: "Compress the feed again and send it in binary mode.",
};
/// Nesting without end.
pub const TOO_DEEP: Rule = Rule {
    name: "too_deep",
    message: "The feed is nested too deeply.",
    hint: "A product may hold at most ten levels of nested fields.",
};
/// A record beyond [`super::Limits::record_bytes`].
pub const RECORD_TOO_LARGE: Rule = Rule {
    name: "record_too_large",
    message: "One product of the feed is too large.",
    hint: "A product may take at most 1 MB. Is a line end, a bracket or an end tag missing?",
};
/// A field beyond [`super::Limits::field_bytes`].
pub const FIELD_TOO_LARGE: Rule = Rule {
    name: "field_too_large",
    message: "One field of the feed is too large.",
    hint: "A field may take at most 128 KB. Is a quote or a line end missing?",
};
/// A record beyond [`super::Limits::fields`].
pub const TOO_MANY_FIELDS: Rule = Rule {
    name: "too_many_fields",
    message: "One product of the feed has too many fields.",
    hint: "A product may have at most 1,000 fields.",
};
/// A feed beyond [`super::Limits::rows`].
pub const TOO_MANY_ROWS: Rule = Rule {
    name: "too_many_rows",
    message: "The feed has too many rows.",
    hint: "Split the feed into files of at most a million rows.",
};
/// A bomb.
pub const UNPACKS_TOO_LARGE: Rule = Rule {
    name: "unpacks_too_large",
    message: "The file unpacks to far more than it should.",
    hint: "Send the feed uncompressed, or in parts of at most 512 MB.",
};
/// A quoted field that never ends.
pub const UNCLOSED_QUOTE: Rule = Rule {
    name: "unclosed_quote",
    message: "A quoted field is never closed.",
    hint: "Close the quote that opens in this line. A quote inside a quoted field is written twice.",
};
/// Bytes that are no characters.
pub const INVALID_ENCODING: Rule = Rule {
    name: "invalid_encoding",
    message: "The feed holds bytes that are not characters in its encoding.",
    hint: "Save the feed as UTF-8.",
};
/// An encoding that we do not know by name.
pub const UNKNOWN_ENCODING: Rule = Rule {
    name: "unknown_encoding",
    message: "The feed names an encoding that we do not know.",
    hint: "Save the feed as UTF-8.",
};
/// Entities of its own.
pub const DOCTYPE_ENTITIES: Rule = Rule {
    name: "doctype_entities",
    message: "The document defines entities of its own, which are never expanded.",
    hint: "Leave out the internal DOCTYPE subset and write the characters themselves.",
};
/// An entity that XML does not have.
pub const UNKNOWN_ENTITY: Rule = Rule {
    name: "unknown_entity",
    message: "The document uses an entity that XML does not know.",
    hint: "XML knows &amp; &lt; &gt; &quot; and &apos;. Write other characters themselves, or put the text in CDATA.",
};
/// Not well-formed.
pub const XML_SYNTAX: Rule = Rule {
    name: "xml_syntax",
    message: "The XML is not well-formed.",
    hint: "Check the feed with an XML validator; often an & stands alone or a tag is not closed.",
};
/// Not JSON.
pub const JSON_SYNTAX: Rule = Rule {
    name: "json_syntax",
    message: "The JSON is not well-formed.",
    hint: "Check the feed with a JSON validator; often a comma stands before the closing bracket.",
};
/// Nobody's fault but the way's: the same feed may be read later.
pub const READ_FAILED: Rule = Rule {
    name: "read_failed",
    message: "The feed could not be read to its end.",
    hint: "Nothing is wrong with the feed as far as we saw; it is tried again.",
};
