//! One run: job after job, until nobody waits or the time is up.

use crate::Needs;
use crate::rows::{Batch, Rows};
use crate::shelf::Outcome;
use kernel::{Fault, Instant, PartnerId};
use partners::feeds::Event;
use partners::job::{Counts, Refusal, State, Step};
use partners::report::{self, Line};
use partners::validation::Item;
use partners::{Job, Partner, World, evidence, partner};
use std::collections::BTreeSet;
use std::time::Duration;
use telemetry::Span;

/// How long a run works before it leaves the rest to the next one.
const RUN_LASTS: Duration = Duration::from_secs(10 * 60);
/// How often a run says that it is at work.
const SAYS_SO: Duration = Duration::from_secs(5);

/// Why a run ended.
pub enum Ended {
    /// Nobody waits any more.
    NobodyWaits,
    /// There is more to do.
    TimeIsUp,
    /// Another run has the turn.
    Lost,
}

/// How reading one job ended.
enum Read {
    Over,
    TimeIsUp,
    Lost,
}

/// A run at work: since when, and when it said so last.
struct Turn<'a> {
    needs: &'a Needs,
    partner: &'a PartnerId,
    run: &'a str,
    began: Instant,
    said: Instant,
    span: &'a Span,
}

/// Deals with the jobs of `partner` in their order.
pub async fn run(needs: &Needs, partner: &PartnerId, run: &str, span: &Span) -> Result<Ended, Fault> {
    let now = needs.now();
    let mut turn = Turn { needs, partner, run, began: now, said: now, span };
    loop {
        let Some(turns) = needs.partners.take_turn(partner, run, needs.now()).await? else {
            return Ok(Ended::Lost);
        };
        let Some(next) = turns.next() else {
            // Somebody may have come since: then there is a next one.
            if needs.partners.let_go(partner, run, true).await? {
                return Ok(Ended::NobodyWaits);
            }
            continue;
        };
        let Some(job) = needs.partners.find_job(&next).await? else {
            // It ran out while it waited; those behind it must not wait for it.
            span.warn("a job that waits is not there any more", &[("job", next.as_str())]);
            needs.partners.leave(partner, &next).await?;
            continue;
        };
        match turn.read(job).await? {
            Read::Over => {}
            Read::TimeIsUp => return Ok(Ended::TimeIsUp),
            Read::Lost => return Ok(Ended::Lost),
        }
    }
}

