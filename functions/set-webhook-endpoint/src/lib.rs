//! `PUT /partner/webhook`: a partner says where its events go, or that they go nowhere.

use kernel::{Fault, FieldError, Kind};
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use outbound::{NotAllowed, Reach, Target};
use partners::Scope;
use partners::shown::ShownWebhook;
use serde::Deserialize;
use wiring::PartnerGate;

/// Characters of an address.
const URL: usize = 2048;

/// Needs the partners and their gate.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let gate = PartnerGate::new(platform, env!("CARGO_PKG_NAME"))?;
    let reach = wiring::strangers(platform);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(gate.clone(), reach, request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetWebhookEndpoint {
    #[serde(deserialize_with = "Option::deserialize")]
    url: Option<String>,
}

async fn handle(gate: PartnerGate, reach: Reach, request: Request) -> Result<Reply, Problem> {
    let row = gate.admit(&request, Scope::Account).await?;
    let body: SetWebhookEndpoint = request.json()?;
    if let Some(url) = &body.url {
        lambda::text_limit("/url", url, URL)?;
        Target::within(url, reach).map_err(refused)?;
    }
    let (by, now) = (wiring::holder(&row).to_string(), request.received_at());

    let set = |partner: partners::Partner| partner.set_endpoint(body.url.clone(), &by, now).map(Some);
    let partner = gate.partners.change(&row.partner, set).await?.ok_or_else(Fault::missing)?;

    Ok(Reply::ok(&ShownWebhook::of(&partner, now)).header("cache-control", "private, no-store"))
}

/// What is said at once. What a name stands for is seen when it is called, and told with the delivery.
fn refused(why: NotAllowed) -> Problem {
    let (rule, detail) = match why {
        NotAllowed::NotAUrl => ("format", "This is not an address of the form https://host/path, without a login."),
        NotAllowed::NotEncrypted => ("https", "Events go over https alone."),
        NotAllowed::NotPublic => ("public", "This host is not on the open web."),
    };
    let mut fault = Fault::new(Kind::Invalid, "invalid_request", detail);
    fault.errors = vec![FieldError { pointer: "/url".to_owned(), rule, detail: detail.to_owned() }];
    fault.into()
}
