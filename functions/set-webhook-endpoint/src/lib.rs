//! `PUT /partner/webhook`: a partner says where its events go. `DELETE /partner/webhook`: they go nowhere.

use kernel::{Fault, FieldError, Kind};
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use outbound::{Method, NotAllowed, Reach, Target};
use partners::shown::ShownWebhook;
use partners::{Partner, Scope};
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
    url: String,
}

async fn handle(gate: PartnerGate, reach: Reach, request: Request) -> Result<Reply, Problem> {
    let row = gate.admit(&request, Scope::Account).await?;
    let url = if request.method() == Method::DELETE { None } else { Some(address(&request, reach)?) };
    let (by, now) = (wiring::holder(&row).to_string(), request.received_at());

    let set = |partner: Partner| {
        let nothing_to_take_away = url.is_none() && partner.endpoint.is_none();
        if nothing_to_take_away { Ok(None) } else { partner.set_endpoint(url.clone(), &by, now).map(Some) }
    };
    Ok(match gate.partners.change(&row.partner, set).await?.filter(|_| url.is_some()) {
        Some(partner) => Reply::ok(&ShownWebhook::of(&partner, now)).header("cache-control", "private, no-store"),
        None => Reply::no_content(),
    })
}

/// The address in the body, if events may go there.
fn address(request: &Request, reach: Reach) -> Result<String, Problem> {
    let body: SetWebhookEndpoint = request.json()?;
    lambda::text_limit("/url", &body.url, URL)?;
    Target::within(&body.url, reach).map_err(refused)?;
    Ok(body.url)
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
