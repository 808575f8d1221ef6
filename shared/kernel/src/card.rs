//! Card numbers, which must never reach us: how one is noticed in any text. ISO/IEC 7812-1: 13 to 19 digits whose last is
//! Luhn's check digit, beginning with an issuer's range.

use crate::fault::{Fault, Kind};

/// The refusal of a request that holds a card number.
#[must_use]
pub fn refusal() -> Fault {
    let detail = "This looks like a card number. Card numbers go to the payment provider only; nothing was kept.";
    Fault::new(Kind::Unprocessable, "card_number_refused", detail)
}

/// Whether a payment card's number stands anywhere in `bytes`: digits in one piece, or in groups of up to six with
/// spaces or hyphens between them. Ids, phone numbers, article numbers and timestamps are told apart by what
/// surrounds them, by their first digits and by their check digit.
#[must_use]
pub fn contains_card_number(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)) {
        let chain = Chain::read(bytes, at + offset);
        if chain.holds_card_number() {
            return true;
        }
        at = chain.end;
    }
    false
}

/// The most digits of a card number.
const LONGEST: usize = 19;
/// The fewest.
const SHORTEST: usize = 13;
/// The longest group that people print or type; UUIDs have longer ones.
const LONGEST_GROUP: usize = 6;
/// The most spaces and hyphens between two groups: `4111 - 1111`.
const LONGEST_GAP: usize = 3;

/// Groups of digits with nothing but spaces and hyphens between them.
struct Chain<'a> {
    bytes: &'a [u8],
    /// Where each group begins and ends.
    groups: Vec<(usize, usize)>,
    end: usize,
}

impl<'a> Chain<'a> {
    fn read(bytes: &'a [u8], start: usize) -> Self {
        let mut groups = Vec::new();
        let mut at = start;
        loop {
            let end = at + bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            groups.push((at, end));
            let gap = bytes[end..].iter().take_while(|b| matches!(b, b' ' | b'-')).count();
            let next = bytes.get(end + gap).is_some_and(u8::is_ascii_digit);
            if gap == 0 || gap > LONGEST_GAP || !next {
                return Self { bytes, groups, end };
            }
            at = end + gap;
        }
    }

    fn holds_card_number(&self) -> bool {
        (0..self.groups.len()).any(|first| self.holds_from(first))
    }

    /// Whether a card number begins with the group `first`.
    fn holds_from(&self, first: usize) -> bool {
        let mut digits = Vec::with_capacity(LONGEST);
        for (count, (start, end)) in self.groups[first..].iter().enumerate() {
            let grouped = count > 0 || self.groups.len() > first + 1;
            digits.extend_from_slice(&self.bytes[*start..*end]);
            if digits.len() > LONGEST {
                return false;
            }
            let whole = count == 0 || self.small(first, first + count);
            if grouped && !whole {
                return false;
            }
            if is_card_number(&digits) && self.stands_alone(self.groups[first].0, *end) {
                return true;
            }
        }
        false
    }

    /// Whether the groups `first..=last` are as short as people write them.
    fn small(&self, first: usize, last: usize) -> bool {
        self.groups[first..=last].iter().all(|(start, end)| end - start <= LONGEST_GROUP)
    }

    /// A number inside a word or behind a decimal point is no card number, and one behind a `+` is a phone's.
    fn stands_alone(&self, start: usize, end: usize) -> bool {
        let before = start.checked_sub(1).and_then(|at| self.bytes.get(at)).copied();
        let fraction = before == Some(b'.') && start >= 2 && self.bytes[start - 2].is_ascii_digit();
        let (after, then) = (self.bytes.get(end).copied(), self.bytes.get(end + 1).copied());
        let whole_part = after == Some(b'.') && then.is_some_and(|b| b.is_ascii_digit());
        let in_word = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric());
        let escape = self.ends_an_escape(start);
        before != Some(b'+') && !fraction && !whole_part && (escape || !in_word(before)) && !in_word(after)
    }

    /// Whether the letter before `start` belongs to an escape of JSON: `"\n4111…"`.
    fn ends_an_escape(&self, start: usize) -> bool {
        start >= 2 && self.bytes[start - 2] == b'\\' && matches!(self.bytes[start - 1], b'n' | b't' | b'r')
    }
}

fn is_card_number(digits: &[u8]) -> bool {
    (SHORTEST..=LONGEST).contains(&digits.len())
        && issued(digits)
        && luhn(digits)
        && !(digits.len() == SHORTEST && (is_ean(digits) || is_phone(digits)))
}

