//! A card provider in the same thread. It speaks the protocol of the sandbox and keeps a ledger under the same rules: each
//! key is answered once and for all, a reference is captured once at the most, and no more goes back than was taken. The
//! sandbox itself keeps its ledger on a thread of its own and by the system's clock, so that no run with it is like another.

use crate::trace::Trace;
use crate::weather::Weather;
use cloud::{Call, Clock, Faults, Trouble};
use kernel::id::{derived, sha256_hex};
use outbound::{Answer, Bytes, Carrier, Failure, HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How often one payment may be called for, by the contract: once and three times more.
const CALLS_MOST: u32 = 4;

/// A payment in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The provider's name of it.
    pub id: String,
    /// The shop's: the order.
    pub reference: String,
    /// `captured`, `declined`, `partially_refunded`, `refunded`, `voided`.
    pub status: &'static str,
    /// Minor units.
    pub amount: i64,
    /// Minor units that went back.
    pub refunded: i64,
    currency: String,
    key: String,
    decline_code: Option<&'static str>,
}

impl Payment {
    /// Whether the money was taken, whatever went back since.
    #[must_use]
    pub fn was_captured(&self) -> bool {
        matches!(self.status, "captured" | "partially_refunded" | "refunded")
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id, "reference": self.reference, "status": self.status, "amount": self.amount,
            "currency": self.currency, "refunded": self.refunded, "idempotency_key": self.key,
            "decline_code": self.decline_code,
            "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2031, "fingerprint": "fp_simulated"},
        })
    }
}

/// An event that the provider has to tell the shop.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its id: the same for every repeat.
    pub id: String,
    /// Its body.
    pub body: String,
    /// How often it is sent at the least.
    pub copies: u32,
}

#[derive(Default)]
struct Books {
    payments: Vec<Payment>,
    answers: BTreeMap<String, (String, u16, String)>,
    failures: BTreeMap<String, u32>,
    /// Requests for money by key, whatever became of them.
    calls: BTreeMap<String, u32>,
    events: u64,
    /// Requests for money that were sent, whether they arrived or not.
    sent: u64,
    broken: Vec<String>,
}

/// The provider of one run.
pub struct Provider {
    books: Mutex<Books>,
    weather: Arc<Weather>,
    clock: Clock,
    trace: Trace,
    secret: webhooks::Secret,
    api_key: String,
    outbox: UnboundedSender<Told>,
}

impl Provider {
    /// An empty ledger, and the events that the provider will want to tell.
    #[must_use]
    pub fn new(
        api_key: &str,
        secret: webhooks::Secret,
        weather: Arc<Weather>,
        clock: Clock,
        trace: Trace,
    ) -> (Arc<Self>, UnboundedReceiver<Told>) {
        let (outbox, events) = unbounded_channel();
        let books = Mutex::default();
        (Arc::new(Self { books, weather, clock, trace, secret, api_key: api_key.to_owned(), outbox }), events)
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every payment, in the order they were made.
    #[must_use]
    pub fn payments(&self) -> Vec<Payment> {
        self.books().payments.clone()
    }

    /// Requests for money that were sent so far, whether they arrived or not.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.books().sent
    }

