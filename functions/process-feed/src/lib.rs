//! Queue `feed-jobs`: looks after the feeds of one partner, one at a time and in the order in which they came. Rows are read as a
//! stream, checked, and taken into the shop; every hundred rows the job says how far it is, so that whoever goes on after a death
//! goes on from there. A run ends itself after ten minutes and leaves the rest to the next one.

mod rows;
mod run;
mod shelf;

use kernel::{Fault, Instant, Kind, id};
use lambda::{Clock, Error, Function, Message, Platform};
use objects::Bucket;
use partners::Store;
use partners::turn::{LEASE, LookAfter};
use queue::Queue;
use shelf::Shelf;
use std::time::Duration;
use telemetry::Span;
use wiring::Evidence;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    partners: Store,
    feeds: Bucket,
    evidence: Evidence,
    shelf: Shelf,
    again: Queue,
    clock: Clock,
    random: Platform,
}

impl Needs {
    fn now(&self) -> Instant {
        (self.clock)()
    }
}

/// Needs the partners, their feeds, where evidence is kept, the catalog, the stock and its own queue.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        partners: Store::new(platform.table("partners")?),
        feeds: platform.bucket("feeds")?,
        evidence: Evidence::new(platform)?,
        shelf: Shelf {
            catalog: catalog::Store::new(platform.table("catalog")?),
            stock: stock::Store::new(platform.table("stock")?, platform.region()),
        },
        again: platform.queue("feed-jobs")?,
        clock: platform.clock(),
        random: platform.clone(),
    };
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| handle(needs.clone(), message, span))
}

async fn handle(needs: Needs, message: Message, span: Span) -> Result<(), Fault> {
    let asked: LookAfter = serde_json::from_str(&message.body)
        .map_err(|error| Fault::new(Kind::Invalid, "invalid_message", error.to_string()))?;
    span.key("partner", asked.partner.as_str());
    let Some(turns) = needs.partners.turns(&asked.partner).await? else {
        return Err(Fault::missing());
    };
    let now = needs.now();
    let at_work = turns.is_at_work(now);
    if at_work && asked.run.as_ref() == Some(&turns.run) {
        // Again when its lease runs out, and no later: a run that died is taken over as soon as that is known.
        return send(&needs, &asked, &span, turns.until.since(now)).await;
    }
    if at_work || turns.is_at_rest() {
        // Whoever is at work sees all that wait before it lets go.
        return Ok(());
    }
    let run = id::encode(needs.random.random()?);
    // First whoever looks after this run, then the turn: a death between leaves nobody who waits without somebody who comes.
    let looked_after = LookAfter { partner: asked.partner.clone(), run: Some(run.clone()) };
    send(&needs, &looked_after, &span, LEASE).await?;
    let ended = run::run(&needs, &asked.partner, &run, &span).await?;
    if matches!(ended, run::Ended::TimeIsUp) {
        needs.partners.let_go(&asked.partner, &run, false).await?;
        return send(&needs, &LookAfter::all_of(asked.partner), &span, Duration::ZERO).await;
    }
    Ok(())
}

async fn send(needs: &Needs, ask: &LookAfter, span: &Span, delay: Duration) -> Result<(), Fault> {
    let message = queue::Message::json(ask)?.after(delay);
    needs.again.send(&message, Some(&span.trace().to_string())).await
}
