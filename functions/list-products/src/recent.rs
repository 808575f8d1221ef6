//! The last few answers in full, so that leafing through a long list sorts it once.

use catalog::index::Found;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers that are kept: of a full catalog each takes at most 2.4 MB.
const KEPT: usize = 4;

/// Answers with the version of the catalog that gave them and the list that they answer.
#[derive(Default)]
pub(crate) struct Recent {
    kept: Mutex<VecDeque<(u64, String, Arc<Found>)>>,
}

impl Recent {
    /// The answer for `list` from that version of the catalog: the one that is kept, or what `search` finds.
    pub(crate) fn find(&self, version: u64, list: &str, search: impl FnOnce() -> Found) -> Arc<Found> {
        // An answer is either kept or not: after a panic the list is as good as before.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, ..)| *of == version);
        if let Some((.., found)) = kept.iter().find(|(_, known, _)| known == list) {
            return Arc::clone(found);
        }
        let found = Arc::new(search());
        kept.push_back((version, list.to_owned(), Arc::clone(&found)));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        found
    }
}
