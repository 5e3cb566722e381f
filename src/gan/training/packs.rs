use ndarray::ArrayView2;

use crate::random::Uniforms;

/// Which events of a window may be seen together with another one: those of exactly the same
/// conditions; where there are fewer than [`FEWEST`], as with continuous conditions, its nearest
/// neighbours in the order of the conditions, the first condition first.
#[derive(Debug)]
pub(super) struct Packs {
    /// All events, ordered by their conditions.
    order: Vec<usize>,
    /// `[events]`: the place of each event in the order.
    place: Vec<usize>,
    /// `[events]`, by place: the range of places of the same conditions.
    same: Vec<(usize, usize)>,
}

/// With fewer events of the same conditions, a pack would be of one event and its copies.
const FEWEST: usize = 16;

impl Packs {
    /// # Shapes
    /// `conditions`: `[events, conditions]`.
    pub(super) fn new(conditions: ArrayView2<'_, f64>) -> Self {
        let compare = |a: usize, b: usize| {
            let pairs = conditions.row(a).into_iter().zip(conditions.row(b));
            pairs.map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne()).unwrap_or(a.cmp(&b))
        };
        let mut order: Vec<usize> = (0..conditions.nrows()).collect();
        order.sort_unstable_by(|&a, &b| compare(a, b));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, &event)| place[event] = at);
        let mut same = Vec::with_capacity(order.len());
        for group in order.chunk_by(|&a, &b| conditions.row(a) == conditions.row(b)) {
            let first = same.len();
            same.extend(vec![(first, first + group.len()); group.len()]);
        }
        Self { order, place, same }
    }

    /// An event to be seen together with `event`; it may be the same.
    pub(super) fn companion(&self, event: usize, uniforms: &mut Uniforms) -> usize {
        let at = self.place[event];
        let (mut first, mut end) = self.same[at];
        if end - first < FEWEST {
            first = first.min(at.saturating_sub(FEWEST / 2));
            end = end.max(at + FEWEST / 2).min(self.order.len());
        }
        self.order[first + uniforms.index(end - first)]
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::random::{Purpose, Streams};

    #[test]
    fn companions_have_the_same_condition_or_a_near_one() {
        let mut uniforms = Streams::new(1, Purpose::CriticBatch).uniforms(0);
        let discrete = Array2::from_shape_fn((200, 1), |(event, _)| f64::from(event as u32 % 5));
        let packs = Packs::new(discrete.view());
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let companion = packs.companion(7, &mut uniforms);
            assert_eq!(companion % 5, 2);
            seen.insert(companion);
        }
        assert_eq!(seen.len(), 40);
        let continuous = Array2::from_shape_fn((200, 1), |(event, _)| f64::from(event as u32));
        let packs = Packs::new(continuous.view());
        for event in [0, 100, 199] {
            for _ in 0..100 {
                assert!(packs.companion(event, &mut uniforms).abs_diff(event) <= FEWEST / 2);
            }
        }
    }
}
