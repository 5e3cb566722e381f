use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::generator::{check_point, check_sizes, event_of};
use super::{Cholesky, Generator, jacobian};
use crate::ValidationError;
use crate::metrics::checks::{check_positive, setting};
use crate::random::{Purpose, generator as random_generator, standard_normal};

/// A promised fall of the squared error by less than this share cannot be told from rounding.
const ROUNDING: f64 = 1e-12;

/// λ over the greatest entry of JᵀJ stays above this.
const LEAST_DAMPING: f64 = 1e-14;

/// Settings of the search for the latent point of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InversionSettings {
    /// Starting points: z = 0 and then standard normal ones. Default 8.
    pub starts: usize,
    /// Steps from each. Default 200.
    pub maximum_steps: usize,
    /// The search ends where the cosine between the residual and each column of the Jacobian, or
    /// the step over the length of z, is at most this. Default 10⁻¹².
    pub tolerance: f64,
    /// Default 1.
    pub seed: u64,
}

impl Default for InversionSettings {
    fn default() -> Self {
        Self { starts: 8, maximum_steps: 200, tolerance: 1e-12, seed: 1 }
    }
}

impl InversionSettings {
    pub(crate) fn check(&self) -> Result<(), ValidationError> {
        if self.starts == 0 {
            return Err(setting("starts", self.starts, "at least 1"));
        }
        if self.maximum_steps == 0 {
            return Err(setting("maximum_steps", self.maximum_steps, "at least 1"));
        }
        check_positive("tolerance", self.tolerance)
    }
}

/// The latent point whose event is closest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inversion {
    /// `[latent_size]`
    pub latent: Vec<f64>,
    /// |G(z) − x|², the squared Euclidean distance in the units of the events.
    pub squared_error: f64,
    /// Of the best start: whether the search ended before its steps did.
    pub converged: bool,
}

/// min_z |G(z) − x|² by Levenberg and Marquardt's method from several starts, the least of all.
///
/// Each step solves (JᵀJ + λ I) δ = −Jᵀ(G(z) − x); λ follows the ratio of the gain to what the
/// linear model promised (Nielsen 1999). For a linear generator it is linear least squares. Nothing
/// keeps z near the prior: a point far out may fit an event that the generator practically never
/// makes, so look at |z| too.
///
/// ```
/// use validation::metrics::latent::{GeneratorFunction, InversionSettings, invert};
/// let circle = GeneratorFunction::new(1, 2, |z, x| (x[0], x[1]) = (z[0].cos(), z[0].sin()));
/// let found = invert(&circle, &[0.0, 3.0], &InversionSettings::default())?;
/// assert!((found.squared_error - 4.0).abs() < 1e-9);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Shapes
/// `event`: `[output_size]`.
///
/// # Errors
/// Settings that cannot be used, an event of another size, or a generator that gives numbers that
/// are not finite at its starting points.
pub fn invert(
    generator: &dyn Generator,
    event: &[f64],
    settings: &InversionSettings,
) -> Result<Inversion, ValidationError> {
    settings.check()?;
    check_sizes(generator)?;
    check_point("event", event, generator.output_size())?;
    let mut best: Option<Inversion> = None;
    for start in 0..settings.starts {
        let mut latent = vec![0.0; generator.latent_size()];
        if start > 0 {
            let number = u32::try_from(start).unwrap_or(u32::MAX);
            let mut random = random_generator(settings.seed, Purpose::Inversion(number));
            latent.fill_with(|| standard_normal(&mut random));
        }
        let found = descend(generator, event, latent, settings)?;
        let better = best.as_ref().is_none_or(|best| found.squared_error < best.squared_error);
        if better {
            best = Some(found);
        }
    }
    Ok(best.expect("at least one start was checked"))
}

