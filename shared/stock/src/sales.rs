//! The latest sales of a cell, so that a count which speaks of an earlier moment can be taken over: what was sold since
//! has left the shelf. Bounded: beyond [`KEPT`] sales the two nearest in time become one, dated to the later of them,
//! so that a count in between takes off too many units rather than too few.

use kernel::Instant;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Sales that are kept apart.
const KEPT: usize = 16;
/// How far back a count may reach.
pub(crate) const REACH: Duration = Duration::from_secs(48 * 3600);

/// When units were held that are sold now, oldest first. Stored as one flat list of numbers, which is the shortest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<i64>", into = "Vec<i64>")]
pub struct Sales(Vec<(Instant, u32)>);

impl From<Vec<i64>> for Sales {
    fn from(flat: Vec<i64>) -> Self {
        let pairs =
            flat.chunks_exact(2).map(|pair| (Instant::from_millis(pair[0]), u32::try_from(pair[1]).unwrap_or(0)));
        Self(pairs.collect())
    }
}

impl From<Sales> for Vec<i64> {
    fn from(sales: Sales) -> Self {
        sales.0.into_iter().flat_map(|(at, units)| [at.millis(), i64::from(units)]).collect()
    }
}

impl Sales {
    /// Units sold whose hold was made after `moment`.
    #[must_use]
    pub fn since(&self, moment: Instant) -> u32 {
        self.0.iter().filter(|(at, _)| *at > moment).map(|(_, units)| units).sum()
    }

    /// These sales and more, without those out of [`REACH`] at `now`.
    #[must_use]
    pub(crate) fn with(&self, more: impl IntoIterator<Item = (Instant, u32)>, now: Instant) -> Self {
        let mut sales: Vec<(Instant, u32)> =
            self.0.iter().copied().chain(more).filter(|(at, _)| now.since(*at) < REACH).collect();
        sales.sort_by_key(|(at, _)| *at);
        while sales.len() > KEPT {
            merge_nearest(&mut sales);
        }
        Self(sales)
    }
}

fn merge_nearest(sales: &mut Vec<(Instant, u32)>) {
    let gap = |at: usize| sales[at + 1].0.since(sales[at].0);
    if let Some(nearest) = (0..sales.len().saturating_sub(1)).min_by_key(|at| gap(*at)) {
        let (_, units) = sales.remove(nearest);
        sales[nearest].1 += units;
    }
}

#[cfg(test)]
mod tests {
    use super::Sales;
    use kernel::Instant;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bounded_log_never_says_less_than_was_sold_since(times in prop::collection::vec(0_i64..100_000, 1..80), asked in 0_i64..100_000) {
            let mut sales = Sales::default();
            for at in &times {
                sales = sales.with([(Instant::from_millis(*at), 2)], Instant::from_millis(100_000));
            }
            let truth = 2 * u32::try_from(times.iter().filter(|at| **at > asked).count()).unwrap();
            prop_assert!(sales.since(Instant::from_millis(asked)) >= truth);
            prop_assert_eq!(sales.since(Instant::from_millis(-1)), 2 * u32::try_from(times.len()).unwrap());
            let flat: Vec<i64> = sales.clone().into();
            prop_assert!(flat.len() <= 32);
            prop_assert_eq!(Sales::from(flat), sales);
        }
    }

    #[test]
    fn sixteen_sales_are_exact() {
        let sales = Sales::default().with((0..16).map(|n| (Instant::from_seconds(n), 1)), Instant::from_seconds(20));
        for n in 0..16 {
            assert_eq!(i64::from(sales.since(Instant::from_seconds(n))), 15 - n);
        }
    }

    #[test]
    fn sales_of_three_days_ago_are_forgotten() {
        let day = 86_400;
        let sales = Sales::default().with([(Instant::from_seconds(0), 5)], Instant::from_seconds(60));
        assert_eq!(sales.with([], Instant::from_seconds(3 * day)), Sales::default());
    }
}