    /// The rules of money that were broken so far, in sentences.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        self.books().broken.clone()
    }

    /// The headers under which an event is believed, sent at this moment.
    #[must_use]
    pub fn signed(&self, told: &Told) -> Vec<(&'static str, String)> {
        let at = self.clock.now();
        let signature = webhooks::sign(std::slice::from_ref(&self.secret), &told.id, at, told.body.as_bytes());
        vec![
            (webhooks::ID, told.id.clone()),
            (webhooks::TIMESTAMP, at.seconds().to_string()),
            (webhooks::SIGNATURE, signature),
        ]
    }

    /// What becomes of one request.
    fn serve(&self, request: &Request<Bytes>) -> Served {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if header("authorization") != format!("Bearer {}", self.api_key) {
            return Served::Answer(401, refusal("api_key_invalid"));
        }
        let path = request.uri().path();
        if request.method() == Method::GET {
            let reference =
                request.uri().query().and_then(|query| query.strip_prefix("reference=")).unwrap_or_default();
            let items: Vec<Value> = self
                .books()
                .payments
                .iter()
                .filter(|payment| payment.reference == reference)
                .map(Payment::json)
                .collect();
            return Served::Answer(200, json!({"items": items}).to_string());
        }
        let Ok(body) = serde_json::from_slice::<Value>(request.body()) else {
            return Served::Answer(400, refusal("request_invalid"));
        };
        let key = header("idempotency-key").to_owned();
        let fingerprint = sha256_hex(&[path.as_bytes(), b"\0", request.body()].concat());
        let parts: Vec<&str> =
            path.trim_start_matches("/v1/payments").split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [] => self.pay(&key, &fingerprint, &body),
            [id, verb] => self.change(&key, &fingerprint, id, verb, body["amount"].as_i64()),
            _ => Served::Answer(404, refusal("route_unknown")),
        }
    }

    fn pay(&self, key: &str, fingerprint: &str, body: &Value) -> Served {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (reference, token, amount) =
            (text("reference"), text("token"), body["amount"].as_i64().unwrap_or_default());
        let mut books = self.books();
        let calls = books.calls.entry(key.to_owned()).or_default();
        *calls += 1;
        if *calls > CALLS_MOST {
            let sentence = format!("a payment is called for at most {CALLS_MOST} times: {key} was {calls} times");
            books.broken.push(sentence);
        }
        if token == "tok_hang" {
            return Served::Nothing;
        }
        if let Some((known, status, answer)) = books.answers.get(key).cloned() {
            let reused = known != fingerprint;
            return if reused {
                Served::Answer(422, refusal("idempotency_key_reused"))
            } else {
                Served::Answer(status, answer)
            };
        }
        if let Some(times) = token.strip_prefix("tok_fail_").and_then(|times| times.parse::<u32>().ok()) {
            let failures = books.failures.entry(key.to_owned()).or_default();
            *failures += 1;
            if *failures <= times {
                return Served::Answer(503, refusal("busy"));
            }
        }
        let captured =
            books.payments.iter().find(|payment| payment.reference == reference && payment.was_captured()).cloned();
        let payment = captured.unwrap_or_else(|| {
            let decline_code = token.contains("decline").then_some("card_declined");
            let status = if decline_code.is_some() { "declined" } else { "captured" };
            let (id, currency) = (format!("pay_{}", derived(&["payment", key])), text("currency"));
            let payment =
                Payment { id, reference, status, amount, refunded: 0, currency, key: key.to_owned(), decline_code };
            books.payments.push(payment.clone());
            let copies = if token == "tok_duplicate_event" { 3 } else { 1 };
            self.announce(&mut books, &payment, if decline_code.is_some() { "declined" } else { "captured" }, copies);
            payment
        });
        let answer = payment.json().to_string();
        books.answers.insert(key.to_owned(), (fingerprint.to_owned(), 200, answer.clone()));
        if token == "tok_lost_answer" { Served::Lost } else { Served::Answer(200, answer) }
    }

    fn change(&self, key: &str, fingerprint: &str, id: &str, verb: &str, amount: Option<i64>) -> Served {
        let mut books = self.books();
        if let Some((known, status, answer)) = books.answers.get(key).cloned() {
            let reused = known != fingerprint;
            return if reused {
                Served::Answer(422, refusal("idempotency_key_reused"))
            } else {
                Served::Answer(status, answer)
            };
        }
        let Some(at) = books.payments.iter().position(|payment| payment.id == id) else {
            return Served::Answer(404, refusal("payment_unknown"));
        };
        let payment = &mut books.payments[at];
        let left = payment.amount - payment.refunded;
        let (status, answer) = match (verb, payment.status, amount) {
            ("refund", "captured" | "partially_refunded", Some(amount)) if amount > 0 && amount <= left => {
                payment.refunded += amount;
                payment.status = if payment.refunded == payment.amount { "refunded" } else { "partially_refunded" };
                let changed = payment.clone();
                self.announce(&mut books, &changed, "refunded", 1);
                (200, changed.json().to_string())
            }
            ("void", "voided" | "declined", _) => (200, payment.json().to_string()),
            _ => (422, refusal("cannot")),
        };
        books.answers.insert(key.to_owned(), (fingerprint.to_owned(), status, answer.clone()));
        Served::Answer(status, answer)
    }

    fn announce(&self, books: &mut Books, payment: &Payment, kind: &str, copies: u32) {
        books.events += 1;
        let id = format!("evt_{}", derived(&["event", &payment.id, &books.events.to_string()]));
        let moment = self.clock.now().to_string();
        let body = json!({"type": format!("payment.{kind}"), "id": id, "timestamp": moment, "data": payment.json()});
        self.trace.tell(self.clock.now(), &format!("the provider has {kind} {} for {}", payment.id, payment.reference));
        // Nobody listens once the run is over.
        self.outbox.send(Told { id, body: body.to_string(), copies }).unwrap_or_default();
    }
}

