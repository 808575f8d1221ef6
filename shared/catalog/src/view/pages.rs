//! Pages that were made already, as bytes: a page is made once from one state of the catalog, however often it is asked
//! for. They go when the catalog moves, and the oldest go when they are too many.

use kernel::id;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of all pages together at the most.
const BYTES: usize = 8 * 1024 * 1024;
/// Characters of an ETag: 128 bits of a SHA-256.
const ETAG: usize = 32;

/// One answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    body: Vec<u8>,
    etag: String,
    next: Option<String>,
}

impl Page {
    /// The answer with that body. Its ETag is a hash of the body, so that the same answer keeps it when the catalog moves.
    #[must_use]
    pub fn new(body: Vec<u8>) -> Self {
        let mut etag = id::sha256_hex(&body);
        etag.truncate(ETAG);
        Self { body, etag, next: None }
    }

    /// The same, with where the next page is.
    #[must_use]
    pub fn with_next(self, next: Option<String>) -> Self {
        Self { next, ..self }
    }

    /// The bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// A strong ETag, without its quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Where the next page is, if there is one.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// The pages of one environment.
#[derive(Debug, Default)]
pub struct Pages {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    version: u64,
    pages: HashMap<String, Arc<Page>>,
    order: VecDeque<String>,
    bytes: usize,
}

impl Pages {
    /// The page under `key`, if it was made from that version of the catalog.
    #[must_use]
    pub fn get(&self, version: u64, key: &str) -> Option<Arc<Page>> {
        self.change(|kept| kept.pages.get(key).filter(|_| kept.version == version).cloned())
    }

    /// Keeps `page`, made from that version, and gives it back.
    pub fn keep(&self, version: u64, key: String, page: Page) -> Arc<Page> {
        let page = Arc::new(page);
        self.change(|kept| {
            if version > kept.version {
                *kept = Kept { version, ..Kept::default() };
            }
            if version == kept.version {
                kept.add(key, Arc::clone(&page));
            }
        });
        page
    }

    fn change<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> T {
        // A page is either kept or not: after a panic the map is as good as before.
        change(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn add(&mut self, key: String, page: Arc<Page>) {
        self.bytes += size(&key, &page);
        if let Some(old) = self.pages.insert(key.clone(), page) {
            self.bytes -= size(&key, &old);
        } else {
            self.order.push_back(key);
        }
        while self.bytes > BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some(page) = self.pages.remove(&oldest) {
                self.bytes -= size(&oldest, &page);
            }
        }
    }
}

/// The page with its key twice and some bookkeeping.
fn size(key: &str, page: &Page) -> usize {
    page.body.len() + page.next.as_ref().map_or(0, String::len) + 2 * key.len() + 256
}

#[cfg(test)]
mod tests {
    use super::{BYTES, Page, Pages};

    #[test]
    fn pages_go_when_the_catalog_moves() {
        let pages = Pages::default();
        pages.keep(1, "a".to_owned(), Page::new(b"one".to_vec()));
        assert_eq!(pages.get(1, "a").map(|page| page.body().to_vec()), Some(b"one".to_vec()));
        assert_eq!(pages.get(2, "a"), None);
        pages.keep(2, "b".to_owned(), Page::new(b"two".to_vec()));
        assert_eq!((pages.get(2, "a"), pages.get(1, "a")), (None, None));
    }

    #[test]
    fn the_oldest_pages_make_room() {
        let pages = Pages::default();
        for n in 0..20 {
            pages.keep(1, n.to_string(), Page::new(vec![0; BYTES / 10]));
        }
        assert!(pages.get(1, "0").is_none() && pages.get(1, "19").is_some());
        assert!(pages.change(|kept| kept.bytes <= BYTES && kept.pages.len() == kept.order.len()));
    }
}
