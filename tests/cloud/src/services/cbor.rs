//! RFC 8949, as far as Smithy's RPC v2 protocol uses it, to and from JSON values.

use serde_json::{Map, Number, Value};

/// Containers within containers at the most.
const DEPTH_MAX: usize = 32;

/// The value in `bytes`; `None` when they are not one.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(0)?;
    reader.rest.is_empty().then_some(value?)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// The number that follows a head; `None` inside for an indefinite length.
    fn argument(&mut self, low: u8) -> Option<Option<u64>> {
        let wide = match low {
            0..=23 => return Some(Some(u64::from(low))),
            24..=27 => 1_usize << (low - 24),
            31 => return Some(None),
            _ => return None,
        };
        let bytes = self.take(wide)?;
        Some(Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))))
    }

    /// One value; `None` inside for the end of an indefinite container.
    fn value(&mut self, depth: usize) -> Option<Option<Value>> {
        let head = *self.take(1)?.first()?;
        let (major, low) = (head >> 5, head & 31);
        if depth > DEPTH_MAX {
            return None;
        }
        if major == 7 {
            return self.simple(low);
        }
        let argument = self.argument(low)?;
        Some(Some(match major {
            0 => Value::from(argument?),
            1 => Value::from(-1 - i64::try_from(argument?).ok()?),
            2 | 3 => Value::String(self.text(argument, depth)?),
            4 => Value::Array(self.items(argument, depth)?),
            5 => {
                let items = self.items(argument.map(|count| count.saturating_mul(2)), depth)?;
                let mut map = Map::new();
                for pair in items.chunks_exact(2) {
                    map.insert(pair[0].as_str()?.to_owned(), pair[1].clone());
                }
                Value::Object(map)
            }
            // A tag: a moment is the number in it.
            _ => return self.value(depth + 1),
        }))
    }

    fn text(&mut self, length: Option<u64>, depth: usize) -> Option<String> {
        let Some(length) = length else {
            let parts = self.items(None, depth)?;
            return parts.iter().map(Value::as_str).collect();
        };
        Some(String::from_utf8_lossy(self.take(usize::try_from(length).ok()?)?).into_owned())
    }

    fn items(&mut self, count: Option<u64>, depth: usize) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        while count.is_none_or(|count| (items.len() as u64) < count) {
            match self.value(depth + 1)? {
                Some(item) => items.push(item),
                None => return count.is_none().then_some(items),
            }
        }
        Some(items)
    }

    fn simple(&mut self, low: u8) -> Option<Option<Value>> {
        Some(Some(match low {
            20 | 21 => Value::Bool(low == 21),
            22 | 23 => Value::Null,
            26 => Value::Number(Number::from_f64(f64::from(f32::from_be_bytes(self.take(4)?.try_into().ok()?)))?),
            27 => Value::Number(Number::from_f64(f64::from_be_bytes(self.take(8)?.try_into().ok()?))?),
            31 => return Some(None),
            _ => return None,
        }))
    }
}

/// `value` in CBOR; numbers that are not whole as doubles.
pub(crate) fn write(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, value);
    bytes
}

fn put(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(0xf6),
        Value::Bool(value) => bytes.push(if *value { 0xf5 } else { 0xf4 }),
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => head(bytes, 0, whole),
            (None, decimal) => {
                bytes.push(0xfb);
                bytes.extend_from_slice(&decimal.unwrap_or_default().to_be_bytes());
            }
        },
        Value::String(text) => {
            head(bytes, 3, text.len() as u64);
            bytes.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            head(bytes, 4, items.len() as u64);
            items.iter().for_each(|item| put(bytes, item));
        }
        Value::Object(members) => {
            head(bytes, 5, members.len() as u64);
            for (name, member) in members {
                head(bytes, 3, name.len() as u64);
                bytes.extend_from_slice(name.as_bytes());
                put(bytes, member);
            }
        }
    }
}

fn head(bytes: &mut Vec<u8>, major: u8, number: u64) {
    match u8::try_from(number) {
        Ok(small) if small < 24 => bytes.push(major << 5 | small),
        _ => {
            bytes.push(major << 5 | 27);
            bytes.extend_from_slice(&number.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let value = json!({"a": [1, 0.25, "x", null, true], "b": {"long": "y".repeat(300)}, "n": 70_000});
        assert_eq!(read(&write(&value)), Some(value));
    }

    #[test]
    fn indefinite_lengths_tags_and_negatives_are_understood() {
        let bytes = [0xbf, 0x61, b'a', 0xc1, 0x1a, 0, 0, 1, 0, 0x61, b'b', 0x9f, 0x20, 0xff, 0xff];
        assert_eq!(read(&bytes), Some(json!({"a": 256, "b": [-1]})));
        for broken in [&[0xbf_u8][..], &[0x61], &[0xff], &[1, 1], &[0x1c]] {
            assert_eq!(read(broken), None, "{broken:?}");
        }
    }
}
