//! Partners, their keys and the turns of their feeds, against the table that ships.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why by panicking")]

use cloud::Cloud;
use kernel::{Instant, JobId, Kind, PartnerId, id};
use partners::job::{Arrival, Counts, Source, State, Step, Wishes};
use partners::key::KEY_LASTS;
use partners::partner::{self, Newcomer};
use partners::turn::{LEASE, WAITING_MOST};
use partners::{Arrived, Job, NewKey, Partner, Scope, Store, World};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use table::WriteError;

const START: Instant = Instant::from_seconds(1_800_000_000);

fn after(seconds: u64) -> Instant {
    START.plus(Duration::from_secs(seconds))
}

/// A cloud with the partners of a shop.
struct Shop {
    cloud: Cloud,
}

impl Shop {
    fn start() -> Self {
        Self { cloud: cloud::testing::start().unwrap() }
    }

    fn platform(&self) -> lambda::Platform {
        let name = &self.cloud.definition().tables.iter().find(|table| table.name.ends_with("-partners")).unwrap().name;
        let mut environment: HashMap<String, String> = self.cloud.environment("test").into_iter().collect();
        environment.insert("TABLE_PARTNERS".to_owned(), name.clone());
        environment.entry("KEY_PERSONAL".to_owned()).or_insert_with(|| "alias/russet-personal".to_owned());
        lambda::Platform::new(lambda::Settings { environment, clock: Arc::new(|| START), output: Arc::new(|_| {}) })
            .unwrap()
    }

    fn store(&self) -> Store {
        Store::new(self.platform().table("partners").unwrap())
    }

    /// A partner that came at the start, with its key.
    async fn partner(&self, handle: &str) -> (Partner, NewKey) {
        let (store, seals) = (self.store(), self.platform().subject_keys("personal", "partners", "partner").unwrap());
        let id = PartnerId::parse(&id::derived(&[handle])).unwrap();
        let (key, seal_key) = seals.create(id.as_str(), START).await.unwrap();
        let item = format!("PARTNER#{id}");
        let seal = |field, text: &str| {
            let place = vault::Place { table: "partners", item: &item, field, subject: id.as_str() };
            key.seal(&place, text.as_bytes()).unwrap()
        };
        let newcomer = Newcomer {
            handle: handle.to_owned(),
            name: "Teas".to_owned(),
            email: seal("email", "a@example.com"),
            email_mask: "a***".to_owned(),
            secret: seal("secrets", "whsec_1"),
            fingerprint: String::new(),
            seal_key,
            id: id.clone(),
        };
        let new = NewKey::new(handle, World::Sandbox, Scope::ALL.to_vec(), START, KEY_LASTS);
        let (partner, writes) = Partner::onboard(newcomer, &new, START).unwrap();
        store.table().transact(writes, None).await.unwrap();
        (partner, new)
    }
}

fn job(partner: &Partner, n: usize, at: Instant) -> Job {
    let source =
        Source { object: format!("feeds/{n}"), bytes: 1, sha256: String::new(), media_type: None, file_name: None };
    let arrival = Arrival {
        id: JobId::parse(&id::derived(&["job", &n.to_string()])).unwrap(),
        partner: partner.id.clone(),
        fingerprint: "f".to_owned(),
        world: World::Sandbox,
        source,
        wishes: Wishes::default(),
        origin: None,
        trace: None,
    };
    Job::receive(arrival, at)
}

fn on(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(work);
}

// Proves: S4-S1a
#[test]
fn a_key_counts_until_it_is_revoked_or_ends_and_no_other_text_does() {
    let shop = Shop::start();
    on(async {
        let (store, (partner, key)) = (shop.store(), shop.partner("acme").await);
        let found = store.key(key.reveal(), after(1)).await.unwrap().unwrap();
        assert_eq!((&found.partner, &found.key.id), (&partner.id, &key.issued.id));
        assert!(store.key(key.reveal(), START.plus(KEY_LASTS)).await.unwrap().is_none(), "it has ended");
        let mut other = key.reveal().to_owned();
        let last = if other.pop() == Some('0') { '1' } else { '0' };
        other.push(last);
        for wrong in [other.as_str(), "", &key.issued.id, &key.issued.hash] {
            assert!(store.key(wrong, after(1)).await.unwrap().is_none(), "{wrong}");
        }
        let (partner, writes) = partner.revoke(&key.issued.id, "partner", after(2)).unwrap();
        store.table().transact(writes, None).await.unwrap();
        assert!(store.key(key.reveal(), after(2)).await.unwrap().is_none(), "it was revoked");
        let (_, writes) = partner.revoke(&key.issued.id, "partner", after(3)).unwrap();
        assert!(writes.is_empty(), "twice is once");
    });
}

