use super::check::{Comparison, ExactCheck, ExactResult};
use super::dirac_gan::{Method, Order, STEP, eigenvalues, jacobian};
use super::figure::{Axis, Figure, Line, Panel, Stroke};
use crate::gan::objectives::Objective;
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "dirac-gan",
    title: "The Dirac-GAN",
    formula: "Real events at 0, generated ones at θ, D(x) = ψ x, steps of h = 0.2 from θ = 1, ψ \
              = −1. Near (0, 0) the field has the eigenvalues −γ/2 ± √(γ²/4 − 1/4), γ of R₁; a \
              step of both without regularisation multiplies the distance by √(1 + h²/4)",
    source: "arXiv:1801.04406, sections 2 to 4; the radii are from tests/golden/exact_tier.py, \
             no value is the paper's",
    run,
};

/// √(θ² + ψ²) after 500 steps: of both at once, and of the generator before 1 or 5 of the critic.
struct Radii {
    name: &'static str,
    method: Method,
    /// By derivatives written by hand (tests/golden/exact_tier.py).
    expected: &'static [f64],
}

const ORDERS: [(&str, Order); 3] = [
    ("simultaneous", Order::Simultaneous),
    ("alternating", Order::Alternating(1)),
    ("1 to 5", Order::Alternating(5)),
];

fn methods() -> Vec<Radii> {
    let of = |name, method, expected| Radii { name, method, expected };
    vec![
        of("minimax", Method::plain(Objective::Saturating), &[3.096_949, 1.421_019, 1.845_274]),
        of(
            "non-saturating",
            Method::plain(Objective::NonSaturating),
            &[0.640_207, 0.283_923, 0.138_877],
        ),
        of("WGAN, clipped at 0.3", Method::clipped(0.3), &[0.345_597, 0.301_295, 0.261_816]),
        // With 1 to 5 ψ falls to 0 and stays or not by the last digits of |ψ| there.
        of("WGAN-GP to 0.3", Method::gradient_penalty(), &[0.425_158, 0.424_774]),
        of("R₁ with γ = 0.3", Method::zero_centred(0.3), &[0.0; 3]),
        of("relativistic, R₁ and R₂", Method::relativistic(0.3), &[0.0; 3]),
        of("instance noise", Method::instance_noise(), &[0.0; 3]),
    ]
}

fn run() -> Result<ExactResult, SuiteError> {
    let mut values = Vec::new();
    let mut panels = Vec::new();
    for Radii { name, method, expected } in methods() {
        let paths = ORDERS.map(|(_, order)| method.path(order));
        for (((order, _), path), expected) in ORDERS.iter().zip(&paths).zip(expected.iter()) {
            let [theta, psi] = path[path.len() - 1];
            let what = format!("radius after 500 steps, {name}, {order}");
            values.push(Comparison::new(what, theta.hypot(psi), *expected, 1e-4));
        }
        panels.push(panel(name, &paths));
    }
    values.extend(eigenvalue_comparisons());
    values.extend(multipliers());
    let title = "The Dirac-GAN: 500 steps of θ and ψ";
    let figure = Figure { title, columns: 4, panels }.svg();
    Ok(ExactResult { values, figure: Some(figure) })
}

fn panel(name: &str, paths: &[Vec<[f64; 2]>; 3]) -> Panel {
    let line = |colour: usize| {
        let points = paths[colour].iter().map(|[theta, psi]| (*theta, *psi));
        Line::new(ORDERS[colour].0, colour, points.collect())
    };
    let mut lines: Vec<Line> = (0..3).map(line).collect();
    lines.push(Line::new("", 7, vec![(0.0, 0.0)]).stroke(Stroke::Dots));
    // As wide as high, so that circles are round.
    let (x, y) = (3.0, 2.1);
    Panel {
        title: name.to_owned(),
        x: Axis::linear("θ", -x, x),
        y: Axis::linear("ψ", -y, y),
        lines,
        circles: Vec::new(),
    }
}

/// −γ/2 ± √(γ²/4 − 1/4), 1/4 being the square of the slope of the loss at 0.
fn exact_eigenvalues(strength: f64) -> [(f64, f64); 2] {
    let square = 0.25 * strength * strength - 0.25;
    let root = square.abs().sqrt();
    [1.0, -1.0].map(|sign| {
        if square < 0.0 {
            (-0.5 * strength, sign * root)
        } else {
            (-0.5 * strength + sign * root, 0.0)
        }
    })
}

fn eigenvalue_comparisons() -> Vec<Comparison> {
    let unbounded = [(0.0, 1.0), (0.0, -1.0)];
    let mut cases = vec![
        ("minimax".to_owned(), Method::plain(Objective::Saturating), exact_eigenvalues(0.0)),
        ("WGAN without bounds".to_owned(), Method::plain(Objective::Wasserstein), unbounded),
        ("hinge".to_owned(), Method::plain(Objective::Hinge), unbounded),
        // The curvature 1/4 of softplus at 0 times the variance, of real and of generated events.
        (
            "noise of deviation 1: γ = 1/2".to_owned(),
            Method::instance_noise(),
            exact_eigenvalues(0.5),
        ),
        (
            "pairs, R₁ and R₂ of 0.3: γ = 0.6".to_owned(),
            Method::relativistic(0.3),
            exact_eigenvalues(0.6),
        ),
    ];
    for strength in [0.0, 0.3, 1.0, 2.0] {
        let method = Method::zero_centred(strength);
        cases.push((format!("R₁ with γ = {strength}"), method, exact_eigenvalues(strength)));
    }
    let mut values = Vec::new();
    for (name, method, expected) in cases {
        let found = eigenvalues(jacobian(|at| method.field(at)));
        for (i, (found, expected)) in found.into_iter().zip(expected).enumerate() {
            let part = |part: &str| format!("{part} part of eigenvalue {}, {name}", i + 1);
            values.push(Comparison::new(part("real"), found.0, expected.0, 2e-3));
            values.push(Comparison::new(part("imaginary"), found.1, expected.1, 2e-3));
        }
    }
    values
}

fn multipliers() -> Vec<Comparison> {
    let mut values = Vec::new();
    for (name, objective) in
        [("minimax", Objective::Saturating), ("non-saturating", Objective::NonSaturating)]
    {
        let method = Method::plain(objective);
        let factors = [(1.0 + 0.25 * STEP * STEP).sqrt(), 1.0];
        for ((in_order, order), expected) in ORDERS.into_iter().zip(factors) {
            let (real, imaginary) = eigenvalues(jacobian(|at| method.step(at, order)))[0];
            let what = format!("|multiplier| of a step, {name}, {in_order}");
            values.push(Comparison::new(what, real.hypot(imaginary), expected, 2e-4));
        }
    }
    values
}
