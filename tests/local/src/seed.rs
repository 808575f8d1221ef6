//! What a fresh shop begins with: a token for each role, the demo catalog with its stock, a few promotions, and a flash sale. Each is
//! put in once; a run that was killed midway is gone on with.

use crate::running::Local;
use catalog::{Draft, Made, Pairs, PriceText, Product, VariantDraft};
use checkout::sale::{Opening, Wish};
use checkout::{Promotion, PromotionKind, Promotions};
use kernel::{Amount, Currency, Fault, Instant, Kind, Money, Principal, Role, SaleId, Sku, id};
use lambda::{Platform, StaffToken};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant as Since};
use table::{Guard, Key, Row, Table, Write, WriteError};

/// How long the first catalog may take until it is listed.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the demo sale lasts.
const SALE_LASTS: Duration = Duration::from_secs(24 * 3600);

/// The roles that work in the shop.
const ROLES: [Role; 4] = [Role::Support, Role::Warehouse, Role::Finance, Role::Admin];

/// What was put in at this start.
pub struct Seeded {
    /// The new tokens, by role.
    pub staff_tokens: HashMap<Role, String>,
}

/// Puts in what is missing.
///
/// # Errors
/// In one sentence for the developer.
pub fn seed(local: &Local, root: &Path, demo: bool, say: &dyn Fn(&str)) -> Result<Seeded, String> {
    let platform = local.platform();
    let failed = |fault: Fault| format!("The shop cannot be filled: {fault}.");
    let accounts = platform.table("accounts").map_err(|error| error.to_string())?;
    let staff_tokens = local.handle().block_on(tokens(&accounts))?;
    if demo && local.handle().block_on(begin(&accounts)).map_err(failed)? {
        say("filling the shop with the demo catalog …");
        let demo = Demo::read(root)?;
        local.handle().block_on(fill(platform, &demo, platform.now())).map_err(failed)?;
        wait_until_listed(local, demo.products.len())?;
        let done = Write::put(&Seeding { name: CATALOG.to_owned(), done: true }).map_err(failed)?;
        local.handle().block_on(accounts.write(done)).map_err(|error| failed(error.into()))?;
    }
    Ok(Seeded { staff_tokens })
}

/// How far a part of the first contents is.
#[derive(Serialize, Deserialize)]
struct Seeding {
    name: String,
    done: bool,
}

const CATALOG: &str = "catalog";
const STAFF: &str = "staff";

impl Row for Seeding {
    fn key(&self) -> Key {
        Key::new(format!("SEEDED#{}", self.name))
    }
}

/// A token of each role, on fresh data only. The store keeps their digests.
async fn tokens(accounts: &Table) -> Result<HashMap<Role, String>, String> {
    let mut tokens = HashMap::new();
    let failed = |fault: Fault| format!("The staff tokens cannot be made: {fault}.");
    let mut writes =
        vec![Write::put(&Seeding { name: STAFF.to_owned(), done: true }).map_err(failed)?.when(Guard::ABSENT)];
    for role in ROLES {
        let secret = crate::secrets::random()?.replace(['+', '/', '='], "");
        let token = format!("rst_{role}_{secret}");
        let hash = id::sha256_hex(token.as_bytes());
        let row = StaffToken { id: format!("local-{role}"), role, expires_at: None, hash };
        writes.push(Write::put(&row).map_err(failed)?);
        tokens.insert(role, token);
    }
    match accounts.transact(writes, None).await {
        Ok(()) => Ok(tokens),
        Err(WriteError::Refused(_)) => Ok(HashMap::new()),
        Err(WriteError::Fault(fault)) => Err(failed(fault)),
    }
}

/// Whether the demo catalog is to be put in: it was never begun and the shop is empty, or it was begun and not ended.
async fn begin(accounts: &Table) -> Result<bool, Fault> {
    let begun = Seeding { name: CATALOG.to_owned(), done: false };
    match accounts.write(Write::put(&begun)?.when(Guard::ABSENT)).await {
        Ok(_) => Ok(true),
        Err(WriteError::Fault(fault)) => Err(fault),
        Err(WriteError::Refused(_)) => {
            let known: Option<Seeding> = accounts.get_latest(&begun.key()).await?;
            Ok(known.is_some_and(|known| !known.done))
        }
    }
}

