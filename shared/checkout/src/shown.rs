//! A quote as people see it: what was priced, and the signed text that stands for it.

use crate::pricing::Priced;
use crate::quote::Quote;
use crate::shipping::FREE_FROM;
use kernel::{Amount, Currency, Fault, Money};
use serde::Serialize;
use vault::Signer;

/// A quote, ready to be sent as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct ShownQuote {
    quote: String,
    expires_at: String,
    lines: Vec<ShownLine>,
    subtotal: Money,
    discount: Money,
    shipping: Money,
    tax: Money,
    total: Money,
    total_amount: String,
    currency: Currency,
    country: String,
    tax_rate_basis_points: u32,
    shipping_method: String,
    shipping_options: Vec<ShownWay>,
    promotions: Vec<ShownPromotion>,
    free_shipping_from: Option<Money>,
}

#[derive(Debug, Clone, Serialize)]
struct ShownLine {
    sku: String,
    product_id: String,
    name: String,
    variant: String,
    quantity: u32,
    image_url: String,
    price: String,
    unit_price: Money,
    line_total: Money,
    discount: Money,
    tax: Money,
}

#[derive(Debug, Clone, Serialize)]
struct ShownWay {
    id: &'static str,
    label: &'static str,
    price: Money,
    days_min: u32,
    days_max: u32,
}

#[derive(Debug, Clone, Serialize)]
struct ShownPromotion {
    code: String,
    label: String,
    kind: String,
    amount: Money,
}

impl ShownQuote {
    /// The quote of what was priced, signed.
    ///
    /// # Errors
    /// A bug when it does not write.
    pub fn of(quote: &Quote, priced: &Priced, signer: &Signer) -> Result<Self, Fault> {
        let money = |amount: Amount| Money { amount, currency: quote.currency };
        let lines = quote.lines.iter().map(|line| ShownLine {
            sku: line.sku.to_string(),
            product_id: line.product.to_string(),
            name: line.name.clone(),
            variant: line.variant.clone(),
            quantity: line.quantity,
            image_url: line.image.clone(),
            price: quote.currency.decimal(line.unit),
            unit_price: money(line.unit),
            line_total: money(line.total()),
            discount: money(line.discount),
            tax: money(line.tax),
        });
        let ways = priced.ways.iter().map(|way| ShownWay {
            id: way.id,
            label: way.label,
            price: money(way.price),
            days_min: way.days_min,
            days_max: way.days_max,
        });
        let promotions = quote.promotions.iter().map(|applied| ShownPromotion {
            code: applied.code.clone(),
            label: applied.label.clone(),
            kind: applied.kind.clone(),
            amount: money(applied.amount),
        });
        Ok(Self {
            quote: quote.sign(signer)?,
            expires_at: quote.expires_at.to_string(),
            lines: lines.collect(),
            subtotal: money(quote.totals.subtotal),
            discount: money(quote.totals.discount),
            shipping: money(quote.totals.shipping),
            tax: money(quote.totals.tax),
            total: money(quote.totals.total),
            total_amount: quote.currency.decimal(quote.totals.total),
            currency: quote.currency,
            country: quote.country.clone(),
            tax_rate_basis_points: priced.tax_rate,
            shipping_method: quote.shipping_method.clone(),
            shipping_options: ways.collect(),
            promotions: promotions.collect(),
            free_shipping_from: Some(money(FREE_FROM)),
        })
    }
}
