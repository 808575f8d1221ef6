//! The shop that the measured functions use, in this process, and what is in it for them.

use crate::Why;
use crate::shopper::{self, OnSale, Shop};
use cloud::Clock;
use local::{Local, Options};
use std::sync::{Mutex, PoisonError};

/// Different goods at the most. A cell that keeps the marks of earlier orders costs more to write, so as long as there are goods
/// that nobody bought yet, each request gets some of its own: what one request costs then does not depend on those before it.
const GOODS: usize = 400;

/// A shop in memory with goods that no benchmark sells out.
pub struct Stage {
    /// The shop itself.
    pub local: Local,
    /// How to ask it.
    pub shop: Shop,
    goods: Mutex<Goods>,
    on_sale: Mutex<Option<OnSale>>,
}

#[derive(Default)]
struct Goods {
    skus: Vec<String>,
    taken: usize,
}

impl Stage {
    /// A shop that lives by that clock.
    ///
    /// # Errors
    /// When it does not start.
    pub fn new(clock: Clock) -> Result<Self, Why> {
        let options = Options { port: 0, data: None, web: false, clock, ..Options::default() };
        let local = local::start(&options, &|_| {})?;
        let shop = Shop::of(&local)?;
        Ok(Self { local, shop, goods: Mutex::default(), on_sale: Mutex::default() })
    }

    /// What the next request is about: something that nobody bought yet, as long as there is such a thing.
    ///
    /// # Errors
    /// When the shop takes no goods.
    pub fn sku(&self) -> Result<String, Why> {
        let mut goods = self.goods.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = goods.taken;
        goods.taken += 1;
        if turn < GOODS {
            let sku = shopper::stocked(&self.local, &self.shop, &format!("measured-{turn}"))?;
            goods.skus.push(sku);
        }
        Ok(goods.skus[turn % GOODS].clone())
    }

    /// What is sold in the one flash sale, which is opened by the first who asks.
    ///
    /// # Errors
    /// When the shop does not open it.
    pub fn on_sale(&self) -> Result<OnSale, Why> {
        let mut on_sale = self.on_sale.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = &*on_sale {
            return Ok(opened.clone());
        }
        let opened = shopper::on_sale(&self.local, &self.shop)?;
        Ok(on_sale.insert(opened).clone())
    }
}
