//! Words like a mistyped one: the optimal string alignment distance (Damerau-Levenshtein with one transposition per
//! place), walked over a sorted vocabulary as over a trie. Words that share a beginning share its rows of the table,
//! and a beginning that is already too far is skipped with all its words.

/// How many letters of `word` may be wrong: none of three, one of seven, else two.
#[must_use]
pub fn tolerance(word: &str) -> usize {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// The indexes of the words within `most` changes of `word`, with their distances. `at(i)` is the i-th of `count`
/// words in ascending order.
pub fn near<'a>(at: impl Fn(usize) -> &'a str, count: usize, word: &str, most: usize) -> Vec<(usize, usize)> {
    let wanted: Vec<char> = word.chars().collect();
    let width = wanted.len() + 1;
    let mut walk = Walk { rows: (0..width).map(small).collect(), letters: Vec::new(), wanted: &wanted };
    let mut found = Vec::new();
    let mut index = 0;
    while index < count {
        let term = at(index);
        match walk.to(term, most) {
            Ok(distance) => {
                if distance <= most {
                    found.push((index, distance));
                }
                index += 1;
            }
            Err(beginning) => index = after(&at, index, count, &term[..beginning]),
        }
    }
    found
}

/// The first index from `from` on whose word does not begin with `beginning`.
fn after<'a>(at: &impl Fn(usize) -> &'a str, from: usize, count: usize, beginning: &str) -> usize {
    let (mut low, mut high) = (from + 1, count);
    while low < high {
        let middle = low.midpoint(high);
        if at(middle).starts_with(beginning) { low = middle + 1 } else { high = middle }
    }
    low
}

/// Distances beyond this are all the same to us.
fn small(distance: usize) -> u8 {
    u8::try_from(distance).unwrap_or(u8::MAX)
}

/// The table of distances for the word that is stood at: one row for each of its letters, one after the other.
struct Walk<'a> {
    rows: Vec<u8>,
    letters: Vec<char>,
    wanted: &'a [char],
}

impl Walk<'_> {
    /// The distance of `term`, or how many of its bytes are too far already.
    fn to(&mut self, term: &str, most: usize) -> Result<usize, usize> {
        let width = self.wanted.len() + 1;
        let shared = term.chars().zip(&self.letters).take_while(|(ours, theirs)| ours == *theirs).count();
        self.letters.truncate(shared);
        self.rows.truncate((shared + 1) * width);
        for (start, letter) in term.char_indices().skip(shared) {
            let closest = self.add_row(letter, width);
            self.letters.push(letter);
            if usize::from(closest) > most {
                return Err(start + letter.len_utf8());
            }
        }
        Ok(self.rows.last().copied().map_or(usize::MAX, usize::from))
    }

    /// Adds the row of one more letter, and answers its smallest distance.
    fn add_row(&mut self, letter: char, width: usize) -> u8 {
        let depth = self.letters.len() + 1;
        let above = self.rows.len() - width;
        let mut left = small(depth);
        let mut closest = left;
        self.rows.push(left);
        for (j, wanted) in self.wanted.iter().enumerate() {
            let changed = self.rows[above + j].saturating_add(u8::from(*wanted != letter));
            let mut best = changed.min(self.rows[above + j + 1].saturating_add(1)).min(left.saturating_add(1));
            let swapped = j > 0 && depth > 1 && self.wanted[j - 1] == letter && self.letters[depth - 2] == *wanted;
            if swapped {
                best = best.min(self.rows[above - width + j - 1].saturating_add(1));
            }
            self.rows.push(best);
            left = best;
            closest = closest.min(best);
        }
        closest
    }
}

#[cfg(test)]
mod tests {
    use super::near;
    use proptest::prelude::*;

    /// The textbook table, for one pair.
    fn distance(a: &str, b: &str) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let changed = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut best = changed.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_walk_finds_what_the_table_finds(mut terms in prop::collection::vec("[abcé]{0,7}", 0..40), word in "[abcé]{0,7}", most in 0_usize..3) {
            terms.sort();
            terms.dedup();
            let expected: Vec<(usize, usize)> = terms
                .iter()
                .enumerate()
                .map(|(index, term)| (index, distance(term, &word)))
                .filter(|(_, distance)| *distance <= most)
                .collect();
            prop_assert_eq!(near(|index| terms[index].as_str(), terms.len(), &word, most), expected);
        }
    }

    #[test]
    fn swapped_letters_are_one_mistake() {
        let terms = ["magnesium", "melatonin"];
        assert_eq!(near(|index| terms[index], 2, "mangesium", 1), [(0, 1)]);
    }
}