/// From one start to the nearest minimum.
fn descend(
    generator: &dyn Generator,
    event: &[f64],
    mut latent: Vec<f64>,
    settings: &InversionSettings,
) -> Result<Inversion, ValidationError> {
    let size = latent.len();
    let residual = difference(&event_of(generator, &latent)?, event);
    let mut squared_error = squared_length(&residual);
    let mut slope = Slope::at(generator, &latent, &residual)?;
    let mut damping = 1e-3 * slope.greatest_diagonal(size);
    let mut rise = 2.0;
    let mut converged = false;
    for _ in 0..settings.maximum_steps {
        if slope.is_flat(squared_error, settings.tolerance) {
            converged = true;
            break;
        }
        let mut damped = slope.product.clone();
        for k in 0..size {
            damped[k * size + k] += damping;
        }
        let downhill: Vec<f64> = slope.gradient.iter().map(|g| -g).collect();
        let Some(step) = Cholesky::of(damped, size).map(|factor| factor.solve(&downhill)) else {
            (damping, rise) = raised(damping, rise);
            continue;
        };
        let length = squared_length(&latent).sqrt();
        if squared_length(&step).sqrt() <= settings.tolerance * (length + settings.tolerance) {
            converged = true;
            break;
        }
        let next: Vec<f64> = latent.iter().zip(&step).map(|(z, step)| z + step).collect();
        // What the linear model of G promises of the fall.
        let promised: f64 =
            step.iter().zip(&downhill).map(|(step, down)| step * (damping * step + down)).sum();
        // A generator that overflows far out is a step too far, not an error.
        let tried = event_of(generator, &next).ok().map(|output| difference(&output, event));
        let tried = tried.map(|residual| (squared_length(&residual), residual));
        // Where the fall is lost in rounding, the slope tells whether the step was good.
        let lost = promised <= ROUNDING * squared_error;
        match tried {
            Some((error, closer)) if error < squared_error || lost => {
                // The same for the neighbours of a point.
                let Ok(next_slope) = Slope::at(generator, &next, &closer) else {
                    break;
                };
                if lost && next_slope.steepness() >= slope.steepness() {
                    converged = true;
                    break;
                }
                let gain = if lost { 1.0 } else { (squared_error - error) / promised };
                (latent, squared_error, slope) = (next, error, next_slope);
                damping *= (1.0 - (2.0 * gain - 1.0).powi(3)).max(1.0 / 3.0);
                // Latent numbers that the generator ignores must stay where they are.
                damping = damping.max(LEAST_DAMPING * slope.greatest_diagonal(size));
                rise = 2.0;
            }
            _ => {
                (damping, rise) = raised(damping, rise);
                if !damping.is_finite() {
                    break;
                }
            }
        }
    }
    Ok(Inversion { latent, squared_error, converged })
}

fn raised(damping: f64, rise: f64) -> (f64, f64) {
    ((damping * rise).max(f64::MIN_POSITIVE), 2.0 * rise)
}

/// What a step is made of.
struct Slope {
    /// JᵀJ, `[latents, latents]`, row by row.
    product: Vec<f64>,
    /// Jᵀ r.
    gradient: Vec<f64>,
}

impl Slope {
    fn at(
        generator: &dyn Generator,
        latent: &[f64],
        residual: &[f64],
    ) -> Result<Self, ValidationError> {
        let jacobian: Array2<f64> = jacobian(generator, latent)?;
        let gradient = jacobian.t().dot(&ndarray::aview1(residual)).to_vec();
        let product = jacobian.t().dot(&jacobian).into_iter().collect();
        Ok(Self { product, gradient })
    }

    /// |Jᵀ r|².
    fn steepness(&self) -> f64 {
        squared_length(&self.gradient)
    }

    fn greatest_diagonal(&self, size: usize) -> f64 {
        (0..size).fold(0.0_f64, |greatest, k| greatest.max(self.product[k * size + k]))
    }

    /// Whether the residual is perpendicular to every direction in which the event can move.
    fn is_flat(&self, squared_error: f64, tolerance: f64) -> bool {
        let size = self.gradient.len();
        self.gradient.iter().enumerate().all(|(k, gradient)| {
            let column = self.product[k * size + k];
            gradient.abs() <= tolerance * (column * squared_error).sqrt()
        })
    }
}

