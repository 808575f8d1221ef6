//! What the tests share: a provider that fails by chance, and a clock of their own.

use kernel::{Amount, Currency, Instant, Money, OrderId};
use outbound::Client;
use payments::providers::{About, Failure, How, Method, Said};
use payments::{Call, Charge, Credentials, Delivery, Event, Link, Report, Standing, Token, Unbelieved};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

pub const PRICE: Money = Money::new(1999, Currency::USD);

/// A link that nobody follows: the provider of these tests is no server.
pub fn nowhere() -> Link {
    let secrets = serde_json::json!({"api_key": "key", "webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
    Link::new(Client::new(), "http://127.0.0.1:9", serde_json::from_value(secrets).unwrap())
}

/// The first attempt of an order.
pub fn charge<'a>(order: &'a OrderId, token: &'a Token) -> Charge<'a> {
    let (token, due_at) = (Some(token), Instant::from_seconds(2_000_000));
    Charge { order, attempt: 1, amount: PRICE, token, approved: None, due_at, return_url: "", traceparent: None }
}

/// Runs on a clock that jumps to the next wait as soon as nothing else is left to do.
pub fn virtual_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// A provider that fails some calls of a hundred, in every way a call can fail for now.
pub struct Flaky {
    fails_of_100: AtomicU64,
    hangs: AtomicBool,
    chance: Mutex<u64>,
    calls: Mutex<u32>,
    captured: Mutex<Vec<String>>,
}

impl Flaky {
    pub fn new(seed: u64, fails_of_100: u64) -> Self {
        let (fails_of_100, hangs) = (AtomicU64::new(fails_of_100), AtomicBool::new(false));
        Self { fails_of_100, hangs, chance: Mutex::new(seed), calls: Mutex::default(), captured: Mutex::default() }
    }

    /// SplitMix64.
    pub fn random(&self) -> u64 {
        let mut state = self.chance.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Takes the money under a key, once.
    fn take(&self, key: &str) {
        let mut captured = self.captured.lock().unwrap();
        if !captured.iter().any(|known| known == key) {
            captured.push(key.to_owned());
        }
    }

    pub fn took(&self) -> usize {
        self.captured.lock().unwrap().len()
    }

    /// Whether money was taken under a key.
    pub fn has_taken(&self, key: &str) -> bool {
        self.captured.lock().unwrap().iter().any(|known| known == key)
    }

    /// How often it was called.
    pub fn calls(&self) -> u32 {
        *self.calls.lock().unwrap()
    }

    /// From now on so many calls of a hundred fail.
    pub fn fail(&self, of_100: u64) {
        self.fails_of_100.store(of_100, Ordering::SeqCst);
    }

    /// From now on no call is answered, or all are again.
    pub fn hang(&self, hangs: bool) {
        self.hangs.store(hangs, Ordering::SeqCst);
    }

    async fn answer(&self, call: Call<'_>, charge: &Charge<'_>) -> Result<Report, Failure> {
        *self.calls.lock().unwrap() += 1;
        if self.hangs.load(Ordering::SeqCst) {
            tokio::time::sleep(call.within).await;
            return Err(Failure::Unanswered("nothing came".to_owned()));
        }
        tokio::time::sleep(Duration::from_millis(20 + self.random() % 200)).await;
        if self.random() % 100 < self.fails_of_100.load(Ordering::SeqCst) {
            return Err(match self.random() % 4 {
                0 => Failure::NotSent("refused".to_owned()),
                1 => Failure::Busy("503".to_owned()),
                2 => Failure::Unanswered("500".to_owned()),
                _ => {
                    self.take(call.key);
                    Failure::Unanswered("dropped".to_owned())
                }
            });
        }
        self.take(call.key);
        Ok(Report {
            payment_id: "pay_1".to_owned(),
            reference: charge.order.as_str().to_owned(),
            attempt: Some(charge.attempt),
            standing: Standing::Captured,
            amount: charge.amount,
            refunded: Amount::ZERO,
            card: None,
        })
    }
}

const ABOUT: About =
    About { id: "flaky", provider: "flaky", label: "Flaky", description: "", how: How::Token, fields: &[], can: &[] };

impl Method for Flaky {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn authorise<'a>(&'a self, _: &'a Link, call: Call<'a>, charge: &'a Charge<'a>, _: bool) -> Said<'a, Report> {
        Box::pin(self.answer(call, charge))
    }

    fn capture<'a>(&'a self, _: &'a Link, _: Call<'a>, _: &'a str, _: Money) -> Said<'a, Report> {
        unimplemented!("not asked for here")
    }

    fn void<'a>(&'a self, _: &'a Link, _: Call<'a>, _: &'a str) -> Said<'a, Report> {
        unimplemented!("not asked for here")
    }

    fn refund<'a>(&'a self, _: &'a Link, _: Call<'a>, _: &'a str, _: Money) -> Said<'a, Report> {
        unimplemented!("not asked for here")
    }

    fn read<'a>(&'a self, _: &'a Link, _: Call<'a>, _: &'a str) -> Said<'a, Vec<Report>> {
        unimplemented!("not asked for here")
    }

    fn parse_event(&self, _: &Credentials, _: &Delivery<'_>) -> Result<Event, Unbelieved> {
        unimplemented!("not asked for here")
    }
}
