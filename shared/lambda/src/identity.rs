//! Who asks: staff by a bearer token, guests by a signed cookie. Foreign and absent look the same.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Fault, GuestId, Instant, Kind, Principal, Role, id};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use table::{Key, Row};

/// The guest's cookie: `<guest id>.<signature>`.
const GUEST_COOKIE: &str = "__Host-guest";
/// How long a browser keeps it, in seconds: a year.
const GUEST_COOKIE_LIFE: u32 = 31_536_000;

/// Checks who asks. One for each environment.
pub(crate) struct Gate {
    platform: Platform,
}

/// A staff token as it is stored, under the SHA-256 of the token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StaffToken {
    /// SHA-256 of the token, lower-case hex.
    pub hash: String,
    /// The token's own name, for audit: not the token.
    pub id: String,
    /// What its bearer may do.
    pub role: Role,
    /// When it ends, if it does.
    pub expires_at: Option<Instant>,
}

impl Row for StaffToken {
    fn key(&self) -> Key {
        Key::new(format!("STAFF#{}", self.hash))
    }
}

impl Gate {
    pub(crate) fn new(platform: &Platform) -> Self {
        Self { platform: platform.clone() }
    }

    pub(crate) async fn principal(&self, request: &Request) -> Result<Principal, Problem> {
        let who = match bearer(request) {
            Some(token) => self.by_token(token, request.received_at()).await?,
            None => self.guest(request).await?.map_or(Principal::Anonymous, Principal::Guest),
        };
        say_who(request, &who);
        Ok(who)
    }

    pub(crate) async fn staff(&self, request: &Request, needed: Role) -> Result<Principal, Problem> {
        let token = bearer(request).ok_or_else(unauthenticated)?;
        let who = self.by_token(token, request.received_at()).await?;
        say_who(request, &who);
        if who.role().covers(needed) {
            return Ok(who);
        }
        Err(Fault::new(Kind::Forbidden, "forbidden", format!("This needs the role {needed}.")).into())
    }

    pub(crate) async fn shopper(&self, request: &Request) -> Result<Principal, Problem> {
        if let Some(guest) = self.guest(request).await? {
            let who = Principal::Guest(guest);
            say_who(request, &who);
            return Ok(who);
        }
        let guest = self.new_guest()?;
        self.welcome(request, &guest).await?;
        Ok(Principal::Guest(guest))
    }

    /// A guest nobody knows yet.
    pub(crate) fn new_guest(&self) -> Result<GuestId, Fault> {
        let id = id::encode(self.platform.random()?);
        GuestId::parse(&id).map_err(|error| Fault::bug(error.to_string()))
    }

    /// Lets the reply carry the guest's cookie.
    pub(crate) async fn welcome(&self, request: &Request, guest: &GuestId) -> Result<(), Fault> {
        let id = guest.as_str();
        let signature = self.platform.signer("guest").await?.sign(id.as_bytes());
        let cookie = format!(
            "{GUEST_COOKIE}={id}.{signature}; Path=/; Max-Age={GUEST_COOKIE_LIFE}; HttpOnly; Secure; SameSite=Lax"
        );
        request.reply_header("set-cookie", cookie);
        say_who(request, &Principal::Guest(guest.clone()));
        Ok(())
    }

    /// The guest whom a valid cookie names. A forged or broken cookie is no cookie.
    async fn guest(&self, request: &Request) -> Result<Option<GuestId>, Fault> {
        let Some((id, signature)) = request.cookie(GUEST_COOKIE).and_then(|value| value.split_once('.')) else {
            return Ok(None);
        };
        let Ok(guest) = GuestId::parse(id) else {
            return Ok(None);
        };
        let genuine = self.platform.signer("guest").await?.verify(id.as_bytes(), signature);
        Ok(genuine.then_some(guest))
    }

    async fn by_token(&self, token: &str, now: Instant) -> Result<Principal, Problem> {
        let accounts = self.platform.table("accounts").map_err(|error| Fault::bug(error.to_string()))?;
        let hash = id::sha256_hex(token.as_bytes());
        let row: Option<StaffToken> = accounts.get(&Key::new(format!("STAFF#{hash}"))).await?;
        let valid = row.filter(|row| row.expires_at.is_none_or(|end| now < end)).ok_or_else(unauthenticated)?;
        Ok(Principal::Staff { id: valid.id, role: valid.role })
    }

    pub(crate) async fn open_cursor<T: DeserializeOwned>(&self, request: &Request, text: &str) -> Result<T, Problem> {
        let refused =
            || Problem::from(Fault::field("?cursor", "cursor", "This is not a cursor that this list gave out."));
        let (payload, signature) = text.split_once('.').ok_or_else(refused)?;
        let signed = format!("{} {payload}", request.route());
        if !self.platform.signer("cursor").await?.verify(signed.as_bytes(), signature) {
            return Err(refused());
        }
        let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| refused())?;
        serde_json::from_slice(&bytes).map_err(|_| refused())
    }

    pub(crate) async fn seal_cursor<T: Serialize>(&self, request: &Request, position: &T) -> Result<String, Problem> {
        let bytes = serde_json::to_vec(position).map_err(|error| Fault::bug(error.to_string()))?;
        let payload = URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{} {payload}", request.route());
        let signature = self.platform.signer("cursor").await?.sign(signed.as_bytes());
        Ok(format!("{payload}.{signature}"))
    }
}

/// From now on the request's lines say who asks.
fn say_who(request: &Request, who: &Principal) {
    match who {
        Principal::Guest(_) | Principal::Customer(_) => request.span().key("customer", pseudonym(&who.to_string())),
        Principal::Staff { id, .. } => request.span().key("staff", id.as_str()),
        Principal::Partner(id) => request.span().key("partner", id.as_str()),
        Principal::Anonymous | Principal::System => {}
    }
}

/// The name under which log lines know a guest or a customer, from the name that rows keep (`guest:…`): a hash, the same
/// in every line, that leads nowhere without the rows.
#[must_use]
pub fn pseudonym(owner: &str) -> String {
    let mut hash = id::sha256_hex(owner.as_bytes());
    hash.truncate(16);
    hash
}

fn bearer(request: &Request) -> Option<&str> {
    let value = request.header("authorization")?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthenticated() -> Problem {
    let fault = Fault::new(Kind::Unauthenticated, "unauthenticated", "This needs a valid staff token.");
    Problem::from(fault).header("www-authenticate", "Bearer")
}
