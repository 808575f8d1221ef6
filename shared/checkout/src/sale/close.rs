//! Closing sales that are over: each run does what can be done and leaves the rest to the next one. Orders whose payment is
//! still open keep what they hold, and are sold it; what comes back is gathered when it does.

use flash::sale::{Action, LAST_CLICKS, SHOWN_AFTER};
use flash::{Sale, State};
use kernel::{Fault, Instant};

/// How far one sale is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// It is on, or was until a moment ago.
    NotDue,
    /// Its stock is gathered but for what is still held; so many units are.
    Draining(u32),
    /// All is gathered. It is still shown, as over.
    Gathered,
    /// It is closed, and its items are free.
    Closed,
}

/// Goes on with one sale.
///
/// # Errors
/// Unavailable when a store does not answer: the next run goes on.
pub async fn close(sale: &Sale, sales: &flash::Store, stock: &stock::Store, now: Instant) -> Result<Closing, Fault> {
    if now < sale.ends_at.plus(LAST_CLICKS) {
        return Ok(Closing::NotDue);
    }
    let mut sale = sale.clone();
    if sale.state == State::Open {
        let seen = sale.version;
        sale.happen(Action::End, now, "system")?;
        if !sales.save(&sale, seen).await? {
            return Ok(Closing::Draining(0));
        }
    }
    let mut held = 0;
    for item in &sale.items {
        held += stock.gather(&item.sku).await?;
    }
    if held > 0 {
        return Ok(Closing::Draining(held));
    }
    if now < sale.ends_at.plus(SHOWN_AFTER) {
        return Ok(Closing::Gathered);
    }
    let seen = sale.version;
    sale.happen(Action::Gather, now, "system")?;
    Ok(if sales.let_go(&sale, seen).await? { Closing::Closed } else { Closing::Gathered })
}
