use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Mat, Par};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::Generator;
use super::generator::{check_point, check_sizes, event_of};
use crate::ValidationError;
use crate::metrics::checks::problem_of;
use crate::metrics::linear_algebra::clear_registers;

/// ∂G_i / ∂z_j at a latent point: the generator's own, or central differences of fourth order,
///
/// (8 (G(z + h e_j) − G(z − h e_j)) − (G(z + 2h e_j) − G(z − 2h e_j))) / 12h,
///
/// with h = [`Generator::difference_step`] · max(1, |z_j|).
///
/// # Shapes
/// `latent`: `[latent_size]`; the result is `[output_size, latent_size]`.
///
/// # Errors
/// A latent point or a Jacobian of another size, or numbers that are not finite.
pub fn jacobian(generator: &dyn Generator, latent: &[f64]) -> Result<Array2<f64>, ValidationError> {
    check_sizes(generator)?;
    check_point("latent point", latent, generator.latent_size())?;
    let shape = (generator.output_size(), generator.latent_size());
    if let Some(own) = generator.jacobian(latent) {
        if own.dim() != shape {
            return Err(ValidationError::Shape {
                found_events: own.nrows(),
                found_values: own.ncols(),
                events: shape.0,
                values: shape.1,
            });
        }
        if let Some(value) = own.iter().find(|value| !value.is_finite()) {
            return Err(problem_of("generator", format!("has {value} in its Jacobian")));
        }
        return Ok(own);
    }
    let mut matrix = Array2::zeros(shape);
    let mut point = latent.to_vec();
    for (j, mut column) in matrix.columns_mut().into_iter().enumerate() {
        let step = generator.difference_step() * latent[j].abs().max(1.0);
        for (steps, weight) in [(-2.0, 1.0), (-1.0, -8.0), (1.0, 8.0), (2.0, -1.0)] {
            point[j] = latent[j] + steps * step;
            let output = event_of(generator, &point)?;
            for (entry, output) in column.iter_mut().zip(output) {
                *entry += weight * output / (12.0 * step);
            }
        }
        point[j] = latent[j];
    }
    Ok(matrix)
}

/// How a generator stretches its latent space about a point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JacobianSpectrum {
    /// Of the Jacobian, the greatest first: min(latent_size, output_size) of them.
    pub singular_values: Vec<f64>,
    /// The greatest over the smallest; `None` where the smallest is 0 to within rounding, and the
    /// generator has fewer directions there than its latent space.
    pub condition_number: Option<f64>,
    /// Σ ln σ: the logarithm of the volume of output per volume of latent space. `None` as above.
    pub log_volume: Option<f64>,
}

/// The singular values of the generator's Jacobian and their condition number, which tells how
/// well-behaved a generator is (Odena et al., arXiv:1802.08768: there the squares are bounded).
///
/// A generator that ignores latent numbers, a sign of collapse, has singular values of 0.
///
/// # Shapes
/// `latent`: `[latent_size]`.
///
/// # Errors
/// What [`jacobian`] refuses, or singular values that do not converge.
pub fn jacobian_spectrum(
    generator: &dyn Generator,
    latent: &[f64],
) -> Result<JacobianSpectrum, ValidationError> {
    let singular_values = singular_values(&jacobian(generator, latent)?)?;
    let greatest = singular_values.first().copied().unwrap_or(0.0);
    let smallest = singular_values.last().copied().unwrap_or(0.0);
    // A difference leaves relative errors of step⁴ and of ε / step.
    let step = generator.difference_step();
    let level = greatest * step.powi(4).max(f64::EPSILON / step) * singular_values.len() as f64;
    let full_rank = smallest > level;
    Ok(JacobianSpectrum {
        condition_number: full_rank.then(|| greatest / smallest),
        log_volume: full_rank.then(|| singular_values.iter().map(|value| value.ln()).sum()),
        singular_values,
    })
}

