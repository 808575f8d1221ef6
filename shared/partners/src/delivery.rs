//! Events on their way to partners: one item for each, with its body as it is signed, the tries that were made, and when the next
//! one is due. All changes are pure; the writes that make them are conditional on the version that was read.

use crate::GRACE;
use kernel::{Fault, Instant, PartnerId};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{Guard, Key, Row, Write};

/// How long after a try that failed the next one comes: three that come fast, then the ladder. After the last one it is given up.
pub const LADDER: [Duration; 8] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
];
/// How long an endpoint may take to answer.
pub const WITHIN: Duration = Duration::from_secs(15);
/// How long whoever makes a try is believed to be at it: longer than it can take.
const CLAIM: Duration = Duration::from_secs(30);
/// The longest time that an endpoint may ask us to wait.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// How long deliveries are kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Tries that a delivery remembers at the most: the oldest goes first.
const TRIES_KEPT: usize = 20;
/// Tries that are made for one partner at a time: an endpoint that lets everybody wait makes its own partner wait, and nobody else.
const LANES: u8 = 2;
/// The exponent of the longest time, in seconds, that a delivery waits for a lane of its partner: each wait is twice the one before.
const LANE_WAIT_MOST: u32 = 8;

/// What happened that a partner is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// One of its feeds came to its end.
    #[serde(rename = "feed.ended")]
    FeedEnded,
    /// What it stated by a webhook was taken over.
    #[serde(rename = "stock.applied")]
    StockApplied,
    /// Every step of its checklist is green.
    #[serde(rename = "partner.live")]
    PartnerLive,
    /// It set its endpoint.
    #[serde(rename = "webhook.test")]
    WebhookTest,
}

impl Kind {
    /// The kind as it is stored and sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FeedEnded => "feed.ended",
            Self::StockApplied => "stock.applied",
            Self::PartnerLive => "partner.live",
            Self::WebhookTest => "webhook.test",
        }
    }
}

/// Something that happened, for whoever wants to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Who is told.
    pub partner: PartnerId,
    /// What it is.
    pub kind: Kind,
    /// What tells it from every other event of its kind: a repeat is the same.
    pub subject: String,
    /// When it happened.
    pub at: Instant,
    /// What is told, as JSON.
    pub data: serde_json::Value,
}

/// What the queue of deliveries carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Tell a partner what happened, if it wants to be told.
    Event(Event),
    /// Make the next try of a delivery, if it is due.
    Delivery(String),
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A try is due, or will be.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// The last step of the ladder failed too, or the endpoint is gone.
    Failed,
    /// There was no endpoint any more when its turn came.
    Cancelled,
}

/// Why a try was none that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The endpoint's name stands for an address that is not on the open web.
    PrivateAddress,
    /// No connection came to stand.
    NoConnection,
    /// No answer came in time.
    NoAnswer,
    /// It pointed elsewhere, where we do not follow.
    Redirect,
    /// It said that it is gone for good.
    Gone,
    /// It answered something else than a success.
    Status,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When it began.
    pub at: Instant,
    /// Milliseconds until its end.
    pub took_ms: u64,
    /// What the endpoint answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What was wrong with it; nothing, if it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

impl Try {
    /// A try that was answered: 2xx alone is a success.
    #[must_use]
    pub const fn answered(at: Instant, took_ms: u64, status: u16) -> Self {
        let trouble = match status {
            200..=299 => None,
            300..=399 => Some(Trouble::Redirect),
            410 => Some(Trouble::Gone),
            _ => Some(Trouble::Status),
        };
        Self { at, took_ms, status: Some(status), trouble }
    }

    /// A try that was not.
    #[must_use]
    pub const fn failed(at: Instant, took_ms: u64, trouble: Trouble) -> Self {
        Self { at, took_ms, status: None, trouble: Some(trouble) }
    }
}

/// A delivery as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, sent as `webhook-id`: derived from the event, so that a repeat is the same.
    pub id: String,
    /// 1 when it is made; one more with each change.
    pub version: u64,
    /// Who is told.
    pub partner: PartnerId,
    /// What the index finds the deliveries of its partner by.
    pub listed: String,
    /// In which order it finds them: when each was made.
    pub listed_at: Instant,
    /// What happened.
    pub kind: Kind,
    /// The body as it is signed and sent.
    pub body: String,
    /// Where it stands.
    pub state: State,
    /// How many steps of the ladder are behind it.
    pub step: u32,
    /// The tries that were made.
    pub tries: Vec<Try>,
    /// What the index finds all by that wait for a try; nothing, when it waits for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_list: Option<String>,
    /// When the next try is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
    /// Until when somebody is believed to be at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_until: Option<Instant>,
    /// How often it waited for a lane of its partner since its last try.
    #[serde(default)]
    pub waits: u32,
    /// When it was made.
    pub created_at: Instant,
    /// When it is dropped, in seconds, as DynamoDB's TTL wants it.
    pub expires_at: i64,
}

