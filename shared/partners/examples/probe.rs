#![allow(clippy::all, clippy::print_stdout, clippy::unwrap_used)]
use partners::{feeds, validation};
fn main() {
    let most = 3;
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.rsplit('/').next().unwrap();
        let started = std::time::Instant::now();
        match feeds::detect(&bytes[..bytes.len().min(feeds::HEAD_BYTES)], None, Some(name)) {
            Err(r) => println!("{name}: REFUSED {} {:?}", r.rule.name, r.detail),
            Ok(d) => {
                let mapping: Option<partners::mapping::Mapping> =
                    std::env::var("MAPPING").ok().map(|m| serde_json::from_str(&m).unwrap());
                let feed = feeds::open(d, Box::new(std::io::Cursor::new(bytes)), mapping.as_ref(), 0);
                let v = validation::validate_whole(feed, most);
                println!(
                    "{name}: {} {} {:?} rows {} ok {} bad {} merged {:?} flagged {} rules {:?} notes {:?} refusal {:?} in {:?}",
                    d.format.name(),
                    d.charset.name(),
                    v.vocabulary,
                    v.rows,
                    v.accepted,
                    v.rejected,
                    v.merged,
                    v.flagged,
                    v.by_rule,
                    v.notes.iter().map(|n| n.name).collect::<Vec<_>>(),
                    v.refusal.map(|r| (r.rule.name, r.detail, r.line)),
                    started.elapsed()
                );
                for r in v.rejections {
                    println!(
                        "     line {} row {} col {:?} {} {}: {} «{}»",
                        r.line, r.row, r.column, r.field, r.rule.name, r.detail, r.value_start
                    );
                }
            }
        }
    }
}