/// `demo/catalog.json`, as far as it is for the shop; the rest is for those who draw the pictures.
#[derive(Deserialize)]
struct Demo {
    products: Vec<DemoProduct>,
}

#[derive(Deserialize)]
struct DemoProduct {
    id: String,
    name: String,
    #[serde(default)]
    brand: String,
    category: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    attributes: Pairs,
    #[serde(default)]
    description: String,
    featured: Option<u16>,
    variants: Vec<DemoVariant>,
    picture: Picture,
}

#[derive(Deserialize)]
struct DemoVariant {
    sku: Sku,
    #[serde(default)]
    name: String,
    #[serde(default)]
    options: Pairs,
    price: String,
    compare_at: Option<String>,
    #[serde(default)]
    weight_grams: u32,
    image_url: Option<String>,
    stock: u32,
}

#[derive(Deserialize)]
struct Picture {
    kind: String,
}

impl Demo {
    fn read(root: &Path) -> Result<Self, String> {
        let path = root.join("demo/catalog.json");
        let text = std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}.", path.display()))?;
        serde_json::from_slice(&text).map_err(|error| format!("{} is not a catalog: {error}.", path.display()))
    }
}

impl DemoProduct {
    fn product(&self, made: &Made) -> Result<Product, Fault> {
        let image = catalog::Image { url: format!("/pictures/{}.svg", self.id), alt: self.shown() };
        let variants = self.variants.iter().map(|variant| VariantDraft {
            sku: variant.sku.to_string(),
            name: variant.name.clone(),
            options: variant.options.clone(),
            price: Some(PriceText::Decimal(variant.price.clone())),
            compare_at: variant.compare_at.clone(),
            weight_grams: variant.weight_grams,
            image_url: variant.image_url.clone(),
        });
        let draft = Draft {
            id: Some(self.id.clone()),
            name: self.name.clone(),
            description: self.description.clone(),
            brand: self.brand.clone(),
            category: Some(self.category.clone()),
            tags: self.tags.clone(),
            attributes: self.attributes.clone(),
            images: vec![image],
            featured: self.featured,
            variants: variants.collect(),
            ..Draft::default()
        };
        let id = draft.ids([0; 16])?.swap_remove(0);
        draft.product(id, made)
    }

    /// What its picture shows, in words.
    fn shown(&self) -> String {
        let packing = ["bottle", "jar", "tin", "bag", "box", "tube", "pot", "stick", "bar", "kit", "roll"];
        let kind = self.picture.kind.as_str();
        if packing.contains(&kind) {
            format!("A drawing of a {kind} of {}", self.name)
        } else {
            format!("A drawing of {}", self.name)
        }
    }
}

async fn fill(platform: &Platform, demo: &Demo, now: Instant) -> Result<(), Fault> {
    let table = |name: &str| platform.table(name).map_err(|error| Fault::bug(error.to_string()));
    let stock = stock::Store::new(table("stock")?, platform.region());
    let units: Vec<(Sku, u32)> = demo
        .products
        .iter()
        .flat_map(|product| &product.variants)
        .map(|variant| (variant.sku.clone(), variant.stock))
        .collect();
    stock.seed_many(&units).await?;

    let made = Made { by: Principal::System, at: now, trace: None };
    let products = demo.products.iter().map(|product| product.product(&made)).collect::<Result<Vec<_>, Fault>>()?;
    let catalog = catalog::Store::new(table("catalog")?);
    create(&catalog, &products).await?;
    promote(&Promotions::new(table("checkout")?), &stock, now).await?;
    open_sale(&catalog, &flash::Store::new(table("flash")?), &stock, now).await
}

