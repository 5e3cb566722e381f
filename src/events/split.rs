use serde::{Deserialize, Serialize};

use super::Events;

/// Which events are for validation, told from each event alone.
///
/// An event is for validation if its hash ([`Events::hashes`]) is among the lowest `fraction` of
/// all 64-bit numbers. So a split stays the same when files are added, renamed or put in another
/// order, and copies of an event never come on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Of the events that are for validation, from 0 to 1.
    pub validation_fraction: f64,
}

impl Split {
    /// Whether each event is for validation.
    pub fn is_validation(self, events: &Events) -> Vec<bool> {
        // The first 53 bits, as a number in [0, 1).
        let uniform = |hash: u64| (hash >> 11) as f64 / 9_007_199_254_740_992.0;
        events.hashes().into_iter().map(|hash| uniform(hash) < self.validation_fraction).collect()
    }

    /// The events of one side.
    #[must_use]
    pub fn side(self, events: &Events, validation: bool) -> Events {
        let chosen: Vec<usize> = self
            .is_validation(events)
            .into_iter()
            .enumerate()
            .filter_map(|(event, is_validation)| (is_validation == validation).then_some(event))
            .collect();
        events.select(&chosen)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn events(first: usize, count: usize) -> Events {
        Events {
            conditions: Array2::from_elem((count, 1), 512.0),
            values: Array2::from_shape_fn((count, 3), |(i, j)| ((first + i) * 3 + j) as f32),
            weights: None,
        }
    }

    #[test]
    fn a_tenth_is_for_validation_and_stays_there_when_events_are_added() {
        let split = Split { validation_fraction: 0.1 };
        let (few, many) =
            (split.is_validation(&events(0, 500)), split.is_validation(&events(0, 20_000)));
        assert_eq!(few, many[..500]);
        let share = many.iter().filter(|v| **v).count() as f64 / 20_000.0;
        // Five standard deviations of a binomial share.
        assert!((share - 0.1).abs() < 5.0 * (0.09_f64 / 20_000.0).sqrt(), "{share}");
        let all = events(0, 700);
        let sides = split.side(&all, true).len() + split.side(&all, false).len();
        assert_eq!(sides, 700);
    }

    #[test]
    fn hashes_never_change() {
        // Guards every split ever made: XXH3 of the little-endian bytes.
        assert_eq!(events(0, 1).hashes(), [FIRST_HASH]);
    }

    const FIRST_HASH: u64 = 16_086_697_143_327_636_331;
}
