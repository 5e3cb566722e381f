use ndarray::Array2;

use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::checks::{check_positive, setting};

/// The centres of a mixture of equal, round Gaussians and their standard deviation σ.
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianModes {
    centres: FeatureMatrix,
    sigma: f64,
}

impl GaussianModes {
    /// # Shapes
    /// `centres`: `[modes, features]`.
    ///
    /// # Errors
    /// A σ that is not above 0.
    pub fn new(centres: FeatureMatrix, sigma: f64) -> Result<Self, ValidationError> {
        check_positive("sigma", sigma)?;
        Ok(Self { centres, sigma })
    }

    /// `modes` in two dimensions on a circle about 0, the first at angle 0. Srivastava et al.
    /// (arXiv:1705.07761) and Lin et al. (arXiv:1712.04086) take 8 with radius 1 and σ = 0.01.
    ///
    /// # Errors
    /// No mode, or a radius or σ that is not above 0.
    pub fn ring(modes: usize, radius: f64, sigma: f64) -> Result<Self, ValidationError> {
        check_positive("radius", radius)?;
        let centres = Array2::from_shape_fn((modes, 2), |(mode, axis)| {
            let angle = std::f64::consts::TAU * mode as f64 / modes as f64;
            radius * if axis == 0 { angle.cos() } else { angle.sin() }
        });
        Self::new(FeatureMatrix::new("modes", centres.view())?, sigma)
    }

    /// `side` × `side` modes in two dimensions about 0, `spacing` apart. The same authors take 5 × 5
    /// with a spacing of 2 and σ = 0.05.
    ///
    /// # Errors
    /// No mode, or a spacing or σ that is not above 0.
    pub fn grid(side: usize, spacing: f64, sigma: f64) -> Result<Self, ValidationError> {
        check_positive("spacing", spacing)?;
        if side == 0 {
            return Err(setting("side", side, "at least 1"));
        }
        let first = -spacing * (side - 1) as f64 / 2.0;
        let centres = Array2::from_shape_fn((side * side, 2), |(mode, axis)| {
            let place = if axis == 0 { mode / side } else { mode % side };
            first + spacing * place as f64
        });
        Self::new(FeatureMatrix::new("modes", centres.view())?, sigma)
    }

    /// `[modes, features]`
    pub fn centres(&self) -> &FeatureMatrix {
        &self.centres
    }

    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The number of the nearest mode, the first of equally near ones, and the distance to it.
    ///
    /// # Shapes
    /// `event`: `[features]`, of the centres' features.
    pub fn nearest(&self, event: &[f64]) -> (usize, f64) {
        let mut nearest = (0, f64::INFINITY);
        for mode in 0..self.centres.events() {
            let centre = self.centres.event(mode);
            let squared: f64 = centre.iter().zip(event).map(|(c, x)| (c - x) * (c - x)).sum();
            if squared < nearest.1 {
                nearest = (mode, squared);
            }
        }
        (nearest.0, nearest.1.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_of_25_goes_from_minus_4_to_4() {
        let grid = GaussianModes::grid(5, 2.0, 0.05).expect("valid");
        assert_eq!(grid.centres().events(), 25);
        assert_eq!(grid.centres().event(0), [-4.0, -4.0]);
        assert_eq!(grid.centres().event(24), [4.0, 4.0]);
        let (mode, distance) = grid.nearest(&[0.25, -2.0]);
        assert_eq!((mode, distance), (11, 0.25));
    }

    #[test]
    fn what_is_no_mixture_is_refused() {
        assert!(GaussianModes::ring(0, 1.0, 0.01).is_err());
        assert!(GaussianModes::ring(8, 1.0, 0.0).is_err());
        assert!(GaussianModes::ring(8, f64::NAN, 0.1).is_err());
        assert!(GaussianModes::grid(0, 1.0, 0.1).is_err());
    }
}
