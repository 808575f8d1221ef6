//! The line in front of a sale, over all environments: joining it, moving it, and spending a place in it on an order.
//!
//! Three kinds of items: one for the line (how far it moved), a few that count (numbers drawn, checkouts finished; as many as
//! the sale needs partitions), and one for each guest in it. A place is the guest's, not the tab's: joining again finds it.

use crate::room::{Count, Room, number, poll_after_seconds};
use crate::sale::{Phase, Sale};
use crate::ticket::Ticket;
use kernel::{Fault, Instant, Kind, OrderId, SaleId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use table::{Guard, Item, Key, Refused, Row, Table, Write, WriteError};

/// How long a look at the line is good for.
const LIFE: Duration = Duration::from_secs(1);
/// How many lines an environment remembers.
const KEPT: usize = 100;
/// How often joining starts over when another tab of the same guest changed the place meanwhile.
const ROUNDS: usize = 4;
/// How long after the sale its line is kept.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// The item of a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Moved {
    sale: SaleId,
    #[serde(flatten)]
    room: Room,
    expires_at: i64,
}

impl Row for Moved {
    fn key(&self) -> Key {
        line_key(&self.sale)
    }
}

fn line_key(sale: &SaleId) -> Key {
    Key::new(format!("LINE#{sale}"))
}

/// One of the items that count for a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Counter {
    pk: String,
    #[serde(default)]
    drawn: u64,
    #[serde(default)]
    finished: u64,
}

impl Row for Counter {
    fn key(&self) -> Key {
        Key::new(self.pk.clone())
    }
}

fn counter_key(sale: &SaleId, shard: u32) -> Key {
    Key::new(format!("LINE#{sale}#{shard}"))
}

/// The item of one guest in a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    sale: SaleId,
    owner: String,
    number: u64,
    joined_at: Instant,
    /// The order it was spent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent: Option<OrderId>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent_at: Option<Instant>,
    expires_at: i64,
}

impl Row for Kept {
    fn key(&self) -> Key {
        place_key(&self.sale, &self.owner)
    }
}

fn place_key(sale: &SaleId, owner: &str) -> Key {
    Key::new(format!("PLACE#{sale}#{owner}"))
}

/// Where somebody stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Their number, which never changes.
    pub number: u64,
    /// How many wait before them; 0 once they are let in.
    pub ahead: u64,
    /// Whether it is their turn.
    pub admitted: bool,
    /// When it will be, about.
    pub eta_seconds: u64,
    /// When a look may tell something new.
    pub poll_after_seconds: u64,
}

/// What became of a ticket that somebody wants to spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spent {
    /// It is this order's.
    Ours,
    /// It was spent on that order, then.
    On(OrderId, Instant),
}

/// The line of each sale that was looked at, and when.
type Known = HashMap<SaleId, (Instant, Arc<Room>)>;

/// The lines of all sales. Cheap to clone: clones share what they know, as one environment does.
#[derive(Debug, Clone)]
pub struct Line {
    table: Table,
    known: Arc<Mutex<Known>>,
}

