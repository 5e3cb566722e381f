//! The Dirac-GAN (arXiv:1801.04406, section 2): real events are all at 0, generated ones at θ, and
//! the critic is D(x) = ψ x. One number each, and yet the game without regularisation never ends.

use super::judging::{column, derivative};
use crate::compute::Tensor;
use crate::gan::objectives::{Judged, JudgedBatch, Objective};
use crate::gan::penalties::{Differentiated, GradientPenalty, Penalty};

/// The step h.
pub(super) const STEP: f64 = 0.2;
/// θ and ψ; the paper's critic says the opposite, and both start from 1 there.
const START: [f64; 2] = [1.0, -1.0];
const STEPS: usize = 500;

/// A way to train it.
#[derive(Debug, Clone)]
pub(super) struct Method {
    pub objective: Objective,
    /// With their weights.
    pub penalties: Vec<(Penalty, f64)>,
    pub clip: Option<f64>,
    /// Points at which normal noise is taken, with weights that add up to 1.
    pub noise: Vec<(f64, f64)>,
}

/// In which order θ and ψ move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Both from the same point.
    Simultaneous,
    /// First the generator, then the critic so many times.
    Alternating(usize),
}

impl Method {
    pub(super) fn plain(objective: Objective) -> Self {
        Self { objective, penalties: Vec::new(), clip: None, noise: vec![(0.0, 1.0)] }
    }

    /// γ/2 |ψ|², of the slope at real events.
    pub(super) fn zero_centred(strength: f64) -> Self {
        let penalty = Penalty::R1 { weight: strength.into() };
        Self { penalties: vec![(penalty, strength)], ..Self::plain(Objective::NonSaturating) }
    }

    /// Relativistic pairs with γ/2 |ψ|² at real and at generated events (arXiv:2501.05441).
    pub(super) fn relativistic(strength: f64) -> Self {
        let weight = || strength.into();
        let penalties = vec![
            (Penalty::R1 { weight: weight() }, strength),
            (Penalty::R2 { weight: weight() }, strength),
        ];
        Self { penalties, ..Self::plain(Objective::RelativisticPaired) }
    }

    /// ½ (|ψ| − 0.3)².
    pub(super) fn gradient_penalty() -> Self {
        let penalty = Penalty::GradientPenalty(GradientPenalty {
            weight: 0.5.into(),
            norm: 0.3,
            one_sided: false,
            of: Differentiated::Data,
        });
        Self { penalties: vec![(penalty, 0.5)], ..Self::plain(Objective::Wasserstein) }
    }

    pub(super) fn clipped(clip: f64) -> Self {
        Self { clip: Some(clip), ..Self::plain(Objective::Wasserstein) }
    }

    /// Noise of deviation 1, by Gauss's rule for the standard normal distribution with five points.
    pub(super) fn instance_noise() -> Self {
        let (near, far) = (1.355_626_179_974_266, 2.856_970_013_872_806);
        let (middle, inner, outer) =
            (0.533_333_333_333_333_3, 0.222_075_922_005_612_6, 0.011_257_411_327_720_7);
        let noise = vec![(-far, outer), (-near, inner), (0.0, middle), (near, inner), (far, outer)];
        Self { noise, ..Self::plain(Objective::NonSaturating) }
    }

    /// Scores of events at `x`, `[1, 1]`, with the points and weights of the noise.
    fn judged(&self, psi: &Tensor<2>, x: &Tensor<2>) -> Judged {
        let (points, weights): (Vec<f64>, Vec<f64>) = self.noise.iter().copied().unzip();
        let seen = column(&points) + x.clone();
        super::judging::judged(&(seen * psi.clone()), column(&weights))
    }

    fn batch(&self, psi: &Tensor<2>, theta: &Tensor<2>) -> JudgedBatch {
        JudgedBatch {
            real: self.judged(psi, &column(&[0.0])),
            fake: self.judged(psi, theta),
            other_fake: None,
        }
    }

    /// dL_G/dθ
    fn generator_gradient(&self, [theta, psi]: [f64; 2]) -> f64 {
        derivative(&[theta], |theta| {
            self.objective.generator_loss(&self.batch(&column(&[psi]), theta))
        })[0]
    }