/// In descending order, on one thread.
pub(super) fn singular_values(matrix: &Array2<f64>) -> Result<Vec<f64>, ValidationError> {
    let (rows, columns) = matrix.dim();
    let matrix = Mat::from_fn(rows, columns, |i, j| matrix[(i, j)]);
    let none = ComputeSvdVectors::No;
    let needed = svd_scratch::<f64>(rows, columns, none, none, Par::Seq, faer::prelude::default());
    let mut values = Diag::<f64>::zeros(rows.min(columns));
    svd(
        matrix.as_ref(),
        values.as_mut(),
        None,
        None,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(needed)),
        faer::prelude::default(),
    )
    .inspect(|()| clear_registers())
    .map_err(|_| ValidationError::Eigenvalues { matrix: "a Jacobian" })?;
    Ok(values.column_vector().iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::super::generator::examples::Linear;
    use super::super::{Generator, GeneratorFunction};
    use super::*;
    use ndarray::arr2;

    #[test]
    fn differences_give_the_derivatives() {
        let generator = GeneratorFunction::new(2, 3, |z, x| {
            x.copy_from_slice(&[z[0] * z[0], z[0] * z[1].sin(), (0.1 * z[0]).exp()]);
        });
        let [a, b]: [f64; 2] = [30.0, -0.7];
        let found = jacobian(&generator, &[a, b]).expect("finite");
        let expected =
            arr2(&[[2.0 * a, 0.0], [b.sin(), a * b.cos()], [0.1 * (0.1 * a).exp(), 0.0]]);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }

    #[test]
    fn a_linear_generator_has_the_singular_values_of_its_matrix() {
        // diag(3, 0.5) turned on both sides.
        let turn = |angle: f64| arr2(&[[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]]);
        let matrix = turn(0.4).dot(&arr2(&[[3.0, 0.0], [0.0, 0.5]])).dot(&turn(1.1));
        for supplied in [true, false] {
            let generator = Linear { matrix: matrix.clone(), offset: vec![1.0, 2.0], supplied };
            let found = jacobian_spectrum(&generator, &[0.3, -2.0]).expect("converges");
            let tolerance = if supplied { 1e-13 } else { 1e-11 };
            for (found, expected) in found.singular_values.iter().zip([3.0, 0.5]) {
                approx::assert_relative_eq!(*found, expected, max_relative = tolerance);
            }
            let condition = found.condition_number.expect("full rank");
            approx::assert_relative_eq!(condition, 6.0, max_relative = 2.0 * tolerance);
            let volume = found.log_volume.expect("full rank");
            approx::assert_relative_eq!(volume, 1.5f64.ln(), max_relative = 4.0 * tolerance);
        }
    }

    #[test]
    fn an_ignored_latent_number_leaves_no_condition_number() {
        let generator = GeneratorFunction::new(3, 4, |z, x| {
            x.copy_from_slice(&[z[0], z[1], z[0] + z[1], z[0] * z[1]]);
        });
        let found = jacobian_spectrum(&generator, &[0.5, 1.5, 2.5]).expect("converges");
        assert_eq!(found.singular_values.len(), 3);
        assert_eq!((found.condition_number, found.log_volume), (None, None));
    }

    #[test]
    fn what_is_no_number_or_of_another_size_is_refused() {
        let generator = GeneratorFunction::new(1, 1, |z, x| x[0] = z[0].ln());
        assert!(jacobian(&generator, &[-1.0]).is_err());
        assert!(jacobian(&generator, &[1.0, 2.0]).is_err());
        assert!(jacobian(&generator, &[f64::NAN]).is_err());
        struct Odd;
        impl Generator for Odd {
            fn latent_size(&self) -> usize {
                1
            }
            fn output_size(&self) -> usize {
                2
            }
            fn generate(&self, _: &[f64], output: &mut [f64]) {
                output.fill(0.0);
            }
            fn jacobian(&self, _: &[f64]) -> Option<Array2<f64>> {
                Some(Array2::zeros((1, 2)))
            }
        }
        assert!(matches!(jacobian(&Odd, &[0.0]), Err(ValidationError::Shape { .. })));
    }
}
