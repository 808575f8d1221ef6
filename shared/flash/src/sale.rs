//! A sale: what is sold, for how much, from when to when, and to how many. Pure.
//!
//! Two things say where a sale stands. For shoppers it is the time ([`Phase`]): a sale begins and ends by itself, to the
//! moment their request came in. For the shop it is the [`State`]: after its end a sale's stock is gathered, and only then
//! its items are free for another one.

use kernel::{Amount, Currency, Fault, Instant, Kind, Money, ProductId, SaleId, Sku};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{Key, Row};

/// How much the clock of an environment may be off. So much earlier and later than by the environment's own clock a click
/// is taken: whoever clicks while the sale is on is served, whichever environment they meet; nobody is served more than
/// twice that after the end.
pub const SKEW: Duration = Duration::from_secs(2);
/// How long after its end a sale is left alone: clicks of the last moment are answered by then.
pub const LAST_CLICKS: Duration = Duration::from_secs(15);
/// How long after its end a sale stays in the listing, as over.
pub const SHOWN_AFTER: Duration = Duration::from_secs(10 * 60);
/// Items of a sale at the most.
pub const ITEMS_MOST: usize = 20;
/// Cells of one SKU at the most: a directory of 2 KB, a look of three batches.
pub const CELLS_MOST: usize = 256;
/// Units that a cell should have at least, so that a line need not be held in parts.
const UNITS_LEAST: u32 = 4;
/// Writes a second that one partition takes.
const PARTITION: u32 = 1_000;

/// What the shop has to do for a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its stock is spread; it begins and ends by itself.
    Open,
    /// It is over and its stock is being gathered.
    Closing,
    /// Its stock is gathered and its items are free.
    Closed,
}

/// What moves a sale on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Its time is over.
    End,
    /// Nothing of it is held any more, and all of it is back in the first cells.
    Gather,
}

/// The whole machine: from, action, to. Only the shop itself acts.
pub const TRANSITIONS: &[(State, Action, State)] =
    &[(State::Open, Action::End, State::Closing), (State::Closing, Action::Gather, State::Closed)];

/// The state that an action leads to; `None` when it is not possible there.
#[must_use]
pub fn apply(state: State, action: Action) -> Option<State> {
    TRANSITIONS.iter().find(|(from, by, _)| (*from, *by) == (state, action)).map(|(.., to)| *to)
}

/// Where a sale stands for shoppers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It has not begun.
    Upcoming,
    /// It is on.
    Open,
    /// It has ended.
    Over,
}

/// One item of a sale, with all that a checkout needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What is sold.
    pub sku: Sku,
    /// Of which product.
    pub product: ProductId,
    /// The product's name.
    pub name: String,
    /// The variant's name; empty when the product has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// Its picture; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// With its packing.
    pub weight_grams: u32,
    /// Price of one in the sale.
    pub price: Amount,
    /// Price of one when the sale was opened.
    pub was: Amount,
    /// Over how many cells its stock was spread.
    pub cells: u32,
}

/// What happened to a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// By whom, as [`kernel::Principal`] names them.
    pub by: String,
    /// The state since.
    pub to: State,
}

/// A sale as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// Its name in keys and URLs.
    pub id: SaleId,
    /// What people read.
    pub name: String,
    /// What the shop has to do for it; the fold of the events.
    pub state: State,
    /// From when on it is on.
    pub starts_at: Instant,
    /// Until when.
    pub ends_at: Instant,
    /// Units of it that one customer may take, over all its items.
    pub limit: u32,
    /// Checkouts a second that it was made ready for.
    pub expected_per_second: u32,
    /// Whether shoppers wait for their turn.
    pub waiting_room: bool,
    /// What its prices are in.
    pub currency: Currency,
    /// What is sold.
    pub items: Vec<Item>,
    /// How many events there are: a change is made only on the version that was read.
    pub version: u64,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// There until it is closed: the index `live` finds it by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<String>,
}

impl Row for Sale {
    fn key(&self) -> Key {
        key(&self.id)
    }
}

/// Where a sale stands in its table.
#[must_use]
pub fn key(id: &SaleId) -> Key {
    Key::new(format!("SALE#{id}"))
}

impl Sale {
    /// Moves it on.
    ///
    /// # Errors
    /// A conflict when its state does not allow it.
    pub fn happen(&mut self, action: Action, at: Instant, by: &str) -> Result<(), Fault> {
        let to = apply(self.state, action).ok_or_else(|| {
            Fault::new(
                Kind::Conflict,
                "illegal_transition",
                format!("This is not possible while it is {:?}.", self.state),
            )
        })?;
        self.state = to;
        self.version += 1;
        self.events.push(Event { at, by: by.to_owned(), to });
        if to == State::Closed {
            self.live = None;
        }
        Ok(())
    }

