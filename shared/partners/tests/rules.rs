//! Every rule for rows: one row that breaks it and one that just does not.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use partners::feeds::{Event, How};
use partners::validation::{Flag, RULES};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use support::{events, items, mapping, rejections};

/// A good product with some of its members replaced; `null` takes one out.
fn product(changes: &Value) -> Value {
    let mut product: Map<String, Value> =
        json!({"sku": "MUG-1", "name": "Mug", "price": "19.99 EUR"}).as_object().unwrap().clone();
    product.extend(changes.as_object().unwrap().clone());
    Value::Object(product)
}

/// The rules that the first of two rows breaks; the second must be good.
fn broken(bad: &Value, good: &Value) -> Vec<String> {
    let mut good = product(good);
    if good["sku"] == "MUG-1" {
        good["sku"] = json!("MUG-2");
    }
    let feed = serde_json::to_vec(&[product(bad), good.clone()]).unwrap();
    let events = events(&feed, "feed.json", None).unwrap();
    let accepted: Vec<u64> = items(&events).iter().map(|item| item.row).collect();
    assert_eq!(accepted, [2], "{bad} / {good}: {events:?}");
    for rejection in rejections(&events) {
        assert!(!rejection.rule.hint.is_empty() && !rejection.rule.message.is_empty() && !rejection.field.is_empty());
        assert_eq!((rejection.line, rejection.row), (1, 1));
    }
    rejections(&events).iter().map(|rejection| rejection.rule.name.to_owned()).collect()
}

