//! What is asked for, as the address says it.

use catalog::SHOP_CURRENCY;
use catalog::index::{Position, Question, Sort};
use kernel::{Amount, Fault, id};
use lambda::{Problem, Request};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Products of a page where the request names no number.
const USUAL: usize = 24;
/// Products of a page at the most.
const MOST: usize = 100;
/// Products that `limit=all` gives at once at the most: their page fits what Lambda answers. A cursor leads on.
const ALL: usize = 5_000;

/// A checked request.
pub(crate) struct Asked {
    question: Question,
    limit: usize,
    /// The address without its cursor, in one spelling for all that mean the same.
    address: String,
    /// The address with its cursor.
    key: String,
}

/// Where a page ended, and of which list.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// The list: its address, hashed.
    #[serde(rename = "l")]
    list: String,
    /// Where in it.
    #[serde(rename = "p")]
    position: Position,
}

impl Asked {
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let text = within(request, "q", 200)?.unwrap_or_default();
        let sort: Option<Sort> = request.query("sort")?;
        let question = Question {
            text,
            categories: within(request, "category", 64)?.into_iter().collect(),
            brands: within(request, "brand", 128)?.into_iter().collect(),
            tags: within(request, "tag", 64)?.into_iter().collect(),
            min_price: price(request, "min_price")?,
            max_price: price(request, "max_price")?,
            in_stock: request.query::<bool>("in_stock")?.unwrap_or(false),
            sort: sort.unwrap_or(Sort::Relevance),
        };
        let (limit, said) = limit(request)?;
        let address = address(&question, said.as_deref());
        let cursor = request.query_text("cursor").unwrap_or_default();
        let key = format!("{address} {cursor}");
        Ok(Self { question, limit, address, key })
    }

    pub(crate) const fn question(&self) -> &Question {
        &self.question
    }

    pub(crate) const fn limit(&self) -> usize {
        self.limit
    }

    /// Names the page: requests with the same key have the same answer from the same index.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn is_search(&self) -> bool {
        !self.question.text.trim().is_empty()
    }

    /// Where the page begins that the request's cursor names.
    pub(crate) async fn after(&self, request: &Request) -> Result<Option<Position>, Problem> {
        let Some(cursor) = request.cursor::<Cursor>().await? else {
            return Ok(None);
        };
        if cursor.list != self.list() {
            let detail = "This cursor belongs to a list with other filters or another order.";
            return Err(Fault::field("?cursor", "cursor", detail).into());
        }
        Ok(Some(cursor.position))
    }

    /// The cursor of the page that begins after `position`.
    pub(crate) async fn cursor(&self, request: &Request, position: Position) -> Result<String, Problem> {
        request.seal_cursor(&Cursor { list: self.list(), position }).await
    }

    /// Where the page with that cursor is.
    pub(crate) fn address(&self, cursor: &str) -> String {
        let mut address = self.address.clone();
        address.push(if address.contains('?') { '&' } else { '?' });
        push_pair(&mut address, "cursor", cursor);
        address
    }

    /// The list apart from how much of it stands on a page.
    pub(crate) fn list(&self) -> String {
        id::derived(&[&address(&self.question, None)])
    }
}

fn within(request: &Request, name: &str, most: usize) -> Result<Option<String>, Problem> {
    let Some(text) = request.query_text(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.chars().count() > most {
        return Err(
            Fault::field(format!("?{name}"), "max_length", format!("{name} has at most {most} characters.")).into()
        );
    }
    Ok(Some(text.to_owned()))
}

fn price(request: &Request, name: &str) -> Result<Option<Amount>, Problem> {
    let Some(text) = within(request, name, 13)? else {
        return Ok(None);
    };
    let amount = SHOP_CURRENCY.parse_decimal(&text).ok().filter(|amount| *amount >= Amount::ZERO);
    let refused = || Fault::field(format!("?{name}"), "decimal", format!("{name} is a plain decimal, such as 19.99."));
    Ok(Some(amount.ok_or_else(refused)?))
}

/// How many, and how that was said, unless it was not.
fn limit(request: &Request) -> Result<(usize, Option<String>), Problem> {
    match request.query_text("limit").filter(|text| !text.is_empty()) {
        None => Ok((USUAL, None)),
        Some("all") => Ok((ALL, Some("all".to_owned()))),
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
            let refused =
                || Fault::field("?limit", "range", format!("limit is a whole number from 1 to {MOST}, or all."));
            let limit = limit.ok_or_else(refused)?;
            Ok((limit, Some(limit.to_string())))
        }
    }
}

fn address(question: &Question, limit: Option<&str>) -> String {
    let decimal = |amount: &Amount| SHOP_CURRENCY.decimal(*amount);
    let texts = |values: &[String]| values.first().cloned();
    let pairs = [
        ("q", Some(question.text.clone()).filter(|text| !text.is_empty())),
        ("category", texts(&question.categories)),
        ("brand", texts(&question.brands)),
        ("tag", texts(&question.tags)),
        ("min_price", question.min_price.as_ref().map(decimal)),
        ("max_price", question.max_price.as_ref().map(decimal)),
        ("in_stock", question.in_stock.then(|| "true".to_owned())),
        ("sort", (question.sort != Sort::Relevance).then(|| question.sort.name().to_owned())),
        ("limit", limit.map(str::to_owned)),
    ];
    let mut address = "/api/products".to_owned();
    for (name, value) in pairs.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        address.push(if address.contains('?') { '&' } else { '?' });
        push_pair(&mut address, name, &value);
    }
    address
}

fn push_pair(address: &mut String, name: &str, value: &str) {
    address.push_str(name);
    address.push('=');
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            write!(address, "%{byte:02X}").unwrap_or_default();
        }
    }
}
