//! What letters to partners say. Pure: no address, no HTML.

use crate::job::{Job, State};
use crate::key::World;
use kernel::JobId;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The message that asks for the letter about a feed that came to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterAsked {
    /// Which feed.
    pub job: JobId,
    /// The version of the job that it is about: a repeat is the same letter.
    pub version: u64,
}

/// A letter, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

/// The letter about a feed that came to its end; `shop` is the address of the pages.
#[must_use]
pub fn feed_ended(job: &Job, shop: &str) -> Written {
    let name = job.source.file_name.as_deref().unwrap_or("your feed");
    let counts = &job.counts;
    let (subject, opening) = match job.state {
        State::Refused => (format!("Refused: {name}"), "We could not take your feed."),
        State::Failed => (format!("Not read to the end: {name}"), "We could not read your feed to its end."),
        _ if counts.rejected > 0 => {
            (format!("{} of {} rows to mend: {name}", counts.rejected, counts.seen), "We have read your feed.")
        }
        _ if counts.seen == 0 => (format!("No rows to read: {name}"), "We have read your feed."),
        _ if counts.seen == 1 => (format!("Its one row is right: {name}"), "We have read your feed."),
        _ => (format!("All {} rows are right: {name}", counts.seen), "We have read your feed."),
    };
    let mut text = format!("{opening}\n\n");
    if let Some(refusal) = &job.refusal {
        let line = refusal.line.map(|line| format!("Line {line}: ")).unwrap_or_default();
        add(&mut text, format_args!("{line}{} ({})\n{}\n\n", refusal.detail, refusal.rule, refusal.hint));
    }
    add(&mut text, format_args!("Rows read: {}\nRight: {}, ", counts.seen, counts.accepted));
    add(&mut text, format_args!("of which {} changed something\nWrong: {}\n", counts.changed, counts.rejected));
    add(&mut text, format_args!("Repeated, counted once: {}\n", counts.merged));
    for (rule, times) in &job.by_rule {
        add(&mut text, format_args!("  {rule}: {times}\n"));
    }
    if job.world == World::Sandbox {
        text.push_str("\nThis was the sandbox: nothing of it is in the shop.\n");
    }
    add(&mut text, format_args!("\nEvery line and how to mend it: {shop}/portal/jobs/{}\n\nRusset\n", job.id));
    Written { subject, text }
}

fn add(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    if text.write_fmt(part).is_err() {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::feed_ended;
    use crate::job::{Arrival, Counts, Job, Refusal, Source, State, Wishes};
    use crate::key::World;
    use kernel::{Instant, JobId, PartnerId};

    fn job(state: State, counts: Counts) -> Job {
        let source = Source {
            object: "o".to_owned(),
            bytes: 1,
            sha256: String::new(),
            media_type: None,
            file_name: Some("teas.csv".to_owned()),
        };
        let arrival = Arrival {
            id: JobId::parse("01jgtq9d3v8x4n6m2k7h5r0p1v").unwrap(),
            partner: PartnerId::parse("01jgtq9d3v8x4n6m2k7h5r0p1t").unwrap(),
            fingerprint: String::new(),
            world: World::Sandbox,
            source,
            wishes: Wishes::default(),
            origin: None,
            trace: None,
        };
        Job { state, counts, ..Job::receive(arrival, Instant::from_seconds(0)) }
    }

    #[test]
    fn a_letter_says_what_was_found_and_where_the_rest_stands() {
        let counts = Counts { seen: 3, accepted: 2, changed: 1, rejected: 1, merged: 0 };
        let mut job = job(State::Done, counts);
        job.by_rule.insert("price_required".to_owned(), 1);
        let letter = feed_ended(&job, "https://russet.shop");
        assert_eq!(letter.subject, "1 of 3 rows to mend: teas.csv");
        for part in ["Right: 2, of which 1 changed", "price_required: 1", "sandbox"] {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
        assert!(letter.text.contains("https://russet.shop/portal/jobs/01jgtq9d3v8x4n6m2k7h5r0p1v"));
    }

    #[test]
    fn the_subject_says_how_it_ended() {
        let refusal = Refusal {
            rule: "wrong_kind".to_owned(),
            detail: "These are flights.".to_owned(),
            hint: "Send products.".to_owned(),
            line: Some(1),
        };
        let refused = Job { refusal: Some(refusal), ..job(State::Refused, Counts::default()) };
        let letter = feed_ended(&refused, "");
        assert_eq!(letter.subject, "Refused: teas.csv");
        assert!(letter.text.contains("Line 1: These are flights. (wrong_kind)\nSend products."), "{}", letter.text);
        assert_eq!(feed_ended(&job(State::Failed, Counts::default()), "").subject, "Not read to the end: teas.csv");
        let right = Counts { seen: 3, accepted: 3, ..Counts::default() };
        assert_eq!(feed_ended(&job(State::Done, right), "").subject, "All 3 rows are right: teas.csv");
    }
}
