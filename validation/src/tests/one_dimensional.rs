use serde::{Deserialize, Serialize};

use super::anderson_darling::SquaredDifferences;
use super::energy_distance::SquaredArea;
use super::kolmogorov_smirnov::{GreatestDifference, asymptotic_p_value};
use super::mann_whitney::Wins;
use super::union::{Step, is_constant, walk};
use super::wasserstein::Area;
use super::weighted_sample::{Sizes, WeightedSample};
use super::{
    Abstention, chi_square_test, chi_square_weighted, jensen_shannon,
    kolmogorov_smirnov_exact_sorted, separation_power,
};

/// Pairs n m up to which [`one_dimensional`] computes the exact p-value of the
/// Kolmogorov–Smirnov test: 1,000 events against 1,000, in less than a millisecond.
pub const AUTOMATIC_EXACT_PAIRS: f64 = 1e6;

/// The figures of one quantity in two samples; `None` where one is not defined.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneDimensionalFigures {
    /// D of [`kolmogorov_smirnov`](super::kolmogorov_smirnov).
    pub kolmogorov_smirnov: Option<f64>,
    /// The standardised A² of [`anderson_darling`](super::anderson_darling).
    pub anderson_darling: Option<f64>,
    /// P(x > y) + ½ P(x = y) of [`mann_whitney`](super::mann_whitney).
    pub auc: Option<f64>,
    /// [`wasserstein_1`](super::wasserstein_1), in the unit of the values.
    pub wasserstein_1: Option<f64>,
    /// [`energy_distance`](super::energy_distance), in the unit of the values.
    pub energy_distance: Option<f64>,
    /// [`jensen_shannon`] of the histograms, in bits.
    pub jensen_shannon: Option<f64>,
    /// [`separation_power`] of the histograms.
    pub separation: Option<f64>,
    /// χ²/ndf of [`chi_square_weighted`], with what lies outside the edges as one more bin.
    pub chi2_per_ndf: Option<f64>,
}

/// How many [`OneDimensionalFigures`] there are.
pub(super) const FIGURES: usize = 8;

impl OneDimensionalFigures {
    /// Of the fields, in their order.
    pub const NAMES: [&'static str; FIGURES] = [
        "kolmogorov_smirnov",
        "anderson_darling",
        "auc",
        "wasserstein_1",
        "energy_distance",
        "jensen_shannon",
        "separation",
        "chi2_per_ndf",
    ];

    /// In the order of the fields.
    pub fn to_array(&self) -> [Option<f64>; FIGURES] {
        [
            self.kolmogorov_smirnov,
            self.anderson_darling,
            self.auc,
            self.wasserstein_1,
            self.energy_distance,
            self.jensen_shannon,
            self.separation,
            self.chi2_per_ndf,
        ]
    }

    /// In the order of the fields. What is not finite is taken as not defined.
    pub fn from_array(figures: [Option<f64>; FIGURES]) -> Self {
        let [
            kolmogorov_smirnov,
            anderson_darling,
            auc,
            wasserstein_1,
            energy_distance,
            jensen_shannon,
            separation,
            chi2_per_ndf,
        ] = figures.map(|figure| figure.filter(|value| value.is_finite()));
        Self {
            kolmogorov_smirnov,
            anderson_darling,
            auc,
            wasserstein_1,
            energy_distance,
            jensen_shannon,
            separation,
            chi2_per_ndf,
        }
    }
}

/// A p-value, or why there is none.
pub type PValue = Result<f64, Abstention>;

/// The p-values of the tests among the figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneDimensionalPValues {
    /// Exact for samples without weights of up to [`AUTOMATIC_EXACT_PAIRS`], else Kolmogorov's
    /// limit.
    pub kolmogorov_smirnov: PValue,
    pub anderson_darling: PValue,
    pub mann_whitney: PValue,
    pub chi_square: PValue,
}

/// What the tests of one quantity found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneDimensional {
    pub figures: OneDimensionalFigures,
    pub p_values: OneDimensionalPValues,
    /// Whether the p-value of the Kolmogorov–Smirnov test is exact.
    pub kolmogorov_smirnov_is_exact: bool,
    pub chi2_ndf: usize,
}

/// All tests of one quantity in two samples, in one walk over their sorted union: each figure and
/// p-value is that of the function named in [`OneDimensionalFigures`], for these samples or for
/// their histograms in bins of numpy's meaning with these edges.
///
/// Where the samples cannot be compared at all, no figure is defined and all p-values abstain; where
/// all values are the same the distances are 0 and the p-values abstain.
///
/// # Shapes
/// `values` sorted by `f64::total_cmp`, with `weights` in the same order; `edges`: `[bins + 1]`,
/// rising. With fewer than two edges the figures of histograms are not defined.
pub fn one_dimensional(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
    edges: &[f64],
) -> OneDimensional {
    let (a, b) = (a.simplified(), b.simplified());
    match Sizes::of(a, b) {
        Ok(sizes) => compared(a, b, &sizes, edges),
        Err(reason) => OneDimensional {
            figures: OneDimensionalFigures::default(),
            p_values: OneDimensionalPValues {
                kolmogorov_smirnov: Err(reason),
                anderson_darling: Err(reason),
                mann_whitney: Err(reason),
                chi_square: Err(reason),
            },
            kolmogorov_smirnov_is_exact: false,
            chi2_ndf: 0,
        },
    }
}

