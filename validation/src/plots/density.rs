//! Histograms normalised to unit area, and the ratio of two of them.

/// A histogram of unit area over the drawn axis, with its statistical errors.
#[derive(Debug, Clone)]
pub struct Density {
    /// `[bins]`
    pub values: Vec<f64>,
    /// `[bins]`
    pub errors: Vec<f64>,
}

impl Density {
    /// Normalises sums of weights (counts, where there are none) in bins with `edges` (`[bins + 1]`).
    ///
    /// With the sums w_i, their variances s_i² (the counts again), W = Σ w_i and p_i = w_i / W:
    /// density p_i / Δ_i, σ(p_i)² = (s_i² (1 − 2 p_i) + p_i² Σ s²) / W², which is p_i (1 − p_i) / W
    /// for counts. The width Δ_i is that on the drawn axis: in decades of x where the axis is
    /// logarithmic. Without entries all is zero.
    #[must_use]
    pub fn from_sums(edges: &[f64], sums: &[f64], variances: &[f64], log_x: bool) -> Self {
        let total: f64 = sums.iter().sum();
        let mut density = Self { values: vec![0.0; sums.len()], errors: vec![0.0; sums.len()] };
        if !(total > 0.0 && total.is_finite()) {
            return density;
        }
        let total_variance: f64 = variances.iter().sum();
        for (bin, (sum, variance)) in sums.iter().zip(variances).enumerate() {
            let (low, high) = (edges[bin], edges[bin + 1]);
            let width = if log_x { (high / low).log10() } else { high - low };
            let share = sum / total;
            let squared = variance * (1.0 - 2.0 * share) + share * share * total_variance;
            density.values[bin] = share / width;
            density.errors[bin] = squared.max(0.0).sqrt() / total / width;
        }
        density
    }

    /// Largest value of the bins, with its error.
    #[must_use]
    pub fn maximum(&self) -> f64 {
        let tops = self.values.iter().zip(&self.errors).map(|(value, error)| value + error);
        tops.fold(0.0, f64::max)
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
    pub error: f64,
    /// The reference's own relative error.
    pub reference_error: f64,
}

/// The ratio in every bin; `None` where the reference has no entries.
#[must_use]
pub fn ratios(reference: &Density, generated: &Density) -> Vec<Option<Ratio>> {
    let bins = reference.values.len().min(generated.values.len());
    let ratio = |bin: usize| {
        let below = reference.values[bin];
        (below > 0.0).then(|| Ratio {
            value: generated.values[bin] / below,
            error: generated.errors[bin] / below,
            reference_error: reference.errors[bin] / below,
        })
    };
    (0..bins).map(ratio).collect()
}

/// The bins to draw: from the first to the last that either sample fills, with a margin.
///
/// # Returns
/// First bin, and one past the last.
#[must_use]
pub fn populated_bins(reference: &[f64], generated: &[f64]) -> (usize, usize) {
    let filled = |bin: &usize| reference[*bin] != 0.0 || generated[*bin] != 0.0;
    let bins = reference.len().min(generated.len());
    let first = (0..bins).find(filled);
    let last = (0..bins).rev().find(filled);
    match (first, last) {
        (Some(first), Some(last)) => {
            let margin = 1 + (last - first) / 20 + 4_usize.saturating_sub(last - first);
            (first.saturating_sub(margin), (last + 1 + margin).min(bins))
        }
        _ => (0, bins),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_counts(edges: &[f64], counts: &[f64], log_x: bool) -> Density {
        Density::from_sums(edges, counts, counts, log_x)
    }

    #[test]
    fn the_area_is_one_and_the_errors_are_binomial() {
        let density = of_counts(&[0.0, 1.0, 3.0, 4.0], &[1.0, 2.0, 1.0], false);
        assert_eq!(density.values, [0.25, 0.25, 0.25]);
        approx::assert_relative_eq!(density.errors[0], (0.25_f64 * 0.75 / 4.0).sqrt());
        let log = of_counts(&[1.0, 10.0, 1000.0], &[1.0, 1.0], true);
        approx::assert_relative_eq!(log.values[1], 0.25);
    }

    #[test]
    fn weights_have_their_own_errors() {
        // Three entries of weight 2 in each of two bins: shares of ½ with the error of 6 entries.
        let density = Density::from_sums(&[0.0, 1.0, 2.0], &[6.0, 6.0], &[12.0, 12.0], false);
        assert_eq!(density.values, [0.5, 0.5]);
        approx::assert_relative_eq!(density.errors[0], (0.25_f64 / 6.0).sqrt());
    }

    #[test]
    fn nothing_counted_gives_zeros_and_no_ratio() {
        let empty = of_counts(&[0.0, 1.0, 2.0], &[0.0, 0.0], false);
        let full = of_counts(&[0.0, 1.0, 2.0], &[1.0, 0.0], false);
        assert_eq!(empty.values, [0.0, 0.0]);
        assert_eq!(ratios(&empty, &full), [None, None]);
        assert_eq!(ratios(&full, &empty)[0].map(|ratio| ratio.value), Some(0.0));
    }

    #[test]
    fn empty_tails_are_left_out() {
        let mut counts = vec![0.0; 100];
        counts[40] = 1.0;
        counts[60] = 1.0;
        assert_eq!(populated_bins(&counts, &vec![0.0; 100]), (38, 63));
        assert_eq!(populated_bins(&[0.0; 3], &[0.0; 3]), (0, 3));
    }
}
