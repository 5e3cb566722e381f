use serde::{Deserialize, Serialize};

use super::KnownManifold;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::checks::{check_positive, setting};
use crate::metrics::latent::{Generator, InversionSettings, reconstruction_errors};

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ManifoldScores {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// The share of generated events whose distance to the manifold is at most `tolerance` (Lucic et
/// al., arXiv:1711.10337, with 0.75 for images of polygons).
///
/// # Errors
/// Events with other features than the manifold's, or a tolerance not above 0.
pub fn manifold_precision(
    generated: &FeatureMatrix,
    manifold: &dyn KnownManifold,
    tolerance: f64,
) -> Result<f64, ValidationError> {
    check_positive("tolerance", tolerance)?;
    if generated.features() != manifold.features() {
        return Err(ValidationError::Shape {
            found_events: generated.events(),
            found_values: generated.features(),
            events: generated.events(),
            values: manifold.features(),
        });
    }
    let near = (0..generated.events())
        .filter(|&event| manifold.distance(generated.event(event)) <= tolerance)
        .count();
    Ok(near as f64 / generated.events() as f64)
}

/// The share of test events to which the generator can come as close as `tolerance`: |G(z) − x| at
/// most this for the best z (Lucic et al., arXiv:1711.10337). The search can miss the best z, so
/// this is a lower bound.
///
/// # Errors
/// A tolerance not above 0, or what
/// [`reconstruction_errors`](crate::metrics::latent::reconstruction_errors) refuses.
pub fn manifold_recall(
    generator: &dyn Generator,
    test: &FeatureMatrix,
    tolerance: f64,
    settings: &InversionSettings,
) -> Result<f64, ValidationError> {
    check_positive("tolerance", tolerance)?;
    let errors = reconstruction_errors(generator, test, settings)?.squared_errors;
    let near = errors.iter().filter(|error| error.sqrt() <= tolerance).count();
    Ok(near as f64 / test.events() as f64)
}

/// [`manifold_precision`] and [`manifold_recall`] with one tolerance, and their F₁.
///
/// # Errors
/// What the two refuse.
pub fn manifold_scores(
    generated: &FeatureMatrix,
    manifold: &dyn KnownManifold,
    generator: &dyn Generator,
    test: &FeatureMatrix,
    tolerance: f64,
    settings: &InversionSettings,
) -> Result<ManifoldScores, ValidationError> {
    let precision = manifold_precision(generated, manifold, tolerance)?;
    let recall = manifold_recall(generator, test, tolerance, settings)?;
    Ok(ManifoldScores { precision, recall, f1: f_beta_score(precision, recall, 1.0)? })
}

/// F_β = (1 + β²) P R / (β² P + R): β > 1 weighs recall more. 0 where both are 0.
///
/// ```
/// let f1 = validation::metrics::known_manifold::f_beta_score(0.5, 1.0, 1.0)?;
/// assert!((f1 - 2.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// A precision or recall outside of 0 to 1, or a β not above 0.
pub fn f_beta_score(precision: f64, recall: f64, beta: f64) -> Result<f64, ValidationError> {
    check_positive("beta", beta)?;
    for (name, value) in [("precision", precision), ("recall", recall)] {
        if !(0.0..=1.0).contains(&value) {
            return Err(setting(name, value, "a share from 0 to 1"));
        }
    }
    let square = beta * beta;
    let denominator = square * precision + recall;
    Ok(if denominator == 0.0 { 0.0 } else { (1.0 + square) * precision * recall / denominator })
}

#[cfg(test)]
mod tests {
    use super::super::ConvexPolygon;
    use super::*;
    use crate::metrics::latent::GeneratorFunction;
    use crate::random::{Purpose, generator, uniform};
    use ndarray::Array2;

    const TOLERANCE: f64 = 0.05;

    /// Uniform in the unit square, moved by `shift` along the first feature.
    fn square(shift: f64, seed: u64, events: usize) -> FeatureMatrix {
        let mut random = generator(seed, Purpose::PathLength);
        let values = Array2::from_shape_fn((events, 2), |(_, feature)| {
            uniform(&mut random) + if feature == 0 { shift } else { 0.0 }
        });
        FeatureMatrix::new("square", values.view()).expect("valid")
    }

    #[test]
    fn a_square_that_is_moved_loses_precision_and_recall_alike() {
        let manifold = ConvexPolygon::new(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]);
        let manifold = manifold.expect("convex");
        let shift = 0.3;
        // Fills the moved square from two latent numbers.
        let moved = GeneratorFunction::new(2, 2, move |z, x| {
            (x[0], x[1]) = (0.5 + 0.5 * z[0].tanh() + shift, 0.5 + 0.5 * z[1].tanh());
        });
        let settings = InversionSettings { starts: 3, ..InversionSettings::default() };
        let (generated, test) = (square(shift, 1, 4000), square(0.0, 2, 500));
        let found = manifold_scores(&generated, &manifold, &moved, &test, TOLERANCE, &settings);
        let found = found.expect("valid");
        // Of what is generated, 1 − 0.3 + 0.05 are near enough; of the test events the same.
        assert!((found.precision - 0.75).abs() < 4.0 * 0.007, "{found:?}");
        assert!((found.recall - 0.75).abs() < 4.0 * 0.02, "{found:?}");
        let harmonic = 2.0 / (1.0 / found.precision + 1.0 / found.recall);
        approx::assert_relative_eq!(found.f1, harmonic, max_relative = 1e-13);
    }

    #[test]
    fn a_generator_of_a_corner_is_precise_without_recall() {
        let manifold = ConvexPolygon::new(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]);
        let manifold = manifold.expect("convex");
        let corner = GeneratorFunction::new(2, 2, |z, x| {
            (x[0], x[1]) = (0.1 * z[0].tanh().abs(), 0.1 * z[1].tanh().abs());
        });
        let generated = Array2::from_shape_fn((100, 2), |(event, _)| event as f64 / 1000.0);
        let generated = FeatureMatrix::new("corner", generated.view()).expect("valid");
        let precision = manifold_precision(&generated, &manifold, TOLERANCE).expect("valid");
        assert_eq!(precision, 1.0);
        let settings = InversionSettings { starts: 3, ..InversionSettings::default() };
        // Uniform in the part of the manifold near the corner.
        let test = square(0.0, 3, 500).view().mapv(|value| 0.3 * value);
        let test = FeatureMatrix::new("test", test.view()).expect("valid");
        let recall = manifold_recall(&corner, &test, TOLERANCE, &settings).expect("valid");
        // The quarter disc about the corner of the small square, and strips along it.
        let near = 0.1 * 0.1 + 2.0 * 0.1 * 0.05 + std::f64::consts::PI / 4.0 * 0.05 * 0.05;
        let expected = near / 0.09;
        assert!((recall - expected).abs() < 4.0 * 0.02, "{recall} {expected}");
        assert!(manifold_precision(&generated, &manifold, 0.0).is_err());
        assert!(f_beta_score(1.1, 0.5, 1.0).is_err());
        assert_eq!(f_beta_score(0.0, 0.0, 1.0).expect("valid"), 0.0);
    }
}
