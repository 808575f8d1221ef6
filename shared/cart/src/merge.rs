//! How two carts become one when their shopper turns out to be the same. A join: the same result whichever comes first,
//! however often it is done and in whatever groups. No line of either is lost. Why it is this join: see
//! `docs/decisions/0130-carts-are-joined.md`.

use crate::lines::Line;
use kernel::Sku;
use std::collections::BTreeMap;

/// The lines of both. Where both have a line, the quantity that was set last counts, and of two set at the same moment
/// the larger; it has been in the cart since the earlier of the two.
#[must_use]
pub fn merge(one: &BTreeMap<Sku, Line>, other: &BTreeMap<Sku, Line>) -> BTreeMap<Sku, Line> {
    let mut joined = one.clone();
    for (sku, line) in other {
        joined.entry(sku.clone()).and_modify(|known| *known = join(*known, *line)).or_insert(*line);
    }
    joined
}

fn join(one: Line, other: Line) -> Line {
    let (changed_at, quantity) = (one.changed_at, one.quantity).max((other.changed_at, other.quantity));
    Line { quantity, added_at: one.added_at.min(other.added_at), changed_at }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::lines::Line;
    use kernel::{Instant, Sku};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn line() -> impl Strategy<Value = Line> {
        let times = (0_i64..5, 0_i64..5).prop_map(|(one, other)| (one.min(other), one.max(other)));
        (1_u32..=99, times).prop_map(|(quantity, (added, changed))| Line {
            quantity,
            added_at: Instant::from_seconds(added),
            changed_at: Instant::from_seconds(changed),
        })
    }

    fn lines() -> impl Strategy<Value = BTreeMap<Sku, Line>> {
        let sku = (0_u8..12).prop_map(|n| Sku::parse(&format!("SKU-{n}")).unwrap());
        prop::collection::btree_map(sku, line(), 0..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        // Proves: S3-06
        #[test]
        fn merging_two_carts_is_commutative_idempotent_and_loses_no_line(a in lines(), b in lines(), c in lines()) {
            let both = merge(&a, &b);
            prop_assert_eq!(&both, &merge(&b, &a));
            prop_assert_eq!(&merge(&both, &b), &both);
            prop_assert_eq!(&merge(&both, &both), &both);
            prop_assert_eq!(merge(&both, &c), merge(&a, &merge(&b, &c)));
            for sku in a.keys().chain(b.keys()) {
                prop_assert!(both.contains_key(sku));
            }
            for (sku, line) in &both {
                let quantities = [a.get(sku), b.get(sku)].into_iter().flatten().map(|line| line.quantity);
                prop_assert!(quantities.into_iter().any(|quantity| quantity == line.quantity));
            }
        }
    }
}