fn compared(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
    sizes: &Sizes,
    edges: &[f64],
) -> OneDimensional {
    let mut sums = Sums::new(sizes);
    walk(a, b, sizes, |step| sums.step(step));
    let binned = (Binned::of(a, edges), Binned::of(b, edges));
    let negative = a.has_negative_weights() || b.has_negative_weights();
    let constant = is_constant(a, b);
    let mut figures = sums.figures(sizes, &binned.0, &binned.1);
    if negative || constant {
        figures.anderson_darling = None;
    }
    let (first, second) = (binned.0.parts(), binned.1.parts());
    let unweighted = a.weights.is_none() && b.weights.is_none();
    let is_exact =
        unweighted && !constant && sizes.first_count * sizes.second_count <= AUTOMATIC_EXACT_PAIRS;
    let varied = |p_value: &dyn Fn() -> PValue| {
        if constant { Err(Abstention::Constant) } else { p_value() }
    };
    let kolmogorov_smirnov = || {
        if is_exact {
            kolmogorov_smirnov_exact_sorted(a.values, b.values).map(|found| found.p_value)
        } else {
            Ok(asymptotic_p_value(sums.greatest.distance(sizes), sizes))
        }
    };
    let anderson_darling = || {
        if negative {
            Err(Abstention::NegativeWeights)
        } else {
            Ok(sums.squared.test(sizes).p_value)
        }
    };
    OneDimensional {
        figures,
        p_values: OneDimensionalPValues {
            kolmogorov_smirnov: varied(&kolmogorov_smirnov),
            anderson_darling: varied(&anderson_darling),
            mann_whitney: varied(&|| Ok(sums.wins.test(sizes, unweighted).p_value)),
            chi_square: varied(&|| chi_square_test(first, second).map(|found| found.p_value)),
        },
        kolmogorov_smirnov_is_exact: is_exact,
        chi2_ndf: chi_square_weighted(first, second).ndf,
    }
}

/// All sums over a walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sums {
    greatest: GreatestDifference,
    squared: SquaredDifferences,
    wins: Wins,
    area: Area,
    squared_area: SquaredArea,
}

impl Sums {
    pub(super) fn new(sizes: &Sizes) -> Self {
        Self {
            greatest: GreatestDifference::default(),
            squared: SquaredDifferences::new(sizes),
            wins: Wins::default(),
            area: Area::default(),
            squared_area: SquaredArea::default(),
        }
    }

    #[inline]
    pub(super) fn step(&mut self, step: &Step) {
        self.greatest.step(step);
        self.squared.step(step);
        self.wins.step(step);
        self.area.step(step);
        self.squared_area.step(step);
    }

    pub(super) fn figures(
        &self,
        sizes: &Sizes,
        first: &Binned,
        second: &Binned,
    ) -> OneDimensionalFigures {
        let binned = |figure: f64| Some(figure).filter(|_| first.sums.len() > 1);
        OneDimensionalFigures::from_array([
            Some(self.greatest.distance(sizes)),
            Some(self.squared.standardised(sizes)),
            Some(self.wins.auc(sizes)),
            Some(self.area.wasserstein_1(sizes)),
            Some(self.squared_area.energy_distance(sizes)),
            binned(jensen_shannon(first.inside(), second.inside())),
            binned(separation_power(first.inside(), second.inside())),
            binned(chi_square_weighted(first.parts(), second.parts()).per_ndf()),
        ])
    }
}

/// A histogram with what lies outside as one more bin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Binned {
    /// Σ w. `[bins + 1]`
    pub sums: Vec<f64>,
    /// Σ w². `[bins + 1]`
    pub variances: Vec<f64>,
}

impl Binned {
    fn of(sample: WeightedSample<'_>, edges: &[f64]) -> Self {
        let bounds = bounds(sample.values, edges);
        let (below, above) = outside(&bounds);
        let sum = |part: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            let inside = bounds.windows(2).map(|bound| part(bound[0], bound[1].max(bound[0])));
            inside.chain([part(0, below) + part(above, sample.values.len())]).collect()
        };
        let Some(weights) = sample.weights else {
            let counts = sum(&|from, to| (to - from) as f64);
            return Self { sums: counts.clone(), variances: counts };
        };
        let sums = sum(&|from, to| weights[from..to].iter().sum());
        let variances = sum(&|from, to| weights[from..to].iter().map(|w| w * w).sum());
        Self { sums, variances }
    }

    pub(super) fn parts(&self) -> (&[f64], &[f64]) {
        (&self.sums, &self.variances)
    }

    fn inside(&self) -> &[f64] {
        self.sums.split_last().map_or(&[], |(_, inside)| inside)
    }
}

