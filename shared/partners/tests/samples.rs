//! Real feeds and catalogs, from the folder that `SAMPLE_DATA` names: what each comes to, row by row counted.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

mod support;

use partners::feeds::How;
use partners::validation::Verdict;
use std::fmt::Write;
use support::{mapping, read, samples, verdict};

/// A file and what becomes of it.
struct Expected {
    file: &'static str,
    mapping: &'static str,
    vocabulary: &'static str,
    accepted: u64,
    rejected: u64,
    repeated: u64,
    joined: u64,
    stand_for_variants: u64,
    /// How often each rule is broken, by name; or the rule by which the whole feed is refused.
    why: &'static str,
}

const fn of(file: &'static str, vocabulary: &'static str, accepted: u64, rejected: u64, why: &'static str) -> Expected {
    Expected { file, mapping: "{}", vocabulary, accepted, rejected, repeated: 0, joined: 0, stand_for_variants: 0, why }
}

const ERREGAME: &str = r#"{"fields": {"sku": "IdProd", "name": "Titolo", "description": "Descrizione", "brand": "Marca", "category": "SCat", "price": "Prezzo", "stock": "Disponibilita", "gtin": "Ean", "image": "LinkImmagine", "weight_kilograms": "Peso"}, "currency": "EUR", "decimal": "comma"}"#;
const LAZADA: &str = r#"{"fields": {"sku": "sku", "name": "title", "price": "final_price", "currency": "currency", "description": "product_description", "image": "image"}}"#;
const SHOPIFY: &str =
    r#"{"fields": {"sku": {"hash_of": ["Handle", "Option1 Value", "Option2 Value", "Option3 Value"]}}}"#;
const MEDUSA: &str = r#"{"fields": {"sku": "Variant Id"}, "image_base": "https://example.com/"}"#;
const MEDUSA_V1: &str = r#"{"image_base": "https://example.com/"}"#;
const SNOWBALL: &str = r#"{"fields": {"weight": "weight"}, "currency": "UAH"}"#;
const MEMORY: &str =
    r#"{"fields": {"sku": {"hash_of": ["name", "speed", "modules", "color", "first_word_latency", "cas_latency"]}}}"#;

/// A catalog of parts, under a mapping that makes the SKU of the name and everything else but the price.
fn parts(
    file: &'static str,
    columns: &'static str,
    accepted: u64,
    rejected: u64,
    repeated: u64,
    why: &'static str,
) -> Expected {
    Expected { repeated, mapping: columns, ..of(file, "plain", accepted, rejected, why) }
}

