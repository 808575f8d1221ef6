//! What was measured of every function and of the business since midnight in UTC: happenings, and the rates that follow
//! from them.

use crate::exposition::Exposition;
use lambda::{Figure, Question, Window};
use telemetry::Business;

/// What happens in the business, with what it is called here and what it means.
const HAPPENINGS: [(&str, &str, &str); 7] = [
    ("searches", "searches_today", "Searches that were answered."),
    ("carts_started", "carts_started_today", "Carts into which something was put for the first time."),
    ("cart_additions", "cart_additions_today", "Times that something was put into a cart."),
    ("payments_approved", "payments_approved_today", "Payments that went through."),
    ("payments_declined", "payments_declined_today", "Payments that the provider declined."),
    ("out_of_stock", "out_of_stock_today", "Orders that ended because the stock was gone."),
    ("units_sold", "units_sold_today", "Units in orders that were paid."),
];

const fn today(metric: &'static str, statistic: &'static str) -> Question {
    Question { metric, statistic, window: Window::Today }
}

/// What is asked of CloudWatch.
pub fn questions() -> Vec<Question> {
    let happenings = HAPPENINGS.iter().map(|(metric, ..)| today(metric, "Sum"));
    happenings.chain([today("count", "Sum"), today("orders", "Sum"), today("stock_on_hand", "Average")]).collect()
}

/// Writes the invocations of every function, what happened, and the rates. A rate of nothing is not zero: its line is
/// missing.
pub fn write(text: &mut Exposition, figures: &[Figure]) {
    text.head("invocations_total", "counter", "Invocations of every function, since midnight in UTC.");
    for figure in figures.iter().filter(|figure| figure.question == today("count", "Sum")) {
        text.line("invocations_total", &[("operation", &figure.operation)], figure.value);
    }
    // Counts are whole, and far from where a double is not. Over all operations: several may measure the same.
    let sum = |question: Question| -> i64 {
        figures.iter().filter(|figure| figure.question == question).map(|figure| figure.value.round() as i64).sum()
    };
    for (metric, name, help) in HAPPENINGS {
        text.head(name, "gauge", help);
        text.line(name, &[], sum(today(metric, "Sum")));
    }
    rates(
        text,
        Business {
            carts_started: sum(today("carts_started", "Sum")),
            searches: sum(today("searches", "Sum")),
            orders: sum(today("orders", "Sum")),
            payments_approved: sum(today("payments_approved", "Sum")),
            payments_declined: sum(today("payments_declined", "Sum")),
            units_sold: sum(today("units_sold", "Sum")),
            stock_on_hand: sum(today("stock_on_hand", "Average")),
        },
    );
}

fn rates(text: &mut Exposition, day: Business) {
    let rates = [
        ("cart_abandonment_ratio", "Carts of today that became no paid order.", day.cart_abandonment()),
        ("payment_success_ratio", "Payments of today that went through.", day.payment_success()),
        ("search_to_purchase_ratio", "Paid orders for each search of today.", day.search_to_purchase()),
        ("stock_turnover_ratio", "Units sold today for each unit on hand.", day.stock_turnover()),
    ];
    for (name, help, points) in rates {
        if let Some(points) = points {
            text.head(name, "gauge", help);
            text.line(name, &[], format!("{}.{:04}", points / 10_000, points % 10_000));
        }
    }
}