impl Row for Delivery {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

/// The body of a delivery, as Standard Webhooks propose it.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: Kind,
    timestamp: String,
    data: &'a serde_json::Value,
}

impl Event {
    /// The id of its delivery.
    #[must_use]
    pub fn delivery_id(&self) -> String {
        kernel::id::derived(&["delivery", self.partner.as_str(), self.kind.name(), &self.subject])
    }
}

impl Delivery {
    /// What every delivery's partition key begins with.
    pub const PREFIX: &'static str = "DELIVERY#";

    /// What the index finds all deliveries by that wait for a try.
    pub const DUE: &'static str = "DELIVERIES";

    /// Where the delivery `id` stands.
    #[must_use]
    pub fn key_of(id: &str) -> Key {
        Key::new(format!("{}{id}", Self::PREFIX))
    }

    /// What the index finds the deliveries of `partner` by.
    #[must_use]
    pub fn listed(partner: &PartnerId) -> String {
        format!("DELIVERIES#{partner}")
    }

    /// The delivery of an event, already claimed for its first try.
    ///
    /// # Errors
    /// A bug when the event does not write as JSON.
    pub fn of(event: &Event, now: Instant) -> Result<Self, Fault> {
        let body = Body { kind: event.kind, timestamp: event.at.to_string(), data: &event.data };
        let body = serde_json::to_string(&body).map_err(|error| Fault::bug(format!("an event: {error}")))?;
        Ok(Self {
            id: event.delivery_id(),
            version: 1,
            partner: event.partner.clone(),
            listed: Self::listed(&event.partner),
            listed_at: now,
            kind: event.kind,
            body,
            state: State::Pending,
            step: 0,
            tries: Vec::new(),
            due_list: Some(Self::DUE.to_owned()),
            due_at: Some(now),
            claimed_until: Some(now.plus(CLAIM)),
            waits: 0,
            created_at: now,
            expires_at: now.plus(KEPT).seconds(),
        })
    }

    /// The delivery, claimed for the try that is due; `None` when none is, or somebody is at it.
    #[must_use]
    pub fn claim(mut self, now: Instant) -> Option<Self> {
        if !self.is_due(now) {
            return None;
        }
        self.claimed_until = Some(now.plus(CLAIM));
        Some(self)
    }

    fn is_due(&self, now: Instant) -> bool {
        let due = self.state == State::Pending && self.due_at.is_some_and(|due| due <= now);
        due && self.claimed_until.is_none_or(|until| until <= now)
    }

    /// Whether the sweep sends for it: its try is due for so long that no message is on its way any more.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.is_due(now) && self.due_at.is_some_and(|due| now.since(due) >= GRACE)
    }

    /// When somebody has to be sent to make a try, after a change from `old` to this: `None` when nobody has to, because
    /// nothing is to be done, somebody is at it, or somebody was sent before.
    #[must_use]
    pub fn send_for(&self, old: Option<&Self>) -> Option<Instant> {
        let free = self.state == State::Pending && self.claimed_until.is_none();
        let sent_for = old.is_some_and(|old| old.claimed_until.is_none() && old.due_at == self.due_at);
        self.due_at.filter(|_| free && !sent_for)
    }

    /// The delivery, put back because as many others of its partner as may be are on their way.
    #[must_use]
    pub fn wait_for_lane(mut self, now: Instant) -> Self {
        self.claimed_until = None;
        self.due_at = Some(now.plus(Duration::from_secs(1 << self.waits.min(LANE_WAIT_MOST))));
        self.waits += 1;
        self
    }

    /// The lane of its partner that it takes: the same for every try.
    fn lane(&self) -> Key {
        let number = self.id.bytes().fold(0_u8, u8::wrapping_add) % LANES;
        Key::new(format!("LANE#{}#{number}", self.partner))
    }

    /// Takes its lane, unless another delivery is in it.
    #[must_use]
    pub fn take_lane(&self, now: Instant) -> Write {
        const FREE: Guard =
            Guard::new("free", "attribute_not_exists(#until) OR #until <= :now OR delivery = :delivery");
        Write::update(self.lane(), "SET #until = :until, delivery = :delivery, expires_at = :end")
            .when(FREE)
            .name("#until", "until")
            .text(":delivery", &self.id)
            .number(":now", now.millis())
            .number(":until", now.plus(CLAIM).millis())
            .number(":end", now.plus(KEPT).seconds())
    }

    /// Leaves its lane, if it is still in it.
    #[must_use]
    pub fn leave_lane(&self) -> Write {
        const OURS: Guard = Guard::new("ours", "delivery = :delivery");
        Write::update(self.lane(), "REMOVE #until").when(OURS).name("#until", "until").text(":delivery", &self.id)
    }

    /// The delivery after a try. `asked` is how long the endpoint asks us to wait.
    #[must_use]
    pub fn tried(mut self, one: Try, asked: Option<Duration>, now: Instant) -> Self {
        (self.claimed_until, self.waits) = (None, 0);
        let trouble = one.trouble;
        self.tries.push(one);
        let over = self.tries.len().saturating_sub(TRIES_KEPT);
        self.tries.drain(..over);
        let next = usize::try_from(self.step).ok().and_then(|step| LADDER.get(step));
        match (trouble, next) {
            (None, _) => self.rest(State::Delivered),
            (Some(Trouble::Gone), _) | (_, None) => self.rest(State::Failed),
            (_, Some(wait)) => {
                self.step += 1;
                self.due_at = Some(now.plus((*wait).max(asked.unwrap_or_default().min(PATIENCE))));
            }
        }
        self
    }

    /// The delivery when there is nobody to send it to any more.
    #[must_use]
    pub fn cancel(mut self) -> Self {
        self.rest(State::Cancelled);
        self
    }

    /// The delivery, to be tried at once, from the first step of the ladder. Whoever is at it goes on.
    #[must_use]
    pub fn replay(mut self, now: Instant) -> Self {
        self.state = State::Pending;
        self.step = 0;
        self.due_list = Some(Self::DUE.to_owned());
        self.due_at = Some(now);
        self
    }

    fn rest(&mut self, state: State) {
        self.state = state;
        (self.due_list, self.due_at, self.claimed_until) = (None, None, None);
    }

    /// The write that puts the delivery in the place of its version; `self` becomes what it is then.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn save(&mut self) -> Result<Write, Fault> {
        let seen = self.version;
        self.version += 1;
        Ok(Write::put(self)?.seen(seen))
    }

    /// The write that makes a new delivery.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn create(&self) -> Result<Write, Fault> {
        Ok(Write::put(self)?.when(Guard::ABSENT))
    }
}

