//! The Dirac-GAN (arXiv:1801.04406): real events are all at 0, generated ones at θ, and the critic
//! is D(x) = ψ x. Without regularisation it never converges, however small the step.

use showerforge::compute::{Tensor, scalar, to_host};
use showerforge::gan::objectives::{Judged, JudgedBatch, Objective};
use showerforge::gan::penalties::{Differentiated, GradientPenalty, Penalty};

use super::column;

const STEP: f64 = 0.2;
/// The paper's critic says the opposite, and both start from 1 there.
const START: [f64; 2] = [1.0, -1.0];

struct Method {
    objective: Objective,
    /// With its weight.
    penalty: Option<(Penalty, f64)>,
    clip: Option<f64>,
    /// Points at which normal noise is taken, with weights that add up to 1.
    noise: Vec<(f64, f64)>,
}

fn plain(objective: Objective) -> Method {
    Method { objective, penalty: None, clip: None, noise: vec![(0.0, 1.0)] }
}

fn r1(strength: f64) -> Method {
    let penalty = Penalty::R1 { weight: strength.into() };
    Method { penalty: Some((penalty, strength)), ..plain(Objective::NonSaturating) }
}

/// Reg/2 (|ψ| − 0.3)².
fn wgan_gp() -> Method {
    let penalty = Penalty::GradientPenalty(GradientPenalty {
        weight: 0.5.into(),
        norm: 0.3,
        one_sided: false,
        of: Differentiated::Data,
    });
    Method { penalty: Some((penalty, 0.5)), ..plain(Objective::Wasserstein) }
}

/// Gauss's rule for the standard normal distribution with five points.
fn instance_noise() -> Method {
    let (near, far) = (1.355_626_179_974_266, 2.856_970_013_872_806);
    let (middle, inner, outer) =
        (0.533_333_333_333_333_3, 0.222_075_922_005_612_6, 0.011_257_411_327_720_7);
    let noise = vec![(-far, outer), (-near, inner), (0.0, middle), (near, inner), (far, outer)];
    Method { noise, ..plain(Objective::NonSaturating) }
}

impl Method {
    /// Scores of events at `x`, with the points and weights of the noise.
    fn judged(&self, psi: &Tensor<2>, x: &Tensor<2>) -> Judged {
        let (points, weights): (Vec<f64>, Vec<f64>) = self.noise.iter().copied().unzip();
        let seen = column(&points) + x.clone();
        let scale = weights.len() as f64;
        let weight = Some(column(&weights) * scale);
        Judged { output: seen.clone() * psi.clone(), seen, weight, target: None }
    }

    fn batch(&self, psi: &Tensor<2>, theta: &Tensor<2>) -> JudgedBatch {
        JudgedBatch {
            real: self.judged(psi, &column(&[0.0])),
            fake: self.judged(psi, theta),
            other_fake: None,
        }
    }

    fn generator_gradient(&self, [theta, psi]: [f64; 2]) -> f64 {
        let theta = column(&[theta]).require_grad();
        let loss = self.objective.generator_loss(&self.batch(&column(&[psi]), &theta));
        f64::from(to_host(theta.grad(&loss.backward()).expect("it is used"))[0])
    }

    fn critic_gradient(&self, [theta, psi]: [f64; 2]) -> f64 {
        let psi = column(&[psi]).require_grad();
        let mut loss = self.objective.critic_loss(&self.batch(&psi, &column(&[theta])), 0.0, None);
        if let Some((penalty, weight)) = &self.penalty {
            // ∇ₓ ψ x is ψ, wherever it is taken.
            loss = loss + penalty.of(psi.clone()) * *weight;
        }
        f64::from(to_host(psi.grad(&loss.backward()).expect("it is used"))[0])
    }

    fn critic_step(&self, at: [f64; 2]) -> f64 {
        let psi = at[1] - STEP * self.critic_gradient(at);
        self.clip.map_or(psi, |clip| psi.clamp(-clip, clip))
    }

    /// Both from the same point.
    fn simultaneous(&self, at: [f64; 2]) -> [f64; 2] {
        [at[0] - STEP * self.generator_gradient(at), self.critic_step(at)]
    }

    /// First the generator, then the critic.
    fn alternating(&self, [theta, psi]: [f64; 2]) -> [f64; 2] {
        let theta = theta - STEP * self.generator_gradient([theta, psi]);
        [theta, self.critic_step([theta, psi])]
    }

    /// √(θ² + ψ²) after 500 steps.
    fn radius(&self, step: fn(&Self, [f64; 2]) -> [f64; 2]) -> f64 {
        let [theta, psi] = (0..500).fold(START, |at, _| step(self, at));
        theta.hypot(psi)
    }
}

#[test]
fn radii_after_five_hundred_steps() {
    let clipped = Method { clip: Some(0.3), ..plain(Objective::Wasserstein) };
    let methods = [
        ("minimax", plain(Objective::Saturating), 3.097, 1.421),
        ("non-saturating", plain(Objective::NonSaturating), 0.640, 0.284),
        ("wgan", clipped, 0.346, 0.301),
        ("wgan-gp", wgan_gp(), 0.425, 0.425),
        ("r1", r1(0.3), 0.0, 0.0),
        ("instance noise", instance_noise(), 0.0, 0.0),
    ];
    for (name, method, simultaneous, alternating) in methods {
        for (step, expected) in [
            (Method::simultaneous as fn(&Method, [f64; 2]) -> [f64; 2], simultaneous),
            (Method::alternating, alternating),
        ] {
            let found = method.radius(step);
            assert!((found - expected).abs() < 6e-4, "{name}: {found}, expected {expected}");
        }
    }
}