    /// Where it stands for shoppers.
    #[must_use]
    pub fn phase(&self, now: Instant) -> Phase {
        phase(self.starts_at, self.ends_at, now)
    }

    /// Refuses a click that came in before the sale began or after it ended, [`SKEW`] granted.
    ///
    /// # Errors
    /// A conflict: `sale_not_open`, with the time until it begins, or `sale_over`.
    pub fn take_click(&self, received_at: Instant) -> Result<(), Fault> {
        if received_at.plus(SKEW) < self.starts_at {
            let fault = Fault::new(Kind::Conflict, "sale_not_open", "This sale has not started yet.");
            return Err(fault.retry_after(self.starts_at.since(received_at)));
        }
        if received_at >= self.ends_at.plus(SKEW) {
            return Err(over());
        }
        Ok(())
    }

    /// The item with that SKU.
    ///
    /// # Errors
    /// Unprocessable when the sale does not have it.
    pub fn item(&self, sku: &str) -> Result<&Item, Fault> {
        self.items.iter().find(|item| item.sku.as_str() == sku).ok_or_else(|| {
            let detail = "This item is not part of the sale.";
            let mut fault = Fault::new(Kind::Unprocessable, "not_in_sale", detail);
            let pointer = "/sku".to_owned();
            fault.errors.push(kernel::FieldError { pointer, rule: "not_in_sale", detail: detail.to_owned() });
            fault
        })
    }

    /// An amount of it with its currency.
    #[must_use]
    pub const fn money(&self, amount: Amount) -> Money {
        Money { amount, currency: self.currency }
    }

    /// Over how many items its counters are spread, so that no partition limits it.
    #[must_use]
    pub fn shards(&self) -> u32 {
        partitions(self.expected_per_second)
    }
}

/// The refusal of whatever comes after the end.
#[must_use]
pub fn over() -> Fault {
    Fault::new(Kind::Conflict, "sale_over", "This sale is over.")
}

/// The refusal of a customer who has as many as one may take.
#[must_use]
pub fn limit_reached(limit: u32) -> Fault {
    let detail = format!("You can take at most {limit} of this sale, and your orders have reached that.");
    Fault::new(Kind::Conflict, "sale_limit_reached", detail)
}

/// Where something that lasts from `starts_at` to `ends_at` stands at `now`.
#[must_use]
pub fn phase(starts_at: Instant, ends_at: Instant, now: Instant) -> Phase {
    if now < starts_at {
        Phase::Upcoming
    } else if now < ends_at {
        Phase::Open
    } else {
        Phase::Over
    }
}

/// Partitions that take so many checkouts a second.
#[must_use]
pub const fn partitions(per_second: u32) -> u32 {
    let needed = per_second.div_ceil(PARTITION);
    if needed == 0 { 1 } else { needed }
}

/// Over how many cells a stock of `units` is spread for so many checkouts a second: `max(units / 16, 4 × partitions)`, so
/// that a batch of 16 settles a cell and each partition has some; but no cell of fewer than four units, and at most
/// [`CELLS_MOST`].
#[must_use]
pub fn cells(units: u32, per_second: u32) -> usize {
    let wanted = units.div_ceil(16).max(4 * partitions(per_second));
    let fed = (units / UNITS_LEAST).max(1);
    usize::try_from(wanted.min(fed)).unwrap_or(CELLS_MOST).min(CELLS_MOST)
}

#[cfg(test)]
mod tests {
    use super::{Action, CELLS_MOST, Event, Item, Phase, SKEW, Sale, State, apply, cells, partitions};
    use kernel::{Amount, Currency, Instant, ProductId, SaleId, Sku};
    use std::time::Duration;

    const START: Instant = Instant::from_seconds(1_000);
    const END: Instant = Instant::from_seconds(2_000);

