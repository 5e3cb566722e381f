use serde::{Deserialize, Serialize};

use super::Generator;
use super::generator::{check_point, check_sizes, event_of};
use crate::ValidationError;
use crate::metrics::checks::{check_positive, setting};
use crate::random::{Purpose, generator as random_generator, standard_normal, uniform};

/// The way from one latent point to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InterpolationPath {
    /// (1 − t) a + t b; for a uniform prior.
    Linear,
    /// (sin (1 − t)ω · a + sin tω · b) / sin ω with the angle ω between a and b (Shoemake 1985),
    /// which keeps the length of normal latent points; linear where they are parallel.
    Spherical,
}

impl InterpolationPath {
    /// The point at `t` from 0 (`from`) to 1 (`to`).
    fn point(self, from: &[f64], to: &[f64], t: f64) -> Vec<f64> {
        let (of_from, of_to) = match self {
            Self::Linear => (1.0 - t, t),
            Self::Spherical => spherical_shares(from, to, t),
        };
        from.iter().zip(to).map(|(a, b)| of_from * a + of_to * b).collect()
    }
}

fn spherical_shares(from: &[f64], to: &[f64], t: f64) -> (f64, f64) {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let lengths = (dot(from, from) * dot(to, to)).sqrt();
    let angle = (dot(from, to) / lengths).clamp(-1.0, 1.0).acos();
    // Not a number where one of the two is 0 and has no direction.
    if angle.is_nan() || angle.sin() <= 1e-8 {
        return (1.0 - t, t);
    }
    (((1.0 - t) * angle).sin() / angle.sin(), (t * angle).sin() / angle.sin())
}

/// How far the events go between two latent points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct InterpolationLength {
    /// Σ |G(z_{k+1}) − G(z_k)| over the steps.
    pub length: f64,
    /// |G(z_last) − G(z_first)|: the straight way between the two events.
    pub chord: f64,
    /// The longest step. A smooth generator has steps of about `length` / steps; a jump between two
    /// modes is one long step.
    pub longest_step: f64,
}

/// The length of the way that the events take while the latent point goes from `from` to `to` in
/// `steps` equal steps of t.
///
/// # Shapes
/// `from`, `to`: `[latent_size]`.
///
/// # Errors
/// No steps, latent points of another size, or numbers that are not finite.
pub fn interpolation_length(
    generator: &dyn Generator,
    from: &[f64],
    to: &[f64],
    steps: usize,
    path: InterpolationPath,
) -> Result<InterpolationLength, ValidationError> {
    check_sizes(generator)?;
    check_point("latent point", from, generator.latent_size())?;
    check_point("latent point", to, generator.latent_size())?;
    if steps == 0 {
        return Err(setting("steps", steps, "at least 1"));
    }
    let first = event_of(generator, &path.point(from, to, 0.0))?;
    let mut last = first.clone();
    let (mut length, mut longest_step) = (0.0, 0.0_f64);
    for step in 1..=steps {
        let next = event_of(generator, &path.point(from, to, step as f64 / steps as f64))?;
        let moved = squared_distance(&next, &last).sqrt();
        length += moved;
        longest_step = longest_step.max(moved);
        last = next;
    }
    Ok(InterpolationLength { length, chord: squared_distance(&last, &first).sqrt(), longest_step })
}

/// The path length of Karras et al. (arXiv:1812.04948),
///
/// E |G(z(t)) − G(z(t + ε))|² / ε², with t uniform in [0, 1),
///
/// over `pairs` pairs of standard normal latent points: the mean and its standard error. There the
/// distance is one of a network's features of images; here it is that of the generator's outputs,
/// so let the generator end with the features that matter.
///
/// # Errors
/// Fewer than two pairs, an ε that is not above 0, or a generator that gives numbers that are not
/// finite.
pub fn perceptual_path_length(
    generator: &dyn Generator,
    pairs: usize,
    epsilon: f64,
    path: InterpolationPath,
    seed: u64,
) -> Result<(f64, f64), ValidationError> {
    check_sizes(generator)?;
    check_positive("epsilon", epsilon)?;
    if pairs < 2 {
        return Err(setting("pairs", pairs, "at least 2"));
    }
    let mut random = random_generator(seed, Purpose::PathLength);
    let mut lengths = Vec::with_capacity(pairs);
    for _ in 0..pairs {
        let mut draw = || -> Vec<f64> {
            (0..generator.latent_size()).map(|_| standard_normal(&mut random)).collect()
        };
        let (from, to) = (draw(), draw());
        let t = uniform(&mut random);
        let here = event_of(generator, &path.point(&from, &to, t))?;
        let there = event_of(generator, &path.point(&from, &to, t + epsilon))?;
        lengths.push(squared_distance(&here, &there) / (epsilon * epsilon));
    }
    let count = pairs as f64;
    let mean = lengths.iter().sum::<f64>() / count;
    let variance =
        lengths.iter().map(|length| (length - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Ok((mean, (variance / count).sqrt()))
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::GeneratorFunction;
    use super::*;
    use InterpolationPath::{Linear, Spherical};

    #[test]
    fn a_circle_is_as_long_as_its_angle() {
        let circle = GeneratorFunction::new(1, 2, |z, x| (x[0], x[1]) = (z[0].cos(), z[0].sin()));
        let found = interpolation_length(&circle, &[0.0], &[2.0], 4000, Linear).expect("finite");
        approx::assert_relative_eq!(found.length, 2.0, max_relative = 1e-7);
        approx::assert_relative_eq!(found.chord, 2.0 * 1f64.sin(), max_relative = 1e-13);
        approx::assert_relative_eq!(found.longest_step, 2.0 / 4000.0, max_relative = 1e-6);
    }

    #[test]
    fn a_spherical_way_keeps_the_length_and_a_linear_one_is_straight() {
        let same = GeneratorFunction::new(2, 2, |z, x| x.copy_from_slice(z));
        let (from, to) = ([2.0, 0.0], [0.0, 2.0]);
        let length = |path| interpolation_length(&same, &from, &to, 1000, path).expect("finite");
        approx::assert_relative_eq!(length(Linear).length, 8f64.sqrt(), max_relative = 1e-12);
        approx::assert_relative_eq!(
            length(Spherical).length,
            std::f64::consts::PI,
            max_relative = 1e-6
        );
        let back = interpolation_length(&same, &[1.0, 1.0], &[2.0, 2.0], 7, Spherical);
        approx::assert_relative_eq!(
            back.expect("linear").length,
            2f64.sqrt(),
            max_relative = 1e-12
        );
    }

    #[test]
    fn a_jump_is_one_long_step() {
        let jump = GeneratorFunction::new(1, 1, |z, x| x[0] = if z[0] > 0.3 { 5.0 } else { z[0] });
        let found = interpolation_length(&jump, &[0.0], &[0.5], 50, Linear).expect("finite");
        assert!(found.longest_step > 4.6 && found.longest_step < 4.8);
    }

    #[test]
    fn the_path_length_of_a_linear_generator_is_the_mean_square_of_the_way() {
        // |2 (b − a)|² of two normal numbers: 4 · 2.
        let double = GeneratorFunction::new(1, 1, |z, x| x[0] = 2.0 * z[0]);
        let (mean, error) = perceptual_path_length(&double, 4000, 1e-4, Linear, 3).expect("finite");
        assert!((mean - 8.0).abs() < 4.0 * error && error < 0.3, "{mean} ± {error}");
        assert!(perceptual_path_length(&double, 1, 1e-4, Linear, 3).is_err());
        assert!(perceptual_path_length(&double, 9, 0.0, Linear, 3).is_err());
    }
}
