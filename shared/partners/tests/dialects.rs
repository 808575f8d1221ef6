//! The ways in which the same thing is written: separators, line ends, quotes, encodings, shapes of documents.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use partners::feeds::{self, Charset, Event, Format, Found, How, Limits, Record};
use partners::validation::{Availability, plain_text};
use std::io::Cursor;
use support::{events, items, mapping, rejections, spreadsheet};

/// The records of a document, by the name of its format.
fn records(format: &str, bytes: &[u8]) -> Vec<Record> {
    let format: &dyn Format = *feeds::ALL.iter().find(|known| known.name() == format).unwrap();
    let charset = Charset::of(bytes, None).unwrap();
    let found = format.read(Box::new(Cursor::new(bytes.to_vec())), charset, Limits::default());
    found.filter_map(|found| if let Found::Record(record) = found.unwrap() { Some(record) } else { None }).collect()
}

/// A record as `name=value` pairs.
fn pairs(record: &Record) -> Vec<String> {
    record.fields.iter().map(|field| format!("{}={}", field.name.written(), field.value)).collect()
}

fn names(bytes: &[u8]) -> Vec<String> {
    let events = events(bytes, "feed.csv", None).unwrap();
    assert_eq!(rejections(&events), Vec::<&partners::validation::Rejection>::new());
    items(&events).into_iter().map(|item| item.name.clone()).collect()
}

// Proves: S4-T2
#[test]
fn a_table_reads_the_same_whatever_separates_its_cells_and_ends_its_lines() {
    for separator in [",", ";", "\t", "|"] {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["sku,name,price_cents", "A,Mug,1", "B,Cup,2", ""].join(end).replace(',', separator);
            assert_eq!(names(text.as_bytes()), ["Mug", "Cup"], "{text:?}");
        }
    }
    assert_eq!(names(b"sku,name,price_cents\r\nA,Mug,1\nB,Cup,2\rC,Pot,3"), ["Mug", "Cup", "Pot"]);
}

#[test]
fn lines_are_counted_however_they_end_and_within_quotes() {
    let text = "sku,name,price_cents\r\n\r\nA,\"M\nu\rg\",1\rB,\"x\"\"\r\ny\",2\n,,\nC,z,3";
    let lines: Vec<u64> = records("csv", text.as_bytes()).iter().map(|record| record.line).collect();
    assert_eq!(lines, [3, 6, 9]);
}

#[test]
fn comments_blank_lines_and_the_separators_own_line_are_passed_over() {
    assert_eq!(names(b"# made by hand, with care\nsku,name,price_cents\nA,Mug,1\n"), ["Mug"]);
    assert_eq!(names(b"sep=;\nsku;name;price_cents\nA;Mug, big;1\n"), ["Mug, big"]);
    assert_eq!(names(b"\n\nsku,name,price_cents\n\nA,Mug,1\n , ,\n"), ["Mug"]);
    let long = format!("#{} x,y\nsku,name,price_cents\nA,Mug,1\n", "c".repeat(80));
    assert_eq!(names(long.as_bytes()), ["Mug"]);
    // A name may begin with the same sign.
    let record = &records("csv", b"#sku,name\nA,Mug\n")[0];
    assert_eq!(pairs(record), ["#sku=A", "name=Mug"]);
}

#[test]
fn a_quote_in_a_table_of_tabs_is_a_character_unless_cells_are_really_quoted() {
    let bare = "sku\tname\tprice_cents\nA\t24\" screen\t1\nB\t\"Big\" one\t2\nC\t\"open\t3\n";
    assert_eq!(names(bare.as_bytes()), ["24\" screen", "\"Big\" one", "\"open"]);
    let quoted = "sku\tname\tprice_cents\nA\t\"two\"\"s\"\t1\nB\t\"Cup\"\t2\n";
    assert_eq!(names(quoted.as_bytes()), ["two\"s", "Cup"]);
}

#[test]
fn headers_are_padded_repeated_and_empty_as_they_come() {
    let text = " SKU , Name,price_cents,,NAME\nA,Mug,1,x,Cup\nB,Pot,2\n";
    let events = events(text.as_bytes(), "a.csv", None).unwrap();
    let notes: Vec<_> =
        events.iter().filter_map(|e| if let Event::Note(note) = e { Some(note.name) } else { None }).collect();
    assert_eq!(notes, ["repeated_header", "currency_assumed"]);
    // A value in a column without a name is one too many.
    assert_eq!(rejections(&events)[0].rule.name, "more_fields_than_headers");
    assert_eq!(items(&events)[0].name, "Pot");
    assert_eq!(feeds::key(" Sale_ -Price"), "sale_price");
}

