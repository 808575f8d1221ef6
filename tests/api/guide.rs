//! The guide for partners, word for word: its lines are run as a partner would run them.

use api::{Shop, eventually};
use serde_json::Value;
use std::process::Command;
use std::time::{Duration, Instant};

const GUIDE: &str = include_str!("../../docs/how-to/become-a-partner.md");
/// What the guide takes for granted on a partner's machine.
const TOOLS: [&str; 4] = ["bash --version", "curl --version", "jq --version", "openssl version"];
/// How long it may take from nothing to products in the shop.
const MOST: Duration = Duration::from_secs(60);

/// The shell lines of a document.
fn lines_of(document: &str) -> String {
    let blocks = document.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    blocks.collect()
}

// Proves: S4-I1
#[test]
fn a_partner_gets_from_nothing_to_products_in_the_shop_with_the_lines_of_the_guide() {
    let has = |tool: &str| Command::new("sh").args(["-c", tool]).output().is_ok_and(|said| said.status.success());
    if let Some(missing) = TOOLS.iter().find(|tool| !has(tool)) {
        assert!(std::env::var_os("CI").is_none(), "`{missing}` does not answer");
        println!("`{missing}` does not answer: the lines of the guide were not run");
        return;
    }
    let shop = Shop::start(local::Options { seed: false, ..local::Options::default() });
    let folder = std::env::temp_dir().join(format!("russet-guide-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let began = Instant::now();
    // Any answer that is an error ends it.
    let script = format!(
        "set -euo pipefail\ncurl() {{ command curl --fail-with-body --show-error \"$@\"; }}\n{}",
        lines_of(GUIDE)
    );
    let run = Command::new("bash").args(["-c", &script]).env("SHOP", shop.url()).current_dir(&folder).output().unwrap();
    drop(std::fs::remove_dir_all(&folder));
    let said = format!("{}\n{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}");
    let found = || shop.get("/api/products?q=Green+tea").send().json();
    let listed = |page: &Value| page["items"].as_array().is_some_and(|items| items.len() == 1);
    let page = eventually(MOST, found, listed);
    let took = began.elapsed();
    println!("from nothing to a product in the shop in {took:?}");
    assert!(took < MOST, "{took:?}");
    assert_eq!(page["items"][0]["name"], "Green tea", "{page}");
    assert_eq!(shop.stock("acme:TEA-1")["available"], 20);
}
