//! `GET /admin/orders`: all orders for staff, newest first, by status or by state.

use kernel::{Fault, Role};
use lambda::{Error, Function, Platform, Problem, Reply, Request};
use orders::State;
use orders::view::Views;

/// Orders on one page unless the request says otherwise, and at most.
const PAGE: (usize, usize) = (50, 100);

/// Needs the projection of the orders.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let views = Views::new(platform.table("order-views")?);
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(views.clone(), request))
}

async fn handle(views: Views, request: Request) -> Result<Reply, Problem> {
    staff(&request).await?;
    let limit = request.limit(PAGE.0, PAGE.1)?;
    let states = states(&request)?;
    let before: Option<String> = request.cursor().await?;

    let (items, next) = views.list(&states, limit, before.as_deref()).await?;

    request.page(items.iter().map(orders::view::Summary::staff).collect(), next.as_ref()).await
}

/// Any of the four roles may read the list.
async fn staff(request: &Request) -> Result<(), Problem> {
    let who = request.principal().await?;
    match who.role() {
        Role::Customer | Role::Partner | Role::System => request.staff(Role::Support).await.map(|_| ()),
        Role::Support | Role::Warehouse | Role::Finance | Role::Admin => Ok(()),
    }
}

/// The states that are asked for; none means all.
fn states(request: &Request) -> Result<Vec<State>, Problem> {
    if let Some(name) = request.query_text("state").filter(|name| !name.is_empty()) {
        let state = State::named(name).ok_or_else(|| Fault::field("?state", "enum", "There is no such state."))?;
        return Ok(vec![state]);
    }
    let Some(name) = request.query_text("status").filter(|name| !name.is_empty()) else {
        return Ok(Vec::new());
    };
    let states: Vec<State> = State::ALL.into_iter().filter(|state| state.status().name() == name).collect();
    if states.is_empty() { Err(Fault::field("?status", "enum", "There is no such status.").into()) } else { Ok(states) }
}
