//! The way from a shopper's request to a placed order, the same for every function that places one: who asks, whether they
//! may, what a repeat is told, what is remembered of a refusal. What is bought, and for how much, each function says itself.

use checkout::{Checkout, Place, Placement, Quote, Tender};
use futures::future::join;
use kernel::{Email, Fault, Kind, OrderId, Principal, id};
use lambda::idempotency::UsedKey;
use lambda::limits::{self, Policy};
use lambda::{Error, Need, Platform, Problem, Reply, Request};
use orders::{Address, Contact, InSale, Told};
use serde::Deserialize;
use std::time::Duration;
use table::Table;
use telemetry::Span;

/// What one shopper may place.
const SHOPPER: Policy = Policy { name: "checkout", quota: 5, window_seconds: 60 };
/// What all shoppers of one address without a cookie may place, roughly.
const ADDRESS: Policy = Policy { name: "checkout-address", quota: 120, window_seconds: 60 };
/// How long a shopper waits for an answer at the most.
const PATIENCE: Duration = Duration::from_millis(4_500);

/// What places orders, and the table of limits.
#[derive(Clone)]
pub struct Counter {
    /// Orders, stock and payments.
    pub checkout: Checkout,
    /// The limits.
    pub control: Table,
}

/// How an order is paid, as requests say it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentBody {
    method: String,
    token: Option<String>,
}

/// What every request that places an order says, checked.
pub struct Purchase {
    contact: Contact,
    tender: Option<Tender>,
}

impl Purchase {
    /// Checks what was sent.
    ///
    /// # Errors
    /// Invalid, with the pointer to what is wrong.
    pub fn read(email: &str, address: Option<Address>, payment: Option<&PaymentBody>) -> Result<Self, Fault> {
        let email = Email::parse(email).map_err(|error| Fault::field("/email", "format", error.to_string()))?;
        if let Some(address) = &address {
            address.check("/address")?;
        }
        let tender = payment
            .map(|payment| Tender::parse(payment.method.clone(), payment.token.as_deref(), "/payment"))
            .transpose()?;
        Ok(Self { contact: Contact { email, address }, tender })
    }

    /// The country of the address, if one was sent.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.contact.address.as_ref().map(|address| address.country.as_str())
    }

    /// Refuses an address in another country than the price was made for.
    ///
    /// # Errors
    /// Invalid, with the pointer.
    pub fn check_country(&self, priced_for: &str) -> Result<(), Fault> {
        if self.country().is_none_or(|country| country == priced_for) {
            return Ok(());
        }
        let detail = "The address is in another country than the price was made for.";
        Err(Fault::field("/address/country", "country", detail))
    }
}

/// Who places an order.
#[derive(Debug, Clone)]
pub struct Buyer {
    /// Their name for keys, limits and allowances: of the guest, or a hash of the e-mail for a caller without a cookie.
    pub name: String,
    /// Whose the order will be, as rows name them.
    pub owner: String,
    /// Whether they came with a cookie.
    pub known: bool,
    /// The order that this request places, however often it is repeated.
    pub order: OrderId,
}

/// What is bought.
pub struct Priced {
    /// For how much.
    pub quote: Quote,
    /// The flash sale it belongs to.
    pub in_sale: Option<InSale>,
}

/// What a request is answered.
pub enum Answered {
    /// With the order.
    Placed(Box<Placement>),
    /// As it was before there was an order.
    Remembered(Reply),
}

impl Answered {
    /// The reply.
    ///
    /// # Errors
    /// As [`crate::placed`].
    pub fn reply(self, span: &Span) -> Result<Reply, Problem> {
        match self {
            Self::Placed(placement) => crate::placed(span, &placement),
            Self::Remembered(reply) => Ok(reply),
        }
    }
}

