//! A product is made: one item for it and one row for each SKU, all or none.

use crate::product::{Product, SkuRow};
use kernel::{Fault, Kind, Sku};
use table::{Guard, Refused, Write};

/// The SKU is nobody's, or this product's already.
const FREE: Guard = Guard::new("sku_free", "attribute_not_exists(pk) OR product = :product");

/// The writes that make `product`.
///
/// # Errors
/// A bug when a row does not write.
pub fn writes(product: &Product) -> Result<Vec<Write>, Fault> {
    let mut writes = vec![Write::put(product)?.when(Guard::ABSENT)];
    for variant in &product.variants {
        writes.push(claim(product, &variant.sku)?);
    }
    Ok(writes)
}

/// Makes `sku` belong to `product`.
pub(crate) fn claim(product: &Product, sku: &Sku) -> Result<Write, Fault> {
    let row = SkuRow { sku: sku.clone(), product: product.id.clone() };
    Ok(Write::put(&row)?.when(FREE).text(":product", product.id.as_str()))
}

/// Whether `refused` says that the id is taken, so that another one may do.
#[must_use]
pub const fn id_is_taken(refused: &Refused) -> bool {
    refused.index == 0
}

/// Why the writes of [`writes`] were refused.
#[must_use]
pub fn refusal(product: &Product, refused: &Refused) -> Fault {
    if id_is_taken(refused) {
        return Fault::new(Kind::Conflict, "product_exists", format!("There is a product {} already.", product.id));
    }
    taken(refused)
}

/// A SKU belongs to another product.
pub(crate) fn taken(refused: &Refused) -> Fault {
    let sku = refused.old.as_ref().and_then(|row| row.text("sku")).unwrap_or("of one variant");
    Fault::new(Kind::Conflict, "sku_taken", format!("The SKU {sku} belongs to another product."))
}
