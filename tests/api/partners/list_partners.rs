//! `GET /admin/partners`.

use api::{Shop, Supplier};
use http::Method;
use kernel::Role;

#[test]
fn the_partner_that_came_last_is_first_and_pages_join() {
    let shop = Shop::shared();
    let came: Vec<String> = (0..3).map(|_| Supplier::new(shop).id).collect();
    let page = |path: &str| shop.staff(Role::Support, Method::GET, path).send().expect(200).json();
    let (mut seen, mut path) = (Vec::new(), "/admin/partners?limit=1".to_owned());
    for _ in 0..200 {
        let page = page(&path);
        seen.extend(page["items"].as_array().unwrap().iter().map(|partner| partner["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) if !came.iter().all(|id| seen.contains(id)) => {
                path = format!("/admin/partners?limit=1&cursor={cursor}");
            }
            _ => break,
        }
    }
    let places: Vec<usize> = came.iter().map(|id| seen.iter().position(|seen| seen == id).unwrap()).collect();
    assert!(places[0] > places[1] && places[1] > places[2], "{places:?}");
}
