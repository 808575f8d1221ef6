//! What the tests share: a sandbox on loopback, a link to it, a charge, and a count of calls.

use axum::Router;
use kernel::{Instant, Money, OrderId};
use outbound::{Client, StatusCode};
use payments::providers::How;
use payments::{Action, Budget, Call, Charge, Credentials, Link, Method, Outcome, Token, find, pay};
use sandbox::{Options, Storage};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
pub const PRICE: Money = Money::new(1999, kernel::Currency::USD);
const BACK: &str = "https://shop.example/shop/orders/1?back";

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

    /// How often money was taken for a reference, by the providers' own books.
    pub async fn captures(&self, reference: &str) -> usize {
        let (_, ledger) = ask(outbound::Method::GET, &format!("{}/ledger", self.base), "").await;
        let entries = ledger["entries"].as_array().unwrap();
        entries.iter().filter(|entry| entry["reference"] == reference && entry["kind"] == "captured").count()
    }

    /// The next calls of that step (`make`, `capture`) behave as the token says: for methods that have no token to say it.
    pub async fn set_mood(&self, order: &OrderId, step: &str, token: &str) {
        let body = json!({"reference": order.as_str(), "step": step, "token": token}).to_string();
        let (status, _) = ask(outbound::Method::POST, &format!("{}/moods", self.base), &body).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }

    /// The shopper does what they are asked to; a capture that follows behaves as the token says.
    pub async fn obey(&self, action: &Action, token: &str) {
        let (url, form) = match action {
            Action::Redirect { url } => (url.clone(), format!("decision={token}")),
            Action::Transfer { address, .. } => {
                (format!("{}/crypto/address/{address}", self.base), "how=exact".to_owned())
            }
        };
        let (status, _) = ask(outbound::Method::POST, &url, &form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{url}");
    }
}

/// Asks the sandbox beside the shop's own protocol.
pub async fn ask(method: outbound::Method, url: &str, body: &str) -> (StatusCode, Value) {
    let headers = [("authorization", "Bearer key")];
    let (body, within) = (body.as_bytes().to_vec(), Duration::from_secs(2));
    let ask = outbound::Ask { method, url, headers: &headers, body, traceparent: None, within };
    let answer = Client::new().send(ask).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
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

/// A charge as an orchestrator makes it.
pub fn charge<'a>(order: &'a OrderId, token: Option<&'a Token>, approved: Option<&'a str>) -> Charge<'a> {
    // The same for every repeat, as an order's is.
    let due_at = Instant::from_seconds(4_000_000_000);
    Charge { order, attempt: 1, amount: PRICE, token, approved, due_at, return_url: BACK, traceparent: Some(TRACE) }
}

/// One payment operation as an orchestrator makes it, counting the calls that it wrote down.
#[derive(Clone)]
pub struct Operation<'a> {
    pub method: &'static dyn Method,
    pub link: &'a Link,
    pub order: OrderId,
    /// What the payment does; sent as a token where the method takes one.
    pub token: &'a str,
    pub approved: Option<String>,
    pub calls_made: u32,
    pub within: Duration,
}

impl<'a> Operation<'a> {
    /// The first operation of a payment of its own that behaves as the token says.
    pub async fn new(method: &'static dyn Method, sandbox: &'a Sandbox, token: &'a str) -> Self {
        let order = order(&format!("{} {token}", method.about().id));
        if method.about().how != How::Token {
            sandbox.set_mood(&order, "make", token).await;
        }
        Self::of(method, &sandbox.link, order, token)
    }

    pub const fn of(method: &'static dyn Method, link: &'a Link, order: OrderId, token: &'a str) -> Self {
        Self { method, link, order, token, approved: None, calls_made: 0, within: Duration::from_millis(4000) }
    }

    pub async fn run(&self) -> (Outcome, u32) {
        let (token, counted) = (Token::parse(self.token).unwrap(), Mutex::new(self.calls_made));
        let token = Some(&token).filter(|_| self.method.about().how == How::Token);
        let charge = charge(&self.order, token, self.approved.as_deref());
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

    /// The whole of a payment: what the shopper is asked to do is done, and what they approved is taken, in an operation
    /// that behaves as `then` says. Answers how many calls that took in all.
    pub async fn to_the_end(&self, sandbox: &Sandbox, then: &str) -> (Outcome, u32) {
        let (outcome, calls) = self.run().await;
        let Outcome::RequiresAction { payment_id, action } = &outcome else {
            return (outcome, calls);
        };
        sandbox.obey(action, then).await;
        if let Action::Redirect { .. } = action {
            return Self { approved: Some(payment_id.clone()), calls_made: calls, ..self.clone() }.run().await;
        }
        let reports = find(self.method, self.link, call(""), self.order.as_str()).await.unwrap();
        (payments::pay::judge(reports.into_iter().next_back().unwrap(), &charge(&self.order, None, None)), calls)
    }
}
