//! The f-divergences (arXiv:1606.00709) from their definition: conjugates against a numerical
//! supremum, and the critic's optimum against the divergence itself.

use showerforge::compute::{Tensor, cpu, matrix, scalar, to_host};
use showerforge::gan::objectives::{Divergence, FDivergence, Judged, JudgedBatch, Objective};

/// g_f(v) in 64 bits.
fn activation(divergence: Divergence, v: f64) -> f64 {
    match divergence {
        Divergence::KullbackLeibler | Divergence::Pearson | Divergence::Jeffrey => v,
        Divergence::ReverseKullbackLeibler => -(-v).exp(),
        Divergence::Neyman | Divergence::SquaredHellinger => -(-v).exp_m1(),
        Divergence::JensenShannon => std::f64::consts::LN_2 - (-v).exp().ln_1p(),
        Divergence::Gan => -(-v).exp().ln_1p(),
        Divergence::TotalVariation => 0.5 * v.tanh(),
    }
}

/// f′(u) by a central difference; at the kink of |u − 1| the mean of both sides.
fn derivative(divergence: Divergence, u: f64) -> f64 {
    let step = 1e-6 * u;
    (divergence.f(u + step) - divergence.f(u - step)) / (2.0 * step)
}

/// sup over u > 0 of u t − f(u), by golden section in ln u: the function rises to its only
/// maximum and falls behind it.
fn numerical_conjugate(divergence: Divergence, t: f64) -> f64 {
    let value = |x: f64| x.exp() * t - divergence.f(x.exp());
    let section = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-35.0, 35.0);
    for _ in 0..120 {
        let (a, b) = (high - section * (high - low), low + section * (high - low));
        if value(a) < value(b) { low = a } else { high = b }
    }
    value(0.5 * (low + high))
}

fn column(values: &[f64]) -> Tensor<2> {
    matrix(values.iter().map(|v| *v as f32).collect(), values.len(), 1, &cpu())
}

fn outputs() -> Vec<f64> {
    (-20..=20).map(|i| f64::from(i) / 4.0).collect()
}

#[test]
fn conjugates_are_the_numerical_supremum() {
    let mut worst = (0.0_f64, Divergence::Gan);
    for divergence in Divergence::ALL {
        let found = to_host(divergence.conjugate_of_activation(column(&outputs())));
        let activated = to_host(divergence.activation(column(&outputs())));
        for ((v, found), t) in outputs().into_iter().zip(found).zip(activated) {
            let exact = activation(divergence, v);
            let error = (f64::from(t) - exact).abs() / exact.abs().max(1.0);
            assert!(error < 1e-5, "{divergence:?}: g({v}) is {t}, expected {exact}");
            // (u − 1)² is meant on the whole line; only its part with u > 0 is looked at here, of
            // which the supremum at t < −2 is that at u = 0.
            if divergence == Divergence::Pearson && exact < -2.0 {
                continue;
            }
            let expected = numerical_conjugate(divergence, exact);
            let error = (f64::from(found) - expected).abs() / expected.abs().max(1.0);
            assert!(error < 1e-5, "{divergence:?}: f*(g({v})) is {found}, expected {expected}");
            if error > worst.0 {
                worst = (error, divergence);
            }
        }
    }
    eprintln!("worst error of a conjugate: {:.1e} ({:?})", worst.0, worst.1);
}