/// Where each bin begins among sorted values, and where the last one ends, in numpy's meaning of
/// edges: a bin holds its lower edge, the last one its upper edge too. Nothing for fewer than two
/// edges. `[bins + 1]`
pub(super) fn bounds(sorted: &[f64], edges: &[f64]) -> Vec<usize> {
    match edges.split_last() {
        Some((last, lower_edges)) if !lower_edges.is_empty() => {
            let below = |edge: &f64| sorted.partition_point(|value| value < edge);
            let mut bounds: Vec<usize> = lower_edges.iter().map(below).collect();
            bounds.push(sorted.partition_point(|value| value <= last));
            bounds
        }
        _ => Vec::new(),
    }
}

/// The number of values below the bins, and the number of the first value above.
pub(super) fn outside(bounds: &[usize]) -> (usize, usize) {
    (bounds.first().copied().unwrap_or(0), bounds.last().copied().unwrap_or(0))
}

#[cfg(test)]
mod unit_tests {
    use super::super::test_samples::{sample, weights};
    use super::super::{
        anderson_darling_weighted, energy_distance_weighted, kolmogorov_smirnov_weighted,
        mann_whitney_weighted, wasserstein_1_weighted,
    };
    use super::*;
    use crate::observables::Histogram;
    use crate::random::{Purpose, generator, uniform};
    use proptest::prelude::*;

    const EDGES: [f64; 5] = [-6.0, -2.5, 0.0, 1.0, 5.0];

