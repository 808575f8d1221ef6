//! Promotions: what a code takes off, when, and for how many. A limit is stock: each use holds one of `COUPON:<code>`.

use kernel::{Amount, Currency, Fault, Instant, Kind, Money};
use serde::{Deserialize, Serialize};
use table::{Guard, Key, Page, Row, Table, Write};

/// What a promotion does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionKind {
    /// Takes a share off the goods: 1–100 %.
    Percentage(u32),
    /// Takes an amount off the goods, at most all of it.
    Fixed(Amount),
    /// Takes off what the way costs.
    FreeShipping,
}

impl PromotionKind {
    /// The kind's name as it is stored and sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Percentage(_) => "percentage",
            Self::Fixed(_) => "fixed",
            Self::FreeShipping => "free_shipping",
        }
    }
}

/// A promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// What shoppers type, upper-case.
    pub code: String,
    /// What they read.
    pub label: String,
    /// What it does.
    pub kind: PromotionKind,
    /// The currency of its amounts.
    pub currency: Currency,
    /// The least that the goods must be worth.
    #[serde(default)]
    pub minimum: Amount,
    /// From when.
    #[serde(default)]
    pub starts_at: Option<Instant>,
    /// Until when.
    #[serde(default)]
    pub ends_at: Option<Instant>,
    /// How often it can be used in all, if that is limited.
    #[serde(default)]
    pub limit: Option<u32>,
    /// When it was made.
    pub created_at: Instant,
}

impl Row for Promotion {
    fn key(&self) -> Key {
        promotion_key(&self.code)
    }
}

fn promotion_key(code: &str) -> Key {
    Key::new(format!("PROMOTION#{code}"))
}

/// A promotion, ready to be sent as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct ShownPromotion {
    code: String,
    label: String,
    kind: &'static str,
    percent: Option<u32>,
    amount: Option<Money>,
    minimum: Option<Money>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    limit: Option<u32>,
    created_at: String,
}

impl Promotion {
    /// The promotion as staff see it.
    #[must_use]
    pub fn shown(&self) -> ShownPromotion {
        let money = |amount: Amount| Money { amount, currency: self.currency };
        let (percent, amount) = match self.kind {
            PromotionKind::Percentage(percent) => (Some(percent), None),
            PromotionKind::Fixed(amount) => (None, Some(money(amount))),
            PromotionKind::FreeShipping => (None, None),
        };
        ShownPromotion {
            code: self.code.clone(),
            label: self.label.clone(),
            kind: self.kind.name(),
            percent,
            amount,
            minimum: (self.minimum > Amount::ZERO).then(|| money(self.minimum)),
            starts_at: self.starts_at.map(|moment| moment.to_string()),
            ends_at: self.ends_at.map(|moment| moment.to_string()),
            limit: self.limit,
            created_at: self.created_at.to_string(),
        }
    }

    /// Refuses a use that is too early, too late, or for too little.
    ///
    /// # Errors
    /// Unprocessable, with the pointer to the coupon and what is against it.
    pub fn check(&self, value: Amount, currency: Currency, now: Instant) -> Result<(), Fault> {
        if self.starts_at.is_some_and(|start| now < start) {
            return Err(refused("coupon_not_yet", "This code is not valid yet."));
        }
        if self.ends_at.is_some_and(|end| now >= end) {
            return Err(refused("coupon_over", "This code is no longer valid."));
        }
        if self.currency != currency {
            return Err(refused("coupon_currency", "This code is for another currency."));
        }
        if value < self.minimum {
            let least = currency.decimal(self.minimum);
            return Err(refused("coupon_minimum", &format!("This code needs goods for at least {least} {currency}.")));
        }
        Ok(())
    }

    /// What it takes off goods worth `value`.
    #[must_use]
    pub fn off_goods(&self, value: Amount) -> Amount {
        match self.kind {
            PromotionKind::Percentage(percent) => value.share(percent * 100),
            PromotionKind::Fixed(amount) => amount.min(value),
            PromotionKind::FreeShipping => Amount::ZERO,
        }
    }
}

/// A coupon that does not count, with the rule that is against it.
#[must_use]
pub fn refused(rule: &'static str, detail: &str) -> Fault {
    let mut fault = Fault::new(Kind::Unprocessable, "coupon_refused", detail);
    fault.errors.push(kernel::FieldError { pointer: "/coupon".to_owned(), rule, detail: detail.to_owned() });
    fault
}

/// The promotions in their table.
#[derive(Debug, Clone)]
pub struct Promotions {
    table: Table,
}

impl Promotions {
    /// The promotions in `table`.
    #[must_use]
    pub const fn new(table: Table) -> Self {
        Self { table }
    }

    /// The table itself, for the idempotency record beside a change.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The promotion with that code, however it is written.
    ///
    /// # Errors
    /// Unprocessable when there is none; unavailable when the table does not answer.
    pub async fn find(&self, code: &str) -> Result<Promotion, Fault> {
        let found = self.table.get(&promotion_key(&code.trim().to_uppercase())).await?;
        found.ok_or_else(|| refused("coupon_unknown", "There is no such code."))
    }

    /// The write that makes a promotion, unless its code is taken.
    ///
    /// # Errors
    /// A bug when it does not write.
    pub fn create(&self, promotion: &Promotion) -> Result<Write, Fault> {
        Ok(Write::put(promotion)?.when(Guard::ABSENT))
    }

    /// One page of the promotions, in no order. There are few: a scan of their table.
    ///
    /// # Errors
    /// Unavailable when the table does not answer.
    pub async fn list(&self, limit: usize, after: Option<&[(String, String)]>) -> Result<Page<Promotion>, Fault> {
        let page = self.table.scan(limit, after).await?;
        let rows = page.items.into_iter().filter(|item| item.pk().starts_with("PROMOTION#"));
        let items = rows.map(table::Item::read).collect::<Result<Vec<Promotion>, Fault>>()?;
        Ok(Page { items, next: page.next })
    }
}
