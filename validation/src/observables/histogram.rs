/// Counts in bins with numpy's meaning: a bin holds its lower edge, the last one its upper edge
/// too, and what lies outside (or is not a number) is counted apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Sums of weights; without weights, counts. `[bins]`
    pub counts: Vec<f64>,
    /// Entries below the first or above the last edge, or not a number.
    pub outside: usize,
    /// Those of them below the first edge, or not a number.
    pub below: usize,
    /// What weighted entries have beside; `None` where each entry counts 1.
    pub weighted: Option<WeightSums>,
}

/// What a weighted histogram knows beside the sums of weights.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightSums {
    /// Sums of squared weights. `[bins]`
    pub variances: Vec<f64>,
    /// Number of entries in the bins.
    pub inside: usize,
    /// Sum of the weights outside.
    pub outside: f64,
    /// Sum of the squared weights outside.
    pub outside_variance: f64,
}

impl Histogram {
    /// # Shapes
    /// `edges`: `[bins + 1]`, rising; without at least two edges everything is outside.
    pub fn fill(edges: &[f64], values: impl IntoIterator<Item = f64>) -> Self {
        let counts = vec![0.0; edges.len().saturating_sub(1)];
        let mut histogram = Self { counts, outside: 0, below: 0, weighted: None };
        for value in values {
            if let Some(bin) = bin_of(edges, value) {
                histogram.counts[bin] += 1.0;
            } else {
                histogram.outside += 1;
                histogram.below += usize::from(is_below(edges, value));
            }
        }
        histogram
    }

    /// The same for (value, weight) pairs: Σ w with the variance Σ w².
    pub fn fill_weighted(edges: &[f64], entries: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let bins = edges.len().saturating_sub(1);
        let (mut counts, mut outside, mut below) = (vec![0.0; bins], 0, 0);
        let mut sums = WeightSums {
            variances: vec![0.0; bins],
            inside: 0,
            outside: 0.0,
            outside_variance: 0.0,
        };
        for (value, weight) in entries {
            if let Some(bin) = bin_of(edges, value) {
                counts[bin] += weight;
                sums.variances[bin] += weight * weight;
                sums.inside += 1;
            } else {
                outside += 1;
                below += usize::from(is_below(edges, value));
                sums.outside += weight;
                sums.outside_variance += weight * weight;
            }
        }
        Self { counts, outside, below, weighted: Some(sums) }
    }

    /// The same for values that are sorted by `f64::total_cmp`, in O(bins · log values).
    pub fn of_sorted(edges: &[f64], sorted: &[f64]) -> Self {
        let Some((last, lower_edges)) = edges.split_last() else {
            return Self::fill(edges, sorted.iter().copied());
        };
        let below = |edge: &f64| sorted.partition_point(|value| value < edge);
        let mut bounds: Vec<usize> = lower_edges.iter().map(below).collect();
        bounds.push(sorted.partition_point(|value| value <= last));
        let counts: Vec<f64> =
            bounds.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64).collect();
        let inside: f64 = counts.iter().sum();
        // Not-a-number sorts to both ends.
        let numberless =
            sorted.len() - sorted.partition_point(|v| !(v.is_nan() && v.is_sign_positive()));
        let below = if counts.is_empty() { sorted.len() } else { bounds[0] + numberless };
        Self { counts, outside: sorted.len() - inside as usize, below, weighted: None }
    }

    /// Entries above the last edge.
    pub fn above(&self) -> usize {
        self.outside - self.below
    }

    /// Entries in the bins.
    pub fn inside(&self) -> usize {
        match &self.weighted {
            Some(sums) => sums.inside,
            None => self.counts.iter().sum::<f64>() as usize,
        }
    }

    /// Sums of weights and of squared weights, with one more bin for what lies outside. Without
    /// weights both are the counts.
    ///
    /// # Shapes
    /// `[bins + 1]` each.
    pub fn with_outside(&self) -> (Vec<f64>, Vec<f64>) {
        let append = |values: &[f64], last| {
            let mut values = values.to_vec();
            values.push(last);
            values
        };
        match &self.weighted {
            Some(sums) => {
                (append(&self.counts, sums.outside), append(&sums.variances, sums.outside_variance))
            }
            None => {
                let counts = append(&self.counts, self.outside as f64);
                (counts.clone(), counts)
            }
        }
    }
}

