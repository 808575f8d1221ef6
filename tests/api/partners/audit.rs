//! Keys of partners: every valid one is let in, no other is, and each attempt is in the audit log once.

use api::{Ask, Shop, Supplier};
use http::Method;
use kernel::PartnerId;
use partners::audit::{Attempt, Outcome};
use serde_json::json;
use table::Query;

/// The attempts in that part of the audit log.
fn attempts(shop: &Shop, whose: &str) -> Vec<Attempt> {
    let audit = shop.platform().table("audit").unwrap();
    let (mut found, mut after): (Vec<Attempt>, Option<partners::Position>) = (Vec::new(), None);
    loop {
        let query = Query::new("pk = :pk").text(":pk", whose);
        let query = match &after {
            Some(position) => query.after(position),
            None => query,
        };
        let page = shop.block_on(audit.query_items(query)).unwrap();
        found.extend(page.items.into_iter().map(|item| item.read::<Attempt>().unwrap()));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

fn of_nobody(shop: &Shop) -> Vec<Attempt> {
    let day = shop.now().to_string()[..10].to_owned();
    (0..16).flat_map(|lot| attempts(shop, &format!("UNKNOWN#{day}#{lot}"))).collect()
}

/// A look at the partner's own page with that key, from an address of its own.
fn with_key<'a>(shop: &'a Shop, key: &str) -> Ask<'a> {
    shop.ask(Method::GET, "/partner/me").header("x-api-key", key)
}

// Proves: S4-S1a
#[test]
fn every_attempt_is_written_down_once_with_who_when_and_from_where() {
    let shop = Shop::start(local::Options { seed: false, ..local::Options::default() });
    let supplier = Supplier::new(&shop);
    let own = PartnerId::parse(&supplier.id).unwrap();
    let narrow = json!({"world": "sandbox", "scopes": ["feeds"]});
    let narrow = supplier.ask(Method::POST, "/partner/keys").json(&narrow).send().expect(201).json();
    let narrow = narrow["key"].as_str().unwrap().to_owned();
    let body = json!({"as_of": shop.now().to_string(), "items": [{"sku": "TEA", "stock": 9}]}).to_string();
    let mut expected = Vec::new();
    let mut tried = |ask: Ask<'_>, status: u16, outcome: Outcome, whose: Option<&PartnerId>| {
        let address = format!("192.0.2.{}", expected.len() + 1);
        let reply = ask.header("x-forwarded-for", &address).send().expect(status);
        expected.push((reply.header("x-request-id").unwrap().to_owned(), address, outcome, whose.cloned()));
    };
    for _ in 0..3 {
        tried(with_key(&shop, &supplier.key), 200, Outcome::Admitted, Some(&own));
        tried(with_key(&shop, &supplier.key.replace("_test_", "_live_")), 401, Outcome::Refused, None);
        tried(with_key(&shop, "rk"), 401, Outcome::Refused, None);
        tried(shop.ask(Method::GET, "/partner/me"), 401, Outcome::Missing, None);
        tried(with_key(&shop, &narrow), 403, Outcome::OutOfScope, Some(&own));
        let forged = supplier.webhook("msg", shop.now(), &body).header("webhook-signature", "v1,AAAA");
        tried(forged, 401, Outcome::Forged, None);
    }
    let fresh = Supplier::new(&shop);
    for _ in 0..60 {
        fresh.get("/partner/me").expect(200);
    }
    let fresh_id = PartnerId::parse(&fresh.id).unwrap();
    tried(with_key(&shop, &fresh.key), 429, Outcome::Limited, Some(&fresh_id));

    let mut found = of_nobody(&shop);
    for id in [&own, &fresh_id] {
        found.extend(attempts(&shop, &format!("PARTNER#{id}")));
    }
    for (request, address, outcome, partner) in expected {
        let of_it: Vec<&Attempt> = found.iter().filter(|attempt| attempt.request == request).collect();
        assert_eq!(of_it.len(), 1, "{request}: {outcome:?}");
        assert_eq!((of_it[0].outcome, &of_it[0].address, &of_it[0].partner), (outcome, &address, &partner));
        assert!(shop.now().since(of_it[0].at).as_secs() < 60, "{of_it:?}");
    }
    let written = serde_json::to_string(&found).unwrap();
    assert!(!written.contains(&supplier.key) && !written.contains(&narrow), "no key is written down");
}

// Proves: S4-S1a
#[test]
fn every_key_that_counts_is_let_in_and_none_that_is_a_little_different() {
    let shop = Shop::start(local::Options { seed: false, ..local::Options::default() });
    let mut random = fastrand::Rng::with_seed(4);
    for round in 0..12 {
        let (supplier, other) = (Supplier::new(&shop), Supplier::new(&shop));
        let key = &supplier.key;
        with_key(&shop, key).send().expect(200);
        with_key(&shop, &format!("  {key} ")).send().expect(200);
        shop.ask(Method::GET, "/partner/me").header("authorization", format!("Bearer {key}")).send().expect(200);
        let (name, secret) = key.rsplit_once('_').unwrap();
        let mut forgeries = vec![
            key[..key.len() - 1].to_owned(),
            format!("{key}0"),
            key.to_uppercase(),
            key.replace("rk_test", "rk_live"),
            format!("{name}_{}", other.key.rsplit_once('_').unwrap().1),
            format!("{}_{secret}", other.key.rsplit_once('_').unwrap().0),
            name.to_owned(),
            secret.to_owned(),
            kernel::id::sha256_hex(key.as_bytes()),
            format!("{key},{key}"),
            "' OR '1'='1".to_owned(),
            format!("rk_test_{}_{}", "0".repeat(26), "0".repeat(52)),
        ];
        for _ in 0..20 {
            let mut bytes = key.clone().into_bytes();
            let at = random.usize(..bytes.len());
            bytes[at] = loop {
                let byte = random.alphanumeric() as u8;
                if byte != bytes[at] {
                    break byte;
                }
            };
            forgeries.push(String::from_utf8(bytes).unwrap());
        }
        for forgery in forgeries {
            let status = with_key(&shop, &forgery).send().status;
            assert_eq!(status, 401, "{round}: {forgery} in the place of {key}");
        }
        let refused = shop.ask(Method::GET, &format!("/partner/me?api_key={key}")).attempt().unwrap();
        assert!([400, 401].contains(&refused.status), "a key in the address: {refused}");
        supplier
            .ask(Method::DELETE, &format!("/partner/keys/{}", partners::key::name_in(key).unwrap()))
            .send()
            .expect(204);
        with_key(&shop, key).send().problem(401, "unauthenticated");
    }
}