/// What the provider does with a request.
enum Served {
    Answer(u16, String),
    /// It is done, and the connection breaks.
    Lost,
    /// It never answers.
    Nothing,
}

fn refusal(code: &str) -> String {
    json!({"error": {"code": code}}).to_string()
}

fn answer(status: u16, body: String) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Answer { status, headers: HeaderMap::new(), body: Bytes::from(body) }
}

/// The line of one environment to the provider: the weather is between them.
pub struct Line {
    /// The other end.
    pub provider: Arc<Provider>,
    /// The name under which the environment calls.
    pub caller: String,
}

impl Carrier for Line {
    fn carry(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>> {
        let (provider, caller) = (Arc::clone(&self.provider), self.caller.clone());
        Box::pin(async move { provider.over_the_line(&caller, &request).await })
    }
}

impl Provider {
    async fn over_the_line(&self, caller: &str, request: &Request<Bytes>) -> Result<Answer, Failure> {
        let action = format!("{} {}", request.method(), request.uri().path().trim_start_matches("/v1/"));
        if action == "POST payments" {
            self.books().sent += 1;
        }
        let call = Call { caller, service: "provider", action: &action, resource: "" };
        match self.weather.trouble(&call) {
            None => self.answered(request).await,
            Some(Trouble::Before) => Err(Failure::NotSent("no connection".to_owned())),
            Some(Trouble::After) => {
                self.answered(request).await?;
                Err(Failure::Unanswered("broken off".to_owned()))
            }
            Some(Trouble::Hang) => std::future::pending().await,
            Some(Trouble::Throttle) => Ok(answer(429, refusal("too_many"))),
            // What a provider should never say: it is told from an answer by its form alone.
            Some(Trouble::Conflict) => Ok(answer(200, "<html>a page where JSON should be</html>".to_owned())),
            Some(Trouble::ServerError) => Ok(answer(503, refusal("busy"))),
            Some(Trouble::Slow(millis)) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                self.answered(request).await
            }
            Some(Trouble::Late(millis)) => {
                let answered = self.answered(request).await;
                tokio::time::sleep(Duration::from_millis(millis)).await;
                answered
            }
            Some(Trouble::CrashBefore) => {
                self.weather.crashed(caller);
                std::future::pending().await
            }
            Some(Trouble::CrashAfter) => {
                self.answered(request).await?;
                self.weather.crashed(caller);
                std::future::pending().await
            }
        }
    }

    async fn answered(&self, request: &Request<Bytes>) -> Result<Answer, Failure> {
        match self.serve(request) {
            Served::Answer(status, body) => Ok(answer(status, body)),
            Served::Lost => Err(Failure::Unanswered("the answer is lost".to_owned())),
            Served::Nothing => std::future::pending().await,
        }
    }
}
