//! Values with asymmetric errors, in bins or at points, and the ratio of two sets of them.

use super::garwood::poisson_interval;

/// Values with their errors downwards and upwards; what is not known is NaN.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estimates {
    pub values: Vec<f64>,
    /// Lengths of the error bars, not negative.
    pub down: Vec<f64>,
    pub up: Vec<f64>,
}

impl Estimates {
    /// Values with symmetric errors. An error that is not a number counts as none.
    ///
    /// # Shapes
    /// `values`, `errors`: `[points]`.
    #[must_use]
    pub fn symmetric(values: Vec<f64>, errors: &[f64]) -> Self {
        let known = |&error: &f64| if error.is_finite() { error.max(0.0) } else { 0.0 };
        let mut errors: Vec<f64> = errors.iter().map(known).collect();
        errors.resize(values.len(), 0.0);
        Self { values, down: errors.clone(), up: errors }
    }

    /// Values without errors.
    #[must_use]
    pub fn exact(values: Vec<f64>) -> Self {
        Self::symmetric(values, &[])
    }

    /// Counts, or sums of weights, with their statistical errors.
    ///
    /// Of counts the errors reach to the ends of Garwood's interval, 68.27 % central; of weighted
    /// sums they are √Σw². An empty bin of a weighted sample has none.
    #[must_use]
    pub fn of_sums(sums: &[f64], variances: Option<&[f64]>) -> Self {
        let Some(variances) = variances else {
            let intervals = sums.iter().map(|&count| (count, poisson_interval(count.max(0.0))));
            let (down, up) =
                intervals.map(|(count, (low, high))| (count - low, high - count)).unzip();
            return Self { values: sums.to_vec(), down, up };
        };
        let errors: Vec<f64> = variances.iter().map(|variance| variance.max(0.0).sqrt()).collect();
        Self::symmetric(sums.to_vec(), &errors)
    }

    /// The same as a density of unit area over the drawn axis: divided by the sum of all bins, W,
    /// and by the width of the bin, which is in decades of x where the axis is logarithmic.
    ///
    /// W is taken as known: the errors are those of the bins alone. Without entries all is zero.
    ///
    /// # Shapes
    /// `edges`: `[bins + 1]`.
    #[must_use]
    pub fn density(&self, edges: &[f64], log_x: bool) -> Self {
        let total: f64 = self.values.iter().sum();
        if !(total > 0.0 && total.is_finite()) {
            return Self::exact(vec![0.0; self.values.len()]);
        }
        let width = |bin: usize| {
            let (low, high) = (edges[bin], edges[bin + 1]);
            if log_x { (high / low).log10() } else { high - low }
        };
        let scaled = |values: &[f64]| {
            values.iter().enumerate().map(|(bin, value)| value / total / width(bin)).collect()
        };
        Self { values: scaled(&self.values), down: scaled(&self.down), up: scaled(&self.up) }
    }