/// Of a value outside: whether it is not above the last edge.
fn is_below(edges: &[f64], value: f64) -> bool {
    edges.len() < 2 || edges.last().is_none_or(|last| value.is_nan() || value <= *last)
}

/// The bin of a value, as `numpy.histogram` with explicit edges finds it.
pub(crate) fn bin_of(edges: &[f64], value: f64) -> Option<usize> {
    let (first, last) = (edges.first()?, edges.last()?);
    if !(value >= *first && value <= *last) || edges.len() < 2 {
        return None;
    }
    let above = edges.partition_point(|edge| *edge <= value);
    Some(above.min(edges.len() - 1) - 1)
}

/// `bins + 1` equally spaced edges, as `numpy.linspace` makes them.
pub fn linear_edges(first: f64, last: f64, bins: usize) -> Vec<f64> {
    let step = (last - first) / bins as f64;
    let mut edges: Vec<f64> = (0..bins).map(|bin| bin as f64 * step + first).collect();
    edges.push(last);
    edges
}

/// `bins + 1` edges that are equally spaced in the logarithm; both ends are exact.
pub fn logarithmic_edges(first: f64, last: f64, bins: usize) -> Vec<f64> {
    let mut edges: Vec<f64> = linear_edges(first.log10(), last.log10(), bins)
        .into_iter()
        .map(|exponent| libm::pow(10.0, exponent))
        .collect();
    // 10^log10(x) may fall just short of x, and would drop the greatest entry.
    edges[0] = first;
    edges[bins] = last;
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_bin_is_closed_and_outsiders_are_counted() {
        let edges = [0.0, 1.0, 2.0];
        let values = [-0.1, 0.0, 0.999, 1.0, 2.0, 2.1, f64::NAN, f64::INFINITY];
        let histogram = Histogram::fill(&edges, values);
        let expected = Histogram { counts: vec![2.0, 2.0], outside: 4, below: 2, weighted: None };
        assert_eq!(histogram, expected);
        assert_eq!(histogram.inside(), 4);
    }

    #[test]
    fn weights_and_their_squares_are_summed() {
        let entries = [(0.5, 2.0), (0.7, -0.5), (1.5, 3.0), (9.0, -1.5)];
        let histogram = Histogram::fill_weighted(&[0.0, 1.0, 2.0], entries);
        assert_eq!(histogram.counts, [1.5, 3.0]);
        assert_eq!((histogram.inside(), histogram.outside), (3, 1));
        let (sums, variances) = histogram.with_outside();
        assert_eq!((sums, variances), (vec![1.5, 3.0, -1.5], vec![4.25, 9.0, 2.25]));
    }

    #[test]
    fn edges_are_numpys() {
        assert_eq!(linear_edges(0.5, 1.5, 100)[..3], [0.5, 0.51, 0.52]);
        let edges = logarithmic_edges(1.0, 1000.0, 3);
        for (edge, expected) in edges.iter().zip([1.0, 10.0, 100.0, 1000.0]) {
            approx::assert_relative_eq!(*edge, expected, max_relative = 1e-15);
        }
    }

    proptest! {
        #[test]
        fn sorted_and_unsorted_values_fill_the_same_bins(
            mut values in prop::collection::vec(
                prop_oneof![-1.5..1.5f64, Just(f64::NAN), Just(1.0), Just(-1.0), Just(0.2)], 0..80),
        ) {
            let edges = linear_edges(-1.0, 1.0, 10);
            let direct = Histogram::fill(&edges, values.iter().copied());
            values.sort_by(f64::total_cmp);
            prop_assert_eq!(Histogram::of_sorted(&edges, &values), direct);
        }
    }
}