/// Luhn's check (ISO/IEC 7812-1, annex B).
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (place % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Ranges of the first six digits, and how long a number of that issuer can be.
const ISSUERS: &[(u32, u32, &[usize])] = &[
    (220_000, 220_499, &[16, 17, 18, 19]),             // Mir
    (222_100, 272_099, &[16]),                         // Mastercard
    (300_000, 305_999, &[14, 16]),                     // Diners Club
    (309_500, 309_599, &[14, 16]),                     // Diners Club
    (340_000, 349_999, &[15]),                         // American Express
    (352_800, 358_999, &[16, 17, 18, 19]),             // JCB
    (360_000, 369_999, &[14, 16]),                     // Diners Club
    (370_000, 379_999, &[15]),                         // American Express
    (380_000, 399_999, &[14, 16]),                     // Diners Club
    (400_000, 499_999, &[13, 16, 19]),                 // Visa
    (500_000, 509_999, &[13, 14, 15, 16, 17, 18, 19]), // Maestro, Elo, RuPay, Verve
    (510_000, 559_999, &[16]),                         // Mastercard
    (560_000, 589_999, &[13, 14, 15, 16, 17, 18, 19]), // Maestro
    (600_000, 609_999, &[16]),                         // Discover, RuPay
    (620_000, 629_999, &[16, 17, 18, 19]),             // UnionPay
    (630_000, 639_999, &[16, 17, 18, 19]),             // Maestro, InstaPayment
    (644_000, 659_999, &[16, 17, 18, 19]),             // Discover
    (670_000, 679_999, &[16, 17, 18, 19]),             // Maestro
    (810_000, 829_999, &[16]),                         // RuPay
    (979_200, 979_299, &[16]),                         // Troy
];

fn issued(digits: &[u8]) -> bool {
    let first_six = digits.iter().take(6).fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    ISSUERS.iter().any(|(low, high, lengths)| (low..=high).contains(&&first_six) && lengths.contains(&digits.len()))
}

/// An article number on a product: its check digit weighs its neighbours 1 and 3 (GS1).
fn is_ean(digits: &[u8]) -> bool {
    let sum: u32 = digits.iter().enumerate().map(|(place, digit)| u32::from(digit - b'0') * [1, 3][place % 2]).sum();
    sum.is_multiple_of(10)
}

/// A phone number of Germany or Austria with its country's code and no `+`: the plans in which 13 digits can begin
/// as a card number of that length does.
fn is_phone(digits: &[u8]) -> bool {
    digits.starts_with(b"49") || digits.starts_with(b"43")
}

#[cfg(test)]
mod tests {
    use super::{contains_card_number, luhn};
    use crate::id::{derived, encode, sha256_hex};
    use proptest::prelude::*;

    /// The test numbers that card schemes and providers publish.
    const PUBLISHED: &[&str] = &[
        "4111111111111111",
        "4242424242424242",
        "4012888888881881",
        "4222222222222",
        "5555555555554444",
        "5105105105105100",
        "2223003122003222",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "6011000990139424",
        "30569309025904",
        "38520000023237",
        "36227206271667",
        "3530111333300000",
        "3566002020360505",
        "6200000000000005",
        "6205500000000000004",
        "5019717010103742",
        "6759649826438453",
        "2200000000000004",
    ];

    fn in_groups(number: &str, size: usize, gap: &str) -> String {
        let groups: Vec<&str> = number.as_bytes().chunks(size).map(|part| std::str::from_utf8(part).unwrap()).collect();
        groups.join(gap)
    }

    // Proves: S0-05, S3-19
    #[test]
    fn published_test_numbers_are_noticed_however_they_are_written() {
        for number in PUBLISHED {
            for written in [
                (*number).to_owned(),
                in_groups(number, 4, " "),
                in_groups(number, 4, "-"),
                in_groups(number, 6, " - "),
            ] {
                for body in [
                    format!("{{\"note\":\"{written}\"}}"),
                    format!("pay with {written}, exp 12 2031"),
                    format!("tok_{written}"),
                    format!("12 2031 {written}"),
                    format!("line\\n{written}\\nline"),
                    written.clone(),
                ] {
                    assert!(contains_card_number(body.as_bytes()), "{body}");
                }
            }
        }
        assert!(contains_card_number(br#"{"card":4242424242424242}"#), "a number without quotes");
    }

    #[test]
    fn look_alikes_pass() {
        for text in [
            "4111111111111112",     // check digit
            "1234567812345670",     // no issuer
            "41111111111111111111", // 20 digits
            "+49 4111 1111 1111",   // a phone
            "4006381333931",        // an article number
            "a4111111111111111",    // inside a word
            "4111111111111111f",
            "3.4111111111111111",                   // a fraction
            "4111111111111111.25",                  // a large amount
            "550e8400-e29b-41d4-a716-446655440000", // a UUID
            "2026-11-21T04:11:11.111Z",
            "404.038.96",
            "4111, 1111, 1111, 1111", // a list
            "",
        ] {
            assert!(!contains_card_number(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_read_as_well() {
        assert!(contains_card_number(b"\xff\xfe4111111111111111\x00"));
    }

    fn numbers_of_issuers() -> impl Strategy<Value = String> {
        let prefix = prop_oneof![
            Just(("4", 16)),
            Just(("4", 19)),
            Just(("51", 16)),
            Just(("55", 16)),
            Just(("2221", 16)),
            Just(("2720", 16)),
            Just(("34", 15)),
            Just(("37", 15)),
            Just(("6011", 16)),
            Just(("65", 16)),
            Just(("36", 14)),
            Just(("3528", 16)),
            Just(("62", 19)),
            Just(("2204", 16)),
        ];
        (prefix, proptest::collection::vec(0u8..10, 19)).prop_map(|((prefix, length), digits)| {
            let mut number = prefix.to_owned();
            number.extend(digits.iter().take(length - prefix.len() - 1).map(|d| char::from(b'0' + d)));
            let check = (0..10u8).map(|d| char::from(b'0' + d)).find(|d| luhn(format!("{number}{d}").as_bytes()));
            number.push(check.unwrap());
            number
        })
    }

    proptest! {
        // Proves: S0-05
        #[test]
        fn every_number_of_a_known_issuer_is_noticed(number in numbers_of_issuers(), gap in prop_oneof!["", " ", "-"], lead in "[ \":,(]", tail in "[ \",.)}]") {
            let body = format!("{lead}{}{tail}", in_groups(&number, 4, &gap));
            prop_assert!(contains_card_number(body.as_bytes()), "{}", body);
        }

        // Proves: S0-05
        #[test]
        fn ids_hashes_and_uuids_pass(bytes in any::<[u8; 16]>(), text in ".{0,40}") {
            let hex = sha256_hex(&bytes);
            let uuid = format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[12..15], &hex[15..18], &hex[18..30]);
            for id in [encode(bytes), derived(&[&text]), hex, uuid] {
                prop_assert!(!contains_card_number(format!("{{\"id\":\"{id}\"}}").as_bytes()), "{}", id);
            }
        }

        #[test]
        fn timestamps_pass(seconds in 1_000_000_000i64..2_200_000_000, nanos in 0i64..1_000_000_000) {
            for time in [seconds, seconds * 1000 + nanos / 1_000_000, seconds * 1_000_000 + nanos / 1000, seconds * 1_000_000_000 + nanos] {
                prop_assert!(!contains_card_number(format!("{{\"at\":{time}}}").as_bytes()), "{}", time);
            }
            let moment = crate::Instant::from_seconds(seconds).to_string();
            prop_assert!(!contains_card_number(moment.as_bytes()), "{}", moment);
        }

        #[test]
        fn phone_numbers_pass(
            plan in prop_oneof![
                Just(("1", 10)), Just(("44", 10)), Just(("49", 10)), Just(("49", 11)), Just(("43", 11)), Just(("33", 9)), Just(("34", 9)),
                Just(("36", 9)), Just(("380", 9)), Just(("91", 10)), Just(("86", 11)), Just(("55", 11)), Just(("62", 11)), Just(("375", 9)),
            ],
            digits in proptest::collection::vec(0u8..10, 11),
            gap in prop_oneof!["", " ", "-"],
        ) {
            let national: String = digits.iter().take(plan.1).map(|d| char::from(b'0' + d)).collect();
            for phone in [
                format!("+{}{gap}{}", plan.0, in_groups(&national, 3, &gap)),
                format!("{}{national}", plan.0),
                format!("00{}{gap}{}", plan.0, in_groups(&national, 4, &gap)),
                format!("0{gap}{}", in_groups(&national, 5, &gap)),
            ] {
                prop_assert!(!contains_card_number(format!("{{\"phone\":\"{phone}\"}}").as_bytes()), "{}", phone);
            }
        }

        #[test]
        fn amounts_and_quantities_pass(minor in 0i64..1_000_000_000_000, quantity in 1u32..100) {
            let body = format!("{{\"amount\":{minor},\"quantity\":{quantity}}}");
            prop_assert!(!contains_card_number(body.as_bytes()));
        }
    }
}
