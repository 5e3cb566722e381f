//! Values of one quantity with the events they belong to, and the tests of two such samples.

use crate::Sample;
use crate::observables::Histogram;
use crate::report::model::WithFloor;
use crate::tests::{
    OneDimensionalFigures, OneDimensionalPValues, WeightedSample, chi_square_weighted,
    jensen_shannon, one_dimensional, separation_power,
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

    /// NaN without entries, or where the weights do not have a positive sum.
    fn mean(&self) -> f64 {
        let total = self.view().total();
        if total <= 0.0 {
            return f64::NAN;
        }
        match &self.weights {
            Some(weights) => {
                self.values.iter().zip(weights).map(|(v, w)| v * w).sum::<f64>() / total
            }
            None => self.values.iter().sum::<f64>() / total,
        }
    }

    fn deviation(&self) -> f64 {
        let (total, mean) = (self.view().total(), self.mean());
        let squares: f64 = match &self.weights {
            Some(weights) => {
                self.values.iter().zip(weights).map(|(v, w)| w * (v - mean).powi(2)).sum()
            }
            None => self.values.iter().map(|v| (v - mean).powi(2)).sum(),
        };
        (squares / total).max(0.0).sqrt()
    }

    /// Half of the distance between the quantiles at 16 % and 84 % of the weight: the standard
    /// deviation of a normal distribution, and deaf to far-off values.
    fn half_width(&self) -> f64 {
        let total = self.view().total();
        let quantile = |share: f64| match &self.weights {
            None => {
                let last = self.values.len().saturating_sub(1);
                self.values.get((share * last as f64).round() as usize).copied()
            }
            Some(weights) => {
                let mut below = 0.0;
                let passed = |weight: &f64| {
                    below += weight;
                    below >= share * total
                };
                weights.iter().position(passed).map(|index| self.values[index])
            }
        };
        match (quantile(0.158_655), quantile(0.841_345)) {
            (Some(low), Some(high)) if total > 0.0 => 0.5 * (high - low),
            _ => f64::NAN,
        }
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
#[derive(Debug, Clone)]
pub(super) struct Figures {
    pub figures: OneDimensionalFigures,
    pub p_values: OneDimensionalPValues,
    pub chi2_ndf: usize,
    /// 1/n + 1/m, with the effective numbers of entries: the variance of a difference of means, in
    /// units of the variance of one entry.
    pub inverse_size: f64,
    /// Difference of the means over the standard deviation of the first, and the ratio of the
    /// central 68 % half-widths.
    pub mean_shift: f64,
    pub spread_ratio: f64,
    /// Standard deviation of the first.
    pub deviation: f64,
}

impl Figures {
    pub(super) fn of(a: &Sorted, b: &Sorted, edges: &[f64]) -> Self {
        let found = one_dimensional(a.view(), b.view(), edges);
        Self {
            figures: found.figures,
            p_values: found.p_values,
            chi2_ndf: found.chi2_ndf,
            inverse_size: 1.0 / a.view().effective_count() + 1.0 / b.view().effective_count(),
            mean_shift: (b.mean() - a.mean()) / a.deviation(),
            spread_ratio: b.half_width() / a.half_width(),
            deviation: a.deviation(),
        }
    }

    /// The figures of histograms that hold more entries than the sorted values, which may be a
    /// part of them.
    pub(super) fn with_histograms(mut self, a: &Histogram, b: &Histogram) -> Self {
        let (first, second) = (a.with_outside(), b.with_outside());
        let chi2 = chi_square_weighted((&first.0, &first.1), (&second.0, &second.1));
        self.figures.chi2_per_ndf = Some(chi2.per_ndf());
        self.chi2_ndf = chi2.ndf;
        self.p_values.chi_square = Ok(chi2.p_value);
        self.figures.separation = Some(separation_power(&a.counts, &b.counts));
        self.figures.jensen_shannon = Some(jensen_shannon(&a.counts, &b.counts));
        self
    }
}

/// NaN for what is not defined.
pub(super) fn or_nan(figure: Option<f64>) -> f64 {
    figure.unwrap_or(f64::NAN)
}

/// How a figure of equal samples falls with their sizes, where this is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scaling {
    /// It does not.
    None,
    /// As √(1/n + 1/m): distances of distribution functions.
    Root,
    /// As 1/n + 1/m: squares of differences.
    Linear,
}

/// A figure of the comparison with the mean and the spread of its floors, scaled to the size of
/// the comparison. `error` is the figure's own.
pub(super) fn with_floor(
    found: &Figures,
    floors: &[Figures],
    scaling: Scaling,
    figure: impl Fn(&Figures) -> f64,
    error: f64,
) -> WithFloor {
    let scaled = |floor: &Figures| {
        let ratio = found.inverse_size / floor.inverse_size;
        let factor = match scaling {
            _ if !ratio.is_finite() => 1.0,
            Scaling::None => 1.0,
            Scaling::Root => ratio.sqrt(),
            Scaling::Linear => ratio,
        };
        figure(floor) * factor
    };
    let values: Vec<f64> = floors.iter().map(scaled).filter(|value| !value.is_nan()).collect();
    let (floor, floor_error) = mean_and_spread(&values);
    WithFloor { value: figure(found), error, floor, floor_error }
}

/// The mean, and the standard deviation; NaN of too few values.
pub(super) fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    if values.is_empty() {
        return (f64::NAN, f64::NAN);
    }
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return (mean, f64::NAN);
    }
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, (squares / (count - 1.0)).sqrt())
}
