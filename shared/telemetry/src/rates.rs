//! The rates that the business is steered by, from sums of what was measured. In basis points, ten thousandths: whole
//! numbers, so that a rate is the same wherever it is worked out.

/// What happened in some span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Business {
    /// Carts into which something was put for the first time.
    pub carts_started: i64,
    /// Searches that were answered.
    pub searches: i64,
    /// Orders that were placed.
    pub orders: i64,
    /// Payments that went through.
    pub payments_approved: i64,
    /// Payments that the provider declined.
    pub payments_declined: i64,
    /// Units in orders that were paid.
    pub units_sold: i64,
    /// Units on hand, on average over the span.
    pub stock_on_hand: i64,
}

impl Business {
    /// Carts that became no paid order, of all that were started. More orders than carts (the API needs no cart) is
    /// none abandoned.
    #[must_use]
    pub fn cart_abandonment(&self) -> Option<i64> {
        let abandoned = self.carts_started.saturating_sub(self.payments_approved).max(0);
        basis_points(abandoned, self.carts_started)
    }

    /// Payments that went through, of all that were decided.
    #[must_use]
    pub fn payment_success(&self) -> Option<i64> {
        basis_points(self.payments_approved, self.payments_approved.saturating_add(self.payments_declined))
    }

    /// Paid orders for each search.
    #[must_use]
    pub fn search_to_purchase(&self) -> Option<i64> {
        basis_points(self.payments_approved, self.searches)
    }

    /// How often the stock was sold: units sold for each unit on hand.
    #[must_use]
    pub fn stock_turnover(&self) -> Option<i64> {
        basis_points(self.units_sold, self.stock_on_hand)
    }
}

/// `part` of `whole` in ten thousandths, rounded to the nearest; nothing is part of nothing.
#[must_use]
pub fn basis_points(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 || part < 0 {
        return None;
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    i64::try_from((part * 20_000 + whole) / (whole * 2)).ok()
}

#[cfg(test)]
mod tests {
    use super::{Business, basis_points};
    use proptest::prelude::*;

    // Proves: S3-12
    #[test]
    fn a_day_in_the_shop_gives_the_rates_that_were_worked_out_by_hand() {
        let day = Business {
            carts_started: 40,
            searches: 250,
            orders: 14,
            payments_approved: 12,
            payments_declined: 3,
            units_sold: 30,
            stock_on_hand: 1_200,
        };
        assert_eq!(day.cart_abandonment(), Some(7_000), "28 of 40 carts");
        assert_eq!(day.payment_success(), Some(8_000), "12 of 15 payments");
        assert_eq!(day.search_to_purchase(), Some(480), "12 orders of 250 searches");
        assert_eq!(day.stock_turnover(), Some(250), "30 of 1,200 units");
    }

    #[test]
    fn a_day_without_anything_has_no_rates_and_one_without_carts_abandons_none() {
        let nothing = Business::default();
        assert_eq!(nothing.cart_abandonment(), None);
        assert_eq!(nothing.payment_success(), None);
        assert_eq!(nothing.search_to_purchase(), None);
        assert_eq!(nothing.stock_turnover(), None);
        let by_api = Business { carts_started: 1, payments_approved: 5, ..nothing };
        assert_eq!(by_api.cart_abandonment(), Some(0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn a_part_of_a_whole_is_between_nothing_and_all_of_it(part in 0_i64..=1_000_000, more in 0_i64..=1_000_000) {
            let whole = part + more;
            match basis_points(part, whole) {
                None => prop_assert_eq!(whole, 0),
                Some(points) => {
                    prop_assert!((0..=10_000).contains(&points));
                    prop_assert!((points * whole - part * 10_000).abs() * 2 <= whole, "{} of {}", part, whole);
                }
            }
        }
    }
}
