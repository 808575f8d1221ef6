//! How full a shelf looks: the badge of a product, and the news when it changes.

use crate::cell::Cell;
use kernel::{Instant, Sku};
use serde::{Deserialize, Serialize};

/// Up to so many units the level is low.
pub const LOW: u32 = 5;

/// What a shopper is told before the exact number matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing can be bought.
    Out,
    /// At most [`LOW`].
    Low,
    /// More than that.
    In,
}

impl Level {
    /// The level of so many available units.
    #[must_use]
    pub const fn of(available: u32) -> Self {
        match available {
            0 => Self::Out,
            1..=LOW => Self::Low,
            _ => Self::In,
        }
    }

    /// Its name as it is stored and sent: `in`, `low`, `out`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Low => "low",
            Self::In => "in",
        }
    }
}

/// What can be bought of a SKU now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Availability {
    /// Units in open cells that nobody holds.
    pub available: u32,
    /// The badge.
    pub level: Level,
}

impl Availability {
    /// So many units and their level.
    #[must_use]
    pub const fn of(available: u32) -> Self {
        Self { available, level: Level::of(available) }
    }
}

/// The news that a SKU's level may be another one. Of two, the one with the higher `seq` is later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelChange {
    /// The SKU.
    pub sku: Sku,
    /// Its level.
    pub level: Level,
    /// Units available when it was looked at.
    pub available: u32,
    /// Mutations of all its cells together when it was looked at: grows with each.
    pub seq: u64,
    /// When the change was made.
    pub at: Instant,
}

/// What a change of one cell means for its SKU's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// The level is the same.
    Nothing,
    /// The level is this cell's level: it has no other cell.
    Itself,
    /// The SKU has more cells, and the level of all together may have changed.
    Look,
}

/// Where a SKU has many cells and their sum crosses a threshold, the cell that changed is below it before or after.
pub(crate) fn follows(old: Option<&Cell>, new: &Cell) -> Follows {
    let (before, after) = (old.map_or(0, Cell::on_offer), new.on_offer());
    if new.spread || new.id.n > 0 {
        let moved = before != after && before.min(after) <= LOW;
        return if moved { Follows::Look } else { Follows::Nothing };
    }
    if old.is_none() || Level::of(before) != Level::of(after) { Follows::Itself } else { Follows::Nothing }
}

#[cfg(test)]
mod tests {
    use super::{Follows, Level, follows};
    use crate::cell::{Cell, CellId};
    use kernel::{Region, Sku};

    fn cell(n: u32, available: u32) -> Cell {
        let id = CellId { sku: Sku::parse("A").unwrap(), region: Region::parse("eu-central-1").unwrap(), n };
        Cell::new(id, available)
    }

    #[test]
    fn five_are_low_and_six_are_not() {
        assert_eq!([0, 1, 5, 6].map(Level::of), [Level::Out, Level::Low, Level::Low, Level::In]);
    }

    // Proves: S3-20
    #[test]
    fn a_level_is_news_only_when_it_changes() {
        assert_eq!(follows(Some(&cell(0, 9)), &cell(0, 6)), Follows::Nothing);
        assert_eq!(follows(Some(&cell(0, 6)), &cell(0, 5)), Follows::Itself);
        assert_eq!(follows(Some(&cell(0, 1)), &cell(0, 0)), Follows::Itself);
        assert_eq!(follows(None, &cell(0, 100)), Follows::Itself);
    }

    #[test]
    fn one_of_many_cells_asks_for_a_look_when_it_is_low() {
        assert_eq!(follows(Some(&cell(1, 9)), &cell(1, 8)), Follows::Nothing);
        assert_eq!(follows(Some(&cell(1, 3)), &cell(1, 2)), Follows::Look);
        assert_eq!(follows(Some(&cell(1, 2)), &cell(1, 40)), Follows::Look);
    }

    #[test]
    fn a_closed_cell_offers_nothing() {
        let mut closed = cell(0, 40);
        closed.open = false;
        assert_eq!(follows(Some(&cell(0, 40)), &closed), Follows::Itself);
    }
}
