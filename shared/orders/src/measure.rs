//! What a change of an order means for the business, as metrics count it. Pure: from the stored order before and after.
//! Rates come from here; totals come from the projection's counters.

use crate::event::What;
use crate::order::Order;

/// What happened between two states of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measures {
    /// Orders that were placed.
    pub orders: i64,
    /// Orders that ended because the stock was gone.
    pub out_of_stock: i64,
    /// Payments that went through.
    pub payments_approved: i64,
    /// Payments that the provider declined.
    pub payments_declined: i64,
    /// What was paid, in minor units of the order's currency.
    pub revenue: i64,
    /// What went back, in the same.
    pub refunded: i64,
    /// Units in what was paid.
    pub units_sold: i64,
}

impl Measures {
    /// Each under the name that dashboards and alarms know, money among them told apart.
    pub fn each(self) -> impl Iterator<Item = (&'static str, i64, bool)> {
        let all = [
            ("orders", self.orders, false),
            ("out_of_stock", self.out_of_stock, false),
            ("payments_approved", self.payments_approved, false),
            ("payments_declined", self.payments_declined, false),
            ("revenue", self.revenue, true),
            ("refunded", self.refunded, true),
            ("units_sold", self.units_sold, false),
        ];
        all.into_iter().filter(|(_, value, _)| *value != 0)
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            orders: self.orders + other.orders,
            out_of_stock: self.out_of_stock + other.out_of_stock,
            payments_approved: self.payments_approved + other.payments_approved,
            payments_declined: self.payments_declined + other.payments_declined,
            revenue: self.revenue + other.revenue,
            refunded: self.refunded + other.refunded,
            units_sold: self.units_sold + other.units_sold,
        }
    }
}

/// What the events that `new` has and `old` has not mean.
#[must_use]
pub fn measures(old: Option<&Order>, new: &Order) -> Measures {
    let mut found = Measures::default();
    for event in new.events.iter().skip(old.map_or(0, |order| order.events.len())) {
        match &event.what {
            What::Placed => found.orders += 1,
            What::Paid { .. } => {
                found.payments_approved += 1;
                found.revenue += new.placed.totals.total.units();
                found.units_sold += new.placed.lines.iter().map(|line| i64::from(line.quantity)).sum::<i64>();
            }
            What::PaymentDeclined | What::Declined => found.payments_declined += 1,
            What::Cancelled { reason } if reason == "out_of_stock" => found.out_of_stock += 1,
            What::RefundRequested { amount, .. } => found.refunded += amount.units(),
            What::Held
            | What::PaymentStarted { .. }
            | What::PaymentRetried { .. }
            | What::TakenOver
            | What::PaymentUndecided
            | What::ErrandGiven { .. }
            | What::ErrandDone
            | What::PaymentLeft
            | What::Expired
            | What::Cancelled { .. }
            | What::Packed { .. }
            | What::Shipped { .. }
            | What::Delivered { .. }
            | What::Refunded { .. } => {}
        }
    }
    found
}
