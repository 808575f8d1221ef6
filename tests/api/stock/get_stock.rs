//! `GET /admin/stock/{sku}`.

use api::Shop;
use http::Method;
use kernel::Role;

#[test]
fn stock_is_told_cell_by_cell() {
    let sku = Shop::shared().new_sku(12);
    let stock = Shop::shared().stock(&sku);
    assert_eq!((stock["available"].as_i64(), stock["put_in"].as_i64()), (Some(12), Some(12)));
    let cells: i64 = stock["cells"].as_array().unwrap().iter().map(|cell| cell["available"].as_i64().unwrap()).sum();
    assert_eq!(cells, 12);
}

#[test]
fn a_sku_that_is_not_there_is_404() {
    Shop::shared().staff(Role::Support, Method::GET, "/admin/stock/NO-SUCH-SKU").send().problem(404, "not_found");
}
