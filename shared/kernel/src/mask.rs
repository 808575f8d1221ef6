//! What people may see of personal data without the right to open it.

/// `ada@example.com` → `a***@e***.com`.
#[must_use]
pub fn email(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return "***".to_owned();
    };
    let (name, ending) = domain.rsplit_once('.').unwrap_or((domain, ""));
    format!("{}***@{}***.{ending}", first(local), first(name))
}

/// `Ada Lovelace` → `A***`.
#[must_use]
pub fn text(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{}***", first(value)) }
}

fn first(text: &str) -> String {
    text.chars().take(1).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_mask_keeps_one_letter_of_each_part() {
        assert_eq!(super::email("ada@example.com"), "a***@e***.com");
        assert_eq!(super::text("Ünal"), "Ü***");
        assert_eq!(super::text(""), "");
    }
}