fn cases() -> Vec<(&'static str, Value, Value)> {
    let long = |count: usize| "x".repeat(count);
    let url = |count: usize| format!("https://example.com/{}", "x".repeat(count - 20));
    let many = |count: usize| -> Value {
        let mut members = Map::new();
        for number in 1..=count {
            members.insert(format!("option{number} name"), json!(format!("O{number}")));
            members.insert(format!("option{number} value"), json!("v"));
        }
        members.insert("handle".into(), json!("mug"));
        members.insert("title".into(), json!("Mug"));
        members.insert("variant sku".into(), json!(format!("M-{count}")));
        members.insert("variant price".into(), json!("1.00"));
        Value::Object(members)
    };
    vec![
        ("sku_required", json!({"sku": " "}), json!({"sku": "0"})),
        ("sku_format", json!({"sku": "A B"}), json!({"sku": "A-b_1.2/3"})),
        ("sku_format", json!({"sku": "1'or'1'='1"}), json!({})),
        ("sku_format", json!({"sku": "-5"}), json!({"sku": "5-"})),
        ("sku_too_long", json!({"sku": long(129)}), json!({"sku": long(128)})),
        ("name_required", json!({"name": ""}), json!({"name": "0"})),
        ("name_too_long", json!({"name": long(256)}), json!({"name": long(255)})),
        (
            "description_too_long",
            json!({"description": long(8_001)}),
            json!({"description": format!("<p>{}</p>", long(8_000))}),
        ),
        ("brand_too_long", json!({"brand": long(129)}), json!({"brand": long(128)})),
        ("group_too_long", json!({"group_id": long(129)}), json!({"group_id": long(128)})),
        ("control_character", json!({"name": "Mug\u{0}"}), json!({"name": "Mug\nof tin"})),
        ("control_character", json!({"description": "a\u{7}b"}), json!({"description": "a\tb\r\nc"})),
        ("category_format", json!({"category": "Home > !!!"}), json!({"category": format!("{} > Küche", long(90))})),
        ("category_format", json!({"category": long(65)}), json!({"category": long(64)})),
        ("price_required", json!({"price": ""}), json!({"price": "0"})),
        ("price_format", json!({"price": "$299"}), json!({"price": "299 USD"})),
        ("price_format", json!({"price": "1.2e3"}), json!({"price": 1200})),
        ("price_format", json!({"price": "2.794000000000000e+01"}), json!({"price": "27.94"})),
        ("price_format", json!({"price": "1,299"}), json!({"price": "19,99"})),
        ("price_format", json!({"price": "2026-03-09"}), json!({"price": "49,00 TND"})),
        ("price_format", json!({"price": "1.999"}), json!({"price": "1.990"})),
        ("price_format", json!({"price": "12.345,6,7"}), json!({"price": "1.033,50"})),
        ("price_format", json!({"price": "10,0000.00"}), json!({"price": "1,299,000.00"})),
        ("price_format", json!({"price": "19."}), json!({"price": "EUR 1 299,00"})),
        ("price_format", json!({"price": ".5"}), json!({"price": "1'299.50 chf"})),
        ("price_format", json!({"price": "12 OR 1=1"}), json!({"price": "1.299.000"})),
        ("price_format", json!({"price": "free"}), json!({"price": "007"})),
        ("price_format", json!({"sale_price": "half"}), json!({"sale_price": "10 EUR"})),
        ("price_format", json!({"old_price": "dear"}), json!({"old_price": "25 EUR"})),
        ("price_negative", json!({"price": "-0.01"}), json!({"price": "-0.00"})),
        ("price_too_high", json!({"price": "100000000.00"}), json!({"price": "99999999.99"})),
        ("price_too_high", json!({"price": "9".repeat(400)}), json!({"price": format!("{}1", "0".repeat(400))})),
        (
            "price_too_high",
            json!({"price": null, "price_cents": "9".repeat(400), "stock": null}),
            json!({"price": null, "price_cents": 1}),
        ),
        ("price_negative", json!({"price": null, "price_cents": -1}), json!({"price": null, "price_cents": "-0"})),
        (
            "price_cents_integer",
            json!({"price": null, "price_cents": 19.99}),
            json!({"price": null, "price_cents": 1999}),
        ),
        ("price_cents_integer", json!({"price": null, "price_cents": "-"}), json!({"price": null, "price_cents": 0})),
        ("currency_unknown", json!({"price": "5.00 RUR"}), json!({"price": "5.00 RUB"})),
        ("currency_unknown", json!({"price": "5.00", "currency": "EURO"}), json!({"price": "5.00", "currency": "eur"})),
        (
            "currency_unknown",
            json!({"price": null, "price_cents": 500, "currency": "RUR"}),
            json!({"price": null, "price_cents": 500, "currency": "RUB"}),
        ),
        (
            "currency_conflict",
            json!({"price": "5 USD", "currency": "EUR"}),
            json!({"price": "5 EUR", "currency": "EUR"}),
        ),
        ("currency_conflict", json!({"sale_price": "5 USD"}), json!({"sale_price": "5 EUR"})),
        ("sale_price_above_price", json!({"sale_price": "20.00 EUR"}), json!({"sale_price": "19.99 EUR"})),
        ("stock_format", json!({"stock": "many"}), json!({"stock": "12.00"})),
        ("stock_format", json!({"stock": "1.5"}), json!({"stock": 0})),
        ("stock_format", json!({"stock": "1000000001"}), json!({"stock": 1_000_000_000})),
        ("stock_negative", json!({"stock": -1}), json!({"stock": "-0"})),
        ("availability_unknown", json!({"availability": "perhaps"}), json!({"availability": "In Stock"})),
        (
            "availability_unknown",
            json!({"availability": "in stock; DROP TABLE x"}),
            json!({"availability": "https://schema.org/OutOfStock"}),
        ),
        ("status_unknown", json!({"status": "odd"}), json!({"status": "draft"})),
        ("gtin_length", json!({"gtin": "123456789"}), json!({"gtin": "'5026555438292"})),
        ("gtin_length", json!({"gtin": "OUTCD39243"}), json!({"gtin": "96385074"})),
        ("gtin_check_digit", json!({"gtin": "5026555438291"}), json!({"gtin": "036000291452"})),
        ("gtin_check_digit", json!({"gtin": "00012345600013"}), json!({"gtin": "00012345600012"})),
        ("url_format", json!({"image": "picture.jpg"}), json!({"image": "https://example.com/{A}/é.jpg"})),
        (
            "url_format",
            json!({"image": "https://example.com/a b.jpg"}),
            json!({"image": "https://example.com/a.jpg,b.jpg"}),
        ),
        (
            "url_format",
            json!({"image": "https://user:pw@example.com/a"}),
            json!({"image": "https://example.com:8080/a@b"}),
        ),
        ("url_format", json!({"image": "https:///a"}), json!({"image": "http://example.com."})),
        ("url_format", json!({"image": "https:a"}), json!({"image": "https://[2606:4700::1]/a"})),
        ("url_format", json!({"image": "https://[::1/a"}), json!({"image": "https://[2606:4700::1]:443/a"})),
        ("url_format", json!({"image": "https://[nonsense]/a"}), json!({})),
        ("url_format", json!({"image": "https://[2606:4700::1]:x/a"}), json!({})),
        ("url_format", json!({"image": "https://example.com:port/a"}), json!({})),
        ("url_format", json!({"image": "https://①②⑦.0.0.1/a"}), json!({})),
        ("url_format", json!({"image": "https://1.2.3.4.5/a"}), json!({"image": "https://93.184.216.34/a"})),
        ("url_format", json!({"image": "https://shop.1/a"}), json!({"image": "https://1.shop.example.com/a"})),
        ("url_format", json!({"image": "https://93.184.216.34a/a"}), json!({"image": "https://93.184.216.34./a"})),
        ("url_format", json!({"image": ", | ,"}), json!({"image": ",https://example.com/a|"})),
        ("url_scheme", json!({"image": "javascript:alert(1)"}), json!({"image": "HTTPS://example.com/a"})),
        ("url_scheme", json!({"image": "ftp://example.com/a.jpg"}), json!({})),
        ("url_too_long", json!({"image": url(513)}), json!({"image": url(512)})),
        ("url_private", json!({"image": "http://localhost/a"}), json!({"image": "http://localhost.example.com/a"})),
        ("weight_format", json!({"weight": "heavy"}), json!({"weight": "0,5 kg"})),
        ("weight_format", json!({"weight": "5000 kg"}), json!({"weight": "1000 kg"})),
        ("weight_format", json!({"weight": ".5"}), json!({"weight": "12 oz"})),
        ("option_too_long", json!({"color": long(65)}), json!({"color": long(64)})),
        ("too_many_options", many(9), many(8)),
    ]
}

