use super::Abstention;
use super::union::{Step, walk};
use super::weighted_sample::{Sizes, WeightedSample, sorted};

/// The Wasserstein distance of order 1 (earth mover's distance) of two samples in one dimension,
///
/// W₁ = ∫ |F_a(x) − F_b(x)| dx
///
/// with the empirical distribution functions F (Vallender, Theory Probab. Appl. 18 (1974) 784),
/// in the unit of the values. It is at least the difference of the means.
///
/// ```
/// let w = validation::tests::wasserstein_1(&[0.0, 1.0, 3.0], &[5.0, 6.0, 8.0]);
/// assert_eq!(w, Ok(5.0));
/// ```
///
/// # Shapes
/// `a`: `[n]`, `b`: `[m]`, in any order.
///
/// # Errors
/// Abstains for fewer than two events and for values that are not finite.
pub fn wasserstein_1(a: &[f64], b: &[f64]) -> Result<f64, Abstention> {
    let (a, b) = (sorted(a), sorted(b));
    let plain = |values| WeightedSample { values, weights: None };
    wasserstein_1_weighted(plain(&a), plain(&b))
}

/// [`wasserstein_1`] with weights: F(x) = Σ_{x_i ≤ x} w_i / Σ w. With negative weights F may fall,
/// and the integral is no longer a cost of moving.
///
/// # Shapes
/// `values` sorted, with `weights` in the same order.
///
/// # Errors
/// As [`wasserstein_1`], and for sums of weights that are not positive.
pub fn wasserstein_1_weighted(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
) -> Result<f64, Abstention> {
    let sizes = Sizes::of(a, b)?;
    let mut area = Area::default();
    walk(a, b, &sizes, |step| area.step(step));
    Ok(area.wasserstein_1(&sizes))
}

/// ∫ |F_a − F_b| dx along a walk, in the walk's unit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Area(f64);

impl Area {
    #[inline]
    pub(super) fn step(&mut self, step: &Step) {
        self.0 += step.below.abs() * step.width;
    }

    pub(super) fn wasserstein_1(self, sizes: &Sizes) -> f64 {
        self.0 / sizes.product()
    }
}

#[cfg(test)]
mod unit_tests {
    use super::super::test_samples::{sample, weighted_mean, weights};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn piles_of_earth_are_moved_at_the_least_cost() {
        // Heights 3, 2, 1, 4 to 1, 2, 4, 3 at places 1 to 4: five units of height times distance.
        let places = [1.0, 2.0, 3.0, 4.0];
        let piles = |weights| WeightedSample { values: &places, weights: Some(weights) };
        let found =
            wasserstein_1_weighted(piles(&[3.0, 2.0, 1.0, 4.0]), piles(&[1.0, 2.0, 4.0, 3.0]));
        assert_eq!(found.map(|w| w * 10.0), Ok(5.0));
        assert!(matches!(wasserstein_1(&[], &[1.0]), Err(Abstention::TooFewEvents { .. })));
    }

    proptest! {
        #[test]
        fn it_is_symmetric_and_at_least_the_difference_of_means(
            a in sample(), b in sample(), seed in 0..1000_u64,
        ) {
            let (w, v) = (weights(a.len(), seed), weights(b.len(), seed + 1));
            let first = WeightedSample { values: &a, weights: Some(&w) };
            let second = WeightedSample { values: &b, weights: Some(&v) };
            if let Ok(found) = wasserstein_1_weighted(first, second) {
                let swapped = wasserstein_1_weighted(second, first).unwrap();
                prop_assert!((found - swapped).abs() <= 1e-12);
                let difference = (weighted_mean(&a, &w) - weighted_mean(&b, &v)).abs();
                prop_assert!(found >= difference - 1e-12);
                prop_assert!(wasserstein_1_weighted(first, first).unwrap() < 1e-12);
            }
        }

        #[test]
        fn a_shift_is_the_distance(a in sample(), shift in -5.0..5.0_f64) {
            let shifted: Vec<f64> = a.iter().map(|x| x + shift).collect();
            let found = wasserstein_1(&a, &shifted).unwrap();
            prop_assert!((found - shift.abs()).abs() < 1e-9);
        }
    }
}
