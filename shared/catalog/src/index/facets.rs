//! How many products each value of a filter would show.

use super::Index;
use super::question::Question;
use crate::product::category_label;
use serde::Serialize;
use std::collections::HashMap;

/// Values of one filter that are listed, besides those that are chosen.
const VALUES_MAX: usize = 50;

/// One value of a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// What to filter by.
    pub value: String,
    /// What to call it.
    pub label: String,
    /// How many products it would show, the other filters being as they are.
    pub count: usize,
}

/// The values of each filter, most products first; at most 50 of each and those that are chosen. A filter does not
/// narrow its own values.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facets {
    /// Categories.
    pub category: Vec<FacetValue>,
    /// Brands.
    pub brand: Vec<FacetValue>,
    /// Tags.
    pub tag: Vec<FacetValue>,
}

/// Counts by ordinal.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub category: HashMap<u32, usize>,
    pub brand: HashMap<u32, usize>,
    pub tag: HashMap<u32, usize>,
}

impl Index {
    pub(super) fn facets(&self, counts: &Counts, question: &Question) -> Facets {
        let same = |value: &str| value.to_owned();
        Facets {
            category: values(&counts.category, &self.categories.values, &question.categories, category_label),
            brand: values(&counts.brand, &self.brands.values, &question.brands, same),
            tag: values(&counts.tag, &self.tags.values, &question.tags, same),
        }
    }
}

fn values(
    counts: &HashMap<u32, usize>,
    names: &[String],
    chosen: &[String],
    label: fn(&str) -> String,
) -> Vec<FacetValue> {
    let counted = counts.iter().filter_map(|(ordinal, count)| Some((names.get(*ordinal as usize)?.as_str(), *count)));
    let mut values: Vec<(&str, usize)> = counted.filter(|(value, _)| !value.is_empty()).collect();
    for value in chosen {
        if !values.iter().any(|(known, _)| known == value) {
            values.push((value, 0));
        }
    }
    values.sort_by_key(|(value, count)| (usize::MAX - count, *value));
    let kept =
        values.iter().enumerate().filter(|(at, (value, _))| *at < VALUES_MAX || chosen.iter().any(|one| one == value));
    kept.map(|(_, (value, count))| FacetValue { value: (*value).to_owned(), label: label(value), count: *count })
        .collect()
}
