//! The list of requirements, `docs/requirements.toml`: one line `id = "words"` each.

/// The requirements in the order of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    rows: Vec<(String, String)>,
}

impl Requirements {
    /// Reads the list.
    ///
    /// # Errors
    /// With the line that is not understood or says an id again.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rows: Vec<(String, String)> = Vec::new();
        for (at, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let row = line.split_once(" = ").and_then(|(id, words)| {
                let words = words.strip_prefix('"')?.strip_suffix('"')?;
                Some((id.to_owned(), words.to_owned()))
            });
            let (id, words) = row.ok_or_else(|| format!("line {} is not `id = \"words\"`: {line}", at + 1))?;
            if rows.iter().any(|(known, _)| *known == id) {
                return Err(format!("line {} says {id} again", at + 1));
            }
            rows.push((id, words));
        }
        Ok(Self { rows })
    }

    /// The ids with their words.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().map(|(id, words)| (id.as_str(), words.as_str()))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The words of an id.
    #[must_use]
    pub fn words(&self, id: &str) -> Option<&str> {
        self.rows().find(|(known, _)| *known == id).map(|(_, words)| words)
    }

    /// The id of a property by its number.
    #[must_use]
    pub fn property(number: u32) -> String {
        format!("S1-P{number:02}")
    }
}

/// Whether an id is one of the 29 properties: only a test with the property's tag proves it.
#[must_use]
pub fn is_property(id: &str) -> bool {
    id.starts_with("S1-P")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_the_repository_has_every_id_once() {
        let list = Requirements::parse(include_str!("../../../../docs/requirements.toml")).unwrap();
        let of = |part: &str| list.rows().filter(|(id, _)| id.starts_with(part)).count();
        assert_eq!(list.count(), 226);
        assert_eq!(["S0-", "S1-", "S2-", "S3-", "S4-"].map(of), [30, 86, 39, 30, 41]);
        assert!((1..=29).all(|number| list.words(&Requirements::property(number)).is_some()));
    }

    #[test]
    fn a_line_that_is_not_understood_is_told() {
        assert!(Requirements::parse("S0-01: stored").unwrap_err().contains("line 1"));
        assert!(Requirements::parse("a = \"x\"\n\na = \"y\"").unwrap_err().contains("line 3 says a again"));
    }
}
