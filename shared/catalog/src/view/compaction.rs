//! Which segments a new one takes in. Sizes fall into tiers, each four times the last; a tier holds at most three
//! segments, so there are never many, and a product is rewritten once for each tier.

/// The top of the lowest tier.
const TIER_BYTES: usize = 16 * 1024;
/// Segments that a tier holds before they are merged.
const PEERS: usize = 3;
/// The largest segment: what a reader must load besides what it has, and what the projection must hold twice.
pub(crate) const SEGMENT_BYTES: usize = 8 * 1024 * 1024;

/// What is known of a segment before it is merged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub bytes: usize,
    /// Places in it.
    pub places: usize,
    /// Places that hold current versions.
    pub current: usize,
}

impl Size {
    /// What is left of it when outdated places go.
    fn bytes_left(self) -> usize {
        self.bytes.checked_div(self.places).unwrap_or(0) * self.current
    }

    fn is_mostly_outdated(self) -> bool {
        self.current * 2 < self.places || self.current == 0
    }
}

fn tier(bytes: usize) -> u32 {
    (bytes / TIER_BYTES).checked_ilog2().map_or(0, |log| log / 2 + 1)
}

/// The numbers of the segments that a new one of about `new_bytes` takes in.
pub(crate) fn taken_in(segments: &[Size], new_bytes: usize) -> Vec<usize> {
    let mut taken: Vec<usize> = Vec::new();
    let mut bytes = new_bytes;
    loop {
        let mut peers: Vec<usize> = (0..segments.len())
            .filter(|at| !taken.contains(at) && tier(segments[*at].bytes_left()) <= tier(bytes))
            .collect();
        if peers.len() < PEERS {
            break;
        }
        peers.sort_by_key(|at| segments[*at].bytes_left());
        let before = taken.len();
        for at in peers {
            if bytes + segments[at].bytes_left() <= SEGMENT_BYTES {
                bytes += segments[at].bytes_left();
                taken.push(at);
            }
        }
        if taken.len() == before {
            break;
        }
    }
    for (at, segment) in segments.iter().enumerate() {
        if !taken.contains(&at) && segment.is_mostly_outdated() && bytes + segment.bytes_left() <= SEGMENT_BYTES {
            bytes += segment.bytes_left();
            taken.push(at);
        }
    }
    taken.sort_unstable();
    taken
}

#[cfg(test)]
mod tests {
    use super::{SEGMENT_BYTES, Size, taken_in};
    use proptest::prelude::*;

    fn full(bytes: usize) -> Size {
        Size { bytes, places: bytes / 400 + 1, current: bytes / 400 + 1 }
    }

    #[test]
    fn a_fourth_small_segment_merges_the_three_before_it() {
        assert!(taken_in(&[full(1_000); 2], 1_000).is_empty());
        assert_eq!(taken_in(&[full(1_000); 3], 1_000), [0, 1, 2]);
        assert!(taken_in(&[full(1_000_000); 3], 1_000).is_empty());
    }

    #[test]
    fn a_segment_that_is_mostly_outdated_is_rewritten() {
        let segments = [full(1_000_000), Size { bytes: 1_000_000, places: 100, current: 49 }];
        assert_eq!(taken_in(&segments, 1_000), [1]);
    }

    proptest! {
        #[test]
        fn segments_stay_few_and_small_while_a_catalog_grows(batches in prop::collection::vec(1_000_usize..200_000, 1..300)) {
            let mut segments: Vec<Size> = Vec::new();
            let mut written = 0;
            for new in &batches {
                let taken = taken_in(&segments, *new);
                let bytes: usize = new + taken.iter().map(|at| segments[*at].bytes).sum::<usize>();
                prop_assert!(bytes <= SEGMENT_BYTES + 200_000);
                written += bytes;
                let mut at = 0;
                segments.retain(|_| { at += 1; !taken.contains(&(at - 1)) });
                segments.push(full(bytes));
            }
            let total: usize = batches.iter().sum();
            let large = total / (SEGMENT_BYTES / 2) + 1;
            prop_assert!(segments.len() <= 3 * 6 + large, "{} segments", segments.len());
            prop_assert!(written <= 12 * total, "{written} written of {total}");
        }
    }
}