    /// dL_D/dψ
    fn critic_gradient(&self, [theta, psi]: [f64; 2]) -> f64 {
        derivative(&[psi], |psi| {
            let loss = self.objective.critic_loss(&self.batch(psi, &column(&[theta])), 0.0, None);
            // The slope of ψ x is ψ, wherever it is taken.
            let penalised =
                |loss, (penalty, weight): &(Penalty, f64)| loss + penalty.of(psi.clone()) * *weight;
            self.penalties.iter().fold(loss, penalised)
        })[0]
    }

    fn critic_step(&self, at: [f64; 2]) -> f64 {
        let psi = at[1] - STEP * self.critic_gradient(at);
        self.clip.map_or(psi, |clip| psi.clamp(-clip, clip))
    }

    /// θ and ψ after one step.
    pub(super) fn step(&self, at: [f64; 2], order: Order) -> [f64; 2] {
        let theta = at[0] - STEP * self.generator_gradient(at);
        match order {
            Order::Simultaneous => [theta, self.critic_step(at)],
            Order::Alternating(times) => {
                [theta, (0..times).fold(at[1], |psi, _| self.critic_step([theta, psi]))]
            }
        }
    }

    /// The points of 500 steps, from the start on.
    pub(super) fn path(&self, order: Order) -> Vec<[f64; 2]> {
        let mut path = vec![START];
        for step in 0..STEPS {
            path.push(self.step(path[step], order));
        }
        path
    }

    /// −(dL_G/dθ, dL_D/dψ), in which direction θ and ψ move.
    pub(super) fn field(&self, at: [f64; 2]) -> [f64; 2] {
        [-self.generator_gradient(at), -self.critic_gradient(at)]
    }
}

/// The matrix of derivatives of `field` at the equilibrium (0, 0), by central differences.
pub(super) fn jacobian(field: impl Fn([f64; 2]) -> [f64; 2]) -> [[f64; 2]; 2] {
    const BY: f64 = 0.01;
    let along = |direction: [f64; 2]| {
        let (up, down) = (field(direction.map(|d| d * BY)), field(direction.map(|d| -d * BY)));
        [0, 1].map(|i| (up[i] - down[i]) / (2.0 * BY))
    };
    let (theta, psi) = (along([1.0, 0.0]), along([0.0, 1.0]));
    [[theta[0], psi[0]], [theta[1], psi[1]]]
}

/// The eigenvalues of a real matrix, as real and imaginary parts, the greater one first.
pub(super) fn eigenvalues([[a, b], [c, d]]: [[f64; 2]; 2]) -> [(f64, f64); 2] {
    let (middle, square) = (0.5 * (a + d), 0.25 * (a - d).powi(2) + b * c);
    let root = square.abs().sqrt();
    if square < 0.0 {
        [(middle, root), (middle, -root)]
    } else {
        [(middle + root, 0.0), (middle - root, 0.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_known_matrices() {
        assert_eq!(eigenvalues([[2.0, 0.0], [0.0, -1.0]]), [(2.0, 0.0), (-1.0, 0.0)]);
        assert_eq!(eigenvalues([[0.0, 1.0], [-4.0, 0.0]]), [(0.0, 2.0), (0.0, -2.0)]);
    }

    #[test]
    fn the_jacobian_of_a_linear_field_is_its_matrix() {
        let found = jacobian(|[x, y]| [2.0 * x - y, 0.5 * y]);
        for (found, expected) in found.as_flattened().iter().zip([2.0, -1.0, 0.0, 0.5]) {
            approx::assert_abs_diff_eq!(*found, expected, epsilon = 1e-12);
        }
    }

    /// Two-sided, the penalty draws a flat critic to the target, so that the generator cannot rest.
    #[test]
    fn a_one_sided_penalty_leaves_a_flat_critic_alone() {
        let penalty = |one_sided| {
            let weight = 1.0.into();
            let settings =
                GradientPenalty { weight, norm: 0.3, one_sided, of: Differentiated::Data };
            let penalty = Penalty::GradientPenalty(settings);
            [0.1, 0.3, -0.8].map(|psi| crate::compute::scalar(penalty.of(column(&[psi]))))
        };
        for (found, expected) in penalty(true).into_iter().zip([0.0, 0.0, 0.25]) {
            approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
        }
        for (found, expected) in penalty(false).into_iter().zip([0.04, 0.0, 0.25]) {
            approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
        }
    }
}
