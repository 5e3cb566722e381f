use std::f64::consts::LN_2;

use ndarray::Array2;
use validation::metrics::FeatureMatrix;
use validation::metrics::transport::exact_wasserstein;
use validation::tests::{jensen_shannon, kullback_leibler};

use super::check::{Comparison, ExactCheck, ExactResult};
use super::figure::{Axis, Figure, Line, Panel, Stroke};
use super::judging::{batch, column, derivative, single};
use crate::compute::scalar;
use crate::gan::objectives::{Divergence, FDivergence, Objective};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "parallel-lines",
    title: "Parallel lines",
    formula: "Z uniform on [0, 1], p of (0, Z), q of (θ, Z). For θ ≠ 0: W₁ = |θ|, JSD = ln 2 \
              with halves and 2 ln 2 without, KL = ∞ in both directions, total variation ½ Σ |p \
              − q| = 1; all are 0 at θ = 0",
    source: "arXiv:1701.07875, example 1",
    run,
};

/// Points that stand for a line.
const POINTS: usize = 64;

/// The line at θ, `[points, 2]`.
fn line(theta: f64) -> Result<FeatureMatrix, SuiteError> {
    let points = Array2::from_shape_fn((POINTS, 2), |(point, axis)| {
        if axis == 0 { theta } else { (point as f64 + 0.5) / POINTS as f64 }
    });
    Ok(FeatureMatrix::new("line", points.view())?)
}

/// Probabilities of two cells, one about each line. At θ = 0 both lines are in the first.
fn cells(theta: f64) -> ([f64; 2], [f64; 2]) {
    ([1.0, 0.0], if theta == 0.0 { [1.0, 0.0] } else { [0.0, 1.0] })
}

fn wasserstein(theta: f64) -> Result<f64, SuiteError> {
    Ok(exact_wasserstein(&line(0.0)?, &line(theta)?, 1)?)
}

/// With halves, in nats.
fn half_sum_divergence(theta: f64) -> f64 {
    let (p, q) = cells(theta);
    LN_2 * jensen_shannon(&p, &q)
}

/// The largest E_p T − E_q f*(T) over the critics that know which line a point is on.
fn total_variation(theta: f64) -> f64 {
    let (p, q) = cells(theta);
    let divergence = Divergence::TotalVariation;
    let objective = Objective::FDivergence(FDivergence { divergence, alternative: false });
    let sure = if theta == 0.0 { [0.0, 0.0] } else { [40.0, -40.0] };
    -scalar(objective.critic_loss(&batch(&column(&sure), &p, &q), 0.0, None))
}

fn run() -> Result<ExactResult, SuiteError> {
    let mut values = Vec::new();
    for theta in [-0.8, 0.0, 0.05, 0.6] {
        let (p, q) = cells(theta);
        let apart = |value: f64| if theta == 0.0 { 0.0 } else { value };
        let mut push = |what: &str, found, expected, tolerance| {
            values.push(Comparison::new(
                format!("{what}, θ = {theta}"),
                found,
                expected,
                tolerance,
            ));
        };
        push("W₁ by an exact assignment", wasserstein(theta)?, theta.abs(), 1e-12);
        push("JSD with halves", half_sum_divergence(theta), apart(LN_2), 1e-14);
        push("JSD without halves", 2.0 * half_sum_divergence(theta), apart(2.0 * LN_2), 1e-14);
        push("KL(p ‖ q)", kullback_leibler(&p, &q), apart(f64::INFINITY), 0.0);
        push("KL(q ‖ p)", kullback_leibler(&q, &p), apart(f64::INFINITY), 0.0);
        push("total variation by its variational bound", total_variation(theta), apart(1.0), 1e-6);
    }
    for theta in [-0.8, 0.6] {
        // The critic that attains W₁ falls towards the generated line.
        let slope = derivative(&[theta], |x| {
            Objective::Wasserstein.generator_loss(&single(&(x.clone() * -f64::signum(theta))))
        })[0];
        values.push(Comparison::new(format!("dW₁/dθ, θ = {theta}"), slope, theta.signum(), 1e-7));
        // D is the same on the whole line wherever it is, so that its slope is 0.
        let (p, q) = cells(theta);
        let slope =
            derivative(&[40.0, -40.0], |v| Objective::Saturating.generator_loss(&batch(v, &p, &q)));
        values.push(Comparison::new(
            format!("dL/ds of the minimax generator, θ = {theta}"),
            slope[1],
            0.0,
            1e-15,
        ));
    }
    Ok(ExactResult { values, figure: Some(figure()?) })
}

fn figure() -> Result<String, SuiteError> {
    let grid: Vec<f64> = (-20..=20).map(|i| f64::from(i) / 20.0).collect();
    let distances = grid
        .iter()
        .map(|theta| Ok((*theta, wasserstein(*theta)?)))
        .collect::<Result<Vec<_>, SuiteError>>()?;
    // What jumps at 0 is drawn as two lines and a point.
    let jumping = |label: &str, colour, of: &dyn Fn(f64) -> f64| {
        let broken = grid.iter().map(|x| (*x, if *x == 0.0 { f64::NAN } else { of(*x) }));
        [
            Line::new(label, colour, broken.collect()),
            Line::new("", colour, vec![(0.0, of(0.0))]).stroke(Stroke::Dots),
        ]
    };
    let mut lines = vec![Line::new("W₁ = |θ|", 2, distances)];
    lines.extend(jumping("JSD with halves", 0, &half_sum_divergence));
    lines.extend(jumping("JSD without halves", 1, &|theta| 2.0 * half_sum_divergence(theta)));
    lines.extend(jumping("total variation", 3, &total_variation));
    lines.push(Line::new("KL (∞ but at θ = 0)", 7, vec![(0.0, 0.0)]).stroke(Stroke::Dots));
    let panel = Panel {
        title: "Distances of two parallel lines".to_owned(),
        x: Axis::linear("θ", -1.0, 1.0),
        y: Axis::linear("distance", -0.05, 1.5),
        lines,
        circles: Vec::new(),
    };
    Ok(Figure { title: "Parallel lines", columns: 1, panels: vec![panel] }.svg())
}
