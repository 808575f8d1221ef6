//! The functions whose requests are counted one by one, and what each is asked: as a request over HTTP, and as the event that API
//! Gateway would make of it.

use crate::Why;
use crate::events;
use crate::report::Bar;
use crate::shopper::{self, Ask, Quoted};
use crate::stage::Stage;
use serde_json::json;

/// One function, how to ask it, and what one answer may cost.
pub struct Measured {
    /// The function's operation.
    pub operation: &'static str,
    /// Makes a request that it has not seen before.
    prepare: fn(&Stage) -> Result<Prepared, Why>,
    /// What an answer's instructions are held to.
    pub instructions: Bar,
    /// What our own allocations are held to.
    pub allocations: Bar,
    /// What the calls of AWS are held to.
    pub calls: Bar,
}

/// Every function that is counted, in the order in which it is. The listing comes first: the others put goods into the catalog.
pub const ALL: [Measured; 6] = [
    measured("list-products", page),
    measured("add-cart-item", add),
    measured("quote-order", quote),
    Measured {
        instructions: Bar::Most(400_000.0),
        allocations: Bar::Most(60.0),
        calls: Bar::Exactly(4.0),
        ..measured("place-order", place)
    },
    measured("pay-order", pay),
    measured("get-order", read),
];

const fn measured(operation: &'static str, prepare: fn(&Stage) -> Result<Prepared, Why>) -> Measured {
    Measured { operation, prepare, instructions: Bar::None, allocations: Bar::None, calls: Bar::None }
}

impl Measured {
    /// One request that it has not seen before.
    ///
    /// # Errors
    /// When the shop does not give what it takes.
    pub fn request(&self, stage: &Stage) -> Result<Prepared, Why> {
        (self.prepare)(stage)
    }

    /// So many events, each new to it.
    ///
    /// # Errors
    /// As [`Measured::request`]; when the gateway would not send them.
    pub fn events(&self, stage: &Stage, count: usize) -> Result<Vec<Vec<u8>>, Why> {
        (0..count).map(|_| self.request(stage)?.event()).collect()
    }

    /// The name of one of its figures: `place_order.instructions`.
    #[must_use]
    pub fn figure(&self, what: &str) -> String {
        format!("{}.{what}", self.operation.replace('-', "_"))
    }
}

/// The function of that operation.
///
/// # Errors
/// When it is not among those that are counted.
pub fn of(operation: &str) -> Result<&'static Measured, Why> {
    ALL.iter().find(|measured| measured.operation == operation).ok_or_else(|| format!("nobody counts {operation}"))
}

/// A request that is ready to be sent, with what the gateway makes of its path.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What is asked.
    pub ask: Ask,
    /// The path as the contract writes it.
    pub resource: &'static str,
    /// What stands in its braces.
    pub parameters: Vec<(String, String)>,
    /// Where it comes from.
    pub address: String,
}

impl Prepared {
    /// The event that the gateway makes of it.
    ///
    /// # Errors
    /// When the gateway would not send it.
    pub fn event(&self) -> Result<Vec<u8>, Why> {
        events::of(&self.ask, self.resource, &self.parameters, &self.address)
    }
}

fn prepared(ask: Ask, resource: &'static str, address: String) -> Prepared {
    Prepared { ask, resource, parameters: Vec::new(), address }
}

fn of_order(ask: Ask, resource: &'static str, address: String, order: String) -> Prepared {
    Prepared { parameters: vec![("orderId".to_owned(), order)], ..prepared(ask, resource, address) }
}

/// A guest who is new asks what one piece costs.
fn quote(stage: &Stage) -> Result<Prepared, Why> {
    let ask = shopper::quote(&stage.sku()?, &stage.shop.cookie()?);
    Ok(prepared(ask, "/api/quotes", stage.shop.address()))
}

/// A guest with a quote of their own pays it.
fn place(stage: &Stage) -> Result<Prepared, Why> {
    let quoted = stage.shop.quote(&stage.sku()?)?;
    Ok(prepared(shopper::place(&quoted), "/api/orders", quoted.address))
}

/// A guest reads the order that they paid.
fn read(stage: &Stage) -> Result<Prepared, Why> {
    let quoted = stage.shop.quote(&stage.sku()?)?;
    let order = stage.shop.place(&quoted)?;
    Ok(of_order(shopper::read(&quoted, &order), "/api/orders/{orderId}", quoted.address, order))
}

/// A guest pays an order that was placed without a payment.
fn pay(stage: &Stage) -> Result<Prepared, Why> {
    let Quoted { quote, cookie, address } = stage.shop.quote(&stage.sku()?)?;
    let body = json!({"quote": quote, "email": "ada@example.com"});
    let unpaid = Ask::post("/api/orders", &body).with("cookie", &cookie).with("idempotency-key", "unpaid");
    let placed = stage.shop.send(&unpaid, &address)?.expect(201)?;
    let order = placed["id"].as_str().ok_or("an order without an id")?.to_owned();
    let tender = json!({"method": "card", "token": "tok_approve"});
    let ask = Ask::post(&format!("/api/orders/{order}/payments"), &tender)
        .with("cookie", cookie)
        .with("idempotency-key", "paid");
    Ok(of_order(ask, "/api/orders/{orderId}/payments", address, order))
}

/// A guest who is new puts the first piece into their cart.
fn add(stage: &Stage) -> Result<Prepared, Why> {
    let ask = Ask::post("/api/cart", &json!({"sku": stage.sku()?, "quantity": 1})).with("cookie", stage.shop.cookie()?);
    Ok(prepared(ask, "/api/cart", stage.shop.address()))
}

/// Anybody looks at the first page of 24.
fn page(_: &Stage) -> Result<Prepared, Why> {
    Ok(prepared(Ask::get("/api/products?limit=24"), "/api/products", "198.51.100.7".to_owned()))
}
