//! The client, and what can come of a call.

use crate::resolver::{Names, Resolver};
use crate::target::{NotAllowed, Reach, Target};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a connection may take to stand, TLS apart.
const CONNECT: Duration = Duration::from_secs(1);
/// How long an unused connection is kept. Short: a frozen environment does not notice that the other side hung up.
const IDLE: Duration = Duration::from_secs(20);
/// The largest answer that is read, in bytes.
const ANSWER_LIMIT: usize = 1024 * 1024;

type Hyper = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// Carries requests without a socket: for a simulation, whose others live in the same process.
pub trait Carrier: Send + Sync {
    /// Brings a request there and the answer back.
    fn carry(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;
}

/// Calls others. Cheap to clone: clones share connections. Nothing is built before the first call.
#[derive(Clone, Default)]
pub struct Client {
    way: Way,
    reach: Reach,
    names: Option<Names>,
}

#[derive(Clone)]
enum Way {
    Sockets(Arc<Mutex<Option<Hyper>>>),
    Carrier(Arc<dyn Carrier>),
}

impl Default for Way {
    fn default() -> Self {
        Self::Sockets(Arc::default())
    }
}

/// One request.
pub struct Ask<'a> {
    /// How it is asked.
    pub method: Method,
    /// Where: https, or http on this machine.
    pub url: &'a str,
    /// Headers besides those that the client sets.
    pub headers: &'a [(&'static str, &'a str)],
    /// The body as JSON; none when empty.
    pub body: Vec<u8>,
    /// Our place in the trace, passed on as `traceparent`.
    pub traceparent: Option<&'a str>,
    /// How long the whole call may take.
    pub within: Duration,
}

/// What came back, whatever its status: redirects are answers too and are not followed.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The request is one that we never send.
    #[error("not sent: {0}")]
    NotAllowed(#[from] NotAllowed),
    /// Surely not received: no connection came to stand.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Perhaps received, perhaps acted upon: the answer was late, broken off or too large.
    #[error("sent and not answered: {0}")]
    Unanswered(String),
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Client")
    }
}

impl Client {
    /// A client that has no connection yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A client whose requests go through `carrier`.
    #[must_use]
    pub fn through(carrier: Arc<dyn Carrier>) -> Self {
        Self { way: Way::Carrier(carrier), ..Self::default() }
    }

    /// A client for addresses that others chose, with connections of its own.
    #[must_use]
    pub fn reaching(&self, reach: Reach) -> Self {
        let way = match &self.way {
            Way::Sockets(_) => Way::default(),
            Way::Carrier(carrier) => Way::Carrier(Arc::clone(carrier)),
        };
        Self { way, reach, names: self.names.clone() }
    }

    /// A client to which `names` says what a name stands for, in the place of the system.
    #[must_use]
    pub fn naming(names: Names) -> Self {
        Self { names: Some(names), ..Self::default() }
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// [`Failure`], which says whether the request can have been received.
    pub async fn send(&self, ask: Ask<'_>) -> Result<Answer, Failure> {
        self.carry(ask, Part::Whole).await
    }

    /// Sends one request and reads of the answer its status and its headers alone: for those whose words do not matter, however
    /// many they are.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn tell(&self, ask: Ask<'_>) -> Result<Answer, Failure> {
        self.carry(ask, Part::Head).await
    }

    async fn carry(&self, ask: Ask<'_>, part: Part) -> Result<Answer, Failure> {
        let within = ask.within;
        let request = request(ask, self.reach)?;
        let answered = match &self.way {
            Way::Sockets(built) => {
                let client = self.hyper(built)?;
                tokio::time::timeout(within, exchange(client, request.map(Full::new), part)).await
            }
            Way::Carrier(carrier) => tokio::time::timeout(within, carrier.carry(request)).await,
        };
        answered.unwrap_or_else(|_| Err(Failure::Unanswered(format!("no answer within {} ms", within.as_millis()))))
    }

    fn hyper(&self, built: &Mutex<Option<Hyper>>) -> Result<Hyper, Failure> {
        let mut built = built.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(client) = &*built {
            return Ok(client.clone());
        }
        let resolver = Resolver { reach: self.reach, names: self.names.clone() };
        let client = build(resolver).map_err(|error| Failure::NotSent(error.to_string()))?;
        *built = Some(client.clone());
        Ok(client)
    }
}

/// How much of an answer is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Head,
}

fn build(resolver: Resolver) -> Result<Hyper, rustls::Error> {
    let mut plain = HttpConnector::new_with_resolver(resolver);
    plain.enforce_http(false);
    plain.set_nodelay(true);
    plain.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?
        .https_or_http()
        .enable_http1()
        .wrap_connector(plain);
    let mut client = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
    Ok(client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector))
}

fn request(ask: Ask<'_>, reach: Reach) -> Result<Request<Bytes>, Failure> {
    let target = Target::within(ask.url, reach)?;
    let mut request = Request::new(Bytes::from(ask.body));
    *request.method_mut() = ask.method;
    *request.uri_mut() = target.uri();
    let json = [(CONTENT_TYPE.as_str(), "application/json"), ("accept", "application/json"), ("user-agent", "russet")];
    let trace = ask.traceparent.map(|value| ("traceparent", value));
    for (name, value) in json.iter().chain(ask.headers).copied().chain(trace) {
        let value =
            HeaderValue::from_str(value).map_err(|_| Failure::NotSent(format!("the header {name} is no text")))?;
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Ok(request)
}

async fn exchange(client: Hyper, request: Request<Full<Bytes>>, part: Part) -> Result<Answer, Failure> {
    let response = client.request(request).await.map_err(|error| {
        if let Some(refused) = sources(&error).find_map(|error| error.downcast_ref::<NotAllowed>()) {
            return Failure::NotAllowed(*refused);
        }
        let cause = with_sources(&error);
        if error.is_connect() { Failure::NotSent(cause) } else { Failure::Unanswered(cause) }
    })?;
    let (parts, body) = response.into_parts();
    let body = if part == Part::Whole { read(body).await? } else { Bytes::new() };
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

async fn read(body: Incoming) -> Result<Bytes, Failure> {
    let collected = Limited::new(body, ANSWER_LIMIT).collect().await.map_err(|error| {
        let too_large = error.downcast_ref::<LengthLimitError>().is_some();
        let cause = if too_large { format!("more than {ANSWER_LIMIT} bytes") } else { with_sources(&*error) };
        Failure::Unanswered(cause)
    })?;
    Ok(collected.to_bytes())
}

/// An error with what caused it, for the log.
fn with_sources(error: &(dyn std::error::Error + 'static)) -> String {
    sources(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