#[test]
fn values_and_derivatives_at_equal_densities() {
    use std::f64::consts::LN_2;
    let table = [
        (Divergence::KullbackLeibler, 0.0, 1.0),
        (Divergence::ReverseKullbackLeibler, 0.0, -1.0),
        (Divergence::Pearson, 0.0, 0.0),
        (Divergence::Neyman, 0.0, 0.0),
        (Divergence::SquaredHellinger, 0.0, 0.0),
        (Divergence::Jeffrey, 0.0, 0.0),
        (Divergence::JensenShannon, 0.0, 0.0),
        (Divergence::Gan, -2.0 * LN_2, -LN_2),
        (Divergence::TotalVariation, 0.0, 0.0),
    ];
    for (divergence, value, slope) in table {
        approx::assert_abs_diff_eq!(divergence.f(1.0), value, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(derivative(divergence, 1.0), slope, epsilon = 1e-8);
    }
}

const P: [f64; 5] = [0.1, 0.25, 0.4, 0.05, 0.2];
const Q: [f64; 5] = [0.3, 0.2, 0.1, 0.25, 0.15];

/// The sample of a discrete space: every atom once, weighted with its probability.
fn batch(v: &Tensor<2>) -> JudgedBatch {
    let side = |probabilities: [f64; 5]| {
        let weights: Vec<f64> = probabilities.iter().map(|p| p * 5.0).collect();
        let weight = Some(Tensor::from_inner(column(&weights)));
        Judged { output: v.clone(), seen: v.clone(), weight, target: None }
    };
    JudgedBatch { real: side(P), fake: side(Q), other_fake: None }
}

/// The v with g_f(v) = f′(p/q), by bisection; the least or greatest one where g_f only tends to it.
fn optimal_output(divergence: Divergence, u: f64) -> f64 {
    let wanted = derivative(divergence, u);
    let (mut low, mut high) = (-15.0, 15.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if activation(divergence, middle) < wanted { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[test]
fn the_optimal_critic_reaches_the_divergence() {
    for divergence in Divergence::ALL {
        let objective = Objective::FDivergence(FDivergence { divergence, alternative: false });
        let best: Vec<f64> =
            P.iter().zip(Q).map(|(p, q)| optimal_output(divergence, p / q)).collect();
        let expected: f64 = P.iter().zip(Q).map(|(p, q)| q * divergence.f(p / q)).sum();
        let v = Tensor::from_inner(column(&best)).require_grad();
        let loss = objective.critic_loss(&batch(&v), 0.0, None);
        approx::assert_abs_diff_eq!(-scalar(loss.clone()), expected, epsilon = 3e-6);
        let generator = scalar(objective.generator_loss(&batch(&v)));
        let gradient = to_host(v.grad(&loss.backward()).expect("it is used"));
        assert!(gradient.iter().all(|g| g.abs() < 2e-6), "{divergence:?}: {gradient:?}");
        // −E_Q f*(T) is the bound less E_P T, which does not depend on the generator.
        let of_real: f64 = P.iter().zip(&best).map(|(p, v)| p * activation(divergence, *v)).sum();
        approx::assert_abs_diff_eq!(generator + of_real, expected, epsilon = 3e-6);
        for change in [-0.3, 0.2] {
            let other: Vec<f64> = best.iter().map(|v| v + change).collect();
            let v = Tensor::from_inner(column(&other));
            let bound = -scalar(objective.critic_loss(&batch(&v), 0.0, None));
            assert!(bound < expected + 1e-6, "{divergence:?}: {bound} above {expected}");
        }
    }
}

#[test]
fn divergences_of_known_distributions() {
    let sum = |of: &dyn Fn(f64, f64) -> f64| P.iter().zip(Q).map(|(p, q)| of(*p, q)).sum::<f64>();
    let divergence = |d: Divergence| sum(&|p, q| q * d.f(p / q));
    let kl = |a: f64, b: f64| a * (a / b).ln();
    let half_js = sum(&|p, q| 0.5 * kl(p, 0.5 * (p + q)) + 0.5 * kl(q, 0.5 * (p + q)));
    let expected = [
        (Divergence::KullbackLeibler, sum(&kl)),
        (Divergence::ReverseKullbackLeibler, sum(&|p, q| kl(q, p))),
        (Divergence::Pearson, sum(&|p, q| (p - q).powi(2) / q)),
        (Divergence::Neyman, sum(&|p, q| (p - q).powi(2) / p)),
        (Divergence::SquaredHellinger, sum(&|p, q| (p.sqrt() - q.sqrt()).powi(2))),
        (Divergence::Jeffrey, sum(&|p, q| (p - q) * (p / q).ln())),
        (Divergence::JensenShannon, 2.0 * half_js),
        (Divergence::Gan, 2.0 * half_js - 4f64.ln()),
        (Divergence::TotalVariation, 0.5 * sum(&|p, q| (p - q).abs())),
    ];
    for (of, expected) in expected {
        approx::assert_abs_diff_eq!(divergence(of), expected, epsilon = 1e-12);
    }
}
