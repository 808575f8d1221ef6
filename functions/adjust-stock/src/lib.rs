//! `POST /admin/stock/{sku}`: puts stock in, takes it out, or takes over what a person counted.

use kernel::{Fault, Instant, Principal, Role, Sku};
use lambda::{Error, Function, Need, Once, Platform, Problem, Reply, Request, Unmade};
use serde::{Deserialize, Serialize};
use stock::{Adjustment, Cell, Planned, Store};

/// How often an adjustment is planned anew when the cells changed under it.
const ROUNDS: usize = 12;
/// Units of one change at the most.
const CHANGE_MOST: i64 = 1_000_000_000;

/// Needs the stock.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let stock = Store::new(platform.table("stock")?, platform.region());
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(stock.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdjustStock {
    change: Option<i64>,
    stated: Option<i64>,
    as_of: Option<String>,
    reason: String,
}

async fn handle(stock: Store, request: Request) -> Result<Reply, Problem> {
    let who = request.staff(Role::Warehouse).await?;
    let sku: Sku = request.path("sku")?;
    let body: AdjustStock = request.json()?;
    let adjustment = adjustment(&body, &request)?;
    request.span().key("sku", sku.as_str());

    lambda::once(&request, &who, stock.table(), Need::Honoured, |once| {
        let (stock, request, who) = (stock.clone(), request.clone(), who.clone());
        async move {
            let reply = adjust(&stock, &sku, &adjustment, once, request.received_at()).await?;
            tell(&request, &body, &who);
            Ok(reply)
        }
    })
    .await
}

/// Plans and makes the adjustment together with the answer, anew as long as the cells change under it.
async fn adjust(stock: &Store, sku: &Sku, adjustment: &Adjustment, once: Once, now: Instant) -> Result<Reply, Problem> {
    for _ in 0..ROUNDS {
        let planned = stock.plan(sku, adjustment, now).await?;
        let reply = Reply::ok(&StockReply::of(&planned));
        match once.commit(planned.writes, reply).await {
            Err(Unmade::Refused(_)) => {}
            done => return Ok(done?),
        }
    }
    Err(Fault::unavailable("the cells changed time and again while they were adjusted").into())
}

/// Exactly one of a change and a count.
fn adjustment(body: &AdjustStock, request: &Request) -> Result<Adjustment, Fault> {
    lambda::text_limit("/reason", &body.reason, 255)?;
    if body.reason.trim().is_empty() {
        return Err(Fault::field("/reason", "required", "Say why, for those who look at it later."));
    }
    match (body.change, body.stated) {
        (Some(units), None) if (-CHANGE_MOST..=CHANGE_MOST).contains(&units) && body.as_of.is_none() => {
            Ok(Adjustment::Change { units, id: request.span().request_id().to_owned() })
        }
        (Some(_), None) if body.as_of.is_some() => {
            Err(Fault::field("/as_of", "conflict", "as_of belongs to stated, not to change."))
        }
        (Some(_), None) => Err(Fault::field("/change", "range", format!("At most {CHANGE_MOST} units at a time."))),
        (None, Some(units)) => stated(units, body.as_of.as_deref(), request.received_at()),
        (None, None) => Err(Fault::field("/change", "required", "Send change or stated.")),
        (Some(_), Some(_)) => Err(Fault::field("/stated", "conflict", "Send change or stated, not both.")),
    }
}

/// A count without a moment speaks of now.
fn stated(units: i64, as_of: Option<&str>, now: Instant) -> Result<Adjustment, Fault> {
    let in_range = u32::try_from(units).ok().filter(|units| i64::from(*units) <= CHANGE_MOST);
    let units = in_range.ok_or_else(|| Fault::field("/stated", "range", format!("A count is 0 to {CHANGE_MOST}.")))?;
    let as_of = as_of.map(Instant::parse).transpose();
    let as_of = as_of.map_err(|error| Fault::field("/as_of", "format", error.to_string()))?;
    Ok(Adjustment::Stated { units, as_of: as_of.unwrap_or(now) })
}

fn tell(request: &Request, body: &AdjustStock, who: &Principal) {
    let units = body.change.or(body.stated).unwrap_or_default().to_string();
    let kind = if body.change.is_some() { "change" } else { "stated" };
    let fields =
        [("kind", kind), ("units", units.as_str()), ("reason", body.reason.as_str()), ("by", &who.to_string())];
    request.span().info("stock was adjusted", &fields);
}

#[derive(Serialize)]
struct StockReply<'a> {
    sku: &'a Sku,
    available: u32,
    held: u32,
    sold: u32,
    put_in: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short: Option<u32>,
    cells: Vec<CellReply<'a>>,
}

#[derive(Serialize)]
struct CellReply<'a> {
    region: &'a str,
    n: u32,
    available: u32,
    sold: u32,
    held: u32,
    open: bool,
    seq: u64,
}

impl<'a> StockReply<'a> {
    fn of(planned: &'a Planned) -> Self {
        let after = &planned.after;
        Self {
            sku: &after.sku,
            available: after.available(),
            held: after.held(),
            sold: after.sold(),
            put_in: after.put_in(),
            taken: planned.taken,
            short: planned.short,
            cells: after.cells.iter().map(CellReply::of).collect(),
        }
    }
}

impl<'a> CellReply<'a> {
    fn of(cell: &'a Cell) -> Self {
        Self {
            region: cell.id.region.as_str(),
            n: cell.id.n,
            available: cell.available,
            sold: cell.sold,
            held: cell.held(),
            open: cell.open,
            seq: cell.seq,
        }
    }
}
