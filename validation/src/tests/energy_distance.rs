use super::Abstention;
use super::union::{Step, walk};
use super::weighted_sample::{Sizes, WeightedSample, sorted};

/// The energy distance of two samples in one dimension,
///
/// E = 2 ⟨|X − Y|⟩ − ⟨|X − X′|⟩ − ⟨|Y − Y′|⟩ = 2 ∫ (F_a(x) − F_b(x))² dx,
///
/// over all pairs of values, those of a value with itself included, so that E ≥ 0 (Székely and
/// Rizzo, J. Stat. Plan. Inference 143 (2013) 1249). It has the unit of the values: `dcor`'s
/// `energy_distance` is E, SciPy's is √E. The integral is summed over the sorted values in
/// O(n log n).
///
/// ```
/// // 2 · 2 − 1/2 − 1/2
/// let e = validation::tests::energy_distance(&[0.0, 1.0], &[2.0, 3.0]);
/// assert_eq!(e, Ok(3.0));
/// ```
///
/// # Shapes
/// `a`: `[n]`, `b`: `[m]`, in any order.
///
/// # Errors
/// Abstains for fewer than two events and for values that are not finite.
pub fn energy_distance(a: &[f64], b: &[f64]) -> Result<f64, Abstention> {
    let (a, b) = (sorted(a), sorted(b));
    let plain = |values| WeightedSample { values, weights: None };
    energy_distance_weighted(plain(&a), plain(&b))
}

/// [`energy_distance`] with weights: the means over pairs are weighted with w_i w_j / (Σ w)².
///
/// # Shapes
/// `values` sorted, with `weights` in the same order.
///
/// # Errors
/// As [`energy_distance`], and for sums of weights that are not positive.
pub fn energy_distance_weighted(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
) -> Result<f64, Abstention> {
    let sizes = Sizes::of(a, b)?;
    let mut area = SquaredArea::default();
    walk(a, b, &sizes, |step| area.step(step));
    Ok(area.energy_distance(&sizes))
}

/// The squared Cramér distance l₂² = ∫ (F_a(x) − F_b(x))² dx = E / 2 (arXiv:1705.10743): half the
/// [`energy_distance`], in one dimension.
///
/// # Shapes
/// `a`: `[n]`, `b`: `[m]`, in any order.
///
/// # Errors
/// As [`energy_distance`].
pub fn cramer_distance_squared(a: &[f64], b: &[f64]) -> Result<f64, Abstention> {
    energy_distance(a, b).map(|energy| energy / 2.0)
}

/// ∫ (F_a − F_b)² dx along a walk, in the walk's unit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SquaredArea(f64);

impl SquaredArea {
    #[inline]
    pub(super) fn step(&mut self, step: &Step) {
        self.0 += step.below * step.below * step.width;
    }

    pub(super) fn energy_distance(self, sizes: &Sizes) -> f64 {
        2.0 * self.0 / sizes.product() / sizes.product()
    }
}

#[cfg(test)]
mod unit_tests {
    use super::super::test_samples::{sample, weights};
    use super::*;
    use proptest::prelude::*;

    /// ⟨|X − Y|⟩.
    fn mean_distance(a: WeightedSample<'_>, b: WeightedSample<'_>) -> f64 {
        let indices = |s: WeightedSample<'_>| 0..s.values.len();
        let sum: f64 = indices(a)
            .flat_map(|i| indices(b).map(move |j| (i, j)))
            .map(|(i, j)| a.weight(i) * b.weight(j) * (a.values[i] - b.values[j]).abs())
            .sum();
        sum / a.total() / b.total()
    }

    #[test]
    fn it_is_twice_the_squared_cramer_distance() {
        // F − G is 1/2, 1, 1/2 over steps of length 1.
        assert_eq!(cramer_distance_squared(&[0.0, 1.0], &[3.0, 2.0]), Ok(1.5));
        assert_eq!(energy_distance(&[f64::NAN, 1.0], &[1.0, 2.0]), Err(Abstention::NotFinite));
    }

    proptest! {
        #[test]
        fn it_is_the_difference_of_mean_distances(
            a in sample(), b in sample(), seed in 0..1000_u64,
        ) {
            let (w, v) = (weights(a.len(), seed), weights(b.len(), seed + 1));
            let first = WeightedSample { values: &a, weights: Some(&w) };
            for second in [
                WeightedSample { values: &b, weights: Some(&v) },
                WeightedSample { values: &b, weights: None },
            ] {
                if let Ok(found) = energy_distance_weighted(first, second) {
                    let expected = 2.0 * mean_distance(first, second)
                        - mean_distance(first, first)
                        - mean_distance(second, second);
                    prop_assert!((found - expected).abs() < 1e-10);
                    prop_assert!(found >= 0.0);
                    let swapped = energy_distance_weighted(second, first).unwrap();
                    prop_assert!((found - swapped).abs() < 1e-12);
                }
            }
        }
    }
}
