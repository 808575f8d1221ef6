//! Events to the shop: signed, at least once, given up after three quick retries. What was not delivered when the process
//! ended is sent by the next one.

use crate::ledger::{Event, Ledger, Trouble, now};
use kernel::Instant;
use outbound::{Ask, Client, Method};
use std::time::Duration;
use webhooks::Secret;

/// The waits before each try.
const TRIES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(500), Duration::from_millis(2000)];

/// How long the shop has for one event.
const WITHIN: Duration = Duration::from_secs(5);

/// How long the shop has to come up before events of an earlier run are sent.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(crate) struct Notifier {
    url: String,
    secret: Secret,
    ledger: Ledger,
    client: Client,
}

impl Notifier {
    pub(crate) fn new(url: String, secret: Secret, ledger: Ledger) -> Self {
        Self { url, secret, ledger, client: Client::new() }
    }

    /// Sends what an earlier run left.
    pub(crate) fn resume(&self) {
        let notifier = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GRACE).await;
            let Ok(waiting) = notifier.ledger.waiting_events().await else { return };
            for number in waiting {
                notifier.tell(number).await;
            }
        });
    }

    /// Sends events behind the caller's back.
    pub(crate) fn send(&self, numbers: Vec<i64>) {
        for number in numbers {
            let notifier = self.clone();
            tokio::spawn(async move { notifier.tell(number).await });
        }
    }

    /// Sends one event until it is taken or given up. What the ledger does not take is sent again by the next run.
    async fn tell(&self, number: i64) {
        let told = async {
            let event = self.ledger.event(number).await?;
            let mut delivered = true;
            for _ in 0..event.copies {
                delivered &= self.deliver(&event).await;
            }
            self.ledger.settle_event(number, delivered).await
        };
        if let Err(trouble) = told.await {
            report(&trouble);
        }
    }

    async fn deliver(&self, event: &Event) -> bool {
        for wait in TRIES {
            tokio::time::sleep(wait).await;
            let at = Instant::from_millis(now());
            let signature = webhooks::sign(std::slice::from_ref(&self.secret), &event.id, at, event.body.as_bytes());
            let timestamp = at.seconds().to_string();
            let headers = [
                (webhooks::ID, event.id.as_str()),
                (webhooks::TIMESTAMP, timestamp.as_str()),
                (webhooks::SIGNATURE, signature.as_str()),
            ];
            let body = event.body.clone().into_bytes();
            let ask = Ask {
                method: Method::POST,
                url: &format!("{}/{}", self.url, event.provider),
                headers: &headers,
                body,
                traceparent: None,
                within: WITHIN,
            };
            if self.client.send(ask).await.is_ok_and(|answer| answer.status.is_success()) {
                return true;
            }
        }
        false
    }
}

#[expect(clippy::print_stderr, reason = "a stand-in has no other voice")]
fn report(trouble: &Trouble) {
    eprintln!("sandbox: an event was not sent: {trouble}");
}
