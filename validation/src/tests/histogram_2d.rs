use crate::observables::bin_of;

/// Sums of weights in bins of two quantities, with numpy's meaning: a bin holds its lower edge, the
/// last one its upper edge too, and what lies outside in either quantity (or is not a number) is
/// summed apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram2d {
    /// Σ w; without weights, counts. `[x bins · y bins]`, those of one x bin together.
    pub sums: Vec<f64>,
    /// Σ w². `[x bins · y bins]`
    pub variances: Vec<f64>,
    /// Σ w and Σ w² of what lies outside.
    pub outside: (f64, f64),
    x_bins: usize,
}

impl Histogram2d {
    /// # Shapes
    /// `x_edges`: `[x bins + 1]` and `y_edges`: `[y bins + 1]`, rising; `entries` are (x, y, weight).
    pub fn fill(
        x_edges: &[f64],
        y_edges: &[f64],
        entries: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Self {
        let bins = |edges: &[f64]| edges.len().saturating_sub(1);
        let (x_bins, y_bins) = (bins(x_edges), bins(y_edges));
        let empty = || vec![0.0; x_bins * y_bins];
        let mut histogram = Self { sums: empty(), variances: empty(), outside: (0.0, 0.0), x_bins };
        for (x, y, weight) in entries {
            if let (Some(i), Some(j)) = (bin_of(x_edges, x), bin_of(y_edges, y)) {
                histogram.sums[i * y_bins + j] += weight;
                histogram.variances[i * y_bins + j] += weight * weight;
            } else {
                histogram.outside.0 += weight;
                histogram.outside.1 += weight * weight;
            }
        }
        histogram
    }

    /// Bins of the first quantity.
    pub fn x_bins(&self) -> usize {
        self.x_bins
    }

    /// Σ w and Σ w², with one more bin for what lies outside. `[x bins · y bins + 1]` each.
    pub(super) fn with_outside(&self) -> (Vec<f64>, Vec<f64>) {
        let append = |bins: &[f64], last: f64| bins.iter().copied().chain([last]).collect();
        (append(&self.sums, self.outside.0), append(&self.variances, self.outside.1))
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn bins_are_half_open_but_for_the_last() {
        let entries = [
            (0.0, 0.0, 2.0),
            (1.0, 3.0, -0.5),
            (2.0, 1.0, 3.0),
            (2.1, 1.0, 5.0),
            (1.0, f64::NAN, 7.0),
        ];
        let found = Histogram2d::fill(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 3.0], entries);
        assert_eq!(found.sums, [2.0, 0.0, 0.0, 0.0, 3.0, -0.5]);
        assert_eq!(found.variances, [4.0, 0.0, 0.0, 0.0, 9.0, 0.25]);
        assert_eq!((found.outside, found.x_bins()), ((12.0, 74.0), 2));
        assert_eq!(Histogram2d::fill(&[], &[1.0, 2.0], [(0.0, 0.0, 1.0)]).outside, (1.0, 1.0));
    }
}
