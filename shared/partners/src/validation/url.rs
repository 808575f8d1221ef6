//! Addresses of pictures: on the open web, and nowhere else.
//!
//! Braces and characters beyond ASCII in a path are written as browsers write them (`%7B`). A host that is a number in
//! any spelling (`2130706433`, `0x7f.1`, `0177.0.0.1`, `[::ffff:10.0.0.1]`) is read as the address it stands for.

use super::rejection::Wrong;
use super::{URL_FORMAT, URL_PRIVATE, URL_SCHEME, URL_TOO_LONG, limits};
use kernel::address::is_public;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The address in `text`, as it is stored.
pub(crate) fn image(text: &str) -> Result<String, Wrong> {
    let url = escaped(text)?;
    if url.len() > limits::IMAGE_URL {
        return Err(Wrong::new(URL_TOO_LONG, format!("This has {} characters.", url.len())));
    }
    let (scheme, rest) = url.split_once(':').ok_or_else(|| malformed("This has no scheme."))?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(Wrong::new(URL_SCHEME, "This is something else than a web address."));
    }
    let rest = rest.strip_prefix("//").ok_or_else(|| malformed("This names no server."))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host(authority)?;
    Ok(url)
}

fn malformed(detail: &str) -> Wrong {
    Wrong::new(URL_FORMAT, detail)
}

/// Refuses what no address holds, and writes what browsers would escape.
fn escaped(text: &str) -> Result<String, Wrong> {
    let mut url = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' | '}' => url.push_str(&percent(c)),
            _ if c.is_control() || c.is_whitespace() || "\"<>\\^`|".contains(c) => {
                return Err(malformed("This holds a character that addresses do not have."));
            }
            _ if c.is_ascii() => url.push(c),
            _ => url.push_str(&percent(c)),
        }
    }
    Ok(url)
}

fn percent(c: char) -> String {
    c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn host(authority: &str) -> Result<(), Wrong> {
    if authority.contains('@') {
        return Err(malformed("This holds a login."));
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => return bracketed(rest),
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || port.len() > 5 {
        return Err(malformed("The port is not a number."));
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let letters = |label: &str| label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if host.is_empty() || host.len() > 253 || !host.split('.').all(|label| !label.is_empty() && letters(label)) {
        return Err(malformed("The name of the server is not one."));
    }
    named_or_numbered(&host)
}

fn named_or_numbered(host: &str) -> Result<(), Wrong> {
    const INSIDE: &[&str] = &["localhost", "local", "internal", "intranet", "lan", "home", "corp", "localdomain"];
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        let address = by_number(host).ok_or_else(|| malformed("The number of the server is not one."))?;
        return open_to_all(is_public(address.into()));
    }
    open_to_all(host.contains('.') && !INSIDE.contains(&last))
}

fn open_to_all(open: bool) -> Result<(), Wrong> {
    if open { Ok(()) } else { Err(Wrong::new(URL_PRIVATE, "The server is not on the open web.")) }
}

/// An address in one to four numbers, each decimal, octal or hexadecimal; the last fills what is left.
fn by_number(host: &str) -> Option<Ipv4Addr> {
    let mut numbers = host.rsplit('.').map(number);
    let last = numbers.next().flatten()?;
    let first: Vec<u64> = numbers.rev().collect::<Option<_>>()?;
    if first.len() > 3 || first.iter().any(|part| *part > 255) || last >= 256_u64.pow(4 - first.len() as u32) {
        return None;
    }
    let places = first.iter().enumerate().map(|(at, part)| part << (24 - 8 * at));
    u32::try_from(places.sum::<u64>() + last).ok().map(Ipv4Addr::from)
}

fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x', ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, radix).ok() }
}

fn bracketed(rest: &str) -> Result<(), Wrong> {
    let (address, port) = rest.split_once(']').ok_or_else(|| malformed("The bracket is not closed."))?;
    let port = port.strip_prefix(':').unwrap_or(port);
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || port.len() > 5 {
        return Err(malformed("The port is not a number."));
    }
    let address: Ipv6Addr = address.parse().map_err(|_| malformed("The number of the server is not one."))?;
    open_to_all(is_public(address.into()))
}
