use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::one_dimensional::{Binned, FIGURES, OneDimensionalFigures, Sums, bounds, outside};
use super::poisson_counts::poisson_counts;
use super::union::Walk;
use super::weighted_sample::{Sizes, WeightedSample, effective};
use crate::random::{Purpose, generator};

/// How the figures of one quantity spread over bootstrap replicas.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bootstrap {
    /// The standard deviation (with the divisor R − 1) of each figure over the R replicas: its
    /// standard error. `None` where fewer than two replicas have the figure.
    pub standard_errors: OneDimensionalFigures,
    /// The mean of each figure over the replicas. A distance is greater in replicas than in the
    /// samples, as each replica fluctuates about them; the difference estimates how much greater it
    /// is in the samples than between the distributions.
    pub means: OneDimensionalFigures,
}

/// Bootstrap errors of the figures of [`one_dimensional`](super::one_dimensional): in each replica
/// every value of both samples counts k times, with k drawn from the Poisson distribution of mean 1
/// (Chamandy et al., 2012; for many values the same as drawing as many with replacement). The order
/// of the values stays, so that a replica takes one walk over their union.
///
/// A value that counts k times is k values of its weight: it adds k w to sums and k w² to variances.
/// The errors hold for figures that are clearly greater than between two samples of one
/// distribution; for those about their least value the spread of the replicas is only the order of
/// magnitude. Values are drawn one by one: for many values of one event there is
/// [`bootstrap_errors_of_events`].
///
/// The same seed gives the same errors, for any number of threads.
///
/// # Shapes
/// As [`one_dimensional`](super::one_dimensional). Where it abstains no error is defined.
pub fn bootstrap_errors(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
    edges: &[f64],
    replicas: u32,
    seed: u64,
) -> Bootstrap {
    let (a, b) = (a.simplified(), b.simplified());
    if Sizes::of(a, b).is_err() {
        return Bootstrap::default();
    }
    errors(a, b, &Union::of(a, b, edges, None), replicas, seed)
}