#[test]
fn the_first_of_two_columns_of_one_name_counts_as_long_as_it_says_something() {
    let text = "sku,name,price_cents,name\nA,Mug,1,Cup\nB,,2,Pot\n";
    assert_eq!(names(text.as_bytes()), ["Mug", "Pot"]);
}

// Proves: S4-T2
#[test]
fn every_encoding_gives_the_same_characters() {
    let text = "sku,name,price_cents\nA,Müller Кружка,1\n";
    let utf16 = |big: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark.to_vec(), bytes].concat();
    let utf8 = text.as_bytes().to_vec();
    for bytes in [
        utf8.clone(),
        marked(b"\xef\xbb\xbf", utf8),
        utf16(false),
        utf16(true),
        marked(b"\xff\xfe", utf16(false)),
        marked(b"\xfe\xff", utf16(true)),
    ] {
        assert_eq!(names(&bytes), ["Müller Кружка"], "{:?}", &bytes[..8]);
    }
}

#[test]
fn a_table_that_is_not_utf8_is_read_by_what_its_characters_look_like() {
    let russian = b"sku;name;price_cents\nA;\xd7\xe0\xe9\xed\xe8\xea \xe7\xe0\xe2\xe0\xf0\xee\xf7\xed\xfb\xe9;1\n";
    assert_eq!(names(russian), ["Чайник заварочный"]);
    let italian = b"sku;name;price_cents\nA;Caff\xe8 \x80 5, perch\xe9 no;1\n";
    assert_eq!(names(italian), ["Caffè € 5, perché no"]);
}

#[test]
fn what_the_sender_says_about_the_encoding_counts_where_the_content_says_nothing() {
    let bytes = b"sku;name;price_cents\nA;\xc4;1\n";
    let of = |content_type: &str| {
        let detected = feeds::detect(bytes, Some(content_type), None).unwrap();
        let feed = feeds::open(detected, Box::new(Cursor::new(bytes.to_vec())), None, 0);
        let events: Vec<Event> = feed.collect();
        (items(&events)[0].name.clone(), detected.charset.name())
    };
    assert_eq!(of("text/csv; header=present; charset=\"windows-1251\""), ("Д".to_owned(), "windows-1251"));
    assert_eq!(of("text/csv; charset=ISO-8859-1"), ("Ä".to_owned(), "windows-1252"));
    assert_eq!(Charset::Unstated.name(), "unstated");
    assert_eq!(format!("{:?}", Charset::Unstated.decode(Box::new(std::io::empty()))), "Text");
}

#[test]
fn xml_is_in_the_encoding_that_it_declares_and_never_in_one_it_cannot_be_in() {
    let of = |declared: &str, name: &[u8]| {
        let head = format!("<?xml version='1.0' encoding = '{declared}'?><channel><item id='A'><title>");
        let bytes = [head.as_bytes(), name, b"</title></item></channel>"].concat();
        pairs(&records("xml", &bytes)[0])[1].clone()
    };
    assert_eq!(of("windows-1251", b"\xd7\xe0\xe9"), "title=Чай");
    assert_eq!(of("ISO-8859-1", b"Caff\xe8"), "title=Caffè");
    assert_eq!(of("utf-16", "Чай".as_bytes()), "title=Чай");
    for undeclared in ["<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding?>", "<?xml version=\"é\"?>", ""] {
        let text = format!("{undeclared}<c><item><a>Ч</a></item></c>");
        assert_eq!(pairs(&records("xml", text.as_bytes())[0]), ["a=Ч"], "{undeclared}");
    }
}

#[test]
fn json_comes_as_an_array_as_lines_or_within_an_object() {
    let one = r#"{"sku":"A","name":"Mug","price_cents":1}"#;
    let two = r#"{"sku":"B","name":"Cup","price_cents":2}"#;
    for text in [
        format!("[{one},{two}]"),
        format!(" [ {one} ,\n {two} ] \n"),
        format!("{one}\n{two}\n"),
        format!("{one}\r\n\r\n{two}"),
        format!("{{\"products\":[{one},{two}]}}"),
        format!("{{\"page\":1,\"next\":null,\"items\":[{one},{two}],\"total\":[2]}}"),
    ] {
        assert_eq!(names(text.as_bytes()), ["Mug", "Cup"], "{text}");
    }
    assert_eq!(names(one.as_bytes()), ["Mug"]);
}

