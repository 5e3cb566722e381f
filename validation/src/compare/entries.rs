//! Values of one quantity with the events they belong to, and the tests of two such samples.

use crate::Sample;
use crate::observables::Histogram;
use crate::tests::{
    ChiSquare, KolmogorovSmirnov, WeightedSample, chi_square_weighted, kolmogorov_smirnov_weighted,
    separation_power,
};

/// Single values that enter the Kolmogorov–Smirnov test of their spectrum; beyond it every k-th
/// event is taken. The histograms always hold all values.
const VALUES_TESTED: usize = 4_000_000;

/// Values of one quantity, rising, with the event that each belongs to.
pub(super) struct Entries(Vec<(f64, u32)>);

/// Values, rising, with their weights.
pub(super) struct Sorted {
    pub values: Vec<f64>,
    pub weights: Option<Vec<f64>>,
}

impl Entries {
    fn new(values: impl Iterator<Item = (f64, u32)>) -> Self {
        let mut values: Vec<_> = values.collect();
        values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        Self(values)
    }

    pub(super) fn of_events(column: &[f64], events: &[usize]) -> Self {
        Self::new(events.iter().map(|&event| (column[event], event as u32)))
    }

    /// The single values that were read out, of the events whose values are kept.
    pub(super) fn voxels(sample: &Sample, threshold: f64) -> Self {
        let values = sample.kept_values();
        let stride = values.len().div_ceil(VALUES_TESTED).max(1);
        Self::new((0..values.nrows()).step_by(stride).flat_map(|kept| {
            let event = sample.kept_events()[kept];
            let read_out = move |&value: &f64| value > 0.0 && value >= threshold;
            let row = values.row(kept).to_vec();
            row.into_iter().map(f64::from).filter(read_out).map(move |v| (v, event as u32))
        }))
    }

    /// `weights` are those of all events of the sample.
    pub(super) fn all(&self, weights: Option<&[f64]>) -> Sorted {
        Sorted::of(self.0.iter(), weights)
    }

    /// Those of the first half and those of the second, still sorted.
    pub(super) fn halves(&self, in_first: &[bool], weights: Option<&[f64]>) -> (Sorted, Sorted) {
        let half = |first: bool| {
            Sorted::of(self.0.iter().filter(|(_, e)| in_first[*e as usize] == first), weights)
        };
        (half(true), half(false))
    }
}

impl Sorted {
    fn of<'a>(
        entries: impl Iterator<Item = &'a (f64, u32)> + Clone,
        weights: Option<&[f64]>,
    ) -> Self {
        Self {
            values: entries.clone().map(|(value, _)| *value).collect(),
            weights: weights
                .map(|weights| entries.map(|(_, event)| weights[*event as usize]).collect()),
        }
    }

    pub(super) fn view(&self) -> WeightedSample<'_> {
        WeightedSample { values: &self.values, weights: self.weights.as_deref() }
    }

    pub(super) fn histogram(&self, edges: &[f64]) -> Histogram {
        match &self.weights {
            Some(weights) => {
                let entries = self.values.iter().copied().zip(weights.iter().copied());
                Histogram::fill_weighted(edges, entries)
            }
            None => Histogram::of_sorted(edges, &self.values),
        }
    }
}

/// The tests of one pair of samples.
pub(super) struct Figures {
    pub ks: KolmogorovSmirnov,
    pub chi2: ChiSquare,
    pub separation: f64,
}

impl Figures {
    /// χ² counts what lies outside as one more bin: without it, it would not see a generator that
    /// misses the range of the reference.
    pub(super) fn of(
        a: &Sorted,
        b: &Sorted,
        a_histogram: &Histogram,
        b_histogram: &Histogram,
    ) -> Self {
        let (first, second) = (a_histogram.with_outside(), b_histogram.with_outside());
        Self {
            ks: kolmogorov_smirnov_weighted(a.view(), b.view()),
            chi2: chi_square_weighted((&first.0, &first.1), (&second.0, &second.1)),
            separation: separation_power(&a_histogram.counts, &b_histogram.counts),
        }
    }
}