impl Line {
    /// The lines in the table of sales.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table, known: Arc::default() }
    }

    /// The place of somebody, as rows name them, in the line of a sale: theirs if they have one that is still good, else a
    /// new one at the end. Answers too whether it is new.
    ///
    /// # Errors
    /// Unprocessable for a sale without a waiting room; a conflict after its end; unavailable when the table does not answer.
    pub async fn join(&self, sale: &Sale, who: &str, now: Instant) -> Result<(Ticket, Place, bool), Fault> {
        has_line(sale)?;
        if sale.phase(now) == Phase::Over {
            return Err(crate::sale::over());
        }
        let owner = Ticket::owner(&sale.id, who);
        let mut kept: Option<Kept> = self.table.get_latest(&place_key(&sale.id, &owner)).await?;
        for _ in 0..ROUNDS {
            let room = self.room(sale, now).await?;
            if let Some(kept) = kept.as_ref().filter(|kept| kept.spent.is_none() && !room.has_passed(kept.number, now))
            {
                return Ok((self.ticket(sale, &owner, kept.number), place(sale, &room, kept.number, now), false));
            }
            match self.draw(sale, &owner, kept.as_ref(), now).await? {
                Ok(number) => {
                    // Whoever is alone need not wait for the next look.
                    let room = self.move_on(sale, &room, now).await?;
                    return Ok((self.ticket(sale, &owner, number), place(sale, &room, number, now), true));
                }
                Err(other) => kept = other,
            }
        }
        Err(Fault::unavailable("a place in the line kept changing"))
    }

    /// Where the owner of a ticket stands.
    ///
    /// # Errors
    /// Missing when the turn has passed or the sale is over; unavailable when the table does not answer.
    pub async fn place(&self, sale: &Sale, ticket: &Ticket, now: Instant) -> Result<Place, Fault> {
        let room = self.room(sale, now).await?;
        if sale.phase(now) == Phase::Over || room.has_passed(ticket.number, now) {
            return Err(Fault::missing());
        }
        Ok(place(sale, &room, ticket.number, now))
    }

    /// Refuses a ticket whose turn it is not.
    ///
    /// # Errors
    /// Forbidden: `ticket_not_admitted` with the time to wait, or `ticket_refused` when its turn has passed.
    pub async fn admit(&self, sale: &Sale, ticket: &Ticket, now: Instant) -> Result<(), Fault> {
        let room = self.room(sale, now).await?;
        if room.has_passed(ticket.number, now) {
            return Err(refused("The turn of this ticket has passed. Please join the line again."));
        }
        if room.is_in(ticket.number, now) {
            return Ok(());
        }
        let place = place(sale, &room, ticket.number, now);
        let detail = "It is not your turn yet. Your place in the line is kept.";
        let fault = Fault::new(Kind::Forbidden, "ticket_not_admitted", detail);
        Err(fault.retry_after(Duration::from_secs(place.poll_after_seconds)))
    }

    /// Spends a ticket on an order: one ticket, one order. The same order may ask again.
    ///
    /// # Errors
    /// Forbidden when the ticket's owner has another place by now; unavailable when the table does not answer.
    pub async fn spend(&self, ticket: &Ticket, order: &OrderId, now: Instant) -> Result<Spent, Fault> {
        const UNSPENT: Guard =
            Guard::new("unspent", "#number = :number AND (attribute_not_exists(spent) OR spent = :order)");
        match self.table.write(spending(ticket, order, now).when(UNSPENT)).await {
            Ok(_) => Ok(Spent::Ours),
            Err(WriteError::Fault(fault)) => Err(fault),
            Err(WriteError::Refused(Refused { old, .. })) => {
                let kept: Option<Kept> = old.map(Item::read).transpose()?;
                match kept.filter(|kept| kept.number == ticket.number) {
                    Some(Kept { spent: Some(other), spent_at, joined_at, .. }) => {
                        Ok(Spent::On(other, spent_at.unwrap_or(joined_at)))
                    }
                    _ => Err(refused("This ticket is not good any more. Please join the line again.")),
                }
            }
        }
    }

    /// Takes a ticket back from an order that ended unpaid, or never was, and spends it on another one.
    ///
    /// # Errors
    /// Forbidden when another order came first; unavailable when the table does not answer.
    pub async fn spend_again(
        &self,
        ticket: &Ticket,
        ended: &OrderId,
        order: &OrderId,
        now: Instant,
    ) -> Result<(), Fault> {
        const STILL_SPENT: Guard =
            Guard::new("still_spent", "#number = :number AND (spent = :ended OR spent = :order)");
        match self.table.write(spending(ticket, order, now).when(STILL_SPENT).text(":ended", ended.as_str())).await {
            Ok(_) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault),
            Err(WriteError::Refused(_)) => Err(spent_already()),
        }
    }

    /// Counts a checkout that was answered for good: there is room for another one.
    ///
    /// # Errors
    /// Unavailable when the table does not answer. Then the room comes when the turn has passed.
    pub async fn finish(&self, sale: &Sale, ticket: &Ticket) -> Result<(), Fault> {
        self.count(sale, &ticket.owner, "finished").await.map(|_| ())
    }

    /// Draws a number and keeps it; what another tab of the same guest has kept meanwhile, if it was faster.
    async fn draw(
        &self,
        sale: &Sale,
        owner: &str,
        before: Option<&Kept>,
        now: Instant,
    ) -> Result<Result<u64, Option<Kept>>, Fault> {
        const AS_BEFORE: Guard = Guard::new("as_before", "#number = :number");
        let drawn = self.count(sale, owner, "drawn").await?.drawn;
        let number = number(drawn, shard(sale, owner), sale.shards());
        let kept = Kept {
            sale: sale.id.clone(),
            owner: owner.to_owned(),
            number,
            joined_at: now,
            spent: None,
            spent_at: None,
            expires_at: expires_at(sale),
        };
        let write = Write::put(&kept)?;
        let write = match before {
            None => write.when(Guard::ABSENT),
            Some(before) => write.when(AS_BEFORE).name("#number", "number").number(":number", before.number),
        };
        match self.table.write(write).await {
            Ok(_) => Ok(Ok(number)),
            Err(WriteError::Refused(Refused { old, .. })) => {
                let kept: Option<Kept> = old.map(Item::read).transpose()?;
                // The client repeats a write whose answer was lost: then the number is this one.
                match kept {
                    Some(kept) if kept.number == number => Ok(Ok(number)),
                    other => Ok(Err(other)),
                }
            }
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    async fn count(&self, sale: &Sale, owner: &str, what: &'static str) -> Result<Counter, Fault> {
        let key = counter_key(&sale.id, shard(sale, owner));
        let one = Write::update(key, "SET expires_at = :end ADD #what :one").name("#what", what);
        self.table.update(one.number(":one", 1).number(":end", expires_at(sale))).await?.read()
    }

    /// The line as of a second ago at the most, moved on if it is time.
    async fn room(&self, sale: &Sale, now: Instant) -> Result<Arc<Room>, Fault> {
        let known = self.known().get(&sale.id).cloned();
        if let Some((read_at, room)) = known
            && now.since(read_at).max(read_at.since(now)) < LIFE
        {
            return Ok(room);
        }
        let moved: Option<Moved> = self.table.get(&line_key(&sale.id)).await?;
        let room = moved.map(|moved| moved.room).unwrap_or_default();
        self.move_on(sale, &room, now).await
    }

    /// Moves the line on, if it is time and there is room; one environment does, the others take what it left.
    async fn move_on(&self, sale: &Sale, room: &Room, now: Instant) -> Result<Arc<Room>, Fault> {
        if sale.phase(now) == Phase::Upcoming || room.moved_lately(now) {
            return Ok(self.remember(sale, room.clone(), now));
        }
        let shards: Vec<Key> = (0..sale.shards()).map(|shard| counter_key(&sale.id, shard)).collect();
        let counters: Vec<Counter> = self.table.get_many(&shards).await?;
        let Some(next) = room.moved(sum(&counters, sale), sale.expected_per_second, now) else {
            return Ok(self.remember(sale, room.clone(), now));
        };
        let moved = Moved { sale: sale.id.clone(), room: next, expires_at: expires_at(sale) };
        match self.table.write(Write::put(&moved)?.seen(room.version)).await {
            Ok(_) => Ok(self.remember(sale, moved.room, now)),
            Err(WriteError::Refused(Refused { old, .. })) => {
                let newer: Option<Moved> = old.map(Item::read).transpose()?;
                Ok(self.remember(sale, newer.map(|moved| moved.room).unwrap_or_default(), now))
            }
            Err(WriteError::Fault(fault)) => Err(fault),
        }
    }

    fn remember(&self, sale: &Sale, room: Room, now: Instant) -> Arc<Room> {
        let room = Arc::new(room);
        let mut known = self.known();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(sale.id.clone(), (now, Arc::clone(&room)));
        room
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // An entry is put in whole or not at all.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ticket(&self, sale: &Sale, owner: &str, number: u64) -> Ticket {
        Ticket { sale: sale.id.clone(), number, owner: owner.to_owned() }
    }
}

fn spending(ticket: &Ticket, order: &OrderId, now: Instant) -> Write {
    Write::update(place_key(&ticket.sale, &ticket.owner), "SET spent = :order, spent_at = :now")
        .name("#number", "number")
        .number(":number", ticket.number)
        .number(":now", now.millis())
        .text(":order", order.as_str())
}

/// Where a number stands.
fn place(sale: &Sale, room: &Room, number: u64, now: Instant) -> Place {
    let admitted = room.is_in(number, now);
    let ahead = number.saturating_sub(room.admitted() + 1);
    let eta_seconds = if admitted {
        0
    } else {
        sale.starts_at.since(now).as_secs() + room.eta_seconds(ahead, sale.expected_per_second, now)
    };
    Place { number, ahead, admitted, eta_seconds, poll_after_seconds: poll_after_seconds(eta_seconds) }
}

/// What all shards counted. The line ends at the highest number that any of them gave out.
fn sum(counters: &[Counter], sale: &Sale) -> Count {
    let shard = |counter: &Counter| counter.pk.rsplit('#').next().and_then(|shard| shard.parse().ok()).unwrap_or(0);
    let drawn = counters
        .iter()
        .filter(|counter| counter.drawn > 0)
        .map(|counter| number(counter.drawn, shard(counter), sale.shards()));
    Count { drawn: drawn.max().unwrap_or(0), finished: counters.iter().map(|counter| counter.finished).sum() }
}

/// Which of a sale's counters counts for somebody.
fn shard(sale: &Sale, owner: &str) -> u32 {
    let sum = owner.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    sum % sale.shards()
}

fn expires_at(sale: &Sale) -> i64 {
    sale.ends_at.plus(KEPT_FOR).seconds()
}

fn has_line(sale: &Sale) -> Result<(), Fault> {
    if sale.waiting_room {
        return Ok(());
    }
    Err(Fault::new(
        Kind::Unprocessable,
        "no_waiting_room",
        "Nobody has to wait for this sale: go straight to the checkout.",
    ))
}

/// The refusal of a ticket that is not good.
#[must_use]
pub fn refused(detail: &str) -> Fault {
    Fault::new(Kind::Forbidden, "ticket_refused", detail)
}

/// The refusal of a ticket that was spent on another order.
#[must_use]
pub fn spent_already() -> Fault {
    refused("This ticket was used for another order. Please join the line again.")
}

#[cfg(test)]
mod tests {
    use super::{Counter, counter_key};
    use kernel::SaleId;
    use table::Row;

    #[test]
    fn a_counter_stands_where_it_is_counted() {
        let key = counter_key(&SaleId::parse(&kernel::id::encode([1; 16])).unwrap(), 3);
        let counter = Counter { pk: key.pk.clone(), drawn: 2, finished: 1 };
        assert_eq!(counter.key(), key);
    }
}