#[test]
fn json_is_flattened_into_paths_and_numbers_stay_as_they_are_written() {
    let text = r#"[{"a":{"b":{"c":1e400},"d":[1,[2,null],{"e":true}]},"f":"x\n\u00e9","f":"again","g":{},"h":[]}]"#;
    let expected = ["a/b/c=1e400", "a/d=1", "a/d=2", "a/d/e=true", "f=x\né", "f=again"];
    assert_eq!(pairs(&records("json", text.as_bytes())[0]), expected);
}

#[test]
fn a_product_with_variants_gives_a_record_for_each() {
    let text = r#"{"products":[{"title":"Mug","handle":"mug","options":[{"name":"Size"},{"name":"Colour"}],
        "images":[{"src":"https://e.com/1"},{"src":"https://e.com/2"}],"status":"active","variants":[
        {"sku":"M1","price":"5.00","option1":"L","option2":"Red","inventory_quantity":3,"grams":400,"available":true},
        {"sku":"M2","price":"6.00","compare_at_price":"7.00","option1":"S","option2":null}]},
        {"title":"Cup","handle":"cup","options":[{"name":"Title"}],"variants":[{"sku":"C","price":"1","option1":"Default Title"}]},
        {"title":"Odd","variants":["x"],"handle":"odd"}]}"#;
    let events = events(text.as_bytes(), "a.json", None).unwrap();
    let items = items(&events);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(items.iter().map(|item| item.row).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(items[0].options, [pair("Size", "L"), pair("Colour", "Red")]);
    assert_eq!(
        (items[0].stock, items[0].weight_grams, items[0].availability),
        (Some(3), Some(400), Some(Availability::InStock))
    );
    assert_eq!((items[1].options.as_slice(), items[1].images.len()), ([pair("Size", "S")].as_slice(), 2));
    assert_eq!(items[1].compare_at.unwrap().decimal(), "7.00");
    assert_eq!((items[2].options.len(), items[2].group.as_deref()), (0, Some("cup")));
    assert_eq!(rejections(&events)[0].rule.name, "sku_required");
}

#[test]
fn xml_is_flattened_into_paths_without_prefixes() {
    let text = "<feed xmlns:g='x'>\n<title>Shop</title>\n<entry\n id='7' g:kind=\"a&amp;b\">\n<g:id>A</g:id><link href='u'/>\
        <shipping><price>1</price></shipping><param name='Colour' unit='x'>Red</param><empty></empty>\
        <d>a &lt; b &#65;<![CDATA[<b>&amp;]]></d><d><p>One <b>two</b></p><br/></d><!-- no --><?pi x?></entry></feed>";
    let record = &records("xml", text.as_bytes())[0];
    assert_eq!(
        pairs(record),
        [
            "@id=7",
            "@g:kind=a&b",
            "id=A",
            "link@href=u",
            "link=",
            "shipping/price=1",
            "param:Colour@name=Colour",
            "param:Colour@unit=x",
            "param:Colour=Red",
            "empty=",
            "d=a < b A<b>&amp;",
            "d=<p>One <b>two</b></p><br></br>"
        ]
    );
    assert_eq!(record.line, 3);
}

#[test]
fn a_market_feed_finds_the_names_of_its_categories() {
    let long = "9".repeat(300);
    let text = "<yml_catalog><shop><categories><category id=\"1\"> Tea &amp; more </category><category>lost</category>\
        <category id=\"LONG\">too long a number</category></categories><offers><offer id=\"A\" group_id=\"g\"><name>Pot</name><price>5</price><oldprice>6</oldprice>\
        <currencyId>EUR</currencyId><categoryId>1</categoryId><weight>0.4</weight><param name=\"Size\">L</param></offer>\
        <offer id=\"B\" available=\"false\"><model>Cup</model><price>5</price><currencyId>EUR</currencyId>\
        <categoryId>LONG</categoryId><param name=\"Size\">L</param></offer>\
        <offer id=\"C\"><name>Can</name><price>5</price><currencyId>EUR</currencyId><categoryId>1</categoryId>\
        <category>Own</category></offer></offers></shop></yml_catalog>";
    let events = events(text.replace("LONG", &long).as_bytes(), "a.yml", None).unwrap();
    let items = items(&events);
    let categories: Vec<_> = items.iter().map(|item| item.category.as_deref()).collect();
    assert_eq!(categories, [Some("Tea & more"), None, Some("Own")]);
    assert_eq!((items[0].options.len(), items[1].options.len(), items[0].weight_grams), (1, 0, Some(400)));
    assert_eq!(items[1].availability, Some(Availability::OutOfStock));
}

