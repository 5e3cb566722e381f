use serde::{Deserialize, Serialize};

use super::Kernel;
use super::sums::{SumWithin, sum_between, sum_within};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::feature_matrix::check_pair;

/// A squared maximum mean discrepancy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Discrepancy {
    /// With each event's pair with itself (V-statistic): never below 0.
    pub biased: f64,
    /// Without (U-statistic): 0 on average for equal distributions, and so often below 0.
    pub unbiased: f64,
}

impl Discrepancy {
    /// Of m and n events with the sums of kernels within and between the samples.
    pub(crate) fn from_sums(
        (first, m): (SumWithin, f64),
        (second, n): (SumWithin, f64),
        between: f64,
    ) -> Self {
        let cross = 2.0 * between / (m * n);
        let biased = first.all / (m * m) + second.all / (n * n) - cross;
        let without = |sum: SumWithin, n: f64| (sum.all - sum.itself) / (n * (n - 1.0));
        Self { biased, unbiased: without(first, m) + without(second, n) - cross }
    }
}

/// The squared maximum mean discrepancy
///
/// MMD² = E k(x, x′) + E k(y, y′) − 2 E k(x, y)
///
/// of m and n events (Gretton et al. 2012, JMLR 13, eq. 3 and lemma 6), biased and unbiased. No
/// root is taken.
///
/// # Errors
/// A kernel that cannot be used, different features, or fewer than two events.
pub fn maximum_mean_discrepancy(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
    kernel: &Kernel,
) -> Result<Discrepancy, ValidationError> {
    kernel.check()?;
    check_pair(first, second, "a maximum mean discrepancy", 2)?;
    let [x, y] = kernel.points(first, second);
    Ok(Discrepancy::from_sums(
        (sum_within(kernel, &x, None), first.events() as f64),
        (sum_within(kernel, &y, None), second.events() as f64),
        sum_between(kernel, (&x, None), (&y, None)),
    ))
}

/// The energy distance 2 E|x − y| − E|x − x′| − E|y − y′| (Székely and Rizzo 2013, J. Stat. Plan.
/// Inference 143) with Euclidean distances in all features: the form that is called squared where
/// the root is taken as the distance. Twice the squared Cramér distance of one feature.
///
/// Biased: with each event's pair with itself, so that it is not below 0, and 0 for a sample with
/// itself. Unbiased: without, 0 on average for equal distributions.
///
/// ```
/// use ndarray::arr2;
/// use validation::metrics::{FeatureMatrix, kernels::energy_distance};
/// let first = FeatureMatrix::new("first", arr2(&[[0.0], [1.0]]).view())?;
/// let second = FeatureMatrix::new("second", arr2(&[[1.0], [3.0]]).view())?;
/// let found = energy_distance(&first, &second)?;
/// assert!((found.biased - (2.0 * 1.5 - 0.5 - 1.0)).abs() < 1e-15);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// Different features, or fewer than two events.
pub fn energy_distance(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
) -> Result<Discrepancy, ValidationError> {
    maximum_mean_discrepancy(first, second, &Kernel::Distance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn features(events: usize, seed: usize) -> FeatureMatrix {
        let values = Array2::from_shape_fn((events, 5), |(event, feature)| {
            ((event * 7919 + feature * 104_729 + seed * event * event) % 1009) as f64 / 300.0
        });
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    fn kernels() -> Vec<Kernel> {
        vec![
            Kernel::Gaussian { bandwidths: vec![0.5, 2.0] },
            Kernel::RationalQuadratic { exponents: vec![0.2, 1.0, 5.0], length: 1.5 },
            Kernel::polynomial(3, 5),
            Kernel::polynomial(4, 5),
            Kernel::polynomial(2, 5),
            Kernel::Distance,
        ]
    }

    fn by_definition(kernel: &Kernel, x: &[f64], y: &[f64]) -> f64 {
        let square: f64 = x.iter().zip(y).map(|(a, b)| (a - b).powi(2)).sum();
        match kernel {
            Kernel::Gaussian { bandwidths } => {
                bandwidths.iter().map(|s| (-square / (2.0 * s * s)).exp()).sum()
            }
            Kernel::RationalQuadratic { exponents, length } => exponents
                .iter()
                .map(|a| (1.0 + square / (2.0 * a * length * length)).powf(-a))
                .sum(),
            Kernel::Polynomial { degree, gamma, offset } => {
                let product: f64 = x.iter().zip(y).map(|(a, b)| a * b).sum();
                (gamma * product + offset).powi(*degree as i32)
            }
            Kernel::Distance => -square.sqrt(),
        }
    }

    #[test]
    fn each_kernel_follows_its_definition_over_more_than_one_tile() {
        let (first, second) = (features(300, 1), features(270, 2));
        for kernel in kernels() {
            let mean = |a: &FeatureMatrix, b: &FeatureMatrix, skip: bool| {
                let (mut sum, mut pairs) = (0.0, 0.0);
                for i in 0..a.events() {
                    for j in (0..b.events()).filter(|&j| !(skip && i == j)) {
                        sum += by_definition(&kernel, a.event(i), b.event(j));
                        pairs += 1.0;
                    }
                }
                sum / pairs
            };
            let found = maximum_mean_discrepancy(&first, &second, &kernel).expect("valid");
            let cross = 2.0 * mean(&first, &second, false);
            for (found, skip) in [(found.biased, false), (found.unbiased, true)] {
                let own = mean(&first, &first, skip) + mean(&second, &second, skip);
                assert!((found - (own - cross)).abs() < 1e-12 * cross.abs(), "{kernel:?} {skip}");
            }
        }
    }

    #[test]
    fn a_sample_is_at_distance_0_from_itself_however_far_from_the_origin() {
        let mut values = features(300, 1).view().to_owned();
        values += 1e4;
        let far = FeatureMatrix::new("far", values.view()).expect("valid");
        for kernel in [Kernel::Distance, Kernel::gaussian_of_median(&far, &far).expect("a median")]
        {
            let found = maximum_mean_discrepancy(&far, &far, &kernel).expect("valid");
            assert!(found.biased.abs() < 1e-9, "{kernel:?} {found:?}");
        }
    }

    #[test]
    fn kernels_without_a_width_are_refused() {
        let features = features(10, 1);
        for kernel in [
            Kernel::Gaussian { bandwidths: vec![] },
            Kernel::Gaussian { bandwidths: vec![0.0] },
            Kernel::RationalQuadratic { exponents: vec![1.0], length: f64::NAN },
            Kernel::Polynomial { degree: 3, gamma: -1.0, offset: 1.0 },
        ] {
            let found = maximum_mean_discrepancy(&features, &features, &kernel);
            assert!(matches!(found, Err(ValidationError::Setting { .. })), "{kernel:?}");
        }
        let equal = FeatureMatrix::new("equal", Array2::<f64>::ones((5, 2)).view()).expect("valid");
        assert!(Kernel::gaussian_of_median(&equal, &equal).is_err());
    }
}
