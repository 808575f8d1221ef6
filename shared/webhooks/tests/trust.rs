//! What is believed, and what is not.

#![allow(clippy::unwrap_used, reason = "a test")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::Instant;
use proptest::prelude::*;
use webhooks::{Distrust, ID, SIGNATURE, Secret, TIMESTAMP, sign, verify};

fn secret(byte: u8) -> Secret {
    Secret::parse(&format!("whsec_{}", STANDARD.encode([byte; 32]))).unwrap()
}

fn judge(
    secrets: &[Secret],
    id: &str,
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: Instant,
) -> Result<(), Distrust> {
    let header = |name: &str| match name {
        ID => Some(id),
        TIMESTAMP => Some(timestamp),
        SIGNATURE => Some(signature),
        _ => None,
    };
    verify(secrets, header, body, now).map(|verified| assert_eq!(verified.id, id))
}

#[test]
fn a_message_is_believed_for_five_minutes_either_way() {
    let (at, body) = (Instant::from_seconds(1_000_000), b"{}");
    let signature = sign(&[secret(1)], "evt_1", at, body);
    for (off, expected) in
        [(0, Ok(())), (300, Ok(())), (-300, Ok(())), (301, Err(Distrust::Stale)), (-301, Err(Distrust::Stale))]
    {
        let now = Instant::from_seconds(1_000_000 + off);
        assert_eq!(judge(&[secret(1)], "evt_1", "1000000", &signature, body, now), expected, "{off} s off");
    }
}

#[test]
fn during_a_rotation_either_secret_is_enough() {
    let (at, body) = (Instant::from_seconds(7), b"{}");
    let both = sign(&[secret(1), secret(2)], "evt_1", at, body);
    for known in [vec![secret(1)], vec![secret(2)], vec![secret(3), secret(2)]] {
        assert_eq!(judge(&known, "evt_1", "7", &both, body, at), Ok(()));
    }
    assert_eq!(judge(&[secret(3)], "evt_1", "7", &both, body, at), Err(Distrust::Forged));
    assert_eq!(judge(&[], "evt_1", "7", &both, body, at), Err(Distrust::Forged));
}

#[test]
fn a_message_without_one_of_its_headers_is_not_believed() {
    let (at, body) = (Instant::from_seconds(7), b"{}");
    let signature = sign(&[secret(1)], "evt_1", at, body);
    assert_eq!(judge(&[secret(1)], "", "7", &signature, body, at), Err(Distrust::Missing(ID)));
    assert_eq!(judge(&[secret(1)], "evt_1", "", &signature, body, at), Err(Distrust::Missing(TIMESTAMP)));
    assert_eq!(judge(&[secret(1)], "evt_1", "7", "", body, at), Err(Distrust::Missing(SIGNATURE)));
    assert_eq!(judge(&[secret(1)], "evt_1", "soon", &signature, body, at), Err(Distrust::Timestamp));
}

#[test]
fn only_version_1_counts() {
    let (at, body) = (Instant::from_seconds(7), b"{}");
    let signature = sign(&[secret(1)], "evt_1", at, body);
    let bare = signature.trim_start_matches("v1,");
    for other in [format!("v2,{bare}"), format!("v1a,{bare}"), bare.to_owned(), "v1,".to_owned(), "v1,????".to_owned()]
    {
        assert_eq!(judge(&[secret(1)], "evt_1", "7", &other, body, at), Err(Distrust::Forged), "{other}");
    }
}

#[test]
fn a_secret_has_24_to_64_bytes_and_does_not_print() {
    for (size, good) in [(0, false), (23, false), (24, true), (64, true), (65, false)] {
        assert_eq!(Secret::parse(&STANDARD.encode(vec![7; size])).is_ok(), good, "{size} bytes");
    }
    assert!(Secret::parse("whsec_not base64").is_err());
    assert_eq!(format!("{:?}", secret(1)), "Secret(…)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_forgery_is_believed(
        body in proptest::collection::vec(any::<u8>(), 1..200),
        at in 0i64..4_000_000_000,
        kind in 0u8..6,
        place in any::<proptest::sample::Index>(),
        other in 2u8..255,
    ) {
        let (now, id) = (Instant::from_seconds(at), "msg_1");
        let ours = sign(&[secret(1)], id, now, &body);
        let timestamp = at.to_string();
        let (mut id, mut timestamp, mut signature, mut body) = (id.to_owned(), timestamp, ours, body);
        match kind {
            // Signed with a secret that is not ours.
            0 => signature = sign(&[secret(other)], &id, now, &body),
            // Under another id.
            1 => id.push(char::from(b'a' + other % 26)),
            // At another time that would still count.
            2 => timestamp = (at + i64::from(other % 200) + 1).to_string(),
            // Cut short.
            3 => signature.truncate(3 + place.index(signature.len() - 4)),
            // The boundary between time and body moved.
            4 => {
                let digit = timestamp.pop().unwrap_or('0');
                body.splice(0..0, format!("{digit}.").into_bytes());
            }
            // A signature of nothing, and of one's own devising.
            _ => signature = format!("v1, v1,= v1,{}", "A".repeat(usize::from(other))),
        }
        let judged = judge(&[secret(1)], &id, &timestamp, &signature, &body, now);
        // A moved boundary may leave a time that is none, or a stale one.
        prop_assert!(judged == Err(Distrust::Forged) || (kind == 4 && judged.is_err()), "{judged:?}");
    }

    #[test]
    fn what_is_signed_is_believed_and_one_changed_byte_is_not(
        body in proptest::collection::vec(any::<u8>(), 1..200),
        id in "[a-z0-9_]{1,40}",
        at in 0i64..4_000_000_000,
        place in any::<proptest::sample::Index>(),
        bit in 0u8..8,
    ) {
        let now = Instant::from_seconds(at);
        let signature = sign(&[secret(1)], &id, now, &body);
        let timestamp = at.to_string();
        prop_assert_eq!(judge(&[secret(1)], &id, &timestamp, &signature, &body, now), Ok(()));
        let mut changed = body.clone();
        changed[place.index(body.len())] ^= 1 << bit;
        prop_assert_eq!(judge(&[secret(1)], &id, &timestamp, &signature, &changed, now), Err(Distrust::Forged));
    }
}
