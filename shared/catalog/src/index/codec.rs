//! How a segment's bytes are written and read. Reading never panics: what is cut off or bent reads as `None`.

/// Appends an unsigned LEB128 number.
pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a text with its length.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Appends a 32-bit number of fixed width.
pub(crate) fn put_u32(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
}

/// Takes values off the front of bytes.
pub(crate) struct Taking<'a>(pub &'a [u8]);

impl<'a> Taking<'a> {
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for place in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

/// The 32-bit number at `index` of a section of such numbers.
pub(crate) fn u32_at(section: &[u8], index: usize) -> Option<usize> {
    let start = index.checked_mul(4)?;
    let bytes: [u8; 4] = section.get(start..start.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

/// A list of texts: where each ends, then all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'a> {
    section: &'a [u8],
    count: usize,
}

impl<'a> Texts<'a> {
    pub fn write<T: AsRef<str>>(out: &mut Vec<u8>, texts: &[T]) {
        put_u32(out, texts.len());
        let mut end = 0;
        for text in texts {
            end += text.as_ref().len();
            put_u32(out, end);
        }
        for text in texts {
            out.extend_from_slice(text.as_ref().as_bytes());
        }
    }

    pub fn read(section: &'a [u8]) -> Self {
        Self { section, count: u32_at(section, 0).unwrap_or(0) }
    }

    pub const fn count(&self) -> usize {
        self.count
    }

    /// The text at `index`; empty when there is none.
    pub fn at(&self, index: usize) -> &'a str {
        self.find(index).unwrap_or_default()
    }

    fn find(&self, index: usize) -> Option<&'a str> {
        if index >= self.count {
            return None;
        }
        let start = if index == 0 { 0 } else { u32_at(self.section, index)? };
        let end = u32_at(self.section, index + 1)?;
        let bytes = self.section.get(4 * (self.count + 1)..)?.get(start..end)?;
        std::str::from_utf8(bytes).ok()
    }

    /// The first index whose text is not before `text`, in sorted texts.
    pub fn lower_bound(&self, text: &str) -> usize {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if self.at(middle) < text { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Where `text` stands in sorted texts.
    pub fn position(&self, text: &str) -> Option<usize> {
        let index = self.lower_bound(text);
        (index < self.count && self.at(index) == text).then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::{Taking, Texts, put_number, put_text};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_and_texts_read_back(value in any::<u64>(), text in ".{0,40}") {
            let mut bytes = Vec::new();
            put_number(&mut bytes, value);
            put_text(&mut bytes, &text);
            let mut taking = Taking(&bytes);
            prop_assert_eq!(taking.number(), Some(value));
            prop_assert_eq!(taking.text(), Some(text.as_str()));
            prop_assert_eq!(taking.byte(), None);
        }

        #[test]
        fn bent_bytes_read_as_nothing(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let texts = Texts::read(&bytes);
            for index in 0..texts.count().min(100) {
                texts.at(index);
            }
            let mut taking = Taking(&bytes);
            while taking.text().is_some() {}
        }
    }

    #[test]
    fn sorted_texts_are_found() {
        let mut bytes = Vec::new();
        Texts::write(&mut bytes, &["", "apple", "pear"]);
        let texts = Texts::read(&bytes);
        assert_eq!([texts.position(""), texts.position("pear"), texts.position("fig")], [Some(0), Some(2), None]);
        assert_eq!((texts.at(1), texts.at(9)), ("apple", ""));
    }
}