fn expectations() -> Vec<Expected> {
    vec![
        of("feeds/bilali__awin_product_feed.csv", "google", 48, 0, ""),
        Expected {
            mapping: LAZADA,
            ..of("feeds/brightdata__lazada-products.csv.gz", "plain", 627, 373, "price_format 373")
        },
        Expected {
            mapping: ERREGAME,
            ..of("feeds/erregame__listino-2026-03-09.csv", "plain", 1291, 30, "gtin_check_digit 1, gtin_length 29")
        },
        of("feeds/jimstyle__akcent-2025-09-08-empty.yml", "", 0, 0, "no_rows"),
        of("feeds/jimstyle__akcent-2025-10-09-cp1251.yml", "yandex", 191, 1, "price_required 1"),
        of("feeds/jimstyle__comportal-raw-2026-05-19-utf8.yml", "yandex", 620, 0, ""),
        of("feeds/jimstyle__copyline-2025-08-16-cp1251-empty.yml", "", 0, 0, "no_rows"),
        of("feeds/jimstyle__copyline-2025-12-04-cp1251-doctype.yml.gz", "yandex", 1201, 0, ""),
        of("feeds/jimstyle__nvprint-2025-10-01-cp1251.yml", "yandex", 1720, 9, "sku_format 7, url_format 2"),
        of("feeds/jmikh__shopify_products.json", "shopify_json", 94, 2, "sku_format 1, sku_required 1"),
        of("feeds/maatar__catalog_products.csv", "facebook", 1, 0, ""),
        Expected { mapping: MEDUSA, ..of("feeds/medusa__exported-products-comma.csv", "medusa", 3, 0, "") },
        Expected { mapping: MEDUSA, ..of("feeds/medusa__filtered-products.csv", "medusa", 1, 0, "") },
        Expected { mapping: MEDUSA, ..of("feeds/medusa__invalid-prices.csv", "medusa", 1, 0, "") },
        Expected { mapping: MEDUSA_V1, ..of("feeds/medusa__v1-template.csv", "medusa", 4, 1, "price_required 1") },
        Expected {
            joined: 597,
            mapping: SHOPIFY,
            ..of("feeds/mintpixels__products_export_1.csv", "shopify", 548, 0, "")
        },
        of("feeds/rinatr__02-16-24_google.xml", "google", 385, 0, ""),
        of("feeds/rinatr__ahaha.xml", "google", 1, 0, ""),
        of("feeds/rinatr__all_sng_currencies.xml", "yandex", 5, 0, ""),
        of("feeds/rinatr__catalog_auto_google.csv", "", 0, 0, "wrong_kind"),
        of("feeds/rinatr__catalog_products.csv", "google", 1, 0, ""),
        of("feeds/rinatr__different_deeplinks.xml", "yandex", 5, 1, "price_required 1, sku_required 1"),
        Expected { repeated: 1, ..of("feeds/rinatr__eapteka.xml", "yandex", 3, 0, "") },
        of("feeds/rinatr__emoji_feed.xml", "yandex", 1, 0, ""),
        of("feeds/rinatr__feed_flight_google.csv", "", 0, 0, "wrong_kind"),
        of("feeds/rinatr__gold_apple.xml", "yandex", 5, 0, ""),
        of(
            "feeds/rinatr__google_feed_all_not_available.xml",
            "google",
            1,
            4,
            "currency_conflict 3, currency_unknown 1",
        ),
        of("feeds/rinatr__hotel_fb.csv", "", 0, 0, "wrong_kind"),
        of("feeds/rinatr__no_track_links.xml", "yandex", 5, 0, ""),
        of("feeds/rinatr__pharma_google.xml", "yandex", 3, 0, ""),
        of("feeds/rinatr__pharma_yandex.xml", "yandex", 0, 3, "currency_unknown 3"),
        of("feeds/rinatr__sportmaster.xml", "google", 4, 0, ""),
        of("feeds/rinatr__super.xml", "yandex", 3, 0, ""),
        of("feeds/rinatr__test_google.xml", "google", 6, 1, "currency_unknown 1"),
        of("feeds/rinatr__too_much_text_yandex.xml", "yandex", 0, 2, "currency_unknown 2"),
        of("feeds/rinatr__yandex_feed_no_name_model.xml", "yandex", 0, 2, "name_required 2"),
        of("feeds/rinatr__yandex_feed_simplified.xml", "yandex", 6, 0, ""),
        Expected { mapping: SHOPIFY, ..of("feeds/shopify-partners__apparel.csv", "shopify", 22, 0, "") },
        Expected { mapping: SHOPIFY, ..of("feeds/shopify-partners__home-and-garden.csv", "shopify", 21, 0, "") },
        Expected { mapping: SNOWBALL, ..of("feeds/snowball__epicentr_feed.xml", "yandex", 206, 0, "") },
        Expected { stand_for_variants: 3, ..of("feeds/woocommerce__sample_products.csv", "woocommerce", 21, 0, "") },
        of("curated/vendure__products.csv", "vendure", 86, 2, "duplicate_in_feed 2"),
        of("catalog/bestbuy__categories.json.gz", "plain", 0, 4584, "name_required 1, price_required 4584"),
        parts(
            "catalog/pc-parts__cpu.csv",
            r#"{"fields": {"sku": {"hash_of": ["name", "core_count", "core_clock", "boost_clock", "microarchitecture", "tdp", "graphics"]}}}"#,
            492,
            918,
            3,
            "duplicate_in_feed 52, price_required 866",
        ),
        parts(
            "catalog/pc-parts__external-hard-drive.csv",
            r#"{"fields": {"sku": {"hash_of": ["name", "type", "interface", "capacity", "color"]}}}"#,
            296,
            394,
            0,
            "duplicate_in_feed 8, price_required 386",
        ),
        parts(
            "catalog/pc-parts__headphones.json",
            r#"{"fields": {"sku": {"hash_of": ["name", "type", "frequency_response", "microphone", "wireless", "enclosure_type", "color"]}}}"#,
            657,
            2288,
            1,
            "duplicate_in_feed 6, price_required 2282",
        ),
        parts(
            "catalog/pc-parts__keyboard.jsonl",
            r#"{"fields": {"sku": {"hash_of": ["name", "style", "switches", "backlit", "tenkeyless", "connection_type", "color"]}}}"#,
            805,
            3503,
            2,
            "duplicate_in_feed 17, price_required 3486",
        ),
        Expected {
            repeated: 23,
            mapping: MEMORY,
            ..of("catalog/pc-parts__memory.csv", "plain", 2659, 10871, "duplicate_in_feed 225, price_required 10646")
        },
        parts(
            "catalog/pc-parts__monitor.csv",
            r#"{"fields": {"sku": {"hash_of": ["name", "screen_size", "resolution", "refresh_rate", "response_time", "panel_type", "aspect_ratio"]}}}"#,
            1337,
            3719,
            18,
            "duplicate_in_feed 12, price_required 3707",
        ),
        parts(
            "catalog/pc-parts__motherboard.json",
            r#"{"fields": {"sku": {"hash_of": ["name", "socket", "form_factor", "max_memory", "memory_slots", "color"]}}}"#,
            951,
            4022,
            0,
            "price_required 4022",
        ),
        parts(
            "catalog/pc-parts__os.csv",
            r#"{"fields": {"sku": {"hash_of": ["name", "mode", "max_memory"]}}}"#,
            11,
            51,
            0,
            "duplicate_in_feed 1, price_required 50",
        ),
        parts(
            "catalog/pc-parts__power-supply.json",
            r#"{"fields": {"sku": {"hash_of": ["name", "type", "efficiency", "wattage", "modular", "color"]}}}"#,
            566,
            2871,
            1,
            "price_required 2871",
        ),
        parts(
            "catalog/pc-parts__sound-card.json",
            r#"{"fields": {"sku": {"hash_of": ["name", "channels", "digital_audio", "snr", "sample_rate", "chipset", "interface"]}}}"#,
            12,
            65,
            0,
            "price_required 65",
        ),
        parts(
            "catalog/pc-parts__speakers.jsonl",
            r#"{"fields": {"sku": {"hash_of": ["name", "configuration", "wattage", "frequency_response", "color"]}}}"#,
            124,
            178,
            0,
            "price_required 178",
        ),
        parts(
            "catalog/pc-parts__video-card.csv",
            r#"{"fields": {"sku": {"hash_of": ["name", "chipset", "memory", "core_clock", "boost_clock", "color", "length"]}}}"#,
            1270,
            5364,
            2,
            "duplicate_in_feed 3, price_required 5361",
        ),
        parts(
            "catalog/pc-parts__webcam.json",
            r#"{"fields": {"sku": {"hash_of": ["name", "resolutions", "connection", "focus_type", "os", "fov"]}}}"#,
            52,
            22,
            4,
            "duplicate_in_feed 3, price_required 19",
        ),
    ]
}

