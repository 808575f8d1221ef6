//! What the tests share: a sandbox on loopback, a link to it, a charge, and a count of calls.

use axum::Router;
use kernel::{Instant, Money, OrderId};
use outbound::Client;
use payments::{Budget, Call, Charge, Credentials, Link, Method, Outcome, Token, pay};
use sandbox::{Options, Storage};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

pub async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

pub fn credentials() -> Credentials {
    serde_json::from_value(json!({"api_key": "key", "webhook_secret": SECRET})).unwrap()
}

pub fn link(base: &str) -> Link {
    Link::new(Client::new(), base, credentials())
}

/// A sandbox of its own and the way to it.
pub struct Sandbox {
    pub base: String,
    pub link: Link,
}

impl Sandbox {
    pub async fn new() -> Self {
        Self::telling(None).await
    }

    pub async fn telling(events_to: Option<String>) -> Self {
        let options = Options {
            storage: Storage::Memory,
            api_key: "key".to_owned(),
            webhook_secret: SECRET.to_owned(),
            events_to,
        };
        let base = serve(sandbox::router(options).unwrap()).await;
        Self { link: link(&base), base }
    }

    /// How often money was taken for a reference, by the provider's own books.
    pub async fn captures(&self, reference: &str) -> usize {
        let url = format!("{}/ledger", self.base);
        let within = Duration::from_secs(2);
        let ask = outbound::Ask {
            method: outbound::Method::GET,
            url: &url,
            headers: &[],
            body: Vec::new(),
            traceparent: None,
            within,
        };
        let ledger: Value = serde_json::from_slice(&Client::new().send(ask).await.unwrap().body).unwrap();
        let entries = ledger["entries"].as_array().unwrap();
        entries.iter().filter(|entry| entry["reference"] == reference && entry["kind"] == "captured").count()
    }
}

pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant::from_millis(since.as_millis() as i64)
}

/// An order's id from any text.
pub fn order(name: &str) -> OrderId {
    OrderId::parse(&kernel::id::derived(&["test order", name])).unwrap()
}

pub fn call(key: &str) -> Call<'_> {
    Call { within: Duration::from_secs(2), key, traceparent: Some(TRACE) }
}

/// One payment operation as an orchestrator makes it, counting the calls that it wrote down.
pub struct Operation<'a> {
    pub method: &'a dyn Method,
    pub link: &'a Link,
    pub order: OrderId,
    pub token: &'a str,
    pub amount: Money,
    pub calls_made: u32,
    pub within: Duration,
}

impl Operation<'_> {
    pub async fn run(&self) -> (Outcome, u32) {
        let (token, counted) = (Token::parse(self.token).unwrap(), Mutex::new(self.calls_made));
        let charge =
            Charge { order: &self.order, attempt: 1, amount: self.amount, token: &token, traceparent: Some(TRACE) };
        let deadline = now().plus(self.within);
        let budget = Budget { deadline, clock: &now, random: &|| 7 };
        let before_call = |number| {
            let mut counted = counted.lock().unwrap();
            assert_eq!(*counted + 1, number, "calls are counted one by one");
            *counted = number;
            async { Ok::<_, ()>(()) }
        };
        let outcome = pay(self.method, self.link, &charge, &budget, self.calls_made, before_call).await.unwrap();
        (outcome, *counted.lock().unwrap())
    }
}
