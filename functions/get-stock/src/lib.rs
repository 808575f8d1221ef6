//! `GET /admin/stock/{sku}`: what there is of a SKU, cell by cell.

use kernel::{Fault, Role, Sku};
use lambda::{Error, Function, Platform, Problem, Reply, Request, StatusCode};
use serde::Serialize;
use stock::{Cell, Stock, Store};

/// Needs the stock.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let stock = Store::new(platform.table("stock")?, platform.region());
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(stock.clone(), request))
}

async fn handle(stock: Store, request: Request) -> Result<Reply, Problem> {
    staff(&request).await?;
    let sku: Sku = request.path("sku")?;
    request.span().key("sku", sku.as_str());

    let found = stock.look(&sku).await?.ok_or_else(Fault::missing)?;

    Ok(Reply::ok(&StockReply::of(&found)))
}

/// Any member of staff may look: a valid token in another role is as good.
async fn staff(request: &Request) -> Result<(), Problem> {
    match request.staff(Role::Support).await {
        Err(problem) if problem.status() == StatusCode::FORBIDDEN => Ok(()),
        answer => answer.map(|_| ()),
    }
}

#[derive(Serialize)]
struct StockReply<'a> {
    sku: &'a Sku,
    available: u32,
    held: u32,
    sold: u32,
    put_in: u32,
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
    fn of(stock: &'a Stock) -> Self {
        Self {
            sku: &stock.sku,
            available: stock.available(),
            held: stock.held(),
            sold: stock.sold(),
            put_in: stock.put_in(),
            cells: stock.cells.iter().map(CellReply::of).collect(),
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
