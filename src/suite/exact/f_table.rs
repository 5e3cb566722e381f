use std::f64::consts::LN_2;

use super::check::{Comparison, ExactCheck, ExactResult};
use super::figure::{Axis, Figure, Line, Panel, Stroke};
use super::judging::{batch, column, derivative};
use crate::compute::{scalar, to_host};
use crate::gan::objectives::{Divergence, FDivergence, Objective};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "f-divergences",
    title: "The f-divergences of f-GAN",
    formula: "D_f(p ‖ q) = E_q f(p/q) ≥ E_p T − E_q f*(T), T = g_f(v), f*(t) = sup over u > 0 of \
              u t − f(u), equal at T = f′(p/q). JSD of the table is without halves, total \
              variation with ½",
    source: "arXiv:1606.00709, section 2 and tables 1 and 2",
    run,
};

const P: [f64; 5] = [0.1, 0.25, 0.4, 0.05, 0.2];
const Q: [f64; 5] = [0.3, 0.2, 0.1, 0.25, 0.15];

fn name(divergence: Divergence) -> &'static str {
    match divergence {
        Divergence::KullbackLeibler => "KL",
        Divergence::ReverseKullbackLeibler => "reverse KL",
        Divergence::Pearson => "Pearson",
        Divergence::Neyman => "Neyman",
        Divergence::SquaredHellinger => "squared Hellinger",
        Divergence::Jeffrey => "Jeffrey",
        Divergence::JensenShannon => "JSD",
        Divergence::Gan => "GAN",
        Divergence::TotalVariation => "total variation",
    }
}

/// g_f(v) in 64 bits.
fn activation(divergence: Divergence, v: f64) -> f64 {
    match divergence {
        Divergence::KullbackLeibler | Divergence::Pearson | Divergence::Jeffrey => v,
        Divergence::ReverseKullbackLeibler => -(-v).exp(),
        Divergence::Neyman | Divergence::SquaredHellinger => -(-v).exp_m1(),
        Divergence::JensenShannon => LN_2 - (-v).exp().ln_1p(),
        Divergence::Gan => -(-v).exp().ln_1p(),
        Divergence::TotalVariation => 0.5 * v.tanh(),
    }
}

/// The divergence of discrete p and q by its textbook formula, and f(1) and f′(1).
fn textbook(divergence: Divergence) -> (f64, [f64; 2]) {
    let sum = |of: &dyn Fn(f64, f64) -> f64| P.iter().zip(Q).map(|(p, q)| of(*p, q)).sum::<f64>();
    let kl = |a: f64, b: f64| a * (a / b).ln();
    let to_middle = |p: f64, q: f64| kl(p, 0.5 * (p + q)) + kl(q, 0.5 * (p + q));
    match divergence {
        Divergence::KullbackLeibler => (sum(&kl), [0.0, 1.0]),
        Divergence::ReverseKullbackLeibler => (sum(&|p, q| kl(q, p)), [0.0, -1.0]),
        Divergence::Pearson => (sum(&|p, q| (p - q).powi(2) / q), [0.0, 0.0]),
        Divergence::Neyman => (sum(&|p, q| (p - q).powi(2) / p), [0.0, 0.0]),
        Divergence::SquaredHellinger => (sum(&|p, q| (p.sqrt() - q.sqrt()).powi(2)), [0.0, 0.0]),
        Divergence::Jeffrey => (sum(&|p, q| (p - q) * (p / q).ln()), [0.0, 0.0]),
        Divergence::JensenShannon => (sum(&to_middle), [0.0, 0.0]),
        Divergence::Gan => (sum(&to_middle) - 4f64.ln(), [-2.0 * LN_2, -LN_2]),
        Divergence::TotalVariation => (0.5 * sum(&|p, q| (p - q).abs()), [0.0, 0.0]),
    }
}

