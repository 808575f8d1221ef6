//! `GET /partner/me` and `GET /admin/partners/{partnerId}`.

use api::{Shop, Supplier};
use http::Method;
use kernel::Role;

#[test]
fn staff_see_a_partner_as_it_sees_itself() {
    let shop = Shop::shared();
    let supplier = Supplier::new(shop);
    let own = supplier.get("/partner/me").expect(200).json();
    let staff = shop.staff(Role::Support, Method::GET, &format!("/admin/partners/{}", supplier.id));
    let seen = staff.send().expect(200).json();
    assert_eq!((&seen["id"], &seen["keys"][0]["id"]), (&own["id"], &own["keys"][0]["id"]));
    assert!(seen["keys"][0]["last_used_at"].is_string(), "{seen}");
}
