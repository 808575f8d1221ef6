//! Which cells a SKU has in one region.

use crate::cell::CellId;
use kernel::{Region, Sku};
use serde::{Deserialize, Serialize};
use table::{Key, Row};

/// The directory item of a SKU and a region. Closed cells stay in it, since what they sold still counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// What the cells hold.
    pub sku: Sku,
    /// Where they are sold.
    pub region: Region,
    /// Numbers of the cells that take holds.
    pub open: Vec<u32>,
    /// Numbers of the cells that do not.
    #[serde(default)]
    pub closed: Vec<u32>,
    /// Counts the changes of the directory.
    pub version: u64,
}

impl Row for Directory {
    fn key(&self) -> Key {
        Self::key_of(&self.sku, &self.region)
    }
}

impl Directory {
    /// The directory of a SKU that has its first cell.
    #[must_use]
    pub fn new(sku: Sku, region: Region) -> Self {
        Self { sku, region, open: vec![0], closed: Vec::new(), version: 1 }
    }

    /// Under which key the directory of that SKU and region stands.
    #[must_use]
    pub fn key_of(sku: &Sku, region: &Region) -> Key {
        Key::new(format!("CELLS#{sku}#{region}"))
    }

    /// The number that the next cell gets.
    #[must_use]
    pub fn next(&self) -> u32 {
        self.open.iter().chain(&self.closed).max().map_or(0, |most| most + 1)
    }

    /// The names of all cells, closed ones too.
    #[must_use]
    pub fn cells(&self) -> Vec<CellId> {
        let ids = self.open.iter().chain(&self.closed);
        ids.map(|n| CellId { sku: self.sku.clone(), region: self.region.clone(), n: *n }).collect()
    }
}