#[test]
fn an_external_grammar_is_read_over_and_never_fetched() {
    let text = "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/shops.dtd\"><a><item><id>1</id></item></a>";
    assert_eq!(pairs(&records("xml", text.as_bytes())[0]), ["id=1"]);
    let text = "<!DOCTYPE a [<!ELEMENT a ANY>]><a><item><id>1</id></item></a>";
    assert_eq!(pairs(&records("xml", text.as_bytes())[0]), ["id=1"]);
}

#[test]
fn rows_of_a_shopify_export_come_together_by_handle() {
    let text = "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src,Status\n\
        mug,Mug,<p>Good</p>,Maker,Home > Cups,Size,L,M1,5.00,https://e.com/1,active\n\
        mug,,,,,,S,M2,6.00,,\nmug,,,,,,,,,https://e.com/2,\ncup,Cup,,,,Title,Default Title,C1,1.00,,draft\n\
        pot,Pot,,,,,,,,https://e.com/3,\n";
    let events = events(text.as_bytes(), "a.csv", None).unwrap();
    let found: Vec<_> =
        items(&events).iter().map(|item| (item.row, item.name.as_str(), item.images.len(), item.active)).collect();
    assert_eq!(found, [(1, "Mug", 2, true), (2, "Mug", 2, true), (4, "Cup", 0, false)]);
    let second = items(&events)[1];
    assert_eq!(
        (second.brand.as_str(), second.description.as_str(), second.category.as_deref()),
        ("Maker", "Good", Some("Cups"))
    );
    assert_eq!(second.options, [("Size".to_owned(), "S".to_owned())]);
    assert!(events.contains(&Event::Merged { row: 3, line: 4, how: How::Joined }));
    assert_eq!(rejections(&events).len(), 2, "a first row without a variant is none");
}

#[test]
fn the_rows_of_one_product_are_no_more_than_a_few_records() {
    let cell = "x".repeat(100_000);
    let rows = format!("mug,{cell},M,1\n").repeat(60);
    let text = format!("Handle,Title,Variant SKU,Variant Price\n{rows}");
    let refusal = support::refusal(text.as_bytes(), "a.csv").unwrap();
    assert_eq!(refusal.rule.name, "record_too_large");
}

#[test]
fn a_vendure_row_without_a_name_goes_on_with_the_product_before_it() {
    let text = "name   ,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand\n\
        Lamp,lamp,Bright,a.jpg,,size|colour,Big|Red,L1,5.00,standard,3\n,,,,,,Small|Blue,L2,4.00,standard,4\n\
        Mat,,,,,,,M1,1.00,,5\n,,,,,|x,y|,M2,1.50,,5\n";
    let events = events(text.as_bytes(), "a.csv", None).unwrap();
    let items = items(&events);
    let of =
        |at: usize| (items[at].name.as_str(), items[at].group.as_deref(), items[at].options.len(), items[at].stock);
    assert_eq!(of(0), ("Lamp", Some("lamp"), 2, Some(3)));
    assert_eq!(of(1), ("Lamp", Some("lamp"), 2, Some(4)));
    assert_eq!((of(2), of(3)), (("Mat", Some("Mat"), 0, Some(5)), ("Mat", Some("Mat"), 0, Some(5))));
}

