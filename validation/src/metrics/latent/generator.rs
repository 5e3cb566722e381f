use ndarray::Array2;

use crate::ValidationError;
use crate::metrics::checks::problem_of;

/// A generator as a function G from its latent space to events.
///
/// A condition, such as the incident energy, is part of the function.
pub trait Generator: Sync {
    /// Numbers of a latent point.
    fn latent_size(&self) -> usize;

    /// Numbers of an event.
    fn output_size(&self) -> usize;

    /// Writes G(z).
    ///
    /// # Shapes
    /// `latent`: `[latent_size]`, `output`: `[output_size]`.
    fn generate(&self, latent: &[f64], output: &mut [f64]);

    /// ∂G_i / ∂z_j where the generator knows it; otherwise it is taken from central differences.
    ///
    /// # Shapes
    /// `[output_size, latent_size]`
    fn jacobian(&self, latent: &[f64]) -> Option<Array2<f64>> {
        let _ = latent;
        None
    }

    /// The step of a central difference over max(1, |z_j|). By default about ε^(1/5) of 64-bit
    /// numbers, which balances truncation and rounding; a network that computes in 32 bits needs
    /// about 0.03.
    fn difference_step(&self) -> f64 {
        1e-3
    }
}

/// A function as a [`Generator`], without a Jacobian of its own.
///
/// ```
/// use validation::metrics::latent::{Generator, GeneratorFunction};
/// let circle = GeneratorFunction::new(1, 2, |z, x| (x[0], x[1]) = (z[0].cos(), z[0].sin()));
/// assert_eq!((circle.latent_size(), circle.output_size()), (1, 2));
/// ```
pub struct GeneratorFunction<F> {
    latent_size: usize,
    output_size: usize,
    function: F,
}

impl<F: Fn(&[f64], &mut [f64]) + Sync> GeneratorFunction<F> {
    /// `function` writes the event of a latent point into its second argument.
    pub fn new(latent_size: usize, output_size: usize, function: F) -> Self {
        Self { latent_size, output_size, function }
    }
}

impl<F: Fn(&[f64], &mut [f64]) + Sync> Generator for GeneratorFunction<F> {
    fn latent_size(&self) -> usize {
        self.latent_size
    }

    fn output_size(&self) -> usize {
        self.output_size
    }

    fn generate(&self, latent: &[f64], output: &mut [f64]) {
        (self.function)(latent, output);
    }
}

/// G(z), checked.
///
/// # Errors
/// An output that is not finite.
pub(super) fn event_of(
    generator: &dyn Generator,
    latent: &[f64],
) -> Result<Vec<f64>, ValidationError> {
    let mut output = vec![0.0; generator.output_size()];
    generator.generate(latent, &mut output);
    match output.iter().position(|value| !value.is_finite()) {
        None => Ok(output),
        Some(index) => {
            Err(problem_of("generator", format!("gives {} as output {index}", output[index])))
        }
    }
}

/// Whether a latent point or an event has as many finite numbers as the generator's.
pub(super) fn check_point(
    label: &str,
    point: &[f64],
    expected: usize,
) -> Result<(), ValidationError> {
    if point.len() != expected {
        let found = (1, point.len());
        return Err(ValidationError::Shape {
            found_events: found.0,
            found_values: found.1,
            events: 1,
            values: expected,
        });
    }
    match point.iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(value) => Err(problem_of(label, format!("has {value}"))),
    }
}

/// Whether the generator has a latent space and events at all.
pub(super) fn check_sizes(generator: &dyn Generator) -> Result<(), ValidationError> {
    if generator.latent_size() == 0 || generator.output_size() == 0 {
        return Err(problem_of("generator", "has no latent numbers or no outputs".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod examples {
    use super::*;

    /// G(z) = A z + b, with or without its Jacobian A.
    pub(crate) struct Linear {
        pub(crate) matrix: Array2<f64>,
        pub(crate) offset: Vec<f64>,
        pub(crate) supplied: bool,
    }

    impl Linear {
        /// Some well-conditioned matrix.
        pub(crate) fn new(outputs: usize, latents: usize, supplied: bool) -> Self {
            let entry = |(i, j): (usize, usize)| {
                let off = (((7 * i + 3 * j) % 11) as f64 - 5.0) / 10.0;
                if i == j { 2.0 + off } else { off }
            };
            let offset = (0..outputs).map(|i| (i % 3) as f64).collect();
            Self { matrix: Array2::from_shape_fn((outputs, latents), entry), offset, supplied }
        }
    }

    impl Generator for Linear {
        fn latent_size(&self) -> usize {
            self.matrix.ncols()
        }

        fn output_size(&self) -> usize {
            self.matrix.nrows()
        }

        fn generate(&self, latent: &[f64], output: &mut [f64]) {
            let product = self.matrix.dot(&ndarray::aview1(latent));
            for ((output, product), offset) in output.iter_mut().zip(&product).zip(&self.offset) {
                *output = product + offset;
            }
        }

        fn jacobian(&self, _latent: &[f64]) -> Option<Array2<f64>> {
            self.supplied.then(|| self.matrix.clone())
        }
    }
}
