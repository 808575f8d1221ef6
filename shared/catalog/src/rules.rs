//! What a product may say, rule by rule. Each rule has a name, which refusals carry.

use crate::product::Image;
use kernel::{Fault, FieldError, Kind};

/// The limits of a product, as the contract states them.
pub mod limits {
    /// Characters of a product's name.
    pub const NAME: usize = 255;
    /// Characters of a description.
    pub const DESCRIPTION: usize = 8_000;
    /// Characters of a brand.
    pub const BRAND: usize = 128;
    /// Characters of a category, and of a tag.
    pub const CATEGORY: usize = 64;
    /// Tags of a product.
    pub const TAGS: usize = 32;
    /// Attributes of a product.
    pub const ATTRIBUTES: usize = 32;
    /// Characters of an attribute's or an option's name, and of an option's value.
    pub const PAIR_NAME: usize = 64;
    /// Characters of an attribute's value.
    pub const ATTRIBUTE: usize = 255;
    /// Options of a variant.
    pub const OPTIONS: usize = 8;
    /// Pictures of a product.
    pub const IMAGES: usize = 16;
    /// Characters of a picture's address.
    pub const IMAGE_URL: usize = 512;
    /// Characters of a picture's description.
    pub const IMAGE_ALT: usize = 255;
    /// Variants of a product. With their SKU rows and an idempotency record they fit one transaction of 100 writes.
    pub const VARIANTS: usize = 50;
    /// The highest price, in minor units: ten digits, as DECIMAL(10,2) had them.
    pub const PRICE: i64 = 9_999_999_999;
    /// The heaviest variant, in grams.
    pub const WEIGHT_GRAMS: u32 = 1_000_000;
    /// Bytes of a product as it is stored: the limit of an aggregate.
    pub const PRODUCT_BYTES: usize = 64 * 1024;
}

/// Everything that is wrong with what was sent, gathered before it is refused.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: Vec<FieldError>,
    malformed: bool,
}

impl Findings {
    /// A field is not of the form that the contract gives it: 400.
    pub fn malformed(&mut self, pointer: impl Into<String>, rule: &'static str, detail: impl Into<String>) {
        self.malformed = true;
        self.broken(pointer, rule, detail);
    }

    /// A field is well formed and breaks a rule all the same: 422.
    pub fn broken(&mut self, pointer: impl Into<String>, rule: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: pointer.into(), rule, detail: detail.into() });
    }

    /// `value`, if nothing was found.
    pub fn settle<T>(mut self, value: T) -> Result<T, Fault> {
        let Some(first) = self.errors.first() else {
            return Ok(value);
        };
        let (kind, code) =
            if self.malformed { (Kind::Invalid, "invalid_request") } else { (Kind::Unprocessable, "invalid_product") };
        let mut fault = Fault::new(kind, code, first.detail.clone());
        self.errors.truncate(100);
        fault.errors = self.errors;
        Err(fault)
    }

    /// A text on one line: trimmed, within its length, without control characters.
    pub fn line(&mut self, pointer: &str, text: &str, most: usize) -> String {
        self.text(pointer, text, most, |c| !c.is_control())
    }

    /// A text on one line that must say something.
    pub fn required_line(&mut self, pointer: &str, text: &str, most: usize) -> String {
        let line = self.line(pointer, text, most);
        if line.is_empty() {
            self.malformed(pointer, "required", "This must not be empty.");
        }
        line
    }

    /// A text with paragraphs; line ends become `\n`.
    pub fn paragraphs(&mut self, pointer: &str, text: &str, most: usize) -> String {
        let text = text.replace("\r\n", "\n");
        self.text(pointer, &text, most, |c| !c.is_control() || matches!(c, '\n' | '\t'))
    }

    fn text(&mut self, pointer: &str, text: &str, most: usize, allowed: fn(char) -> bool) -> String {
        let text = text.trim();
        if text.chars().count() > most {
            self.malformed(pointer, "max_length", format!("This is longer than {most} characters."));
        }
        if !text.chars().all(allowed) {
            self.malformed(pointer, "control_character", "This holds control characters.");
        }
        text.to_owned()
    }

    /// The address of a picture: `https://…`, or a path on our own origin.
    pub fn image_url(&mut self, pointer: &str, url: &str) -> String {
        let url = self.required_line(pointer, url, limits::IMAGE_URL);
        let plain = url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
        let host =
            |rest: &str| rest.split(['/', '?', '#']).next().is_some_and(|host| !host.is_empty() && !host.contains('@'));
        let ours = url.starts_with('/') && !url.starts_with("//");
        if !plain || !(ours || url.strip_prefix("https://").is_some_and(host)) {
            self.malformed(pointer, "url", "The address of a picture begins with https:// or /, and holds no spaces.");
        }
        url
    }

    /// A picture.
    pub fn image(&mut self, pointer: &str, image: &Image) -> Image {
        Image {
            url: self.image_url(&format!("{pointer}/url"), &image.url),
            alt: self.line(&format!("{pointer}/alt"), &image.alt, limits::IMAGE_ALT),
        }
    }

    /// At most `most` of something.
    pub fn at_most(&mut self, pointer: &str, count: usize, most: usize) {
        if count > most {
            self.malformed(pointer, "max_items", format!("There are more than {most} of these."));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Findings;

    fn url(text: &str) -> bool {
        let mut findings = Findings::default();
        findings.image_url("/image_url", text);
        findings.settle(()).is_ok()
    }

    // Proves: S1-D01
    #[test]
    fn the_address_of_a_picture_ends_at_512_characters() {
        let of = |length: usize| format!("https://e.com/{}", "a".repeat(length - 14));
        assert!(url(&of(512)) && !url(&of(513)));
    }

    #[test]
    fn a_picture_is_https_or_ours() {
        for good in ["/pictures/a.svg", "https://example.com/a.png?w=1", "https://example.com"] {
            assert!(url(good), "{good}");
        }
        let bad = [
            "",
            "//evil.com/a",
            "http://e.com/a",
            "javascript:alert(1)",
            "data:image/png;base64,x",
            "https://",
            "https:///a",
            "https://a b",
            "/a\"b",
            "https://user@e.com/",
            "pictures/a.svg",
        ];
        for bad in bad {
            assert!(!url(bad), "{bad}");
        }
    }
}