#[test]
fn a_woocommerce_export_names_parents_that_are_no_products() {
    let text = "ID,Type,SKU,Name,Published,In stock?,Stock,Weight (kg),Sale price,Regular price,Images,Parent,Attribute 1 name,Attribute 1 value(s)\n\
        1,variable,tee,Tee,1,1,,,,,,,,\n\
        2,variation,tee-l,Tee - L,1,1,4,0.25,9,10,\"https://e.com/1, https://e.com/2\",tee,Size,L\n\
        3,simple,cap,Cap,0,0,,,,5,,,,\n";
    let events = events(text.as_bytes(), "a.csv", None).unwrap();
    assert!(events.contains(&Event::Merged { row: 1, line: 2, how: How::StandsForVariants }));
    let items = items(&events);
    assert_eq!(
        (items[0].price.decimal(), items[0].images.len(), items[0].weight_grams),
        ("9.00".to_owned(), 2, Some(250))
    );
    assert_eq!((items[1].active, items[1].availability), (false, Some(Availability::OutOfStock)));
}

#[test]
fn a_medusa_export_has_a_column_of_prices_for_each_currency() {
    let text = "Product Handle,Product Title,Variant Sku,Variant Price EUR,Variant Price USD,Variant Option 1 Name,Variant Option 1 Value\n\
        mug,Mug,M1,5.00,6.00,Size,L\n";
    let of = |mapping: Option<&partners::mapping::Mapping>| {
        let events = events(text.as_bytes(), "a.csv", mapping).unwrap();
        (items(&events)[0].price.decimal(), items(&events)[0].price.currency.code().to_owned())
    };
    assert_eq!(of(None), ("6.00".to_owned(), "USD".to_owned()));
    assert_eq!(of(Some(&mapping(r#"{"currency": "EUR"}"#))), ("5.00".to_owned(), "EUR".to_owned()));
}

#[test]
fn an_awin_feed_is_understood() {
    let text = "merchant_product_id,product_name,search_price,currency,in_stock,colour\nA,Mug,5.00,GBP,1,Red\n";
    let events = events(text.as_bytes(), "a.csv", None).unwrap();
    assert_eq!((items(&events)[0].price.currency.code(), items(&events)[0].options.len()), ("GBP", 1));
}

#[test]
fn a_mapping_names_the_vocabulary_and_the_decimal_mark() {
    let text = "sku,name,price,price_cents\nA,Mug,\"1,299\",5\n";
    let price = |json: &str| {
        let events = events(text.as_bytes(), "a.csv", Some(&mapping(json))).unwrap();
        items(&events).first().map(|item| item.price.decimal())
    };
    assert_eq!(price("{}"), Some("0.05".to_owned()));
    assert_eq!(price(r#"{"fields": {"price": "price"}, "decimal": "point"}"#), Some("1299.00".to_owned()));
    assert_eq!(
        price(r#"{"fields": {"price": "price"}, "decimal": "comma", "currency": "TND"}"#),
        Some("1.299".to_owned())
    );
    assert_eq!(price(r#"{"fields": {"price": "price"}}"#), None);
    assert_eq!(price(r#"{"vocabulary": "plain", "fields": {"price": {"constant": "7"}}}"#), Some("7.00".to_owned()));
}

#[test]
fn a_sku_made_of_fields_is_the_same_for_the_same_fields_and_missing_without_them() {
    let text = "name,size,price\nMug,L,1\nMug,S,1\nMug,L,1\n,,1\n";
    let by = mapping(r#"{"fields": {"sku": {"hash_of": ["name", "size"]}}}"#);
    let events = events(text.as_bytes(), "a.csv", Some(&by)).unwrap();
    let skus: Vec<_> = items(&events).iter().map(|item| item.sku.as_str().len()).collect();
    assert_eq!(skus, [26, 26]);
    assert_eq!(rejections(&events)[0].rule.name, "sku_required");
    let constant = mapping(r#"{"fields": {"sku": {"constant": "A"}, "name": {"constant": " "}}}"#);
    let events = support::events(text.as_bytes(), "a.csv", Some(&constant)).unwrap();
    assert_eq!(rejections(&events)[0].field, "name");
}

#[test]
fn cells_of_a_spreadsheet_come_in_many_kinds() {
    let sheet = "<worksheet><sheetData><row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>sku</t></is></c>\
        <c r=\"B3\" t=\"inlineStr\"><is><r><t>na</t></r><r><t>me &amp; co</t></r></is></c><c t=\"str\"><f>1+1</f><v>price</v></c></row>\
        <row><c r=\"A4\"/><c r=\"B4\"><v> </v></c></row>\
        <row r=\"5\"><c r=\"A5\"><v>12</v></c><c r=\"C5\"><v><![CDATA[19.99]]></v></c><c r=\"B5\" t=\"s\"><v>7</v></c></row></sheetData></worksheet>";
    let bytes = support::zip(&[("[Content_Types].xml", b"<T/>"), ("xl/worksheets/sheet1.xml", sheet.as_bytes())]);
    let record = &records("xlsx", &bytes)[0];
    assert_eq!(
        (pairs(record), record.line),
        (vec!["sku=12".to_owned(), "price=19.99".to_owned(), "name & co=".to_owned()], 5)
    );
}

#[test]
fn a_spreadsheet_has_its_limits_and_its_damages() {
    let refused = |bytes: &[u8], limits: Limits| {
        let format: &dyn Format = feeds::ALL[0];
        let last = format.read(Box::new(Cursor::new(bytes.to_vec())), Charset::Unstated, limits).last();
        last.unwrap().unwrap_err().rule.name
    };
    let usual = Limits::default();
    let good = spreadsheet(&[&["sku", "name"], &["A", "Mug"]]);
    assert_eq!(refused(&good, Limits { spreadsheet_bytes: 100, ..usual }), "record_too_large");
    let texts = spreadsheet(&[&["sku", "name"], &[&"x".repeat(9_000), &"y".repeat(9_000)]]);
    assert_eq!(refused(&texts, Limits { spreadsheet_bytes: 4_000, ..usual }), "record_too_large");
    let bomb = support::zip(&[
        ("[Content_Types].xml", b"<T/>"),
        ("xl/worksheets/sheet1.xml", &[b"<a>".as_slice(), &vec![b' '; 3_000_000]].concat()),
    ]);
    assert_eq!(refused(&bomb, Limits { record_bytes: 4_000_000, ..usual }), "unpacks_too_large");
    let twice = spreadsheet(&[&["sku", "sku"], &["A", "B"]]);
    let notes = feeds::ALL[0].read(Box::new(Cursor::new(twice)), Charset::Unstated, usual);
    assert!(notes.into_iter().any(|found| matches!(found, Ok(Found::Note(_)))));
}

#[test]
fn html_becomes_what_a_reader_would_see() {
    let cases = [
        ("<p>One<br>two</p><p>Three &amp; four</p>", "One\ntwo\n\nThree & four"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
        ("<script>alert(1)</script><b>Hi</b>", "Hi"),
        ("<style>p{}</style>x<!-- no -->y", "xy"),
        ("<STYLE>never closed", ""),
        ("<!-- never closed", ""),
        ("<svg/><b>x</b>", "x"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("a < b and <c> d", "a < b and <c> d"),
        ("<x onload=alert(1)>", "<x onload=alert(1)>"),
        ("<b>bold</b> <x>y</x>", "bold <x>y</x>"),
        ("<p-card>a</p-card> <b:c>d", "<p-card>a</p-card> <b:c>d"),
        ("<br/>a<BR />b<p\n>c", "a\nb\n\nc"),
        ("<a title=\"a > b\" href='x'>link</a>", "link"),
        ("<a title=\"never closed>link</a>", "link"),
        ("<b>x</b> <img src=x onerror=alert(1)", "x <img src=x onerror=alert(1)"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("&#72;&#x69; &#0;&#xD800;&#99999999; &nbsp;&bogus; & &#x;", "Hi  &#xD800;&#99999999;  &bogus; & &#x;"),
        ("&#; &#x1F60; &#12a; &#-1;", "&#; \u{1f60} &#12a; &#-1;"),
        ("plain\r\n\r\ntext\u{a0}here\u{feff}", "plain\n\ntext here"),
        ("<b>a\u{a0}\n b</b>", "a b"),
        ("Fish &amp; chips &eacute;", "Fish & chips é"),
        ("", ""),
    ];
    for (html, text) in cases {
        assert_eq!(plain_text(html), text, "{html}");
    }
}

#[test]
fn html_that_is_made_to_be_slow_is_not() {
    for text in [
        "<b>".repeat(40_000),
        "<b <".repeat(30_000),
        "<!--".repeat(30_000),
        "&".repeat(120_000),
        "<b '=\"".repeat(20_000),
    ] {
        let started = std::time::Instant::now();
        let length = plain_text(&text).len();
        assert!(length <= text.len() && started.elapsed().as_millis() < 1_000, "{}", &text[..8]);
    }
}

#[test]
fn a_document_without_a_record_says_so() {
    let refused = |bytes: &[u8]| {
        let format: &dyn Format = *feeds::ALL.iter().find(|known| known.name() == "json").unwrap();
        let first = format.read(Box::new(Cursor::new(bytes.to_vec())), Charset::Unstated, Limits::default()).next();
        first.unwrap().unwrap_err().rule.name
    };
    assert_eq!(
        [b" ".as_slice(), b"42", b"\"x\"", b"42 43"].map(refused),
        ["empty_feed", "not_records", "not_records", "json_syntax"]
    );
}

#[test]
fn a_product_with_more_variants_than_any_shop_has_is_refused_before_they_multiply() {
    let fields: String = (0..900).map(|at| format!("\"f{at}\":1,")).collect();
    let text = format!("[{{{fields}\"variants\":[{}{{}}]}}]", "{},".repeat(30_000));
    assert_eq!(support::refusal(text.as_bytes(), "a.json").unwrap().rule.name, "record_too_large");
}

#[test]
fn a_tag_with_a_hundred_thousand_attributes_is_no_trouble() {
    let attributes: String = (0..60_000).map(|at| format!(" a{at}=\"\"")).collect();
    for tag in ["category", "item><param"] {
        let started = std::time::Instant::now();
        let text = format!("<feed><{tag}{attributes}/></feed>");
        assert!(support::refusal(text.as_bytes(), "a.xml").is_some());
        assert!(started.elapsed().as_millis() < 1_000, "{tag}");
    }
}

#[test]
fn a_page_within_a_description_does_not_make_the_feed_a_page() {
    let text = "<?xml version=\"1.0\"?><!-- x --><feed><item><id>A</id><title>M</title><price>1 EUR</price>\
        <description><![CDATA[<html><body>Hi</body></html>]]></description></item></feed>";
    let events = events(text.as_bytes(), "a.xml", None).unwrap();
    assert_eq!(items(&events)[0].description, "Hi");
}

#[test]
fn a_sale_price_of_nothing_is_no_sale() {
    let text = "sku,name,price,sale_price\nA,Mug,5.00,0\n";
    let events = events(text.as_bytes(), "a.csv", None).unwrap();
    assert_eq!((items(&events)[0].price.decimal(), items(&events)[0].compare_at), ("5.00".to_owned(), None));
}

#[test]
fn a_spreadsheet_may_be_stored_and_may_not_hold_a_thousand_files() {
    let sheet = "<worksheet><sheetData><row><c><v>7</v></c><c r=\"a1\"><v>8</v></c></row><row><c><v>1</v></c></row></sheetData></worksheet>";
    let bytes = support::stored(&[("[Content_Types].xml", b"<T/>"), ("xl/worksheets/sheet1.xml", sheet.as_bytes())]);
    assert_eq!(pairs(&records("xlsx", &bytes)[0]), ["7=1"]);
    let many = [b"PK\x03\x04xl/".to_vec(), b"PK\x01\x02".repeat(3_000)].concat();
    assert_eq!(support::refusal(&many, "a.xlsx").unwrap().rule.name, "damaged");
}

#[test]
fn a_run_goes_on_in_the_middle_of_a_product() {
    let text = "Handle,Title,Variant SKU,Variant Price,Image Src\nmug,Mug,M1,5.00,https://e.com/1\nmug,,M2,6.00,\n\
        mug,,,,https://e.com/2\nmug,,M1,7.00,\ncup,Cup,C1,1.00,\n";
    let run = |skip: u64| -> Vec<Event> {
        let detected = feeds::detect(text.as_bytes(), None, None).unwrap();
        let feed = feeds::open(detected, Box::new(Cursor::new(text.as_bytes().to_vec())), None, skip);
        feed.filter(|event| !matches!(event, Event::Note(_))).collect()
    };
    let all = run(0);
    assert_eq!(all.len(), 5);
    for skip in 0..=5 {
        assert_eq!(run(skip), all[usize::try_from(skip).unwrap()..]);
    }
}

#[test]
fn a_feed_may_be_read_on_another_thread() {
    let text = "sku,name,price_cents\nA,Mug,1\n";
    let detected = feeds::detect(text.as_bytes(), None, None).unwrap();
    let feed = feeds::open(detected, Box::new(Cursor::new(text.as_bytes().to_vec())), None, 0);
    assert_eq!(std::thread::spawn(move || feed.count()).join().unwrap(), 2);
}
