//! What the way costs: by zone, weight and speed.

use kernel::Amount;

/// Where a country lies, as carriers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    Home,
    Europe,
    World,
}

/// One way to send a basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// `standard`, `express`.
    pub id: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it costs, in minor units of the shop's currency.
    pub price: Amount,
    /// Working days, at best.
    pub days_min: u32,
    /// Working days, at worst.
    pub days_max: u32,
}

/// A rate: the first 500 g, each further 500 g begun, and how long it takes.
struct Rate {
    zone: Zone,
    id: &'static str,
    label: &'static str,
    first: i64,
    further: i64,
    days: (u32, u32),
}

const RATES: &[Rate] = &[
    Rate { zone: Zone::Home, id: "standard", label: "Standard", first: 495, further: 60, days: (2, 4) },
    Rate { zone: Zone::Home, id: "express", label: "Express", first: 1290, further: 120, days: (1, 1) },
    Rate { zone: Zone::Europe, id: "standard", label: "Standard", first: 790, further: 110, days: (4, 7) },
    Rate { zone: Zone::Europe, id: "express", label: "Express", first: 1890, further: 210, days: (2, 3) },
    Rate { zone: Zone::World, id: "standard", label: "Standard", first: 1190, further: 220, days: (7, 14) },
    Rate { zone: Zone::World, id: "express", label: "Express", first: 2990, further: 390, days: (3, 5) },
];

/// Standard delivery is free from this subtotal after discounts, in minor units.
pub const FREE_FROM: Amount = Amount::minor(6_000);

fn zone(country: &str) -> Zone {
    match country {
        "US" => Zone::Home,
        "AU" | "CA" | "JP" | "NZ" => Zone::World,
        _ => Zone::Europe,
    }
}

/// The ways to send `weight_grams` to `country`, cheapest first, for goods worth `value` after discounts.
#[must_use]
pub fn ways(country: &str, weight_grams: u64, value: Amount) -> Vec<Way> {
    let steps = i64::try_from(weight_grams.saturating_sub(1) / 500).unwrap_or(i64::MAX / 1_000);
    let zone = zone(country);
    RATES
        .iter()
        .filter(|rate| rate.zone == zone)
        .map(|rate| {
            let full = Amount::minor(rate.first + rate.further * steps);
            let free = rate.id == "standard" && value >= FREE_FROM;
            Way {
                id: rate.id,
                label: rate.label,
                price: if free { Amount::ZERO } else { full },
                days_min: rate.days.0,
                days_max: rate.days.1,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{FREE_FROM, ways};
    use kernel::Amount;

    #[test]
    fn weight_counts_in_steps_of_500_grams_begun() {
        let price = |grams| ways("US", grams, Amount::ZERO)[0].price.units();
        assert_eq!((price(0), price(500), price(501), price(1500)), (495, 495, 555, 615));
    }

    #[test]
    fn standard_is_free_from_the_threshold_and_express_never() {
        let free = ways("DE", 900, FREE_FROM);
        assert_eq!(free[0].price, Amount::ZERO);
        assert!(free[1].price > Amount::ZERO);
        assert!(ways("DE", 900, FREE_FROM - Amount::minor(1))[0].price > Amount::ZERO);
    }
}