#[cfg(test)]
mod tests {
    use super::{Delivery, Event, Kind, LADDER, State, Trouble, Try};
    use kernel::{Instant, PartnerId};
    use std::time::Duration;

    const NOW: Instant = Instant::from_seconds(1_000);

    fn event() -> Event {
        let partner = PartnerId::parse("01jgtq9d3v8x4n6m2k7h5r0p1t").unwrap();
        let data = serde_json::json!({"job": "j"});
        Event { partner, kind: Kind::FeedEnded, subject: "j#3".to_owned(), at: NOW, data }
    }

    fn fresh() -> Delivery {
        Delivery::of(&event(), NOW).unwrap()
    }

    fn refused(at: Instant) -> Try {
        Try::answered(at, 7, 500)
    }

    #[test]
    fn the_same_event_is_the_same_delivery() {
        assert_eq!(fresh().id, event().delivery_id());
        assert_ne!(fresh().id, Event { subject: "j#4".to_owned(), ..event() }.delivery_id());
        assert_ne!(fresh().id, Event { kind: Kind::StockApplied, ..event() }.delivery_id());
        let body = r#"{"type":"feed.ended","timestamp":"1970-01-01T00:16:40.000Z","data":{"job":"j"}}"#;
        assert_eq!(fresh().body, body);
    }

