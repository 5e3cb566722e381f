use serde::{Deserialize, Serialize};

use super::Duplicates;
use crate::random::{Purpose, generator, permutation};

/// How many different events a generator makes, as far as its duplicates tell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BirthdaySupport {
    /// Events that were searched for duplicates.
    pub events: usize,
    /// Pairs of alike events.
    pub pairs: u64,
    /// n (n − 1) / 2 over the pairs: one over the probability that two events are alike. `None`
    /// without pairs.
    pub support_of_pairs: Option<f64>,
    /// s: events among which there are two alike with a probability of one half. `None` if that
    /// takes more events than there are.
    pub half: Option<usize>,
    /// s² / (2 ln 2).
    pub support: Option<f64>,
    /// n² / (2 ln 2): what the support exceeds where there is none.
    pub support_limit: f64,
}

/// The birthday paradox test (Arora and Zhang, arXiv:1706.08224): if s events have two alike with a
/// probability of one half, the generator has a support of about s² / (2 ln 2) equally probable
/// events (s ≈ √(2 ln 2 · support)); the authors quote s² for the order of magnitude.
///
/// s is the median, over a thousand random orders of the sample, of the place at which the second of
/// two alike events comes. What is alike is for [`duplicates`](super::duplicates) or
/// [`near_duplicates`](super::near_duplicates) to say.
pub fn birthday_support(duplicates: &Duplicates, seed: u64) -> BirthdaySupport {
    const ORDERS: u32 = 1000;
    let events = duplicates.events;
    let mut group_of = vec![usize::MAX; events];
    for (number, group) in duplicates.groups.iter().enumerate() {
        group.iter().for_each(|&event| group_of[event] = number);
    }
    let mut places: Vec<usize> = (0..ORDERS)
        .map(|number| {
            let mut seen = vec![false; duplicates.groups.len()];
            let order = permutation(events, &mut generator(seed, Purpose::Birthday(number)));
            let second = order.iter().position(|&event| {
                let group = group_of[event];
                group != usize::MAX && std::mem::replace(&mut seen[group], true)
            });
            second.map_or(usize::MAX, |place| place + 1)
        })
        .collect();
    places.sort_unstable();
    let half = Some(places[places.len() / 2]).filter(|&place| place != usize::MAX);
    let of = |events: usize| (events as f64).powi(2) / (2.0 * std::f64::consts::LN_2);
    let pairs = duplicates.pairs();
    let all = events as f64 * (events as f64 - 1.0) / 2.0;
    BirthdaySupport {
        events,
        pairs,
        support_of_pairs: (pairs > 0).then(|| all / pairs as f64),
        half,
        support: half.map(of),
        support_limit: of(events),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::FeatureMatrix;
    use crate::metrics::draws::below;
    use crate::metrics::neighbours::duplicates;
    use ndarray::Array2;

    fn of_support(support: usize, events: usize) -> BirthdaySupport {
        let mut generator = generator(2, Purpose::Halves(1));
        let values = Array2::from_shape_fn((events, 1), |_| below(support, &mut generator) as f64);
        birthday_support(&duplicates(&FeatureMatrix::new("test", values.view()).expect("valid")), 1)
    }

    #[test]
    fn the_support_of_a_uniform_discrete_distribution_is_found() {
        let found = of_support(10_000, 5000);
        // 1,250 pairs are expected: 3 %. The birthday problem of 10,000 days: 118 people.
        let support = found.support_of_pairs.expect("there are pairs");
        assert!((support / 1e4 - 1.0).abs() < 0.1, "{found:?}");
        assert!((100..=136).contains(&found.half.expect("among 5,000")), "{found:?}");
        assert!((found.support.expect("half") / 1e4 - 1.0).abs() < 0.3, "{found:?}");
    }

    #[test]
    fn without_duplicates_there_is_a_limit_alone() {
        let found = of_support(usize::MAX, 100);
        assert_eq!((found.pairs, found.half, found.support), (0, None, None));
        assert!((found.support_limit - 7213.475).abs() < 1e-3);
    }
}
