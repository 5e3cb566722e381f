//! A discrete space, on which every critic can be the best one.

use showerforge::compute::{Tensor, scalar, to_host};
use showerforge::gan::objectives::{Judged, JudgedBatch, Objective};

use super::column;

const P: [f64; 4] = [0.5, 0.2, 0.2, 0.1];
const Q: [f64; 4] = [0.1, 0.3, 0.2, 0.4];

/// Every atom once, weighted with its probability.
fn batch(scores: &Tensor<2>, p: [f64; 4], q: [f64; 4]) -> JudgedBatch {
    let side = |probabilities: [f64; 4]| Judged {
        output: scores.clone(),
        seen: scores.clone(),
        weight: Some(column(&probabilities.map(|p| p * 4.0))),
        target: None,
    };
    JudgedBatch { real: side(p), fake: side(q), other_fake: None }
}

/// The scores that minimise the critic's loss, by gradient descent from 0.
fn best_scores(objective: &Objective, p: [f64; 4], q: [f64; 4]) -> Vec<f64> {
    let mut scores = vec![0.0; 4];
    for _ in 0..400 {
        let v = column(&scores).require_grad();
        let gradients = objective.critic_loss(&batch(&v, p, q), 0.0, None).backward();
        let gradient = to_host(v.grad(&gradients).expect("it is used"));
        scores.iter_mut().zip(gradient).for_each(|(v, g)| *v -= 6.0 * f64::from(g));
    }
    scores
}

fn sigmoid(v: f64) -> f64 {
    1.0 / (1.0 + (-v).exp())
}

/// D* = p / (p + q), so that D* / (1 − D*) is the ratio of densities (arXiv:1406.2661,
/// proposition 1).
#[test]
fn the_best_discriminator_is_p_over_p_plus_q() {
    for (v, (p, q)) in
        best_scores(&Objective::NonSaturating, P, Q).into_iter().zip(P.into_iter().zip(Q))
    {
        approx::assert_abs_diff_eq!(sigmoid(v), p / (p + q), epsilon = 1e-5);
        approx::assert_relative_eq!(v.exp(), p / q, max_relative = 1e-4);
    }
}

/// C(G) = −ln 4 + 2 JSD(p, q) (arXiv:1406.2661, theorem 1), least where both are equal.
#[test]
fn the_value_at_the_best_discriminator_is_the_jensen_shannon_divergence() {
    for q in [Q, [0.25; 4], P] {
        let scores = best_scores(&Objective::Saturating, P, q);
        let value =
            -scalar(Objective::Saturating.critic_loss(&batch(&column(&scores), P, q), 0.0, None));
        let half = |a: f64, b: f64| 0.5 * a * (a / (0.5 * (a + b))).ln();
        let divergence: f64 = P.iter().zip(q).map(|(&p, q)| half(p, q) + half(q, p)).sum();
        approx::assert_abs_diff_eq!(value, -(4f64.ln()) + 2.0 * divergence, epsilon = 1e-6);
        // The part of it that the generator sees, E_q ln(1 − D*).
        let generator =
            scalar(Objective::Saturating.generator_loss(&batch(&column(&scores), P, q)));
        let expected: f64 = P.iter().zip(q).map(|(p, q)| q * (q / (p + q)).ln()).sum();
        approx::assert_abs_diff_eq!(generator, expected, epsilon = 1e-6);
    }
}

/// ∇ ln(1 − D) = −∇D / (1 − D), and −∇ ln D = −∇D / D: with D near 0 the first vanishes with ∇D,
/// and the second, 1 / D times as large, does not.
#[test]
fn gradients_of_the_saturating_and_the_non_saturating_generator() {
    for v in [-12.0, -3.0, 0.0, 0.5, 4.0] {
        let slope = |objective: &Objective| {
            let score = column(&[v]).require_grad();
            let one =
                Judged { output: score.clone(), seen: score.clone(), weight: None, target: None };
            let batch = JudgedBatch { real: one.clone(), fake: one, other_fake: None };
            let gradients = objective.generator_loss(&batch).backward();
            f64::from(to_host(score.grad(&gradients).expect("it is used"))[0])
        };
        let d = sigmoid(v);
        let of_d = d * (1.0 - d);
        let saturating = slope(&Objective::Saturating);
        approx::assert_relative_eq!(saturating, -of_d / (1.0 - d), max_relative = 1e-5);
        let other = slope(&Objective::NonSaturating);
        approx::assert_relative_eq!(other, -of_d / d, max_relative = 1e-5);
    }
}

/// On disjoint supports the best discriminator is sure, and the divergence is ln 2 wherever the
/// supports are: the generator of the minimax game learns nothing (arXiv:1701.04862).
#[test]
fn disjoint_supports_have_no_gradient() {
    let (p, q) = ([0.6, 0.4, 0.0, 0.0], [0.0, 0.0, 0.7, 0.3]);
    let sure = column(&[60.0, 60.0, -60.0, -60.0]).require_grad();
    let value = -scalar(Objective::Saturating.critic_loss(&batch(&sure, p, q), 0.0, None));
    approx::assert_abs_diff_eq!(value, 0.0, epsilon = 1e-7);
    let gradients = Objective::Saturating.generator_loss(&batch(&sure, p, q)).backward();
    let largest = to_host(sure.grad(&gradients).expect("it is used"))
        .into_iter()
        .fold(0.0_f32, |m, g| m.max(g.abs()));
    assert!(largest < 1e-20, "{largest}");
}