/// [`bootstrap_errors`] for values that belong together, such as those of the voxels of a shower:
/// in each replica an event counts k times, and with it all of its values. It also makes replicas of
/// the same events for several quantities, with the same seed.
///
/// # Shapes
/// Each sample is as in [`bootstrap_errors`], with the event of each value as a number from 0:
/// `[values]`. Where these are not as many as the values no error is defined.
pub fn bootstrap_errors_of_events(
    a: (WeightedSample<'_>, &[u32]),
    b: (WeightedSample<'_>, &[u32]),
    edges: &[f64],
    replicas: u32,
    seed: u64,
) -> Bootstrap {
    let ((a, a_events), (b, b_events)) = (a, b);
    let (a, b) = (a.simplified(), b.simplified());
    let complete = a_events.len() == a.values.len() && b_events.len() == b.values.len();
    if !complete || Sizes::of(a, b).is_err() {
        return Bootstrap::default();
    }
    errors(a, b, &Union::of(a, b, edges, Some((a_events, b_events))), replicas, seed)
}

fn errors(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
    union: &Union,
    replicas: u32,
    seed: u64,
) -> Bootstrap {
    let with_anderson_darling = !(a.has_negative_weights() || b.has_negative_weights());
    let found: Vec<[Option<f64>; FIGURES]> = (0..replicas)
        .into_par_iter()
        .map_init(Counts::default, |counts, replica| {
            union.draw(generator(seed, Purpose::Bootstrap(replica)), counts);
            let mut figures = union.replica(&counts.of_values).unwrap_or_default();
            if !with_anderson_darling {
                figures.anderson_darling = None;
            }
            figures.to_array()
        })
        .collect();
    let spread: [(Option<f64>, Option<f64>); FIGURES] =
        std::array::from_fn(|figure| mean_and_deviation(found.iter().filter_map(|f| f[figure])));
    Bootstrap {
        standard_errors: OneDimensionalFigures::from_array(spread.map(|(_, deviation)| deviation)),
        means: OneDimensionalFigures::from_array(spread.map(|(mean, _)| mean)),
    }
}

fn mean_and_deviation(values: impl Iterator<Item = f64> + Clone) -> (Option<f64>, Option<f64>) {
    let count = values.clone().count();
    if count == 0 {
        return (None, None);
    }
    let mean = values.clone().sum::<f64>() / count as f64;
    let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
    (Some(mean), (count > 1).then(|| (squares / (count - 1) as f64).sqrt()))
}

/// The values of two samples in rising order.
struct Union {
    /// `[values]`
    values: Vec<f64>,
    /// The weight of each value in the first sample, 0 for one of the second. `[values]`
    first: Vec<f64>,
    second: Vec<f64>,
    /// Where each bin begins, and where the last one ends. `[bins + 1]`
    bounds: Vec<usize>,
    events: Option<Events>,
}

/// Values that belong together.
struct Events {
    /// The event of each value; those of the second sample come after those of the first.
    /// `[values]`
    of_values: Vec<u32>,
    count: usize,
}

/// How often events and values count in a replica.
#[derive(Default)]
struct Counts {
    of_events: Vec<f64>,
    of_values: Vec<f64>,
}

impl Union {
    /// Of samples that can be compared, with the events of their values.
    fn of(
        a: WeightedSample<'_>,
        b: WeightedSample<'_>,
        edges: &[f64],
        events: Option<(&[u32], &[u32])>,
    ) -> Self {
        let count = |events: &[u32]| events.iter().max().map_or(0, |greatest| greatest + 1);
        let first_events = events.map_or(0, |(of_first, _)| count(of_first));
        let mut of_values = Vec::new();
        let all = a.values.len() + b.values.len();
        let mut values = Vec::with_capacity(all);
        let (mut first, mut second) = (Vec::with_capacity(all), Vec::with_capacity(all));
        let (mut i, mut j) = (0, 0);
        while values.len() < all {
            let of_first = match (a.values.get(i), b.values.get(j)) {
                (Some(x), Some(y)) => x <= y,
                (x, _) => x.is_some(),
            };
            if of_first {
                values.push(a.values[i]);
                first.push(a.weight(i));
                second.push(0.0);
                of_values.extend(events.map(|(of_first, _)| of_first[i]));
                i += 1;
            } else {
                values.push(b.values[j]);
                first.push(0.0);
                second.push(b.weight(j));
                of_values.extend(events.map(|(_, of_second)| first_events + of_second[j]));
                j += 1;
            }
        }
        let bounds = bounds(&values, edges);
        let events = events.map(|(_, of_second)| Events {
            of_values,
            count: first_events as usize + count(of_second) as usize,
        });
        Self { values, first, second, bounds, events }
    }

    /// How often each value counts in a replica.
    fn draw(&self, random: ChaCha8Rng, counts: &mut Counts) {
        match &self.events {
            None => poisson_counts(random, self.values.len(), &mut counts.of_values),
            Some(events) => {
                poisson_counts(random, events.count, &mut counts.of_events);
                let of_event = |event: &u32| counts.of_events[*event as usize];
                counts.of_values.clear();
                counts.of_values.extend(events.of_values.iter().map(of_event));
            }
        }
    }

    /// The figures where each value counts so many times; `None` where the samples that remain
    /// cannot be compared.
    fn replica(&self, counts: &[f64]) -> Option<OneDimensionalFigures> {
        let (first, second) = self.binned(counts);
        let total = |sums: &[f64]| sums.iter().sum::<f64>();
        let (first_total, second_total) = (total(&first.sums), total(&second.sums));
        let sizes = Sizes {
            first_total,
            second_total,
            first_count: effective(first_total, total(&first.variances)),
            second_count: effective(second_total, total(&second.variances)),
        };
        if !(first_total > 0.0 && second_total > 0.0) {
            return None;
        }
        let mut walk = Walk::new(&sizes, *self.values.first()?);
        let mut sums = Sums::new(&sizes);
        let (mut here_first, mut here_second) = (0.0, 0.0);
        let counted = counted(counts);
        for (place, &index) in counted.iter().enumerate() {
            let value = self.values[index as usize];
            here_first += self.first[index as usize] * counts[index as usize];
            here_second += self.second[index as usize] * counts[index as usize];
            let next = counted.get(place + 1).map(|&next| self.values[next as usize]);
            if next != Some(value) {
                sums.step(&walk.step(value, here_first, here_second));
                (here_first, here_second) = (0.0, 0.0);
            }
        }
        Some(sums.figures(&sizes, &first, &second))
    }

    /// The histograms of both samples.
    fn binned(&self, counts: &[f64]) -> (Binned, Binned) {
        let mut bins: [Vec<f64>; 4] = std::array::from_fn(|_| Vec::new());
        let mut push =
            |bin: [f64; 4]| bins.iter_mut().zip(bin).for_each(|(sums, sum)| sums.push(sum));
        for bound in self.bounds.windows(2) {
            push(self.sums(counts, bound[0], bound[1].max(bound[0])));
        }
        let (below, above) = outside(&self.bounds);
        let (low, high) = (self.sums(counts, 0, below), self.sums(counts, above, counts.len()));
        push(std::array::from_fn(|sum| low[sum] + high[sum]));
        let [first, first_variances, second, second_variances] = bins;
        (
            Binned { sums: first, variances: first_variances },
            Binned { sums: second, variances: second_variances },
        )
    }

    /// Σ k w and Σ k w² of the first, and the same of the second sample, over a part of the values.
    fn sums(&self, counts: &[f64], from: usize, to: usize) -> [f64; 4] {
        let weights = self.first[from..to].iter().zip(&self.second[from..to]);
        weights.zip(&counts[from..to]).fold([0.0; 4], |sums, ((first, second), count)| {
            let (of_first, of_second) = (count * first, count * second);
            [
                sums[0] + of_first,
                sums[1] + of_first * first,
                sums[2] + of_second,
                sums[3] + of_second * second,
            ]
        })
    }
}

/// Where the counts are not 0.
fn counted(counts: &[f64]) -> Vec<u32> {
    let mut places = vec![0; counts.len() + 1];
    let mut found = 0;
    for (index, &count) in counts.iter().enumerate() {
        // Without a branch, which could not be foreseen.
        places[found] = index as u32;
        found += usize::from(count > 0.0);
    }
    places.truncate(found);
    places
}

#[cfg(test)]
mod unit_tests {
    use super::super::one_dimensional;
    use super::super::test_samples::{sample, weights};
    use super::*;
    use crate::random::uniform;
    use proptest::prelude::*;

    const EDGES: [f64; 5] = [-6.0, -2.5, 0.0, 1.0, 5.0];

    fn plain(values: &[f64]) -> WeightedSample<'_> {
        WeightedSample { values, weights: None }
    }

    /// Sorted values, uniform from `low` over a length of 1.
    fn uniform_values(count: usize, low: f64, seed: u64) -> Vec<f64> {
        let mut random = generator(seed, Purpose::Halves(0));
        let mut values: Vec<f64> = (0..count).map(|_| low + uniform(&mut random)).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    #[test]
    fn errors_are_those_of_the_means_of_the_figures() {
        let (a, b) = (uniform_values(1500, 0.0, 1), uniform_values(1000, 0.4, 2));
        let found = bootstrap_errors(plain(&a), plain(&b), &[], 400, 5);
        let near = |found: Option<f64>, expected: f64| {
            // The spread of 400 replicas is known to 1 / √800.
            assert!(
                found.is_some_and(|e| (e / expected - 1.0).abs() < 0.14),
                "{found:?} {expected}"
            );
        };
        // Shifted samples: W₁ is the difference of the means, each with the variance 1 / (12 n).
        let variance = |n: f64| 1.0 / (12.0 * n);
        near(found.standard_errors.wasserstein_1, (variance(1500.0) + variance(1000.0)).sqrt());
        // P(x > y) for one x is max(0, x − 0.4): variance 0.6³/3 − 0.18², and the same for one y.
        let per_event: f64 = 0.072 - 0.18 * 0.18;
        near(found.standard_errors.auc, (per_event / 1500.0 + per_event / 1000.0).sqrt());
        let means = found.means;
        assert!(means.wasserstein_1.is_some_and(|w| (w - 0.4).abs() < 0.05));
        assert!(means.auc.is_some_and(|auc| (auc - 0.18).abs() < 0.03));
    }

    #[test]
    fn the_number_of_threads_and_nothing_but_the_seed_decides() {
        let (a, b) = (uniform_values(300, 0.0, 1), uniform_values(200, 0.1, 2));
        let with = |threads, seed| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let run = || bootstrap_errors(plain(&a), plain(&b), &EDGES, 20, seed);
            pool.expect("threads can be started").install(run)
        };
        assert_eq!(with(1, 5), with(3, 5));
        assert_ne!(with(1, 5), with(1, 6));
    }

    #[test]
    fn values_of_one_event_count_together() {
        let (a, b) = (uniform_values(60, 0.0, 1), uniform_values(40, 0.1, 2));
        let numbers = |values: &[f64]| (0..values.len() as u32).collect::<Vec<_>>();
        let twice = |values: &[f64]| -> (Vec<f64>, Vec<u32>) {
            values.iter().zip(0..).flat_map(|(&value, event)| [(value, event); 2]).unzip()
        };
        let (first, second) = (twice(&a), twice(&b));
        let single = bootstrap_errors_of_events(
            (plain(&a), &numbers(&a)),
            (plain(&b), &numbers(&b)),
            &EDGES,
            50,
            3,
        );
        let double = bootstrap_errors_of_events(
            (plain(&first.0), &first.1),
            (plain(&second.0), &second.1),
            &EDGES,
            50,
            3,
        );
        // Distances of shapes know no number of values.
        for figure in [0, 2, 3, 4, 5, 6] {
            let of = |found: &Bootstrap| found.standard_errors.to_array()[figure].expect("defined");
            approx::assert_relative_eq!(
                of(&single),
                of(&double),
                max_relative = 1e-9,
                epsilon = 1e-12
            );
        }
        // Each of both samples has its own events: one event a value is what is drawn without.
        let without = bootstrap_errors(plain(&a), plain(&b), &EDGES, 2000, 4);
        let with = bootstrap_errors_of_events(
            (plain(&a), &numbers(&a)),
            (plain(&b), &numbers(&b)),
            &EDGES,
            2000,
            5,
        );
        let auc = |found: Bootstrap| found.standard_errors.auc.expect("defined");
        approx::assert_relative_eq!(auc(without), auc(with), max_relative = 0.08);
    }

    #[test]
    fn what_is_not_defined_has_no_error() {
        let none = OneDimensionalFigures::default();
        let values = uniform_values(50, 0.0, 1);
        let found = bootstrap_errors(plain(&values[..1]), plain(&values), &EDGES, 20, 1);
        assert_eq!(found, Bootstrap::default());
        let few = bootstrap_errors_of_events(
            (plain(&values), &[0; 49]),
            (plain(&values), &[0; 50]),
            &EDGES,
            20,
            1,
        );
        assert_eq!(few, Bootstrap::default());
        let single = bootstrap_errors(plain(&values), plain(&values), &EDGES, 1, 1);
        assert!(single.standard_errors == none && single.means.auc.is_some());
        let mut weights = vec![1.0; 50];
        weights[3] = -0.5;
        let weighted = WeightedSample { values: &values, weights: Some(&weights) };
        let found = bootstrap_errors(weighted, plain(&values), &[], 20, 1);
        assert_eq!(found.means.anderson_darling, None);
        assert_eq!(found.standard_errors.separation, None);
        assert!(found.standard_errors.auc.is_some_and(|error| error > 0.0));
        // Two events: in many replicas one sample has none left, which is no harm.
        let found = bootstrap_errors(plain(&[0.0, 1.0]), plain(&[0.5, 2.0]), &EDGES, 200, 1);
        assert!(found.standard_errors.auc.is_some_and(|error| error > 0.1 && error < 0.5));
    }

    #[test]
    fn a_replica_without_one_of_the_samples_has_no_figures() {
        let (a, b) = ([0.0, 2.0], [1.0, 3.0]);
        let union = Union::of(plain(&a), plain(&b), &EDGES, None);
        assert!(union.replica(&[1.0, 0.0, 0.0, 1.0]).is_some());
        assert_eq!(union.replica(&[1.0, 0.0, 2.0, 0.0]), None);
        assert_eq!(union.replica(&[0.0, 1.0, 0.0, 1.0]), None);
    }

    proptest! {
        #[test]
        fn a_replica_is_the_samples_with_repeated_values(
            a in sample(), b in sample(), seed in 0..1000_u64, weighted in any::<bool>(),
        ) {
            let (w, v) = (weights(a.len(), seed), weights(b.len(), seed + 1));
            let first = WeightedSample { values: &a, weights: weighted.then_some(&w[..]) };
            let second = WeightedSample { values: &b, weights: weighted.then_some(&v[..]) };
            let union = Union::of(first, second, &EDGES, None);
            let mut counts = Vec::new();
            let random = generator(seed, Purpose::Bootstrap(1));
            poisson_counts(random, union.values.len(), &mut counts);
            let repeat = |weights: &[f64]| -> (Vec<f64>, Vec<f64>) {
                let of_sample = (0..counts.len()).filter(|&k| weights[k] > 0.0);
                of_sample
                    .flat_map(|k| {
                        std::iter::repeat_n((union.values[k], weights[k]), counts[k] as usize)
                    })
                    .unzip()
            };
            let (x, y) = (repeat(&union.first), repeat(&union.second));
            let expected = one_dimensional(
                WeightedSample { values: &x.0, weights: Some(&x.1) },
                WeightedSample { values: &y.0, weights: Some(&y.1) },
                &EDGES,
            );
            // Replicas that are constant or of one event are not in question here.
            if let (Some(found), Ok(_)) = (union.replica(&counts), expected.p_values.mann_whitney) {
                for (found, expected) in found.to_array().iter().zip(expected.figures.to_array()) {
                    let (found, expected) = (found.unwrap(), expected.unwrap());
                    prop_assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0));
                }
            }
        }
    }
}