/// The rules about a row among others, or in one vocabulary: a table that breaks one and a table that just does not.
fn tables() -> Vec<(&'static str, String, String)> {
    let rows = |rows: &[&str]| ["sku,name,price_cents\n", &rows.join("\n")].concat();
    let priced = |price: &str| format!("id,title,price,availability\nA,Mug,{price},in stock\n");
    let variants = |count: usize| {
        let rows: String = (0..count).map(|number| format!("A{number},Mug,5,mug\n")).collect();
        format!("sku,name,price,item_group_id\n{rows}")
    };
    vec![
        ("currency_required", priced("5.00"), priced("5.00 EUR")),
        ("too_many_variants", variants(51), variants(50)),
        ("duplicate_in_feed", rows(&["A,Mug,1", "A,Mug,2"]), rows(&["A,Mug,1", "A, Mug,1", "a,Mug,2"])),
        ("more_fields_than_headers", rows(&["A,Mug,1,,x"]), rows(&["A,Mug,1,,"])),
    ]
}

// Proves: S4-T2
#[test]
fn every_rule_refuses_what_breaks_it_and_nothing_else() {
    for (rule, bad, good) in cases() {
        let broken = broken(&bad, &good);
        assert_eq!(broken, [rule], "{bad}");
    }
    for (rule, bad, good) in tables() {
        let verdict = |table: &str| support::verdict(table.as_bytes(), "a.csv", None).unwrap();
        assert_eq!(verdict(&bad).by_rule, [(rule, 1)].into(), "{bad}");
        let good = verdict(&good);
        assert_eq!((good.accepted > 0, good.rejected, good.refusal), (true, 0, None), "{rule}");
    }
}

