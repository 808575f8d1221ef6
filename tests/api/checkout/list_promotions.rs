//! `GET /admin/promotions`.

use api::Shop;
use http::Method;
use kernel::Role;

#[test]
fn the_promotions_of_the_demo_are_listed() {
    let (mut codes, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/admin/promotions?limit=2{cursor}");
        let page = Shop::shared().staff(Role::Finance, Method::GET, &path).send().expect(200).json();
        codes.extend(page["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    for code in ["WELCOME10", "FREESHIP", "LIMITED5"] {
        assert_eq!(codes.iter().filter(|known| *known == code).count(), 1, "{code} in {codes:?}");
    }
}
