//! Stream of `partners`: tells the rest of the shop what happened. The one reader of the stream; each consumer has a queue.

use kernel::{Fault, Instant};
use lambda::{Change, Error, Function, Platform};
use partners::delivery::{Asked, Event};
use partners::job::State;
use partners::letters::LetterAsked;
use partners::stated::Stated;
use partners::turn::LookAfter;
use partners::{Delivery, Job, Partner, told};
use queue::{Message, Queue};
use std::time::Duration;
use table::{Item, Row};

/// How far ahead a message can wait for its moment. What lies further ahead is sent for by the sweep.
const AHEAD: Duration = Duration::from_secs(900);

/// A queue for each consumer.
#[derive(Clone)]
struct Queues {
    feeds: Queue,
    stock: Queue,
    deliveries: Queue,
    mail: Queue,
}

/// Needs a queue for each consumer.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let queues = Queues {
        feeds: platform.queue("feed-jobs")?,
        stock: platform.queue("stock-updates")?,
        deliveries: platform.queue("webhook-deliveries")?,
        mail: platform.queue("mail")?,
    };
    let clock = platform.clock();
    lambda::stream(platform, env!("CARGO_PKG_NAME"), move |changes, _| publish(queues.clone(), changes, clock()))
}

async fn publish(queues: Queues, changes: Vec<Change>, now: Instant) -> Result<(), (usize, Fault)> {
    let mut outbox = Outbox::default();
    for (at, change) in changes.into_iter().enumerate() {
        outbox.add(change, now).map_err(|fault| (at, fault))?;
    }
    // A batch that is sent twice is the same messages twice, which every consumer bears.
    outbox.send(&queues).await.map_err(|fault| (0, fault))
}

/// The messages of one batch, by their queue.
#[derive(Default)]
struct Outbox {
    feeds: Vec<Message>,
    stock: Vec<Message>,
    deliveries: Vec<Message>,
    mail: Vec<Message>,
}

impl Outbox {
    fn add(&mut self, change: Change, now: Instant) -> Result<(), Fault> {
        let Some(new) = change.new else { return Ok(()) };
        let (pk, old) = (&change.pk, change.old);
        if pk.starts_with(Job::PREFIX) {
            let job: Job = new.read()?;
            change.span.key("job", job.id.as_str());
            self.job(before(old)?.as_ref(), &job)
        } else if pk.starts_with(Stated::PREFIX) {
            let stated: Stated = new.read()?;
            self.stock.push(traced(Message::text(&stated.id), stated.trace.as_deref()));
            Ok(())
        } else if pk.starts_with(Partner::PREFIX) {
            let partner: Partner = new.read()?;
            change.span.key("partner", partner.id.as_str());
            told::partner_changed(before(old)?.as_ref(), &partner)?.into_iter().try_for_each(|event| self.tell(event))
        } else if pk.starts_with(Delivery::PREFIX) {
            let delivery: Delivery = new.read()?;
            change.span.key("delivery", &delivery.id);
            self.delivery(before(old)?.as_ref(), delivery, now)
        } else {
            Ok(())
        }
    }

    fn job(&mut self, old: Option<&Job>, job: &Job) -> Result<(), Fault> {
        let trace = job.trace.as_deref();
        // While a job is read its item changes with every step; it waits only once for each time it is received.
        if job.state == State::Received {
            let message = Message::json(&LookAfter::all_of(job.partner.clone()))?;
            self.feeds.push(traced(message, trace));
        }
        if let Some(event) = told::feed_ended(old, job)? {
            self.deliveries.push(traced(Message::json(&Asked::Event(event))?, trace));
            let letter = LetterAsked { job: job.id.clone(), version: job.version };
            self.mail.push(traced(Message::json(&letter)?, trace));
        }
        Ok(())
    }

    fn tell(&mut self, event: Event) -> Result<(), Fault> {
        self.deliveries.push(Message::json(&Asked::Event(event))?);
        Ok(())
    }

    fn delivery(&mut self, old: Option<&Delivery>, new: Delivery, now: Instant) -> Result<(), Fault> {
        if let Some(due) = new.send_for(old)
            && due.since(now) <= AHEAD
        {
            self.deliveries.push(Message::json(&Asked::Delivery(new.id))?.after(due.since(now)));
        }
        Ok(())
    }

    async fn send(self, queues: &Queues) -> Result<(), Fault> {
        let all = [
            (&queues.feeds, self.feeds),
            (&queues.stock, self.stock),
            (&queues.deliveries, self.deliveries),
            (&queues.mail, self.mail),
        ];
        for (queue, messages) in all {
            if !messages.is_empty() {
                queue.send_all(&messages, None).await?;
            }
        }
        Ok(())
    }
}

fn before<R: Row>(old: Option<Item>) -> Result<Option<R>, Fault> {
    old.map(Item::read).transpose()
}

fn traced(message: Message, trace: Option<&str>) -> Message {
    match trace {
        Some(trace) => message.with(queue::TRACE_ATTRIBUTE, trace.to_owned()),
        None => message,
    }
}
