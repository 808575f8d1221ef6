//! The lines of a cart, and how they change. Pure, but for the write that saves them.

use kernel::{Fault, Instant, Kind, Sku};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use table::{Key, Row, Write};

/// Units of one line at the most.
pub const QUANTITY_MOST: u32 = 99;
/// Lines of one cart at the most, for whoever adds. Two carts that become one may have more.
pub const LINES_MOST: usize = 50;
/// How long a cart is kept after its last change.
pub const LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// So many of one SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// How many, 1 to 99.
    pub quantity: u32,
    /// When it came into the cart: the order in which lines are shown.
    pub added_at: Instant,
    /// When the quantity was last set.
    pub changed_at: Instant,
}

/// One shopper's cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// The id of the guest or customer whose cart it is.
    pub id: String,
    /// Its lines by what they are of.
    pub lines: BTreeMap<Sku, Line>,
    /// Counts the changes; 0 for a cart that was never saved.
    pub version: u64,
    /// When the database may forget it, in seconds since the epoch.
    pub expires_at: i64,
}

impl Row for Cart {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

impl Cart {
    /// Under which key the cart of that shopper stands.
    #[must_use]
    pub fn key_of(id: &str) -> Key {
        Key::new(format!("CART#{id}"))
    }

    /// The cart of a shopper who has none.
    #[must_use]
    pub fn empty(id: impl Into<String>) -> Self {
        Self { id: id.into(), lines: BTreeMap::new(), version: 0, expires_at: 0 }
    }

    /// Puts `quantity` more of `sku` into the cart.
    ///
    /// # Errors
    /// Unprocessable when the line would have more than 99 or the cart more than 50 lines.
    pub fn add(&mut self, sku: &Sku, quantity: u32, now: Instant) -> Result<(), Fault> {
        let there = self.lines.get(sku).map_or(0, |line| line.quantity);
        if there == 0 && self.lines.len() >= LINES_MOST {
            return Err(refused("/sku", "max_lines", format!("A cart has at most {LINES_MOST} lines.")));
        }
        self.set(sku, there.saturating_add(quantity), now)
    }

    /// Sets the quantity of a line; 0 takes it out.
    ///
    /// # Errors
    /// Missing when there is no such line; unprocessable beyond 99.
    pub fn change(&mut self, sku: &Sku, quantity: u32, now: Instant) -> Result<(), Fault> {
        if quantity == 0 {
            self.remove(sku);
            return Ok(());
        }
        if !self.lines.contains_key(sku) {
            return Err(Fault::missing());
        }
        self.set(sku, quantity, now)
    }

    /// Takes a line out. Answers whether it was there.
    pub fn remove(&mut self, sku: &Sku) -> bool {
        self.lines.remove(sku).is_some()
    }

    fn set(&mut self, sku: &Sku, quantity: u32, now: Instant) -> Result<(), Fault> {
        if !(1..=QUANTITY_MOST).contains(&quantity) {
            return Err(refused("/quantity", "maximum", format!("A line has 1 to {QUANTITY_MOST} of one thing.")));
        }
        let line = self.lines.entry(sku.clone()).or_insert(Line { quantity, added_at: now, changed_at: now });
        (line.quantity, line.changed_at) = (quantity, line.changed_at.max(now));
        Ok(())
    }

    /// The write that saves this cart, if it is still the version that was loaded, and the cart as it is then.
    ///
    /// # Errors
    /// A bug when the row does not write.
    pub fn save(mut self, now: Instant) -> Result<(Write, Self), Fault> {
        let seen = self.version;
        self.version += 1;
        self.expires_at = now.plus(LIFE).seconds();
        Ok((Write::put(&self)?.seen(seen), self))
    }

    /// The SKUs of its lines, in the order in which they were added.
    #[must_use]
    pub fn skus(&self) -> Vec<Sku> {
        let mut lines: Vec<(&Sku, &Line)> = self.lines.iter().collect();
        lines.sort_by_key(|(sku, line)| (line.added_at, *sku));
        lines.into_iter().map(|(sku, _)| sku.clone()).collect()
    }
}

fn refused(pointer: &str, rule: &'static str, detail: String) -> Fault {
    Fault { kind: Kind::Unprocessable, ..Fault::field(pointer, rule, detail) }
}

#[cfg(test)]
mod tests {
    use super::{Cart, LINES_MOST};
    use kernel::{Instant, Kind, Sku};

    const NOW: Instant = Instant::from_seconds(1_000);

    fn sku(name: &str) -> Sku {
        Sku::parse(name).unwrap()
    }

    #[test]
    fn adding_twice_adds_up() {
        let mut cart = Cart::empty("g");
        cart.add(&sku("A"), 2, NOW).unwrap();
        cart.add(&sku("A"), 3, NOW).unwrap();
        assert_eq!(cart.lines[&sku("A")].quantity, 5);
    }

    #[test]
    fn a_line_has_at_most_99_and_a_refusal_changes_nothing() {
        let mut cart = Cart::empty("g");
        cart.add(&sku("A"), 99, NOW).unwrap();
        let refusal = cart.add(&sku("A"), 1, NOW).unwrap_err();
        assert_eq!((refusal.kind, refusal.errors[0].pointer.as_str()), (Kind::Unprocessable, "/quantity"));
        assert_eq!(cart.lines[&sku("A")].quantity, 99);
        assert!(cart.add(&sku("B"), u32::MAX, NOW).is_err() && cart.lines.len() == 1);
    }

    #[test]
    fn the_fifty_first_line_is_refused_and_an_old_line_still_grows() {
        let mut cart = Cart::empty("g");
        for n in 0..LINES_MOST {
            cart.add(&sku(&format!("A-{n}")), 1, NOW).unwrap();
        }
        assert_eq!(cart.add(&sku("B"), 1, NOW).unwrap_err().errors[0].rule, "max_lines");
        assert!(cart.add(&sku("A-7"), 1, NOW).is_ok());
    }

    #[test]
    fn zero_takes_a_line_out_and_a_line_that_is_not_there_cannot_be_changed() {
        let mut cart = Cart::empty("g");
        cart.add(&sku("A"), 2, NOW).unwrap();
        assert_eq!(cart.change(&sku("B"), 2, NOW).unwrap_err().kind, Kind::Missing);
        cart.change(&sku("A"), 0, NOW).unwrap();
        assert!(cart.lines.is_empty());
    }

    #[test]
    fn lines_are_shown_as_they_were_added() {
        let mut cart = Cart::empty("g");
        for (at, name) in ["C", "A", "B"].into_iter().enumerate() {
            cart.add(&sku(name), 1, Instant::from_seconds(i64::try_from(at).unwrap())).unwrap();
        }
        cart.add(&sku("C"), 1, NOW).unwrap();
        assert_eq!(cart.skus(), ["C", "A", "B"].map(sku));
    }
}
