//! `POST /partner/onboard`.

use crate::every_operation::fresh_key;
use api::{Shop, Supplier};
use http::Method;
use serde_json::{Value, json};

fn body(handle: &str) -> Value {
    json!({"handle": handle, "name": "Test Teas", "email": "feeds@example.com"})
}

// Proves: S4-I1
#[test]
fn a_partner_comes_with_nobodys_help_and_its_key_counts_at_once() {
    let supplier = Supplier::new(Shop::shared());
    assert!(supplier.key.starts_with("rk_test_") && supplier.secret.starts_with("whsec_"));
    let partner = supplier.get("/partner/me").expect(200).json();
    assert_eq!((&partner["world"], &partner["handle"]), (&json!("sandbox"), &json!(supplier.handle)));
    assert_eq!(partner["email"], "f***@e***.com");
    assert_eq!(partner["checklist"][0]["step"], "key_used");
    assert!(
        partner["checklist"][0]["done_at"].is_string() && partner["checklist"][1]["done_at"].is_null(),
        "{partner}"
    );
    assert!(!partner.to_string().contains(&supplier.key), "a key is shown once");
}

#[test]
fn a_handle_is_one_partners() {
    let supplier = Supplier::new(Shop::shared());
    let ask = Shop::shared().ask(Method::POST, "/partner/onboard").json(&body(&supplier.handle));
    let refused = ask.send().problem(409, "handle_taken");
    assert_eq!(refused.json()["errors"][0]["pointer"], "/handle");
}

#[test]
fn what_breaks_a_rule_is_refused_with_the_place() {
    let shop = Shop::shared();
    for (member, value) in [
        ("name", "Evil\r\nBcc: all@example.com"),
        ("name", "Teas\u{202e}gpj.exe"),
        ("handle", "ab"),
        ("handle", "1abc"),
        ("handle", "abc-"),
        ("handle", "Abc"),
        ("handle", "a'; drop table partners;--"),
        ("name", "   "),
        ("email", "nobody"),
        ("email", "a@b"),
    ] {
        let mut asked = body("abc-def");
        asked[member] = json!(value);
        let refused = shop.ask(Method::POST, "/partner/onboard").json(&asked).send().problem(400, "invalid_request");
        let place = refused.json()["errors"][0]["pointer"].as_str().map(str::to_owned);
        // The gateway refuses by the pattern, without a place.
        assert!(place.is_none_or(|place| place == format!("/{member}")), "{refused}");
    }
}

#[test]
fn many_who_want_the_same_handle_at_once_get_it_once() {
    let shop = Shop::shared();
    let handle = format!("h{}", kernel::id::derived(&[&fresh_key()]).get(..18).unwrap());
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| shop.ask(Method::POST, "/partner/onboard").json(&body(&handle)).send().status))
            .collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409, 503].contains(status)), "{statuses:?}");
}