// Proves: S4-T2
#[test]
fn every_rule_has_its_case() {
    let mut tested: BTreeSet<&str> = cases().iter().map(|(rule, ..)| *rule).collect();
    tested.extend(tables().iter().map(|(rule, ..)| *rule));
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(tested, all);
    assert_eq!(all.len(), RULES.len(), "two rules share a name");
}

// Proves: S4-U2b
#[test]
fn a_report_names_line_column_field_and_how_the_value_begins() {
    let csv = "sku,name,price_cents\nA,One,100\n\n\"B\nB\",Two,1x\u{1}9\n";
    let events = events(csv.as_bytes(), "a.csv", None).unwrap();
    let told: Vec<_> = rejections(&events)
        .into_iter()
        .map(|r| (r.line, r.row, r.column, r.field.as_str(), r.rule.name, r.value_start.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (4, 2, Some(1), "sku", "sku_format", "B\\nB"),
            (4, 2, Some(3), "price_cents", "price_cents_integer", "1x\\u{1}9")
        ]
    );
}

#[test]
fn a_price_without_a_currency_is_refused_where_the_format_must_name_one() {
    let csv = "id,title,price,availability\nA,Mug,5.00,in stock\nB,Mug,5.00 EUR,in stock\n";
    let verdict = support::verdict(csv.as_bytes(), "a.csv", None).unwrap();
    assert_eq!((verdict.accepted, verdict.by_rule["currency_required"]), (1, 1));
    let mapped = support::verdict(csv.as_bytes(), "a.csv", Some(&mapping(r#"{"currency": "EUR"}"#))).unwrap();
    assert_eq!((mapped.accepted, mapped.rejected), (2, 0));
}

#[test]
fn a_price_without_a_currency_is_in_the_shops_own_where_the_format_names_none() {
    let verdict = support::verdict(b"sku,name,price_cents\nA,Mug,500\nB,Mug,600\n", "a.csv", None).unwrap();
    assert_eq!(verdict.accepted, 2);
    assert_eq!(verdict.notes.iter().map(|note| note.name).collect::<Vec<_>>(), ["currency_assumed"]);
}

#[test]
fn a_product_has_fifty_variants_and_no_more() {
    let mut csv = String::from("sku,name,price,item_group_id\n");
    for number in 0..52 {
        csv += &format!("A{number},Mug,5,mug\n");
    }
    csv += "B,Cup,5,cup\n";
    let verdict = support::verdict(csv.as_bytes(), "a.csv", None).unwrap();
    assert_eq!((verdict.accepted, verdict.by_rule["too_many_variants"]), (51, 2));
}

#[test]
fn identical_rows_merge_and_different_ones_of_a_sku_are_refused() {
    let csv = "sku,name,price_cents\nA,Mug,1\nA,Mug,1\nA,Mug,2\nA, Mug ,1\n";
    let events = events(csv.as_bytes(), "a.csv", None).unwrap();
    let merged: Vec<u64> = events
        .iter()
        .filter_map(|event| match event {
            Event::Merged { row, how: How::Repeated, .. } => Some(*row),
            _ => None,
        })
        .collect();
    assert_eq!((items(&events).len(), merged), (1, vec![2, 4]));
    let refused = rejections(&events)[0];
    assert_eq!((refused.rule.name, refused.line), ("duplicate_in_feed", 4));
    assert!(refused.detail.contains("line 2"), "{}", refused.detail);
}

#[test]
fn a_refused_row_does_not_stand_in_the_way_of_a_later_good_one() {
    let verdict = support::verdict(b"sku,name,price_cents\nA,Mug,x\nA,Mug,1\n", "a.csv", None).unwrap();
    assert_eq!((verdict.accepted, verdict.rejected), (1, 1));
}

#[test]
fn a_value_in_a_column_without_a_name_refuses_the_row_and_an_empty_one_does_not() {
    let verdict = support::verdict(b"sku,name,price_cents\nA,Mug,1,\nB,Mug,1,,x\n", "a.csv", None).unwrap();
    assert_eq!((verdict.accepted, verdict.by_rule["more_fields_than_headers"]), (1, 1));
    assert_eq!(verdict.rejections[0].column, Some(5));
}

// Proves: S4-S2a
#[test]
fn harmless_texts_that_look_like_attacks_are_taken_as_they_are() {
    for name in ["O'Brien", "Drop table lamp", "Select & Union", "<3 love", "1 < 2 > 0", "Robert'); DROP TABLE x;--"] {
        let feed = serde_json::to_vec(&[product(&json!({"name": name, "description": name}))]).unwrap();
        let events = events(&feed, "a.json", None).unwrap();
        let items = items(&events);
        assert_eq!((items[0].name.as_str(), items[0].description.as_str()), (name, name));
    }
    let flags = |name: &str| {
        let feed = serde_json::to_vec(&[product(&json!({"name": name}))]).unwrap();
        items(&events(&feed, "a.json", None).unwrap())[0].flags.clone()
    };
    for innocent in ["O'Brien", "Drop table lamp", "Select & Union"] {
        assert_eq!(flags(innocent), [], "{innocent}");
    }
    assert_eq!(flags("' OR '1'='1"), [Flag::LooksLikeSql]);
    assert_eq!(flags("<script>alert(1)</script>"), [Flag::LooksLikeScript]);
    assert_eq!(flags("=HYPERLINK(1)"), [Flag::LooksLikeFormula]);
    assert_eq!(flags("${jndi:x}"), [Flag::LooksLikeTemplate]);
    assert_eq!(flags("a\u{202e}b"), [Flag::HiddenCharacters]);
}

// Proves: S4-S2a
#[test]
fn a_picture_is_never_fetched_from_inside_a_network_however_it_is_spelt() {
    let private = [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://0/",
        "http://0x/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://2852039166/",
        "http://0251.0376.0251.0376/",
        "http://100.64.0.1/",
        "http://198.18.0.1/",
        "http://192.0.0.1/",
        "http://192.0.2.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[fc00::1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:db8::1]/",
        "http://[2001::1]/",
        "http://[ff02::1]/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://a.localhost/",
        "http://printer/",
        "http://db.internal/",
        "http://nas.local:8080/",
        "http://localhost:80/",
    ];
    for url in private {
        assert_eq!(broken(&json!({"image": url}), &json!({})), ["url_private"], "{url}");
    }
}

#[test]
fn a_sale_price_counts_and_the_regular_one_stands_behind_it() {
    let of = |changes: Value| {
        let feed = serde_json::to_vec(&[product(&changes)]).unwrap();
        let events = events(&feed, "a.json", None).unwrap();
        let item = items(&events)[0].clone();
        (item.price.decimal(), item.compare_at.map(|old| old.decimal()), item.flags)
    };
    assert_eq!(of(json!({"sale_price": "15.00 EUR"})), ("15.00".into(), Some("19.99".into()), vec![]));
    assert_eq!(of(json!({"sale_price": "19.99 EUR"})), ("19.99".into(), None, vec![]));
    assert_eq!(of(json!({"old_price": "25 EUR"})), ("19.99".into(), Some("25.00".into()), vec![]));
    assert_eq!(of(json!({"old_price": "5 EUR"})), ("19.99".into(), None, vec![]));
}

#[test]
fn a_sale_price_with_a_period_is_left_out_since_a_feed_has_no_clock() {
    let csv = "id,title,price,sale_price,sale_price_effective_date\nA,Mug,5 EUR,4 EUR,2026-01-01/2026-02-01\n";
    let events = events(csv.as_bytes(), "a.csv", None).unwrap();
    let item = items(&events)[0];
    assert_eq!((item.price.decimal().as_str(), item.flags.as_slice()), ("5.00", [Flag::SalePeriodLeftOut].as_slice()));
}

#[test]
fn more_pictures_than_a_product_has_are_left_out_and_each_is_taken_once() {
    let urls: Vec<String> = (0..20).map(|number| format!("https://example.com/{}.jpg", number / 2)).collect();
    let feed = serde_json::to_vec(&[product(&json!({"images": urls}))]).unwrap();
    let taken = events(&feed, "a.json", None).unwrap();
    assert_eq!(items(&taken)[0].images.len(), 10);
    let urls: Vec<String> = (0..20).map(|number| format!("https://example.com/{number}.jpg")).collect();
    for images in
        [json!(urls), json!(urls.join(", ")), json!(urls.join("|")), json!(serde_json::to_string(&urls).unwrap())]
    {
        let feed = serde_json::to_vec(&[product(&json!({"images": images}))]).unwrap();
        let events = events(&feed, "a.json", None).unwrap();
        let item = items(&events)[0];
        assert_eq!((item.images.len(), item.flags.as_slice()), (16, [Flag::PicturesLeftOut].as_slice()));
    }
}

#[test]
fn a_picture_that_is_only_a_path_stands_behind_the_address_that_the_mapping_names() {
    let base = mapping(r#"{"image_base": "https://cdn.example.com/"}"#);
    let of = |image: &str| {
        let feed = serde_json::to_vec(&[product(&json!({"image": image}))]).unwrap();
        items(&events(&feed, "a.json", Some(&base)).unwrap())[0].images.clone()
    };
    assert_eq!(of("mugs/a.jpg"), ["https://cdn.example.com/mugs/a.jpg"]);
    assert_eq!(of("https://example.com/a.jpg"), ["https://example.com/a.jpg"]);
}

#[test]
fn of_two_options_of_one_name_the_first_counts_and_one_without_a_value_is_none() {
    let csv = "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value,Option2 Name,Option2 Value\n\
               mug,Mug,M1,5.00,Size,L,Size,XL\ncup,Cup,C1,4.00,Size,S,Colour,\n";
    let events = events(csv.as_bytes(), "a.csv", None).unwrap();
    let options: Vec<_> = items(&events).iter().map(|item| item.options.clone()).collect();
    assert_eq!(options, ["L", "S"].map(|size| vec![("Size".to_owned(), size.to_owned())]));
}

#[test]
fn a_price_that_is_missing_is_missed_in_the_field_that_the_vocabulary_has_for_it() {
    let missed = |csv: &str| {
        let events = events(csv.as_bytes(), "a.csv", None).unwrap();
        let missed = rejections(&events)[0];
        (missed.rule.name, missed.field.clone(), missed.column)
    };
    assert_eq!(missed("sku,name,price_cents\nA,Mug,\n"), ("price_required", "price_cents".to_owned(), Some(3)));
    assert_eq!(missed("id,title,availability\nA,Mug,yes\n"), ("price_required", "price".to_owned(), None));
}

#[test]
fn a_bar_code_that_is_no_gtin_is_left_out_and_one_that_is_counts() {
    let of = |barcode: &str| {
        let feed = serde_json::to_vec(&[product(&json!({"barcode": barcode}))]).unwrap();
        let item = items(&events(&feed, "a.json", None).unwrap())[0].clone();
        (item.gtin, item.flags)
    };
    assert_eq!(of("'13652285"), (None, vec![Flag::BarcodeLeftOut]));
    assert_eq!(of("5026555438292"), (Some("5026555438292".to_owned()), vec![]));
}

#[test]
fn weights_come_to_grams() {
    let of = |weight: &str| {
        let feed = serde_json::to_vec(&[product(&json!({"weight": weight}))]).unwrap();
        items(&events(&feed, "a.json", None).unwrap())[0].weight_grams.unwrap()
    };
    assert_eq!(["500", "500 g", "0.5 kg", "1,5kg", "1 lb", "2 oz"].map(of), [500, 500, 500, 1500, 454, 57]);
}