    /// Some of the bins.
    #[must_use]
    pub fn part(&self, bins: std::ops::Range<usize>) -> Self {
        Self {
            values: self.values[bins.clone()].to_vec(),
            down: self.down[bins.clone()].to_vec(),
            up: self.up[bins].to_vec(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether a bin has a value that can be drawn.
    #[must_use]
    pub fn known(&self, bin: usize) -> bool {
        self.values[bin].is_finite()
    }

    /// Ends of a bin's error bar.
    #[must_use]
    pub fn interval(&self, bin: usize) -> (f64, f64) {
        (self.values[bin] - self.down[bin], self.values[bin] + self.up[bin])
    }

    /// Largest end of an error bar of a value that is not zero.
    #[must_use]
    pub fn maximum(&self) -> Option<f64> {
        let known = (0..self.len()).filter(|&bin| self.known(bin) && self.values[bin] != 0.0);
        known.map(|bin| self.interval(bin).1).reduce(f64::max)
    }

    /// Smallest value above zero.
    #[must_use]
    pub fn smallest_positive(&self) -> Option<f64> {
        self.values.iter().copied().filter(|&value| value > 0.0).reduce(f64::min)
    }
}

/// Generated over reference in one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    pub value: f64,
    /// From the generated sample alone.
    pub down: f64,
    pub up: f64,
    /// The reference's own relative errors.
    pub reference_down: f64,
    pub reference_up: f64,
}

/// The ratio in every bin; `None` where the reference is not above zero or something is not known.
#[must_use]
pub fn ratios(reference: &Estimates, generated: &Estimates) -> Vec<Option<Ratio>> {
    let bins = reference.len().min(generated.len());
    let ratio = |bin: usize| {
        let below = reference.values[bin];
        (below > 0.0 && below.is_finite() && generated.known(bin)).then(|| Ratio {
            value: generated.values[bin] / below,
            down: generated.down[bin] / below,
            up: generated.up[bin] / below,
            reference_down: reference.down[bin] / below,
            reference_up: reference.up[bin] / below,
        })
    };
    (0..bins).map(ratio).collect()
}

/// The bins to draw: from the first to the last that one of the samples fills, with a margin.
///
/// # Shapes
/// `samples`: each `[bins]`.
#[must_use]
pub fn populated_bins(samples: &[&[f64]]) -> std::ops::Range<usize> {
    let bins = samples.iter().map(|sample| sample.len()).min().unwrap_or(0);
    let filled = |bin: &usize| samples.iter().any(|sample| sample[*bin] != 0.0);
    match ((0..bins).find(filled), (0..bins).rev().find(filled)) {
        (Some(first), Some(last)) => {
            let margin = 1 + (last - first) / 20 + 4_usize.saturating_sub(last - first);
            first.saturating_sub(margin)..(last + 1 + margin).min(bins)
        }
        _ => 0..bins,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_one_and_the_errors_of_counts_are_garwoods() {
        let counts = Estimates::of_sums(&[1.0, 2.0, 1.0], None);
        let density = counts.density(&[0.0, 1.0, 3.0, 4.0], false);
        assert_eq!(density.values, [0.25, 0.25, 0.25]);
        // 1 event: from 0.1728 to 3.2995.
        approx::assert_relative_eq!(density.up[0], 2.299_526_559 / 4.0, max_relative = 1e-9);
        approx::assert_relative_eq!(density.down[0], 0.827_246_221 / 4.0, max_relative = 1e-9);
        let decades = Estimates::of_sums(&[1.0, 1.0], None).density(&[1.0, 10.0, 1000.0], true);
        approx::assert_relative_eq!(decades.values[1], 0.25);
    }

    #[test]
    fn weights_have_the_root_of_their_squares_as_error() {
        let sums = Estimates::of_sums(&[6.0, 0.0], Some(&[12.0, 0.0]));
        approx::assert_relative_eq!(sums.up[0], 12.0_f64.sqrt());
        assert_eq!((sums.up[1], sums.down[1]), (0.0, 0.0));
    }

    #[test]
    fn nothing_counted_gives_zeros_and_no_ratio() {
        let of = |counts: &[f64]| Estimates::of_sums(counts, None).density(&[0.0, 1.0, 2.0], false);
        let (empty, full) = (of(&[0.0, 0.0]), of(&[1.0, 0.0]));
        assert_eq!(empty.values, [0.0, 0.0]);
        assert_eq!(ratios(&empty, &full), [None, None]);
        assert_eq!(ratios(&full, &empty)[0].map(|ratio| ratio.value), Some(0.0));
        assert_eq!(ratios(&full, &Estimates::exact(vec![f64::NAN, 1.0])), [None, None]);
    }

    #[test]
    fn empty_tails_are_left_out() {
        let mut counts = vec![0.0; 100];
        counts[40] = 1.0;
        counts[60] = 1.0;
        assert_eq!(populated_bins(&[&counts, &[0.0; 100]]), 38..63);
        assert_eq!(populated_bins(&[&[0.0; 3], &[0.0; 3]]), 0..3);
    }
}
