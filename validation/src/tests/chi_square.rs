use statrs::distribution::{ChiSquared, ContinuousCDF};

/// What the χ² test of two histograms found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    pub chi2: f64,
    /// Bins less one, less those that are empty in both histograms.
    pub ndf: usize,
    /// Probability of a greater χ², if both samples have one distribution.
    pub p_value: f64,
}

impl ChiSquare {
    /// χ²/ndf; 0 without degrees of freedom.
    pub fn per_ndf(&self) -> f64 {
        if self.ndf == 0 { 0.0 } else { self.chi2 / self.ndf as f64 }
    }
}

/// Compares two histograms of counts by their shapes: [`chi_square_weighted`] with the variances
/// s² = w.
///
/// # Shapes
/// Each argument is `[bins]`. Bins beyond the shortest argument are ignored.
pub fn chi_square(first: &[f64], second: &[f64]) -> ChiSquare {
    chi_square_weighted((first, first), (second, second))
}

/// Compares two histograms by their shapes, for weighted entries:
///
/// χ² = Σ (W₁ w₂ − W₂ w₁)² / (W₁² s₂² + W₂² s₁²)
///
/// with the bin contents w, their variances s² (the sums of squared weights) and W = Σ w: Gagunashvili,
/// arXiv:physics/0605123, eq. 8, which is ROOT's `Chi2TestX` with option `WW`. A bin without
/// entries in both (s² = 0) does not count.
///
/// A histogram without entries, or whose weights do not have a positive sum, says nothing about a
/// shape: against one with entries χ² is taken as infinitely significant (p = 0) with the value W
/// of the other, of counts one for each of its entries.
///
/// # Shapes
/// Each histogram is (w, s²), `[bins]` each. Bins beyond the shortest are ignored.
pub fn chi_square_weighted(first: (&[f64], &[f64]), second: (&[f64], &[f64])) -> ChiSquare {
    let ((first, first_variances), (second, second_variances)) = (first, second);
    let (total_first, total_second): (f64, f64) = (first.iter().sum(), second.iter().sum());
    let bins = first.iter().zip(first_variances).zip(second.iter().zip(second_variances));
    let filled = bins.filter(|((_, s), (_, t))| **s > 0.0 || **t > 0.0);
    let ndf = filled.clone().count().saturating_sub(1);
    if total_first <= 0.0 || total_second <= 0.0 {
        let chi2 = total_first.max(0.0) + total_second.max(0.0);
        return ChiSquare { chi2, ndf, p_value: if chi2 > 0.0 { 0.0 } else { 1.0 } };
    }
    let chi2 = filled
        .map(|((&a, &s), (&b, &t))| {
            let difference = total_first * b - total_second * a;
            let variance = total_first * total_first * t + total_second * total_second * s;
            difference * difference / variance
        })
        .sum();
    ChiSquare { chi2, ndf, p_value: tail(chi2, ndf) }
}

fn tail(chi2: f64, ndf: usize) -> f64 {
    ChiSquared::new(ndf as f64).map_or(1.0, |distribution| distribution.sf(chi2))
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn empty_bins_do_not_count_and_one_bin_has_no_shape() {
        let found = chi_square(&[3.0, 0.0, 5.0, 0.0], &[2.0, 0.0, 4.0, 1.0]);
        assert_eq!(found.ndf, 2);
        let single = chi_square(&[3.0], &[300.0]);
        assert_eq!((single.chi2, single.ndf, single.p_value), (0.0, 0, 1.0));
        assert_eq!(single.per_ndf(), 0.0);
    }

    #[test]
    fn an_empty_histogram_never_agrees_with_a_filled_one() {
        // The formula itself would give 0 here, and a generator without any entry would win.
        let found = chi_square(&[5.0, 6.0, 7.0], &[0.0; 3]);
        assert_eq!((found.chi2, found.ndf, found.p_value), (18.0, 2, 0.0));
        assert_eq!(chi_square(&[0.0; 3], &[0.0; 3]).p_value, 1.0);
    }

    #[test]
    fn weights_follow_the_formula_and_a_common_factor_changes_nothing() {
        // Two bins: W₁ = 4, W₂ = 1; (4·2 − 1·3)² / (16·5 + 1·9) + (4·(−1) − 1·1)² / (16·1 + 1·2).
        let (first, second) = (([3.0, 1.0], [9.0, 2.0]), ([2.0, -1.0], [5.0, 1.0]));
        let of = |a: &([f64; 2], [f64; 2]), b: &([f64; 2], [f64; 2])| {
            chi_square_weighted((&a.0, &a.1), (&b.0, &b.1))
        };
        let found = of(&first, &second);
        approx::assert_relative_eq!(found.chi2, 25.0 / 89.0 + 25.0 / 18.0, max_relative = 1e-12);
        assert_eq!(found.ndf, 1);
        let scaled = (first.0.map(|w| 10.0 * w), first.1.map(|s| 100.0 * s));
        approx::assert_relative_eq!(of(&scaled, &second).chi2, found.chi2, max_relative = 1e-12);
        // A bin whose weights cancel is not empty.
        let cancelled = chi_square_weighted((&[4.0, 0.0], &[4.0, 2.0]), (&[4.0, 0.0], &[4.0, 0.0]));
        assert_eq!((cancelled.ndf, cancelled.chi2), (1, 0.0));
    }

    fn counts() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((0..50u32).prop_map(f64::from), 12)
    }

    proptest! {
        #[test]
        fn it_is_symmetric_not_negative_and_zero_for_the_same_shape(a in counts(), b in counts()) {
            let (found, swapped) = (chi_square(&a, &b), chi_square(&b, &a));
            prop_assert!((found.chi2 - swapped.chi2).abs() <= 1e-9 * found.chi2);
            prop_assert_eq!(found.ndf, swapped.ndf);
            prop_assert!(found.chi2 >= 0.0 && (0.0..=1.0).contains(&found.p_value));
            let scaled: Vec<f64> = a.iter().map(|count| 3.0 * count).collect();
            prop_assert!(chi_square(&a, &scaled).chi2 < 1e-9);
        }
    }
}