impl Counter {
    /// All that places an order, from a platform.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn new(platform: &Platform) -> Result<Self, Error> {
        Ok(Self { checkout: crate::checkout(platform)?, control: platform.table("control")? })
    }

    /// Places what `price` says, for whoever asks.
    ///
    /// # Errors
    /// What `price` refuses; 400 for the key or the address; 429; else as [`Checkout::place`].
    pub async fn place<F, Fut>(&self, request: &Request, purchase: Purchase, price: F) -> Result<Answered, Problem>
    where
        F: FnOnce(Buyer) -> Fut,
        Fut: Future<Output = Result<Priced, Problem>>,
    {
        let now = request.received_at();
        let (name, owner, known) = caller(request, &purchase.contact.email).await?;
        let key = UsedKey::of(request, &name, Need::Required)?;
        let key = key.ok_or_else(|| Fault::bug("a required key is missing"))?;
        let order = OrderId::parse(&key.id).map_err(|error| Fault::bug(error.to_string()))?;
        request.span().key("order", order.as_str());
        let buyer = Buyer { name, owner, known, order };

        // The two cheapest refusals, asked for at once.
        let (limited, ready) = join(self.limit(request, &buyer), self.ready(&purchase)).await;
        limited?;
        match ready {
            Err(fault) if fault.kind == Kind::Unavailable => {
                return self.refused(request, &buyer, &key, fault.into()).await;
            }
            ready => ready?,
        }
        let Priced { quote, in_sale } = match price(buyer.clone()).await {
            Ok(priced) => priced,
            Err(refusal) => return self.refused(request, &buyer, &key, refusal).await,
        };
        purchase.check_country(&quote.country)?;
        let placement = self
            .checkout
            .place(Place {
                id: buyer.order.clone(),
                owner: buyer.owner.clone(),
                fingerprint: key.fingerprint,
                quote,
                in_sale,
                contact: purchase.contact,
                tender: purchase.tender,
                now,
                deadline: now.plus(PATIENCE).min(request.deadline()),
                traceparent: request.span().trace().to_string(),
                told: told(request),
            })
            .await?;
        welcome(request, &buyer, &placement.order).await?;
        Ok(Answered::Placed(Box::new(placement)))
    }

    /// Whether the provider of the payment is asked for money at all.
    async fn ready(&self, purchase: &Purchase) -> Result<(), Fault> {
        match &purchase.tender {
            Some(tender) => self.checkout.till.ready(&tender.method).await,
            None => Ok(()),
        }
    }

    async fn limit(&self, request: &Request, buyer: &Buyer) -> Result<(), Problem> {
        let now = request.received_at();
        if buyer.known {
            let decision = limits::take(&self.control, &SHOPPER, &buyer.name, buyer.order.as_str(), now).await?;
            limits::enforce(request, &SHOPPER, decision)
        } else {
            let decision = limits::meter(&self.control, &ADDRESS, request.address(), now).await?;
            limits::enforce(request, &ADDRESS, decision)
        }
    }

    /// The order was refused before it was written. A repeat of a request that was placed before is answered from the order
    /// all the same, whatever its price is worth by now; a definitive refusal is remembered.
    async fn refused(
        &self,
        request: &Request,
        buyer: &Buyer,
        key: &UsedKey,
        refusal: Problem,
    ) -> Result<Answered, Problem> {
        let now = request.received_at();
        let deadline = now.plus(PATIENCE).min(request.deadline());
        let traceparent = request.span().trace().to_string();
        let before = self
            .checkout
            .placed_before(&buyer.order, &buyer.owner, &key.fingerprint, now, deadline, &traceparent, told(request))
            .await?;
        if let Some(placement) = before {
            welcome(request, buyer, &placement.order).await?;
            return Ok(Answered::Placed(Box::new(placement)));
        }
        if matches!(refusal.fault().kind, Kind::Invalid | Kind::Unavailable) {
            return Err(refusal);
        }
        let orders = self.checkout.orders.table();
        let remembered =
            lambda::once_for(request, &buyer.name, orders, Need::Required, |_once| async move { Err(refusal) });
        Ok(Answered::Remembered(remembered.await?))
    }
}

/// A guest is named by the cookie. A caller without one is named by the SHA-256 of the e-mail, and becomes a guest. Answers
/// the name, whose the order will be, and whether they came with a cookie.
async fn caller(request: &Request, email: &Email) -> Result<(String, String, bool), Problem> {
    match request.principal().await? {
        known @ (Principal::Guest(_) | Principal::Customer(_)) => Ok((known.to_string(), known.to_string(), true)),
        Principal::Anonymous | Principal::Partner(_) | Principal::Staff { .. } | Principal::System => {
            let name = format!("email:{}", id::sha256_hex(email.reveal().to_lowercase().as_bytes()));
            Ok((name, Principal::Guest(request.new_guest()?).to_string(), false))
        }
    }
}

/// A caller who came without a cookie goes with one: the one of the order's owner.
async fn welcome(request: &Request, buyer: &Buyer, order: &orders::Order) -> Result<(), Problem> {
    let guest = order.placed.owner.strip_prefix("guest:").and_then(|id| kernel::GuestId::parse(id).ok());
    match guest.filter(|_| !buyer.known) {
        Some(guest) => request.welcome(&guest).await,
        None => Ok(()),
    }
}

fn told(request: &Request) -> Told {
    Told { request: request.span().request_id().to_owned(), trace: request.span().trace().trace_id().to_owned() }
}
