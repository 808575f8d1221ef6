//! `POST /partner/deliveries/{deliveryId}/replay`: sends a delivery again, at once. The change of its item is what sends for it.

use kernel::{Fault, Kind};
use lambda::{Error, Function, Need, Platform, Problem, Reply, Request, Unmade};
use partners::Scope;
use partners::shown::ShownDelivery;
use wiring::PartnerGate;

/// Needs the partners and their gate.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let gate = PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?;
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(gate.clone(), request))
}

async fn handle(gate: PartnerGate, request: Request) -> Result<Reply, Problem> {
    let row = gate.admit(&request, Scope::Account).await?;
    let id: String = request.path("deliveryId")?;
    let (who, now, partners) = (wiring::holder(&row), request.received_at(), gate.partners);

    lambda::once(&request, &who, partners.clone().table(), Need::Honoured, |once| async move {
        let delivery = partners.delivery(&row.partner, &id).await?;
        if partners.partner(&row.partner).await?.enabled_endpoint().is_none() {
            let detail = "Events go nowhere at the moment. Set your endpoint first.";
            return Err(Fault::new(Kind::Conflict, "no_endpoint", detail).into());
        }
        let mut delivery = delivery.replay(now);
        let writes = vec![delivery.save()?];
        let reply = Reply::accepted("/partner/deliveries", &ShownDelivery::of(&delivery));
        once.commit(writes, reply.header("cache-control", "private, no-store")).await.map_err(|unmade| match unmade {
            Unmade::Refused(_) => Fault::unavailable("a delivery changed while it was to be sent again").into(),
            other => other.into(),
        })
    })
    .await
}
