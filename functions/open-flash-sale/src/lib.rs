//! `POST /admin/flash-sales`: opens a flash sale and spreads the stock of its items over cells. It begins and ends by itself.

use checkout::sale::{Opening, Wish, open};
use flash::Sale;
use flash::sale::{ITEMS_MOST, Phase};
use kernel::{Amount, Fault, Instant, Money, Principal, Role, SaleId, Sku, id};
use lambda::idempotency::UsedKey;
use lambda::{Error, Function, Need, Once, Platform, Problem, Reply, Request, Unmade};
use serde::{Deserialize, Serialize};

/// What the function needs.
#[derive(Clone)]
struct Needs {
    catalog: catalog::Store,
    sales: flash::Store,
    stock: stock::Store,
    platform: Platform,
}

/// Needs the catalog for names and prices, the stock, and the sales.
///
/// # Errors
/// When a setting is missing.
pub async fn function(platform: &Platform) -> Result<Function, Error> {
    let needs = Needs {
        catalog: catalog::Store::new(platform.table("catalog")?),
        sales: flash::Store::new(platform.table("flash")?),
        stock: stock::Store::new(platform.table("stock")?, platform.region()),
        platform: platform.clone(),
    };
    lambda::http(platform, env!("CARGO_PKG_NAME"), move |request| handle(needs.clone(), request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenFlashSale {
    name: String,
    starts_at: String,
    ends_at: String,
    limit_per_customer: u32,
    expected_per_second: u32,
    waiting_room: bool,
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    sku: String,
    price: Money,
}

async fn handle(needs: Needs, request: Request) -> Result<Reply, Problem> {
    let who = request.staff(Role::Admin).await?;
    let body: OpenFlashSale = request.json()?;
    let sale = UsedKey::of(&request, &who.to_string(), Need::Honoured)?;
    // Named after the key, so that a repeat opens the same one; a request without a key opens a new one.
    let sale = sale.map_or_else(|| needs.platform.random().map(id::encode), |key| Ok(key.id))?;
    let opening = read(&body, &sale, &who, request.received_at())?;

    lambda::once(&request, &who, needs.sales.clone().table(), Need::Honoured, |once| async move {
        let now = opening.now;
        let sale = open(opening, &needs.catalog, &needs.sales, &needs.stock).await?;
        write(&needs.sales, once, &sale, now).await
    })
    .await
}

/// Writes the sale with its answer.
async fn write(sales: &flash::Store, once: Once, sale: &Sale, now: Instant) -> Result<Reply, Problem> {
    let reply = Reply::created(format!("/admin/flash-sales/{}", sale.id), &ShownSale::of(sale, now));
    match once.commit(sales.open(sale)?, reply.clone()).await {
        Err(Unmade::Refused(refusal)) => {
            // The client repeats a transaction whose answer was lost: then it is ours that is there.
            if sales.get(&sale.id, now).await.is_ok_and(|there| *there == *sale) {
                return Ok(reply);
            }
            let taken = sale.items.get(refusal.index.saturating_sub(1)).map_or(&sale.items[0].sku, |item| &item.sku);
            Err(checkout::sale::open::in_another_sale(taken).into())
        }
        done => Ok(done?),
    }
}

fn read(body: &OpenFlashSale, id: &str, who: &Principal, now: Instant) -> Result<Opening, Fault> {
    lambda::text_limit("/name", &body.name, 128)?;
    if body.name.trim().is_empty() {
        return Err(Fault::field("/name", "required", "A sale has a name."));
    }
    let starts_at = moment("/starts_at", &body.starts_at)?;
    let ends_at = moment("/ends_at", &body.ends_at)?;
    if ends_at <= starts_at {
        return Err(Fault::field("/ends_at", "order", "A sale ends after it starts."));
    }
    in_range("/limit_per_customer", body.limit_per_customer, 99)?;
    in_range("/expected_per_second", body.expected_per_second, 50_000)?;
    if body.items.is_empty() || body.items.len() > ITEMS_MOST {
        let detail = format!("A sale has 1 to {ITEMS_MOST} items.");
        return Err(Fault::field("/items", "range", detail));
    }
    let mut items: Vec<Wish> = Vec::with_capacity(body.items.len());
    for (at, item) in body.items.iter().enumerate() {
        let sku = Sku::parse(&item.sku)
            .map_err(|error| Fault::field(format!("/items/{at}/sku"), "format", error.to_string()))?;
        if items.iter().any(|known| known.sku == sku) {
            return Err(Fault::field(format!("/items/{at}/sku"), "unique", "This item is in the sale already."));
        }
        if item.price.amount <= Amount::ZERO {
            let detail = "A price is above 0.";
            return Err(Fault::field(format!("/items/{at}/price/amount"), "range", detail));
        }
        items.push(Wish { sku, price: item.price });
    }
    Ok(Opening {
        id: SaleId::parse(id).map_err(|error| Fault::bug(error.to_string()))?,
        name: body.name.clone(),
        starts_at,
        ends_at,
        limit: body.limit_per_customer,
        expected_per_second: body.expected_per_second,
        waiting_room: body.waiting_room,
        items,
        by: who.clone(),
        now,
    })
}

fn in_range(pointer: &str, number: u32, most: u32) -> Result<(), Fault> {
    if (1..=most).contains(&number) {
        return Ok(());
    }
    Err(Fault::field(pointer, "range", format!("A whole number from 1 to {most}.")))
}

fn moment(pointer: &str, text: &str) -> Result<Instant, Fault> {
    Instant::parse(text).map_err(|error| Fault::field(pointer, "format", error.to_string()))
}

#[derive(Serialize)]
struct ShownSale<'a> {
    id: &'a str,
    name: &'a str,
    state: Phase,
    starts_at: String,
    ends_at: String,
    limit_per_customer: u32,
    expected_per_second: u32,
    waiting_room: bool,
    items: Vec<ShownItem<'a>>,
}

#[derive(Serialize)]
struct ShownItem<'a> {
    sku: &'a str,
    product_id: &'a str,
    name: &'a str,
    variant: &'a str,
    image_url: &'a str,
    price: Money,
    was_price: Money,
    cells: u32,
}

impl<'a> ShownSale<'a> {
    fn of(sale: &'a Sale, now: Instant) -> Self {
        let items = sale.items.iter().map(|item| ShownItem {
            sku: item.sku.as_str(),
            product_id: item.product.as_str(),
            name: &item.name,
            variant: &item.variant,
            image_url: &item.image,
            price: sale.money(item.price),
            was_price: sale.money(item.was),
            cells: item.cells,
        });
        Self {
            id: sale.id.as_str(),
            name: &sale.name,
            state: sale.phase(now),
            starts_at: sale.starts_at.to_string(),
            ends_at: sale.ends_at.to_string(),
            limit_per_customer: sale.limit,
            expected_per_second: sale.expected_per_second,
            waiting_room: sale.waiting_room,
            items: items.collect(),
        }
    }
}