/// f′(u) by a central difference; at the kink of |u − 1| the mean of both sides.
fn slope(divergence: Divergence, u: f64) -> f64 {
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

/// The v with g_f(v) = f′(u), by bisection; the least or greatest one where g_f only tends to it.
fn best_output(divergence: Divergence, u: f64) -> f64 {
    let wanted = slope(divergence, u);
    let (mut low, mut high) = (-15.0, 15.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if activation(divergence, middle) < wanted { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// T and f*(T) at outputs, by the tensor operations of the objective.
fn of_outputs(divergence: Divergence, outputs: &[f64]) -> Vec<(f64, f64)> {
    let of = |values| to_host::<2>(values).into_iter().map(f64::from);
    let v = column(outputs).inner();
    of(divergence.activation(v.clone())).zip(of(divergence.conjugate_of_activation(v))).collect()
}

/// The largest errors, over the size of the value where that is above 1, of T and of f*(T).
fn worst_errors(divergence: Divergence) -> [f64; 2] {
    let outputs: Vec<f64> = (-20..=20).map(|i| f64::from(i) / 4.0).collect();
    let error = |found: f64, expected: f64| (found - expected).abs() / expected.abs().max(1.0);
    let mut worst = [0.0_f64; 2];
    for (v, (t, conjugate)) in outputs.iter().zip(of_outputs(divergence, &outputs)) {
        let exact = activation(divergence, *v);
        worst[0] = worst[0].max(error(t, exact));
        // (u − 1)² is meant on the whole line; only its part with u > 0 is looked at here, of
        // which the supremum at t < −2 is that at u = 0.
        if divergence != Divergence::Pearson || exact >= -2.0 {
            worst[1] = worst[1].max(error(conjugate, numerical_conjugate(divergence, exact)));
        }
    }
    worst
}

fn run() -> Result<ExactResult, SuiteError> {
    let values = Divergence::ALL.into_iter().flat_map(comparisons).collect();
    Ok(ExactResult { values, figure: Some(figure()) })
}

fn comparisons(divergence: Divergence) -> Vec<Comparison> {
    let objective = Objective::FDivergence(FDivergence { divergence, alternative: false });
    let (expected, [value, of_one]) = textbook(divergence);
    let [activation_error, conjugate_error] = worst_errors(divergence);
    let best: Vec<f64> = P.iter().zip(Q).map(|(p, q)| best_output(divergence, p / q)).collect();
    let bound = |v: &[f64]| -scalar(objective.critic_loss(&batch(&column(v), &P, &Q), 0.0, None));
    let gradient = derivative(&best, |v| objective.critic_loss(&batch(v, &P, &Q), 0.0, None));
    let moved = [-0.3, 0.2].map(|change| best.iter().map(|v| v + change).collect::<Vec<_>>());
    let above = moved.iter().filter(|v| bound(v) > expected + 1e-6).count();
    // −E_q f*(T) is the bound less E_p T, which does not depend on the generator.
    let of_real: f64 = P.iter().zip(&best).map(|(p, v)| p * activation(divergence, *v)).sum();
    let generator = scalar(objective.generator_loss(&batch(&column(&best), &P, &Q)));
    let discrete: f64 = P.iter().zip(Q).map(|(p, q)| q * divergence.f(p / q)).sum();
    let of = |what: &str, found, expected, tolerance| {
        Comparison::new(format!("{}: {what}", name(divergence)), found, expected, tolerance)
    };
    vec![
        of("f(1)", divergence.f(1.0), value, 1e-12),
        of("f′(1)", slope(divergence, 1.0), of_one, 1e-8),
        of("worst error of g_f(v), |v| ≤ 5", activation_error, 0.0, 1e-5),
        of("worst error of f*(g_f(v)) against a numerical supremum", conjugate_error, 0.0, 1e-5),
        of("E_q f(p/q): the textbook's sum", discrete, expected, 1e-12),
        of("bound of the best critic: D_f", bound(&best), expected, 3e-6),
        of(
            "largest slope of its loss",
            gradient.into_iter().map(f64::abs).fold(0.0, f64::max),
            0.0,
            2e-6,
        ),
        of("the generator's −E_q f*(T), with E_p T: D_f", generator + of_real, expected, 3e-6),
        Comparison::none(format!("{}: other critics above D_f", name(divergence)), above),
    ]
}

fn figure() -> String {
    let line = |index: usize, divergence, points| {
        let stroke = if index < 5 { Stroke::Solid } else { Stroke::Dashed };
        Line::new(name(divergence), index % 5, points).stroke(stroke)
    };
    let all = || Divergence::ALL.into_iter().enumerate();
    let of_ratio = all().map(|(index, divergence)| {
        let points = (1..=120).map(|i| f64::from(i) / 40.0).map(|u| (u, divergence.f(u)));
        line(index, divergence, points.collect())
    });
    let outputs: Vec<f64> = (-60..=60).map(|i| f64::from(i) / 12.0).collect();
    let conjugates =
        all().map(|(index, divergence)| line(index, divergence, of_outputs(divergence, &outputs)));
    let panel = |title: &str, x, y, lines| Panel {
        title: title.to_owned(),
        x,
        y,
        lines,
        circles: Vec::new(),
    };
    Figure {
        title: "f-divergences",
        columns: 2,
        panels: vec![
            panel(
                "f",
                Axis::linear("u = p / q", 0.0, 3.0),
                Axis::linear("f(u)", -2.0, 4.0),
                of_ratio.collect(),
            ),
            panel(
                "Conjugates, T = g_f(v) for |v| ≤ 5",
                Axis::linear("T", -3.0, 3.0),
                Axis::linear("f*(T)", -3.0, 4.0),
                conjugates.collect(),
            ),
        ],
    }
    .svg()
}