impl Turn<'_> {
    async fn read(&mut self, job: Job) -> Result<Read, Fault> {
        self.span.key("job", job.id.as_str());
        if job.state.is_over() {
            self.needs.partners.leave(self.partner, &job.id).await?;
            return Ok(Read::Over);
        }
        let partner = self.needs.partners.partner(&job.partner).await?;
        let mut job = job.begin(self.needs.now());
        if job.state == State::Failed {
            return self.close(job).await;
        }
        if !self.needs.partners.save(&mut job).await? {
            return Ok(Read::Lost);
        }
        self.rows(job, &partner).await
    }

    /// Reads the rows from where the job stands.
    async fn rows(&mut self, mut job: Job, partner: &Partner) -> Result<Read, Fault> {
        let mut rows = match Rows::open(&self.needs.feeds, &job).await? {
            Ok(rows) => rows,
            Err(refusal) => return self.end(job, Some(refusal)).await,
        };
        job.format = Some(rows.format.clone());
        loop {
            let Some(batch) = rows.next().await? else {
                break;
            };
            let refusal = batch.refusal.clone();
            job = self.take(job, partner, batch).await?;
            if !self.needs.partners.save(&mut job).await? || !self.say_so().await? {
                return Ok(Read::Lost);
            }
            if refusal.is_some() {
                return self.end(job, refusal).await;
            }
            if self.needs.now().since(self.began) >= RUN_LASTS {
                return Ok(Read::TimeIsUp);
            }
        }
        self.all_read(job, partner).await
    }

    /// What comes after the last row.
    async fn all_read(&mut self, mut job: Job, partner: &Partner) -> Result<Read, Fault> {
        if job.wishes.all_or_nothing && !job.checked {
            if job.counts.rejected > 0 {
                return self.end(job.clone(), Some(not_all_right(&job))).await;
            }
            if job.world == World::Live {
                job = job.all_right();
                if !self.needs.partners.save(&mut job).await? {
                    return Ok(Read::Lost);
                }
                return Box::pin(self.rows(job, partner)).await;
            }
        }
        self.end(job, None).await
    }

    /// Deals with one batch: stores what is right, reports what is wrong.
    async fn take(&self, job: Job, partner: &Partner, batch: Batch) -> Result<Job, Fault> {
        let job = Box::pin(self.suspect(job, evidence::seen(&batch.events))).await?;
        let stores = job.world == World::Live && (job.checked || !job.wishes.all_or_nothing);
        let mut step = Step { position: batch.position, ..Step::default() };
        let (mut right, mut wrong): (Vec<Item>, Vec<Line>) = (Vec::new(), Vec::new());
        for event in batch.events {
            match event {
                Event::Item(item) => {
                    step.counts = step.counts.and(Counts { seen: 1, ..Counts::default() });
                    right.push(*item);
                }
                Event::Rejected(rejections) => {
                    step.counts = step.counts.and(Counts { seen: 1, rejected: 1, ..Counts::default() });
                    wrong.extend(rejections.into_iter().map(Line::of));
                }
                Event::Merged { .. } => {
                    step.counts = step.counts.and(Counts { seen: 1, merged: 1, ..Counts::default() })
                }
                Event::Note(_) | Event::Broken(_) => {}
            }
        }
        let outcomes = self.needs.shelf.take(partner, &job, &right, stores, self.needs.now()).await?;
        for outcome in outcomes {
            match outcome {
                Outcome::Stands { changed } => {
                    step.counts.accepted += 1;
                    step.counts.changed += u64::from(changed);
                }
                Outcome::Wrong(lines) => {
                    step.counts.rejected += 1;
                    wrong.extend(lines);
                }
            }
        }
        wrong.sort_by_key(|line| line.row);
        for line in &wrong {
            *step.by_rule.entry(line.rule.clone()).or_default() += 1;
        }
        step.reported = !wrong.is_empty();
        if step.reported {
            // The same rows make the same part again, should this batch be dealt with twice.
            self.needs.feeds.put(&job.part(job.parts), report::kept(&wrong)?, "application/x-ndjson").await?;
        }
        Ok(job.advance(step))
    }

    /// Keeps a feed as evidence once something in it looks like an attack, and again with whatever else does.
    async fn suspect(&self, mut job: Job, seen: BTreeSet<String>) -> Result<Job, Fault> {
        if seen.is_subset(&job.suspected) {
            return Ok(job);
        }
        job.suspected.extend(seen);
        self.needs.evidence.keep_feed(&job, &self.needs.feeds).await?;
        let told: Vec<&str> = job.suspected.iter().map(String::as_str).collect();
        self.span.warn("a feed looks like an attack", &[("seen", &told.join(" "))]);
        Ok(job)
    }

    async fn end(&mut self, job: Job, refusal: Option<Refusal>) -> Result<Read, Fault> {
        let now = self.needs.now();
        let passed = refusal.is_none() && job.counts.rejected == 0 && job.counts.accepted > 0;
        if passed && job.world == World::Sandbox {
            self.needs.partners.prove(&job.partner, partner::Step::FeedValidated, now).await?;
        }
        self.close(job.end(refusal, now)).await
    }

    async fn close(&mut self, mut job: Job) -> Result<Read, Fault> {
        let counts = &job.counts;
        let told = [counts.seen, counts.accepted, counts.changed, counts.rejected].map(|count| count.to_string());
        let closed = self.needs.partners.close(&mut job).await?;
        if closed {
            let fields =
                [("seen", &*told[0]), ("accepted", &*told[1]), ("changed", &*told[2]), ("rejected", &*told[3])];
            self.span.info(&format!("a feed is {}", job.state.name()), &fields);
        }
        Ok(if closed { Read::Over } else { Read::Lost })
    }

    /// Says that this run is at work, now and then; false when another one is.
    async fn say_so(&mut self) -> Result<bool, Fault> {
        let now = self.needs.now();
        if now.since(self.said) < SAYS_SO {
            return Ok(true);
        }
        self.said = now;
        Ok(self.needs.partners.take_turn(self.partner, self.run, now).await?.is_some())
    }
}

fn not_all_right(job: &Job) -> Refusal {
    Refusal {
        rule: "all_or_nothing".to_owned(),
        detail: format!("{} rows are wrong, so nothing was taken, as you wished.", job.counts.rejected),
        hint: "Mend the rows in the report, or send the feed without all_or_nothing.".to_owned(),
        line: None,
    }
}