    fn plain(values: &[f64]) -> WeightedSample<'_> {
        WeightedSample { values, weights: None }
    }

    #[test]
    fn samples_that_cannot_be_compared_have_no_figures() {
        let found = one_dimensional(plain(&[1.0]), plain(&[1.0, 2.0, 3.0]), &EDGES);
        assert_eq!(found.figures, OneDimensionalFigures::default());
        let expected = Abstention::TooFewEvents { first: 1.0, second: 3.0, needed: 2.0 };
        assert_eq!(found.p_values.kolmogorov_smirnov, Err(expected));
        assert_eq!(found.p_values.chi_square, Err(expected));
        let found = one_dimensional(plain(&[1.0, f64::NAN]), plain(&[1.0, 2.0]), &EDGES);
        assert_eq!(found.p_values.anderson_darling, Err(Abstention::NotFinite));
        assert_eq!(found.p_values.mann_whitney, Err(Abstention::NotFinite));
    }

    #[test]
    fn a_constant_has_distances_of_zero_and_no_p_values() {
        let found = one_dimensional(plain(&[0.5; 30]), plain(&[0.5; 20]), &EDGES);
        let zero = Some(0.0);
        assert_eq!(found.figures.to_array(), [zero, None, Some(0.5), zero, zero, zero, zero, zero]);
        for p_value in [
            found.p_values.kolmogorov_smirnov,
            found.p_values.anderson_darling,
            found.p_values.mann_whitney,
            found.p_values.chi_square,
        ] {
            assert_eq!(p_value, Err(Abstention::Constant));
        }
    }

    #[test]
    fn figures_of_histograms_need_a_bin() {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        for edges in [&[][..], &[1.0]] {
            let found = one_dimensional(plain(&values), plain(&values[3..]), edges);
            assert!(found.figures.wasserstein_1.is_some_and(|w| w > 0.0));
            assert_eq!(found.figures.to_array()[5..], [None; 3]);
            assert!(found.p_values.chi_square.is_err() && found.p_values.mann_whitney.is_ok());
        }
    }

    #[test]
    fn the_kolmogorov_smirnov_p_value_is_exact_for_small_samples_only() {
        let values: Vec<f64> = (0..1001).map(f64::from).collect();
        let (a, b) = (plain(&values[..1000]), plain(&values[..1000]));
        assert!(one_dimensional(a, b, &EDGES).kolmogorov_smirnov_is_exact);
        assert!(!one_dimensional(a, plain(&values), &EDGES).kolmogorov_smirnov_is_exact);
        let (equal, unequal) = ([2.0; 9], [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let weighted = |weights| WeightedSample { values: &values[..9], weights: Some(weights) };
        assert!(one_dimensional(weighted(&equal), a, &EDGES).kolmogorov_smirnov_is_exact);
        assert!(!one_dimensional(weighted(&unequal), a, &EDGES).kolmogorov_smirnov_is_exact);
    }

    #[test]
    fn negative_weights_have_no_anderson_darling_test() {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        let mut weights = vec![1.0; 40];
        weights[7] = -0.5;
        let weighted = WeightedSample { values: &values, weights: Some(&weights) };
        for found in [
            one_dimensional(weighted, plain(&values), &EDGES),
            one_dimensional(plain(&values), weighted, &EDGES),
        ] {
            assert_eq!(found.figures.anderson_darling, None);
            assert_eq!(found.p_values.anderson_darling, Err(Abstention::NegativeWeights));
            assert!(found.p_values.kolmogorov_smirnov.is_ok() && found.figures.auc.is_some());
        }
    }

    #[test]
    fn p_values_are_evenly_distributed_without_a_difference() {
        let mut random = generator(11, Purpose::Halves(0));
        let mut draw = |count: usize| -> Vec<f64> {
            let mut values: Vec<f64> = (0..count).map(|_| uniform(&mut random)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let edges = [0.0, 0.1, 0.25, 0.4, 0.6, 0.8];
        let cases: Vec<OneDimensionalPValues> = (0..500)
            .map(|_| one_dimensional(plain(&draw(180)), plain(&draw(140)), &edges).p_values)
            .collect();
        for p_value in [
            |p: &OneDimensionalPValues| p.kolmogorov_smirnov,
            |p: &OneDimensionalPValues| p.anderson_darling,
            |p: &OneDimensionalPValues| p.mann_whitney,
            |p: &OneDimensionalPValues| p.chi_square,
        ] {
            let found = cases.iter().map(|case| p_value(case).expect("it can be tested"));
            // Of 500, 50 ± 6.7 and 250 ± 11.2; distances of Kolmogorov and Smirnov come in steps.
            let below = |limit: f64| found.clone().filter(|p| *p <= limit).count();
            assert!((28..=72).contains(&below(0.1)), "{}", below(0.1));
            assert!((210..=290).contains(&below(0.5)), "{}", below(0.5));
        }
    }

    fn close(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() <= 1e-11 * expected.abs().max(1.0))
    }

    proptest! {
        #[test]
        fn every_figure_is_that_of_its_own_function(
            a in sample(), b in sample(), seed in 0..1000_u64, weighted in any::<bool>(),
        ) {
            let (w, v) = (weights(a.len(), seed), weights(b.len(), seed + 1));
            let first = WeightedSample { values: &a, weights: weighted.then_some(&w[..]) };
            let second = WeightedSample { values: &b, weights: weighted.then_some(&v[..]) };
            let found = one_dimensional(first, second, &EDGES);
            let (figures, p_values) = (found.figures, found.p_values);
            if let Ok(test) = anderson_darling_weighted(first, second) {
                prop_assert!(close(figures.anderson_darling, test.standardised));
                prop_assert!(close(p_values.anderson_darling.ok(), test.p_value));
            }
            if let Ok(test) = mann_whitney_weighted(first, second) {
                prop_assert!(close(figures.auc, test.auc));
                prop_assert!(close(p_values.mann_whitney.ok(), test.p_value));
            }
            if let Ok(w) = wasserstein_1_weighted(first, second) {
                prop_assert!(close(figures.wasserstein_1, w));
                let energy = energy_distance_weighted(first, second).unwrap();
                prop_assert!(close(figures.energy_distance, energy));
                let test = kolmogorov_smirnov_weighted(first, second);
                prop_assert!(close(figures.kolmogorov_smirnov, test.distance));
                if weighted {
                    prop_assert!(p_values.kolmogorov_smirnov
                        .is_ok_and(|p| (p - test.p_value).abs() < 1e-9));
                } else {
                    prop_assert_eq!(figures.kolmogorov_smirnov, Some(test.distance));
                    let exact = kolmogorov_smirnov_exact_sorted(&a, &b).map(|test| test.p_value);
                    prop_assert_eq!(p_values.kolmogorov_smirnov, exact);
                }
                let histogram = |sample: WeightedSample<'_>| Histogram::fill_weighted(
                    &EDGES, (0..sample.values.len()).map(|i| (sample.values[i], sample.weight(i))),
                );
                let (p, q) = (histogram(first), histogram(second));
                prop_assert!(close(figures.separation, separation_power(&p.counts, &q.counts)));
                prop_assert!(close(figures.jensen_shannon, jensen_shannon(&p.counts, &q.counts)));
                let (p, q) = (p.with_outside(), q.with_outside());
                let chi2 = chi_square_weighted((&p.0, &p.1), (&q.0, &q.1));
                prop_assert!(close(figures.chi2_per_ndf, chi2.per_ndf()));
                prop_assert_eq!(found.chi2_ndf, chi2.ndf);
            }
        }
    }
}