#[test]
fn the_last_use_of_a_key_is_kept_to_the_quarter_of_an_hour() {
    let shop = Shop::start();
    on(async {
        let (store, (partner, key)) = (shop.store(), shop.partner("acme").await);
        let used = async |at| {
            let row = store.key(key.reveal(), at).await.unwrap().unwrap();
            store.used(&row, at).await.unwrap();
            store.rows(&partner).await.unwrap()[0].last_used_at
        };
        assert_eq!(used(after(10)).await, Some(after(10)));
        assert_eq!(used(after(800)).await, Some(after(10)));
        assert_eq!(used(after(920)).await, Some(after(920)));
    });
}

// Proves: S4-I1
#[test]
fn a_partner_goes_live_with_its_last_step_and_gets_live_keys_from_then_on() {
    let shop = Shop::start();
    on(async {
        let (store, (partner, _)) = (shop.store(), shop.partner("acme").await);
        let live = NewKey::new("live", World::Live, vec![Scope::Feeds], START, KEY_LASTS);
        let refused = partner.clone().issue(&live, "partner", None, after(1)).unwrap_err();
        assert_eq!((refused.code, refused.errors.len()), ("not_live_yet", 3));
        for (n, step) in [(1, partner::Step::WebhookVerified), (2, partner::Step::KeyUsed), (3, partner::Step::KeyUsed)]
        {
            store.prove(&partner.id, step, after(n)).await.unwrap();
            assert_eq!(store.partner(&partner.id).await.unwrap().world(), World::Sandbox);
        }
        store.prove(&partner.id, partner::Step::FeedValidated, after(4)).await.unwrap();
        let grown = store.partner(&partner.id).await.unwrap();
        assert_eq!((grown.live_at, grown.version), (Some(after(4)), 4), "a step that is green is not written again");
        let (grown, writes) = grown.issue(&live, "partner", Some("f"), after(5)).unwrap();
        store.table().transact(writes, None).await.unwrap();
        assert_eq!(store.key(live.reveal(), after(5)).await.unwrap().unwrap().key.world, World::Live);
        let more = |seed: &str| NewKey::new(seed, World::Live, vec![Scope::Feeds], START, KEY_LASTS);
        let (grown, _) = grown.issue(&more("second"), "partner", None, after(6)).unwrap();
        assert_eq!(grown.issue(&more("third"), "partner", None, after(7)).unwrap_err().code, "too_many_keys");
    });
}

#[test]
fn two_partners_with_one_handle_are_one() {
    let shop = Shop::start();
    on(async {
        let (partner, key) = shop.partner("acme").await;
        let twin = NewKey::new("twin", World::Sandbox, Scope::ALL.to_vec(), START, KEY_LASTS);
        let newcomer = Newcomer {
            id: PartnerId::parse(&id::derived(&["twin"])).unwrap(),
            handle: partner.handle.clone(),
            name: partner.name.clone(),
            email: partner.email.clone(),
            seal_key: partner.seal_key.clone(),
            email_mask: partner.email_mask.clone(),
            secret: partner.secrets[0].clone(),
            fingerprint: String::new(),
        };
        let (_, writes) = Partner::onboard(newcomer, &twin, START).unwrap();
        let refused = shop.store().table().transact(writes, None).await.unwrap_err();
        assert!(matches!(refused, WriteError::Refused(refused) if refused.index == 0));
        assert!(shop.store().key(twin.reveal(), START).await.unwrap().is_none());
        assert!(shop.store().key(key.reveal(), START).await.unwrap().is_some());
    });
}

