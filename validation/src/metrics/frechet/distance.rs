use faer::Mat;

use super::Moments;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::feature_matrix::check_pair;
use crate::metrics::linear_algebra::{Eigen, eigen, eigenvalues, multiply, rounding_level};

/// The squared Fréchet distance of the Gaussians with the means μ and covariances C of the two
/// samples,
///
/// d² = |μ₁ − μ₂|² + Tr(C₁ + C₂ − 2 (C₁ C₂)^½)
///
/// (Dowson and Landau 1982; Heusel et al., arXiv:1706.08500), the covariances with n − 1 in the
/// denominator. It is the square that published FIDs and FPDs are; no root is taken.
///
/// Features enter as they are: one in larger units weighs more. See [`FeatureMatrix::over_greatest`].
///
/// # Errors
/// Different features, or fewer than two events in a sample.
pub fn frechet_distance(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
) -> Result<f64, ValidationError> {
    check_pair(first, second, "a Fréchet distance", 2)?;
    frechet_distance_of_moments(&Moments::of(first)?, &Moments::of(second)?)
}

/// [`frechet_distance`] of means and covariances.
///
/// With C₁ = V Λ Vᵀ, the trace of (C₁ C₂)^½ is the sum of the roots of the eigenvalues of the
/// symmetric Λ^½ Vᵀ C₂ V Λ^½, which has those of C₁^½ C₂ C₁^½. No matrix is inverted, and the
/// covariances may lack rank: eigenvalues at the level of rounding count as 0.
///
/// # Errors
/// Different features, or eigenvalues that do not converge.
pub fn frechet_distance_of_moments(
    first: &Moments,
    second: &Moments,
) -> Result<f64, ValidationError> {
    let dimensions = first.mean().len();
    if second.mean().len() != dimensions {
        return Err(ValidationError::Shape {
            found_events: second.mean().len(),
            found_values: second.mean().len(),
            events: dimensions,
            values: dimensions,
        });
    }
    let between: f64 = first.mean().iter().zip(second.mean()).map(|(a, b)| (a - b) * (a - b)).sum();
    let traces: f64 =
        (0..dimensions).map(|i| first.covariance()[(i, i)] + second.covariance()[(i, i)]).sum();
    Ok(between + traces - 2.0 * trace_of_root(first, second)?)
}

/// Tr (C₁ C₂)^½.
fn trace_of_root(first: &Moments, second: &Moments) -> Result<f64, ValidationError> {
    const NAME: &str = "a covariance matrix";
    let dimensions = first.mean().len();
    let Eigen { values, vectors } = eigen(first.covariance(), NAME)?;
    let level = rounding_level(&values);
    // Ascending: what is kept are the last columns.
    let zeros = values.partition_point(|&value| value <= level);
    let rank = dimensions - zeros;
    // V Λ^½
    let root =
        Mat::from_fn(dimensions, rank, |i, j| vectors[(i, zeros + j)] * values[zeros + j].sqrt());
    let mut product = Mat::zeros(dimensions, rank);
    multiply(product.as_mut(), second.covariance(), root.as_ref(), 1.0);
    let mut sandwich = Mat::zeros(rank, rank);
    multiply(sandwich.as_mut(), root.transpose(), product.as_ref(), 1.0);
    let values = eigenvalues(sandwich.as_ref(), NAME)?;
    let level = rounding_level(&values);
    Ok(values.iter().filter(|&&value| value > level).map(|value| value.sqrt()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    fn matrix(values: &Array2<f64>) -> FeatureMatrix {
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn one_feature_has_the_closed_form() {
        // (μ₁ − μ₂)² + (σ₁ − σ₂)², with σ² = 2 and 18.
        let found =
            frechet_distance(&matrix(&arr2(&[[1.0], [3.0]])), &matrix(&arr2(&[[4.0], [10.0]])));
        approx::assert_relative_eq!(found.expect("valid"), 25.0 + 8.0, max_relative = 1e-14);
    }

    #[test]
    fn covariances_without_full_rank_work_and_a_sample_is_at_distance_0_from_itself() {
        // 4 events in 6 dimensions: rank 3. Each sample varies in its own three dimensions, where
        // the other has none: Tr (C₁ C₂)^½ = 0.
        let mut first = Array2::zeros((4, 6));
        let mut second = Array2::zeros((4, 6));
        for event in 0..4 {
            for feature in 0..3 {
                first[(event, feature)] = ((event * 3 + feature * feature) % 5) as f64;
                second[(event, 3 + feature)] = ((event * event + 2 * feature) % 7) as f64;
            }
        }
        let (first, second) = (matrix(&first), matrix(&second));
        let of = |a, b| frechet_distance(a, b).expect("valid");
        let trace = |features| {
            let moments = Moments::of(features).expect("enough");
            (0..6).map(|i| moments.covariance()[(i, i)]).sum::<f64>()
        };
        let (a, b) = (Moments::of(&first).expect("enough"), Moments::of(&second).expect("enough"));
        let between: f64 = a.mean().iter().zip(b.mean()).map(|(a, b)| (a - b).powi(2)).sum();
        let expected = between + trace(&first) + trace(&second);
        approx::assert_relative_eq!(of(&first, &second), expected, max_relative = 1e-13);
        assert!(of(&first, &first).abs() < 1e-7);
    }

    #[test]
    fn too_few_events_and_other_features_are_refused() {
        let (one, two) = (matrix(&arr2(&[[1.0]])), matrix(&arr2(&[[1.0], [2.0]])));
        assert!(matches!(
            frechet_distance(&two, &one),
            Err(ValidationError::TooFewEvents { found: 1, needed: 2, .. })
        ));
        let wide = matrix(&arr2(&[[1.0, 2.0], [2.0, 3.0]]));
        assert!(matches!(frechet_distance(&two, &wide), Err(ValidationError::Shape { .. })));
    }
}