    // Proves: S4-I2b
    #[test]
    fn three_tries_follow_fast_and_five_on_the_ladder_and_then_it_is_given_up() {
        let (mut delivery, mut now, mut waits) = (fresh(), NOW, Vec::new());
        while delivery.state == State::Pending {
            delivery = delivery.tried(refused(now), None, now);
            if let Some(due) = delivery.due_at {
                waits.push(due.since(now));
                now = due;
            }
        }
        let seconds: Vec<u64> = waits.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 300, 1800, 7200, 18_000, 36_000]);
        assert_eq!((delivery.state, delivery.tries.len()), (State::Failed, 9));
        assert_eq!((delivery.due_at, delivery.due_list, delivery.claimed_until), (None, None, None));
    }

    #[test]
    fn a_success_is_2xx_alone() {
        for (status, trouble) in [
            (200, None),
            (204, None),
            (299, None),
            (199, Some(Trouble::Status)),
            (301, Some(Trouble::Redirect)),
            (307, Some(Trouble::Redirect)),
            (400, Some(Trouble::Status)),
            (410, Some(Trouble::Gone)),
            (503, Some(Trouble::Status)),
        ] {
            assert_eq!(Try::answered(NOW, 1, status).trouble, trouble, "{status}");
        }
        assert_eq!(fresh().tried(Try::answered(NOW, 1, 204), None, NOW).state, State::Delivered);
        assert_eq!(fresh().tried(Try::answered(NOW, 1, 302), None, NOW).state, State::Pending);
        assert_eq!(fresh().tried(Try::failed(NOW, 1, Trouble::NoAnswer), None, NOW).state, State::Pending);
    }

    #[test]
    fn one_who_is_gone_is_not_asked_again() {
        assert_eq!(fresh().tried(Try::answered(NOW, 1, 410), None, NOW).state, State::Failed);
    }

    #[test]
    fn whoever_asks_for_time_gets_it_within_reason() {
        let after = |asked: u64| {
            fresh().tried(refused(NOW), Some(Duration::from_secs(asked)), NOW).due_at.unwrap().since(NOW).as_secs()
        };
        assert_eq!([after(0), after(120), after(1_000_000)], [1, 120, 86_400]);
    }

    #[test]
    fn one_at_a_time_makes_a_try_and_one_who_died_is_followed() {
        let delivery = fresh();
        assert_eq!(delivery.clone().claim(NOW.plus(Duration::from_secs(29))), None, "somebody is at it");
        let again = delivery.claim(NOW.plus(Duration::from_secs(30))).unwrap();
        assert_eq!(again.claimed_until, Some(NOW.plus(Duration::from_secs(60))));
        let waits = again.tried(refused(NOW), None, NOW);
        assert_eq!(waits.clone().claim(NOW), None, "it is not due");
        assert!(waits.claim(NOW.plus(Duration::from_secs(1))).is_some());
    }

    #[test]
    fn a_try_is_sent_for_once() {
        let fresh = fresh();
        assert_eq!(fresh.send_for(None), None, "whoever made it is at it");
        let waits = fresh.clone().tried(refused(NOW), None, NOW);
        let due = NOW.plus(Duration::from_secs(1));
        assert_eq!(waits.send_for(Some(&fresh)), Some(due));
        assert_eq!(waits.send_for(Some(&waits)), None);
        let claimed = waits.clone().claim(due).unwrap();
        assert_eq!(claimed.send_for(Some(&waits)), None);
        let replayed = waits.clone().replay(due.plus(Duration::from_secs(9)));
        assert_eq!(replayed.send_for(Some(&waits)), Some(due.plus(Duration::from_secs(9))));
        let over = claimed.clone().tried(Try::answered(due, 1, 200), None, due);
        assert_eq!(over.send_for(Some(&claimed)), None);
    }

    #[test]
    fn one_that_is_replayed_begins_at_the_first_step_with_the_same_body() {
        let mut delivery = fresh();
        for _ in 0..=LADDER.len() {
            delivery = delivery.tried(refused(NOW), None, NOW);
        }
        let (id, body) = (delivery.id.clone(), delivery.body.clone());
        let again = delivery.replay(NOW).claim(NOW).unwrap();
        assert_eq!((again.state, again.step, &again.id, &again.body), (State::Pending, 0, &id, &body));
        assert_eq!(again.tries.len(), 9, "what was tried is remembered");
    }

    #[test]
    fn a_replay_while_somebody_is_at_it_leaves_them_to_it() {
        let at_it = fresh();
        let replayed = at_it.clone().replay(NOW);
        assert_eq!(replayed.send_for(Some(&at_it)), None);
        assert_eq!(replayed.clone().claim(NOW), None);
        let ended = replayed.clone().tried(refused(NOW), None, NOW);
        assert!(ended.send_for(Some(&replayed)).is_some());
    }

    #[test]
    fn the_sweep_finds_what_is_late_and_nothing_else() {
        let waits = fresh().tried(refused(NOW), None, NOW);
        let late = NOW.plus(Duration::from_secs(61));
        assert!(!waits.is_overdue(NOW.plus(Duration::from_secs(60))));
        assert!(waits.is_overdue(late));
        assert!(!waits.clone().claim(late).unwrap().is_overdue(late));
        assert!(!waits.cancel().is_overdue(late));
    }

    #[test]
    fn whoever_finds_no_lane_waits_twice_as_long_each_time_and_loses_no_try() {
        let (mut delivery, mut waits) = (fresh(), Vec::new());
        for _ in 0..11 {
            delivery = delivery.wait_for_lane(NOW);
            waits.push(delivery.due_at.unwrap().since(NOW).as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256]);
        assert_eq!((delivery.step, delivery.tries.len(), delivery.claimed_until), (0, 0, None));
        assert_eq!(delivery.tried(refused(NOW), None, NOW).waits, 0);
    }

    #[test]
    fn tries_are_remembered_up_to_a_number() {
        let mut delivery = fresh();
        for n in 0..30 {
            delivery = delivery.replay(NOW).tried(Try::answered(NOW, n, 500), None, NOW);
        }
        let kept: Vec<u64> = delivery.tries.iter().map(|one| one.took_ms).collect();
        assert_eq!(kept, (10..30).collect::<Vec<u64>>());
    }
}