/// The eigenvalues of a real 2 × 2 matrix, as real and imaginary parts.
fn eigenvalues([[a, b], [c, d]]: [[f64; 2]; 2]) -> [(f64, f64); 2] {
    let (middle, square) = (0.5 * (a + d), 0.25 * (a - d).powi(2) + b * c);
    let root = square.abs().sqrt();
    if square < 0.0 {
        [(middle, root), (middle, -root)]
    } else {
        [(middle + root, 0.0), (middle - root, 0.0)]
    }
}

/// The Jacobian of the gradient field −(∂θ L_G, ∂ψ L_D) at the equilibrium, by differences.
fn jacobian(method: &Method) -> [[f64; 2]; 2] {
    const BY: f64 = 0.01;
    let field = |at| [-method.generator_gradient(at), -method.critic_gradient(at)];
    let along = |direction: [f64; 2]| {
        let (up, down) = (field(direction.map(|d| d * BY)), field(direction.map(|d| -d * BY)));
        [0, 1].map(|i| (up[i] - down[i]) / (2.0 * BY))
    };
    let (theta, psi) = (along([1.0, 0.0]), along([0.0, 1.0]));
    [[theta[0], psi[0]], [theta[1], psi[1]]]
}

/// −γ/2 ± √(γ²/4 − 1/4), 1/4 being the square of the slope of the loss at 0 (arXiv:1801.04406):
/// imaginary without a penalty, with a negative real part for any γ > 0.
#[test]
fn eigenvalues_with_and_without_a_zero_centred_penalty() {
    for strength in [0.0, 0.3, 1.0, 2.0] {
        let found = eigenvalues(jacobian(&r1(strength)));
        let square = 0.25 * strength * strength - 0.25;
        let root = square.abs().sqrt();
        for (found, sign) in found.into_iter().zip([1.0, -1.0]) {
            let expected = if square < 0.0 {
                (-0.5 * strength, sign * root)
            } else {
                (-0.5 * strength + sign * root, 0.0)
            };
            approx::assert_abs_diff_eq!(found.0, expected.0, epsilon = 2e-3);
            approx::assert_abs_diff_eq!(found.1, expected.1, epsilon = 2e-3);
        }
    }
}

/// Noise of deviation σ on what the critic sees dampens like R₁ with γ = σ²/2: the curvature ¼ of
/// softplus at 0, times σ², for real and for generated events.
#[test]
fn instance_noise_dampens_as_a_penalty_does() {
    let with_noise = eigenvalues(jacobian(&instance_noise()));
    for ((real, imaginary), (expected_real, expected_imaginary)) in
        with_noise.into_iter().zip(eigenvalues(jacobian(&r1(0.5))))
    {
        approx::assert_abs_diff_eq!(real, expected_real, epsilon = 2e-3);
        approx::assert_abs_diff_eq!(imaginary, expected_imaginary, epsilon = 2e-3);
    }
}

/// √(1 + h²/4) a step for simultaneous updates: the distance to the equilibrium always grows.
/// Alternating updates stay on a circle, 1 a step, for small steps.
#[test]
fn multipliers_of_the_updates_without_regularisation() {
    let modulus = |step: &dyn Fn([f64; 2]) -> [f64; 2]| {
        const BY: f64 = 0.01;
        let along = |direction: [f64; 2]| {
            let (up, down) = (step(direction.map(|d| d * BY)), step(direction.map(|d| -d * BY)));
            [0, 1].map(|i| (up[i] - down[i]) / (2.0 * BY))
        };
        let (theta, psi) = (along([1.0, 0.0]), along([0.0, 1.0]));
        let (real, imaginary) = eigenvalues([[theta[0], psi[0]], [theta[1], psi[1]]])[0];
        real.hypot(imaginary)
    };
    for objective in [Objective::Saturating, Objective::NonSaturating] {
        let method = plain(objective);
        let simultaneous = modulus(&|at| method.simultaneous(at));
        approx::assert_abs_diff_eq!(simultaneous, (1.0 + STEP * STEP / 4.0).sqrt(), epsilon = 2e-4);
        let alternating = modulus(&|at| method.alternating(at));
        approx::assert_abs_diff_eq!(alternating, 1.0, epsilon = 2e-4);
    }
}

/// Two-sided, the penalty draws a flat critic to the target, so that the generator cannot rest.
#[test]
fn a_one_sided_penalty_leaves_a_flat_critic_alone() {
    let penalty = |one_sided| {
        let settings =
            GradientPenalty { weight: 1.0.into(), norm: 0.3, one_sided, of: Differentiated::Data };
        let of = |psi: f64| scalar(Penalty::GradientPenalty(settings).of(column(&[psi])));
        [of(0.1), of(0.3), of(-0.8)]
    };
    for (found, expected) in penalty(true).into_iter().zip([0.0, 0.0, 0.25]) {
        approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
    }
    for (found, expected) in penalty(false).into_iter().zip([0.04, 0.0, 0.25]) {
        approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
    }
}
