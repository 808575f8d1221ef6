//! `GET /partner/deliveries`: what partners are told, and when.

use api::{Answers, Receiver, Shop, Supplier};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
const FINE: &[Answers] = &[Answers::With(200, "")];

/// What came, by what it tells.
fn told(receiver: &Receiver, kind: &str, within: Duration) -> Value {
    let of_it = || receiver.got().into_iter().map(|got| got.json()).find(|told| told["type"] == kind);
    api::eventually(within, of_it, Option::is_some).unwrap_or_default()["data"].clone()
}

// Proves: S4-I2a
#[test]
fn the_end_of_a_feed_is_told_with_its_counts() {
    let receiver = Receiver::start(FINE);
    let supplier = Supplier::new(Shop::shared());
    supplier.listens_at(receiver.url());
    let job = supplier.feed("one", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,100,5\nPOT,Pot,,1\n");
    let data = told(&receiver, "feed.ended", SOON);
    assert_eq!((&data["job"], &data["state"]), (&job["id"], &json!("done")));
    assert_eq!((&data["counts"], &data["by_rule"]), (&job["counts"], &job["by_rule"]));
    assert_eq!(data["report"], format!("/partner/jobs/{}/report", job["id"].as_str().unwrap_or_default()));
    let refused = supplier.feed("two", "text/csv", "origin,destination,departure,airline\nTUN,CDG,2026-01-01,TU\n");
    let all = || receiver.got().iter().filter(|got| got.json()["data"]["job"] == refused["id"]).count();
    assert_eq!(api::eventually(SOON, all, |count| *count == 1), 1);
}

// Proves: S4-I2a S4-I2b
#[test]
fn that_a_partner_went_live_and_that_its_stock_was_applied_is_told_once() {
    let shop = Shop::shared();
    let receiver = Receiver::start(FINE);
    let mut supplier = Supplier::new(shop);
    supplier.listens_at(receiver.url());
    supplier.feed("first", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,100,5\n");
    supplier.state("first", shop.now(), &json!([{"sku": "TEA", "stock": 1}])).expect(202);
    assert!(told(&receiver, "partner.live", SOON)["live_at"].is_string());
    let issued = supplier.ask(http::Method::POST, "/partner/keys").json(&json!({"world": "live"})).send().expect(201);
    supplier.key = issued.json()["key"].as_str().unwrap_or_default().to_owned();
    supplier.feed("live", "text/csv", "sku,name,price_cents,stock\nTEA,Tea,100,5\n");
    let as_of = shop.now();
    for _ in 0..5 {
        let items = json!([{"sku": "TEA", "stock": 3}, {"sku": "NO-SUCH", "stock": 1}]);
        supplier.state("msg_1", as_of, &items).expect(202);
    }
    let data = told(&receiver, "stock.applied", SOON);
    assert_eq!((&data["webhook_id"], &data["items"]), (&json!("msg_1"), &json!(2)));
    assert_eq!((&data["unknown"], &data["as_of"]), (&json!(["NO-SUCH"]), &json!(as_of.to_string())));
    let listed = supplier.get("/partner/deliveries?limit=100").expect(200).json();
    let of_kind =
        |kind: &str| listed["items"].as_array().into_iter().flatten().filter(|one| one["type"] == kind).count();
    assert_eq!((of_kind("stock.applied"), of_kind("partner.live"), of_kind("webhook.test")), (1, 1, 1));
}

#[test]
fn the_newest_comes_first_and_the_pages_hold_each_once() {
    let receiver = Receiver::start(FINE);
    let (supplier, other) = (Supplier::new(Shop::shared()), Supplier::new(Shop::shared()));
    for n in 1..=3 {
        supplier.listens_at(receiver.url());
        assert_eq!(receiver.wait_for(n, SOON).len(), n);
    }
    let first = supplier.get("/partner/deliveries?limit=2").expect(200).json();
    let cursor = first["next_cursor"].as_str().expect("there is another page").to_owned();
    let second = supplier.get(&format!("/partner/deliveries?limit=2&cursor={cursor}")).expect(200).json();
    let times: Vec<&str> = [&first, &second]
        .iter()
        .flat_map(|page| page["items"].as_array().into_iter().flatten())
        .filter_map(|item| item["created_at"].as_str())
        .collect();
    assert_eq!(times.len(), 3);
    assert!(times.is_sorted_by(|one, next| one >= next), "{times:?}");
    assert_eq!(other.get("/partner/deliveries").expect(200).json()["items"], json!([]));
    for path in ["/partner/deliveries", "/partner/jobs"] {
        other.get(&format!("{path}?cursor={cursor}")).problem(400, "invalid_request");
    }
}

// Proves: S4-I2b
#[test]
fn whoever_is_down_for_a_moment_is_told_a_moment_later() {
    let answers = [Answers::HangsUp, Answers::With(503, "retry-after: 2\r\n"), Answers::With(200, "")];
    let receiver = Receiver::start(&answers);
    let supplier = Supplier::new(Shop::shared());
    supplier.listens_at(receiver.url());
    let delivery = supplier.delivery("webhook.test", "delivered", Duration::from_secs(30));
    let tries: Vec<(Value, Value)> = delivery["tries"]
        .as_array()
        .map(|tries| tries.iter().map(|one| (one["status"].clone(), one["trouble"].clone())).collect())
        .unwrap_or_default();
    assert_eq!(
        tries,
        [(Value::Null, json!("no_answer")), (json!(503), json!("status")), (json!(200), Value::Null)],
        "{delivery}"
    );
    let ids: Vec<String> = receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, vec![delivery["id"].as_str().unwrap_or_default(); 3]);
}

#[test]
fn a_redirect_is_not_followed_and_one_who_is_gone_is_left_alone_until_it_is_set_anew() {
    let elsewhere = Receiver::start(FINE);
    let location: &'static str = Box::leak(format!("location: {}\r\n", elsewhere.url()).into_boxed_str());
    let receiver = Receiver::start(&[Answers::With(307, location), Answers::With(410, ""), Answers::With(200, "")]);
    let supplier = Supplier::new(Shop::shared());
    supplier.listens_at(receiver.url());
    let delivery = supplier.delivery("webhook.test", "failed", SOON);
    let troubles = [&delivery["tries"][0]["trouble"], &delivery["tries"][1]["trouble"]];
    assert_eq!(troubles, ["redirect", "gone"]);
    assert_eq!(elsewhere.got().len(), 0);
    let webhook = supplier.get("/partner/me").expect(200).json()["webhook"].clone();
    assert_eq!(webhook["disabled_for"], "gone", "{webhook}");
    assert!(webhook["disabled_at"].is_string(), "{webhook}");
    let id = delivery["id"].as_str().unwrap_or_default();
    supplier.ask(http::Method::POST, &format!("/partner/deliveries/{id}/replay")).send().problem(409, "no_endpoint");
    supplier.listens_at(receiver.url());
    supplier.delivery("webhook.test", "delivered", SOON);
    assert_eq!(supplier.get("/partner/me").expect(200).json()["webhook"]["disabled_at"], Value::Null);
}

#[test]
fn whoever_does_not_answer_in_time_is_asked_again() {
    let receiver = Receiver::start(&[Answers::Never, Answers::With(200, "")]);
    let supplier = Supplier::new(Shop::shared());
    supplier.listens_at(receiver.url());
    let delivery = supplier.delivery("webhook.test", "delivered", Duration::from_secs(60));
    assert_eq!(delivery["tries"][0]["trouble"], "no_answer", "{delivery}");
    let took = delivery["tries"][0]["took_ms"].as_u64().unwrap_or_default();
    assert!((15_000..17_000).contains(&took), "{delivery}");
}

#[test]
fn the_end_of_a_feed_is_written_to_the_partner_in_words_that_do_nothing() {
    let shop = Shop::shared();
    let Some(local) = shop.local() else { return };
    let supplier = Supplier::new(shop);
    let feed = "sku,name,price_cents,stock\nTEA,Tea,100,5\nPOT,Pot,,1\n";
    let name = format!("<b>{}</b>.csv", supplier.handle);
    let path =
        format!("/partner/ingest?file_name={}", name.replace('<', "%3C").replace('>', "%3E").replace('/', "%2F"));
    let job = supplier.ask(http::Method::POST, &path).key("one").bytes("text/csv", feed).send().expect(202).json();
    let written =
        || local.cloud().mailbox().into_iter().filter(|mail| mail.subject.contains(&supplier.handle)).collect();
    let mails: Vec<cloud::Mail> = api::eventually(SOON, written, |mails: &Vec<cloud::Mail>| !mails.is_empty());
    assert_eq!(mails.len(), 1);
    assert_eq!((&mails[0].to, &mails[0].html), (&vec!["feeds@example.com".to_owned()], &None));
    assert_eq!(mails[0].subject, format!("1 of 2 rows to mend: {name}"));
    let link = format!("/portal/jobs/{}", job["id"].as_str().unwrap_or_default());
    assert!(mails[0].text.contains(&link), "{}", mails[0].text);
}
