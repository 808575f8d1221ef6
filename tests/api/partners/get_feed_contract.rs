//! `GET /partner/contract`.

use api::{Shop, Supplier};
use http::Method;

#[test]
fn each_example_of_the_contract_passes_its_own_check() {
    let supplier = Supplier::new(Shop::shared());
    let contract = supplier.get("/partner/contract").expect(200).json();
    assert!(contract["rules"].as_array().is_some_and(|rules| rules.len() > 20), "{contract}");
    let formats = contract["formats"].as_array().unwrap();
    assert!(
        ["csv", "json", "xml"].iter().all(|name| formats.iter().any(|format| format["format"] == *name)),
        "{contract}"
    );
    for format in formats.iter().filter(|format| !format["example"].as_str().unwrap().is_empty()) {
        let media_type = format["media_types"][0].as_str().unwrap();
        let ask = supplier.ask(Method::POST, "/partner/contract/validate");
        let found = ask.bytes(media_type, format["example"].as_str().unwrap()).send().expect(200).json();
        assert_eq!(found["format"], format["format"], "{found}");
        assert!(found["counts"]["accepted"].as_u64() > Some(0) && found["counts"]["rejected"] == 0, "{found}");
    }
}

#[test]
fn the_example_of_a_mapping_is_taken_with_a_feed() {
    let supplier = Supplier::new(Shop::shared());
    let contract = supplier.get("/partner/contract").expect(200).json();
    let mapping: String =
        contract["mapping"]["example"].as_str().unwrap().bytes().map(|byte| format!("%{byte:02X}")).collect();
    let ask = supplier.ask(Method::POST, &format!("/partner/contract/validate?mapping={mapping}"));
    let feed = "name,speed,modules,list_price,color\nRAM,DDR5,2,\"19,99\",Black\n";
    let found = ask.bytes("text/csv", feed).send().expect(200).json();
    assert_eq!((&found["counts"]["accepted"], &found["counts"]["rejected"]), (&1.into(), &0.into()), "{found}");
    let fields = contract["mapping"]["fields"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["name"] == "price" && !field["about"].as_str().unwrap().is_empty()));
}