    fn sale() -> Sale {
        let item = Item {
            sku: Sku::parse("TEA").unwrap(),
            product: ProductId::parse("tea").unwrap(),
            name: "Tea".to_owned(),
            variant: String::new(),
            image: String::new(),
            weight_grams: 100,
            price: Amount::minor(500),
            was: Amount::minor(1_000),
            cells: 7,
        };
        Sale {
            id: SaleId::parse(&kernel::id::encode([1; 16])).unwrap(),
            name: "Noon".to_owned(),
            state: State::Open,
            starts_at: START,
            ends_at: END,
            limit: 2,
            expected_per_second: 1_500,
            waiting_room: false,
            currency: Currency::USD,
            items: vec![item],
            version: 1,
            events: vec![Event { at: START, by: "staff:admin:1".to_owned(), to: State::Open }],
            live: Some("live".to_owned()),
        }
    }

    #[test]
    fn who_has_as_many_as_one_may_take_is_told_how_many_that_is() {
        let refused = super::limit_reached(3);
        assert_eq!((refused.kind, refused.code), (kernel::Kind::Conflict, "sale_limit_reached"));
        assert!(refused.detail.contains("at most 3"), "{}", refused.detail);
    }

    #[test]
    fn a_sale_ends_and_is_gathered_in_this_order_and_once() {
        let mut sale = sale();
        assert_eq!(sale.happen(Action::Gather, END, "system").unwrap_err().code, "illegal_transition");
        sale.happen(Action::End, END, "system").unwrap();
        assert_eq!((sale.state, sale.version, sale.live.is_some()), (State::Closing, 2, true));
        sale.happen(Action::Gather, END, "system").unwrap();
        assert_eq!((sale.state, sale.version, sale.live.is_some()), (State::Closed, 3, false));
        for action in [Action::End, Action::Gather] {
            assert_eq!(apply(State::Closed, action), None);
        }
        let folded = sale.events.iter().skip(1).fold(State::Open, |state, event| {
            let action = if state == State::Open { Action::End } else { Action::Gather };
            assert_eq!(apply(state, action), Some(event.to));
            event.to
        });
        assert_eq!(folded, sale.state, "the state is the fold of the events");
    }

    #[test]
    fn a_click_counts_at_the_moment_it_came_in_with_two_seconds_for_clocks_that_differ() {
        let sale = sale();
        let millisecond = Duration::from_millis(1);
        assert_eq!(sale.take_click(START.minus(SKEW)), Ok(()));
        let early = sale.take_click(START.minus(SKEW).minus(millisecond)).unwrap_err();
        assert_eq!((early.code, early.retry_after), ("sale_not_open", Some(SKEW + millisecond)));
        assert_eq!(sale.take_click(END.plus(SKEW).minus(millisecond)), Ok(()));
        let late = sale.take_click(END.plus(SKEW)).unwrap_err();
        assert_eq!((late.code, late.retry_after), ("sale_over", None));
    }

    #[test]
    fn whoever_clicks_during_the_sale_is_served_by_every_environment_whose_clock_is_two_seconds_off_at_the_most() {
        let sale = sale();
        for true_second in [1_000, 1_500, 1_999] {
            for off_millis in [-2_000, -1_999, 0, 1_999, 2_000] {
                let seen = Instant::from_millis(true_second * 1_000 + off_millis);
                assert_eq!(sale.take_click(seen), Ok(()), "{true_second} s, {off_millis} ms off");
            }
        }
    }

    #[test]
    fn phases_are_told_by_the_plain_time() {
        let sale = sale();
        let at = |seconds| sale.phase(Instant::from_seconds(seconds));
        assert_eq!([999, 1_000, 1_999, 2_000].map(at), [Phase::Upcoming, Phase::Open, Phase::Open, Phase::Over]);
    }

    #[test]
    fn an_item_that_is_not_part_of_it_is_named() {
        assert_eq!(sale().item("TEA").unwrap().cells, 7);
        let fault = sale().item("POT").unwrap_err();
        assert_eq!((fault.code, fault.errors[0].pointer.as_str()), ("not_in_sale", "/sku"));
        assert_eq!(sale().shards(), 2);
        assert_eq!(sale().money(Amount::minor(5)).currency, Currency::USD);
    }

    #[test]
    fn cells_follow_the_stock_and_the_rate_within_bounds() {
        assert_eq!([1, 1_000, 1_001, 50_000].map(partitions), [1, 1, 2, 50]);
        assert_eq!(cells(100, 100), 7, "a sixteenth of the stock");
        assert_eq!(cells(1_000, 50_000), 200, "four for each partition");
        assert_eq!(cells(20, 50_000), 5, "no cell of fewer than four units");
        assert_eq!([0, 1, 3, 7].map(|units| cells(units, 1)), [1; 4]);
        assert_eq!(cells(1_000_000, 1), CELLS_MOST);
    }
}
