//! A whole feed, judged without keeping any of it.

use super::Rejection;
use crate::feeds::{Event, Feed, How, Note, Refusal};
use std::collections::BTreeMap;

/// What a feed came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Rows, apart from those that were never reached.
    pub rows: u64,
    /// Rows that gave a product.
    pub accepted: u64,
    /// Rows that break a rule.
    pub rejected: u64,
    /// Rows that went into others, by how.
    pub merged: BTreeMap<How, u64>,
    /// Accepted rows that somebody may want to look at.
    pub flagged: u64,
    /// How often each rule was broken; a row may break several.
    pub by_rule: BTreeMap<&'static str, u64>,
    /// The first rejections, as many as were asked for.
    pub rejections: Vec<Rejection>,
    /// What stops nothing.
    pub notes: Vec<Note>,
    /// The vocabulary that the feed speaks.
    pub vocabulary: Option<&'static str>,
    /// Why the feed, or the rest of it, cannot be read.
    pub refusal: Option<Refusal>,
}

/// Reads `feed` to its end and counts. Keeps at most `most` rejections, and as many notes.
#[must_use]
pub fn validate_whole(mut feed: Feed, most: usize) -> Verdict {
    let mut verdict = Verdict::default();
    while let Some(event) = feed.next() {
        verdict.vocabulary = verdict.vocabulary.or(feed.vocabulary());
        verdict.count(event, most);
    }
    verdict
}

impl Verdict {
    fn count(&mut self, event: Event, most: usize) {
        match event {
            Event::Item(item) => {
                self.rows += 1;
                self.accepted += 1;
                self.flagged += u64::from(!item.flags.is_empty());
            }
            Event::Rejected(rejections) => self.reject(rejections, most),
            Event::Merged { how, .. } => {
                self.rows += 1;
                *self.merged.entry(how).or_default() += 1;
            }
            Event::Note(note) if self.notes.len() < most => self.notes.push(note),
            Event::Note(_) => {}
            Event::Broken(refusal) => self.refusal = Some(refusal),
        }
    }

    fn reject(&mut self, rejections: Vec<Rejection>, most: usize) {
        self.rows += 1;
        self.rejected += 1;
        for rejection in &rejections {
            *self.by_rule.entry(rejection.rule.name).or_default() += 1;
        }
        let room = most.saturating_sub(self.rejections.len());
        self.rejections.extend(rejections.into_iter().take(room));
    }
}
