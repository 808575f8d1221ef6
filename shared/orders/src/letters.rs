//! What an order's letters say. Pure: no address, no HTML.

use crate::order::Order;
use crate::publish::Letter;
use std::fmt::Write;

/// A letter, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

/// The letter of that kind about an order; `shop` is the address of the pages.
#[must_use]
pub fn write(order: &Order, letter: Letter, shop: &str) -> Written {
    let number = order.id().as_str();
    let (subject, opening) = match letter {
        Letter::Confirmation => {
            (format!("Your order {number}"), "Thank you. Your order is paid, and we are packing it.")
        }
        Letter::Shipped => (format!("On its way: order {number}"), "A parcel of your order is on its way to you."),
        Letter::Cancelled => {
            (format!("Cancelled: order {number}"), "Your order is cancelled. What you paid is on its way back.")
        }
        Letter::Refunded => {
            (format!("Refund for order {number}"), "Your refund is on its way. Banks take a few days to show it.")
        }
    };
    let mut text = format!("{opening}\n\n");
    for line in &order.placed.lines {
        add(&mut text, format_args!("{} × {} {}\n", line.quantity, line.name, line.variant));
    }
    let currency = order.placed.currency;
    add(&mut text, format_args!("\nTotal: {} {currency}\n", currency.decimal(order.placed.totals.total)));
    for parcel in order.parcels() {
        if let Some((carrier, tracking, _)) = &parcel.shipped {
            add(&mut text, format_args!("Parcel {}: {carrier}, {tracking}\n", parcel.id));
        }
    }
    add(&mut text, format_args!("\nFollow it here: {shop}/shop/orders/{number}\n\nRusset\n"));
    Written { subject, text }
}

fn add(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    if text.write_fmt(part).is_err() {
        text.push('\n');
    }
}
