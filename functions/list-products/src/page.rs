//! What is answered.

use catalog::index::{Card, Facets, Found, Summary};
use kernel::Fault;
use serde::Serialize;

/// The largest body: as a text in Lambda's answer, with its quotes escaped, it stays under 6 MB.
pub(crate) const BYTES: usize = 3_500_000;

#[derive(Serialize)]
struct ProductPage<'a> {
    items: Vec<Summary<'a>>,
    next_cursor: Option<&'a str>,
    total: usize,
    facets: &'a Facets,
    corrected_query: Option<&'a str>,
}

/// One page as JSON.
pub(crate) fn body(cards: &[Card], found: &Found, cursor: Option<&str>) -> Result<Vec<u8>, Fault> {
    let page = ProductPage {
        items: cards.iter().map(Summary::from).collect(),
        next_cursor: cursor,
        total: found.total(),
        facets: &found.facets,
        corrected_query: found.corrected.as_deref(),
    };
    serde_json::to_vec(&page).map_err(|error| Fault::bug(format!("a page does not write: {error}")))
}
