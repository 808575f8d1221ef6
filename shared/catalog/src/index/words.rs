//! Texts as words: folded to lower case without accents, in the singular, without the words that every text has.

/// Words longer than this are cut, so that no text can make the vocabulary heavy.
const LETTERS_MAX: usize = 32;

/// Accented letters and what they are searched as.
const FOLDS: &[(&str, &str)] = &[
    ("àáâãäåāăą", "a"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņň", "n"),
    ("òóôõöøōŏő", "o"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ţťŧț", "t"),
    ("ùúûüũūŭůűų", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("þ", "th"),
];

/// Words that say nothing about a product. Kept sorted.
const EMPTY_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "in", "is", "it", "its", "no", "not", "of",
    "on", "or", "that", "the", "this", "to", "was", "we", "with", "you", "your",
];

/// `text` in lower case without accents: how names are sorted and words compared.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match FOLDS.iter().find(|(from, _)| !c.is_ascii() && from.contains(c)) {
            Some((_, to)) => folded.push_str(to),
            None => folded.push(c),
        }
    }
    folded
}

/// The words of `text`, folded, not yet in the singular. An apostrophe joins: `men's` is `mens`.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let joined: String = folded(text).chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    joined.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(cut).collect()
}

fn cut(word: &str) -> String {
    word.chars().take(LETTERS_MAX).collect()
}

/// The word under which `word` is kept: English plurals become singular (Harman's s-stemmer).
#[must_use]
pub fn stem(word: &str) -> &str {
    if word.len() < 4 || !word.ends_with('s') || !word.is_ascii() {
        return word;
    }
    for kept in ["ss", "us", "is"] {
        if word.ends_with(kept) {
            return word;
        }
    }
    // `brushes`, `boxes`: the e belongs to the plural after a hiss.
    for hiss in ["ches", "shes", "xes", "sses", "zes"] {
        if word.ends_with(hiss) {
            return &word[..word.len() - 2];
        }
    }
    &word[..word.len() - 1]
}

/// Whether every text has this word.
#[must_use]
pub fn is_empty_word(word: &str) -> bool {
    EMPTY_WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{EMPTY_WORDS, folded, stem, words};

    #[test]
    fn words_are_folded_and_joined_at_apostrophes() {
        assert_eq!(words("Crème de Nuit — Men’s 250 ml"), ["creme", "de", "nuit", "mens", "250", "ml"]);
        assert_eq!(folded("Große Œuvre"), "grosse oeuvre");
        assert!(words(" …!").is_empty());
    }

    #[test]
    fn plurals_are_found_by_their_singular() {
        for (plural, singular) in [
            ("oils", "oil"),
            ("brushes", "brush"),
            ("capsules", "capsule"),
            ("glass", "glass"),
            ("hibiscus", "hibiscus"),
            ("gas", "gas"),
        ] {
            assert_eq!(stem(plural), singular);
        }
    }

    #[test]
    fn the_empty_words_are_sorted() {
        assert!(EMPTY_WORDS.is_sorted());
    }
}