/// A flash sale for the first day, so that people see one. Those items are at 30 % off.
async fn open_sale(
    catalog: &catalog::Store,
    sales: &flash::Store,
    stock: &stock::Store,
    now: Instant,
) -> Result<(), Fault> {
    const ITEMS: [(&str, i64); 3] = [("RUS-GRN-150", 1_330), ("TNT-RSB-075", 770), ("NJR-MST-050", 840)];
    let wish = |(sku, amount): (&str, i64)| {
        let sku = Sku::parse(sku).map_err(|error| Fault::bug(error.to_string()))?;
        Ok(Wish { sku, price: Money::new(amount, Currency::USD) })
    };
    let opening = Opening {
        id: SaleId::parse(&id::derived(&["demo sale"])).map_err(|error| Fault::bug(error.to_string()))?,
        name: "Three good things, one day".to_owned(),
        starts_at: now,
        ends_at: now.plus(SALE_LASTS),
        limit: 3,
        expected_per_second: 100,
        waiting_room: false,
        items: ITEMS.into_iter().map(wish).collect::<Result<_, Fault>>()?,
        by: Principal::System,
        now,
    };
    let sale = match checkout::sale::open(opening, catalog, sales, stock).await {
        Ok(sale) => sale,
        // A run that was killed later than this has opened it.
        Err(fault) if fault.code == "in_another_sale" => return Ok(()),
        Err(fault) => return Err(fault),
    };
    match sales.table().transact(sales.open(&sale)?, None).await {
        Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
        Err(WriteError::Fault(fault)) => Err(fault),
    }
}

/// All of them; those that an earlier run made stay as they are.
async fn create(store: &catalog::Store, products: &[Product]) -> Result<(), Fault> {
    match store.create_many(products).await {
        Err(fault) if fault.kind == Kind::Conflict => {}
        done => return done,
    }
    for product in products {
        match store.create_many(std::slice::from_ref(product)).await {
            Err(fault) if fault.kind != Kind::Conflict => return Err(fault),
            _ => {}
        }
    }
    Ok(())
}

async fn promote(promotions: &Promotions, stock: &stock::Store, now: Instant) -> Result<(), Fault> {
    let made = [
        ("WELCOME10", "10 % off your order", PromotionKind::Percentage(10), None),
        ("FREESHIP", "Free delivery", PromotionKind::FreeShipping, None),
        ("LIMITED5", "5.00 off for the first fifty", PromotionKind::Fixed(Amount::minor(500)), Some(50)),
    ];
    for (code, label, kind, limit) in made {
        if let Some(limit) = limit {
            stock.seed_many(&[(stock::coupon(code)?, limit)]).await?;
        }
        let promotion = Promotion {
            code: code.to_owned(),
            label: label.to_owned(),
            kind,
            currency: Currency::USD,
            minimum: Amount::ZERO,
            starts_at: None,
            ends_at: None,
            limit,
            created_at: now,
        };
        match promotions.table().write(promotions.create(&promotion)?).await {
            Ok(_) | Err(WriteError::Refused(_)) => {}
            Err(WriteError::Fault(fault)) => return Err(fault),
        }
    }
    Ok(())
}

/// Looks at the read model, each time with fresh eyes, until it has them all: an environment of list-products that looked
/// too early would go on believing what it saw.
fn wait_until_listed(local: &Local, products: usize) -> Result<(), String> {
    let since = Since::now();
    loop {
        let listed = local.handle().block_on(listed(local.platform())).map_err(|fault| fault.to_string())?;
        if listed >= products {
            return Ok(());
        }
        if since.elapsed() > PATIENCE {
            return Err(format!("The demo catalog was not listed within {} s.", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

async fn listed(platform: &Platform) -> Result<usize, Fault> {
    let missing = |error: lambda::Error| Fault::bug(error.to_string());
    let control = platform.table("control").map_err(missing)?;
    let bucket = platform.bucket("catalog").map_err(missing)?;
    Ok(catalog::view::Shelf::new(control, bucket).current(platform.now()).await?.index.listed())
}
