use ndarray::Array2;

use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::frechet::Moments;
use crate::metrics::linear_algebra::{Eigen, eigen};

/// The directions in which points vary most.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalDirections {
    /// Along each direction, the greatest first (ddof 1).
    pub variances: Vec<f64>,
    /// `[directions, features]`: each of length 1, its greatest component above 0.
    pub directions: Array2<f64>,
}

/// The principal directions of a network's activations, along which its latent space can be walked
/// (Härkönen et al., arXiv:2004.02546): eigenvectors of the covariance matrix of `points`.
///
/// # Errors
/// Fewer than two points, or eigenvalues that do not converge.
pub fn principal_directions(
    points: &FeatureMatrix,
) -> Result<PrincipalDirections, ValidationError> {
    let moments = Moments::of(points)?;
    let Eigen { values, vectors } = eigen(moments.covariance(), "a covariance matrix")?;
    let features = points.features();
    let mut directions = Array2::zeros((features, features));
    for (rank, mut direction) in directions.outer_iter_mut().enumerate() {
        // Eigenvalues ascend.
        let column = features - 1 - rank;
        let greatest = (0..features).fold(0.0_f64, |greatest, row| {
            let value = vectors[(row, column)];
            if value.abs() > greatest.abs() { value } else { greatest }
        });
        for (row, component) in direction.iter_mut().enumerate() {
            *component = vectors[(row, column)] * greatest.signum();
        }
    }
    let variances = values.into_iter().rev().map(|value| value.max(0.0)).collect();
    Ok(PrincipalDirections { variances, directions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_along_a_line_vary_in_its_direction() {
        let points = Array2::from_shape_fn((5, 2), |(point, feature)| {
            let along = point as f64;
            if feature == 0 { 0.6 * along } else { -0.8 * along + 7.0 }
        });
        let points = FeatureMatrix::new("x", points.view()).expect("valid");
        let found = principal_directions(&points).expect("converges");
        // The variance of 0 to 4 is 2.5.
        approx::assert_relative_eq!(found.variances[0], 2.5, max_relative = 1e-13);
        assert!(found.variances[1] < 1e-13);
        approx::assert_relative_eq!(found.directions[(0, 0)], -0.6, max_relative = 1e-13);
        approx::assert_relative_eq!(found.directions[(0, 1)], 0.8, max_relative = 1e-13);
    }
}
