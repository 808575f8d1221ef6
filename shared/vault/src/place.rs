//! Where a sealed value belongs.

/// Where a sealed value belongs: the additional data of its seal, so that a value copied to another row, field or
/// person does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table's logical name, which is the same in every deployment: `orders`.
    pub table: &'a str,
    /// The item's key: `ORDER#…`.
    pub item: &'a str,
    /// The field: `contact`.
    pub field: &'a str,
    /// Whose data it is: a customer, or the guest order.
    pub subject: &'a str,
}

impl Place<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        joined(&["seal", self.table, self.item, self.field, self.subject])
    }
}

/// Each part led by its length, so that no two lists of parts run together.
pub(crate) fn joined(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(joined(&["ab", "c"]), joined(&["a", "bc"]));
    }
}