fn difference(output: &[f64], event: &[f64]) -> Vec<f64> {
    output.iter().zip(event).map(|(output, event)| output - event).collect()
}

fn squared_length(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}

#[cfg(test)]
mod tests {
    use super::super::GeneratorFunction;
    use super::super::generator::examples::Linear;
    use super::*;

    #[test]
    fn a_linear_generator_is_inverted_by_least_squares() {
        let event: Vec<f64> = (0..9).map(|i| ((5 * i) % 7) as f64 - 1.0).collect();
        for supplied in [true, false] {
            let generator = Linear::new(9, 4, supplied);
            let found = invert(&generator, &event, &InversionSettings::default()).expect("finite");
            assert!(found.converged);
            // The normal equations.
            let right = difference(&event, &generator.offset);
            let product = generator.matrix.t().dot(&generator.matrix);
            let expected = Cholesky::of(product.into_iter().collect(), 4)
                .expect("full rank")
                .solve(&generator.matrix.t().dot(&ndarray::aview1(&right)).to_vec());
            let mut output = vec![0.0; 9];
            generator.generate(&expected, &mut output);
            let error = squared_length(&difference(&output, &event));
            approx::assert_relative_eq!(found.squared_error, error, max_relative = 1e-13);
            for (found, expected) in found.latent.iter().zip(&expected) {
                approx::assert_relative_eq!(*found, *expected, max_relative = 1e-10);
            }
        }
    }

    #[test]
    fn starts_find_the_best_of_several_minima() {
        // (1 − z²)² + 0.3 z along one output: minima near 1 and −1, the latter deeper.
        let generator = GeneratorFunction::new(1, 2, |z, x| {
            (x[0], x[1]) = (1.0 - z[0] * z[0], 0.3 * (z[0] + 1.2));
        });
        let event = [0.0, 0.0];
        let one = InversionSettings { starts: 1, ..InversionSettings::default() };
        let many = InversionSettings { starts: 12, ..InversionSettings::default() };
        let found = invert(&generator, &event, &many).expect("finite");
        assert!(found.latent[0] < -0.9, "{found:?}");
        assert!(
            found.squared_error <= invert(&generator, &event, &one).expect("finite").squared_error
        );
        assert_eq!(found, invert(&generator, &event, &many).expect("finite"));
    }

    #[test]
    fn an_event_that_the_generator_makes_has_no_error() {
        let generator = GeneratorFunction::new(2, 4, |z, x| {
            x.copy_from_slice(&[z[0].tanh(), z[1].exp(), z[0] * z[1], z[0].sin()]);
        });
        let mut event = vec![0.0; 4];
        generator.generate(&[0.4, -0.8], &mut event);
        let found = invert(&generator, &event, &InversionSettings::default()).expect("finite");
        assert!(found.squared_error < 1e-24, "{found:?}");
        approx::assert_relative_eq!(found.latent[0], 0.4, max_relative = 1e-9);
        approx::assert_relative_eq!(found.latent[1], -0.8, max_relative = 1e-9);
    }

    #[test]
    fn what_cannot_be_inverted_is_refused() {
        let generator = GeneratorFunction::new(1, 1, |z, x| x[0] = 1.0 / z[0]);
        let settings = InversionSettings::default();
        let refused = invert(&generator, &[1.0], &settings).expect_err("1/0").to_string();
        assert_eq!(refused, "sample `generator` gives inf as output 0");
        let generator = GeneratorFunction::new(1, 1, |z, x| x[0] = z[0]);
        assert!(invert(&generator, &[1.0, 2.0], &settings).is_err());
        assert!(invert(&generator, &[f64::NAN], &settings).is_err());
        let none = InversionSettings { starts: 0, ..settings };
        assert!(invert(&generator, &[1.0], &none).is_err());
    }
}