fn why(verdict: &Verdict) -> String {
    let rules: Vec<String> = verdict.by_rule.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
    let refusal = verdict.refusal.as_ref().map(|refusal| refusal.rule.name.to_owned());
    rules.into_iter().chain(refusal).collect::<Vec<_>>().join(", ")
}

fn come_to(expected: &Expected, folder: &std::path::Path) -> Verdict {
    let mapping = mapping(expected.mapping);
    verdict(&read(&folder.join(expected.file)), expected.file, Some(&mapping)).unwrap()
}

// Proves: S4-T2, S4-S2a
#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn real_feeds_come_to_what_is_written_down() {
    let folder = samples();
    let mut differences = String::new();
    for expected in expectations() {
        let verdict = come_to(&expected, &folder);
        let merged = |how: How| verdict.merged.get(&how).copied().unwrap_or_default();
        let found = (
            verdict.vocabulary.unwrap_or(""),
            [
                verdict.accepted,
                verdict.rejected,
                merged(How::Repeated),
                merged(How::Joined),
                merged(How::StandsForVariants),
            ],
            why(&verdict),
        );
        let written = (
            expected.vocabulary,
            [expected.accepted, expected.rejected, expected.repeated, expected.joined, expected.stand_for_variants],
            expected.why.to_owned(),
        );
        if found != written {
            writeln!(differences, "{}: {found:?}, not {written:?}", expected.file).unwrap();
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
#[ignore = "reads the folder that SAMPLE_DATA names"]
fn every_real_feed_is_written_down() {
    let folder = samples();
    for kind in ["feeds", "catalog"] {
        for entry in std::fs::read_dir(folder.join(kind)).unwrap() {
            let file = format!("{kind}/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(expectations().iter().any(|expected| expected.file == file), "{file}");
        }
    }
}

/// The table of the page: what was expected above, and so what was found.
fn table() -> String {
    let mut table = String::from("| file | speaks | accepted | rejected | merged | why |\n|---|---|---|---|---|---|\n");
    for expected in expectations() {
        let Expected { file, vocabulary, accepted, rejected, why, .. } = expected;
        let merged = expected.repeated + expected.joined + expected.stand_for_variants;
        writeln!(table, "| `{file}` | {vocabulary} | {accepted} | {rejected} | {merged} | {why} |").unwrap();
    }
    table
}

// Proves: S4-T2
#[test]
fn the_page_about_feeds_shows_the_same_table() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/feeds.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- samples -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end of samples -->").unwrap();
    let expected = format!("{before}<!-- samples -->\n{}<!-- end of samples -->{after}", table());
    if std::env::var_os("RUSSET_WRITE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    assert!(
        page == expected || std::env::var_os("RUSSET_WRITE_DOCS").is_some(),
        "write it anew: RUSSET_WRITE_DOCS=1 cargo test -p partners"
    );
}
