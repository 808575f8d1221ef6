//! Queue `webhook-deliveries`: tells partners what happened, each event until their endpoint took it, at the times of the ladder.
//! An event becomes a delivery once, however often it comes; of those who come for a try one makes it. Whoever dies between
//! sending and writing down sends again: the same id, the same body.

mod post;

use kernel::{Fault, Instant, Kind};
use lambda::{Clock, Error, Function, Message, Platform};
use partners::delivery::{Asked, Event, Trouble};
use partners::webhook::Why;
use partners::{Delivery, Store};
use telemetry::Span;
use vault::SubjectKeys;

/// How often what came of a try is written down anew when the delivery changed meanwhile.
const ROUNDS: usize = 4;

/// What the function needs.
#[derive(Clone)]
struct Needs {
    partners: Store,
    seals: SubjectKeys,
    others: outbound::Client,
    clock: Clock,
}

impl Needs {
    fn now(&self) -> Instant {
        (self.clock)()
    }
}

/// Needs the partners, the keys of their seals and the way out.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        partners: Store::new(platform.table("partners")?),
        seals: platform.subject_keys("personal", "partners", "partner")?,
        others: platform.outbound().reaching(wiring::strangers(platform)),
        clock: platform.clock(),
    };
    lambda::queue(platform, env!("CARGO_PKG_NAME"), move |message, span| handle(needs.clone(), message, span))
}

async fn handle(needs: Needs, message: Message, span: Span) -> Result<(), Fault> {
    let asked: Asked = serde_json::from_str(&message.body)
        .map_err(|error| Fault::new(Kind::Invalid, "invalid_message", error.to_string()))?;
    let claimed = match asked {
        Asked::Event(event) => begin(&needs, &event).await?,
        Asked::Delivery(id) => claim(&needs, &id).await?,
    };
    match claimed {
        Some(delivery) => attempt(&needs, delivery, message.traceparent.as_deref(), &span).await,
        None => Ok(()),
    }
}

/// The delivery of an event, claimed; nothing where the partner does not want to be told, or somebody is at it.
async fn begin(needs: &Needs, event: &Event) -> Result<Option<Delivery>, Fault> {
    let partner = needs.partners.partner(&event.partner).await?;
    if partner.enabled_endpoint().is_some() {
        let delivery = Delivery::of(event, needs.now())?;
        if needs.partners.begin_delivery(&delivery).await? {
            return Ok(Some(delivery));
        }
    }
    claim(needs, &event.delivery_id()).await
}

/// A delivery whose try is due, claimed.
async fn claim(needs: &Needs, id: &str) -> Result<Option<Delivery>, Fault> {
    let known = needs.partners.find_delivery(id).await?;
    let Some(mut delivery) = known.and_then(|known| known.claim(needs.now())) else {
        return Ok(None);
    };
    Ok(needs.partners.save_delivery(&mut delivery).await?.then_some(delivery))
}

/// Makes the try and writes down what came of it.
async fn attempt(needs: &Needs, delivery: Delivery, trace: Option<&str>, span: &Span) -> Result<(), Fault> {
    span.key("partner", delivery.partner.as_str());
    span.key("delivery", delivery.id.as_str());
    let partner = needs.partners.partner(&delivery.partner).await?;
    let Some(endpoint) = partner.enabled_endpoint() else {
        return write_down(needs, delivery, Delivery::cancel).await.map(drop);
    };
    let secrets = partner.open_secrets(&needs.seals, needs.now()).await?;
    if !needs.partners.take_lane(&delivery, needs.now()).await? {
        let now = needs.now();
        return write_down(needs, delivery, |delivery| delivery.wait_for_lane(now)).await.map(drop);
    }
    let posted = post::post(needs, &delivery, &endpoint.url, &secrets, trace).await?;
    let trouble = posted.one.trouble;
    let status = posted.one.status.map(|status| status.to_string()).unwrap_or_default();

    // The endpoint first: where this dies in between, the next try finds nobody to go to, and says so.
    if trouble == Some(Trouble::Gone) {
        let (set_at, now) = (endpoint.set_at, needs.now());
        needs.partners.change(&partner.id, |partner| partner.disable_endpoint(set_at, Why::Gone, now)).await?;
    }
    let now = needs.now();
    let tried = |delivery: Delivery| delivery.tried(posted.one.clone(), posted.asked, now);
    let delivery = write_down(needs, delivery, tried).await?;
    // Whoever dies before this keeps its lane until the claim would be over.
    needs.partners.leave_lane(&delivery).await?;
    let told = [("kind", delivery.kind.name()), ("status", &*status), ("cause", &*posted.cause)];
    match trouble {
        None => span.info("a partner was told", &told),
        Some(_) => span.warn("a partner could not be told", &told),
    }
    Ok(())
}

/// Writes a change of a claimed delivery down, upon whatever became of it meanwhile.
async fn write_down(
    needs: &Needs,
    mut delivery: Delivery,
    change: impl Fn(Delivery) -> Delivery,
) -> Result<Delivery, Fault> {
    for _ in 0..ROUNDS {
        let mut changed = change(delivery.clone());
        if needs.partners.save_delivery(&mut changed).await? {
            return Ok(changed);
        }
        delivery = needs.partners.find_delivery(&delivery.id).await?.ok_or_else(Fault::missing)?;
    }
    Err(Fault::unavailable(format!("a delivery changed {ROUNDS} times while a try was written down")))
}