#[test]
fn the_same_feed_arrives_once_and_too_many_wait_outside() {
    let shop = Shop::start();
    on(async {
        let (store, (partner, _)) = (shop.store(), shop.partner("acme").await);
        let first = job(&partner, 0, START);
        assert!(matches!(store.arrive(&first).await.unwrap(), Arrived::New));
        let Arrived::Again(known) = store.arrive(&job(&partner, 0, after(9))).await.unwrap() else {
            panic!("the same feed arrived twice")
        };
        assert_eq!(*known, first);
        for n in 1..WAITING_MOST {
            assert!(matches!(store.arrive(&job(&partner, n, after(1))).await.unwrap(), Arrived::New), "{n}");
        }
        let refused = store.arrive(&job(&partner, 1_000, after(2))).await.unwrap_err();
        assert_eq!((refused.kind, refused.code), (Kind::Limited, "too_many_feeds"));
        assert!(store.find_job(&job(&partner, 1_000, START).id).await.unwrap().is_none());
    });
}

#[test]
fn one_run_at_a_time_takes_the_feeds_in_their_order_until_nobody_waits() {
    let shop = Shop::start();
    on(async {
        let (store, (partner, _)) = (shop.store(), shop.partner("acme").await);
        let (late, early) = (job(&partner, 1, after(2)), job(&partner, 2, after(1)));
        store.arrive(&late).await.unwrap();
        store.arrive(&early).await.unwrap();
        let turns = store.take_turn(&partner.id, "one", after(3)).await.unwrap().unwrap();
        assert_eq!(turns.next(), Some(early.id.clone()));
        assert!(store.take_turn(&partner.id, "two", after(4)).await.unwrap().is_none(), "one is at work");
        assert!(store.take_turn(&partner.id, "one", after(5)).await.unwrap().is_some(), "and says so");
        let mut done = early.clone().begin(after(5)).end(None, after(5));
        assert!(store.close(&mut done).await.unwrap());
        assert!(!store.close(&mut early.clone().end(None, after(5))).await.unwrap(), "a job ends once");
        assert!(!store.let_go(&partner.id, "one", true).await.unwrap(), "somebody waits");
        let lost = after(5).plus(LEASE);
        let turns = store.take_turn(&partner.id, "two", lost).await.unwrap().unwrap();
        assert_eq!(turns.next(), Some(late.id.clone()));
        assert!(!store.let_go(&partner.id, "one", false).await.unwrap(), "it has the turn no more");
        assert!(store.close(&mut late.clone().begin(lost).end(None, lost)).await.unwrap());
        assert!(store.let_go(&partner.id, "two", true).await.unwrap());
        assert!(store.take_turn(&partner.id, "three", lost).await.unwrap().unwrap().next().is_none());
        let page = store.jobs(&partner.id, 10, None).await.unwrap();
        let states: Vec<State> = page.items.iter().map(|job| job.state).collect();
        assert_eq!((states.as_slice(), &page.items[0].id), ([State::Done, State::Done].as_slice(), &late.id));
    });
}

#[test]
fn a_job_that_dies_each_time_is_given_up_and_one_that_gets_on_is_not() {
    let shop = Shop::start();
    on(async {
        let (partner, _) = shop.partner("acme").await;
        let mut dying = job(&partner, 1, START);
        for _ in 0..partners::job::STARTS_MOST {
            dying = dying.begin(after(1));
            assert_eq!(dying.state, State::Reading);
        }
        assert_eq!(dying.begin(after(2)).state, State::Failed);
        let mut going = job(&partner, 2, START);
        for n in 1..20 {
            let counts = Counts { seen: 1, accepted: 1, ..Counts::default() };
            going = going.begin(after(n)).advance(Step { position: n, counts, ..Step::default() });
            assert_eq!((going.state, going.counts.seen), (State::Reading, n));
        }
        assert_eq!(going.as_received().counts, Counts::default());
        assert_eq!(going.clone().requeue("x", after(1)).unwrap_err().code, "job_not_over");
        let over = going.end(None, after(30));
        let late = START.plus(partners::job::READ_AGAIN);
        assert_eq!(over.clone().requeue("x", late).unwrap_err().code, "feed_too_old");
        let again = over.requeue("x", after(31)).unwrap();
        assert_eq!((again.state, again.position, again.counts), (State::Received, 0, Counts::default()));
    });
}
