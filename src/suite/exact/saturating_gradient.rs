use super::check::{Comparison, ExactCheck, ExactResult};
use super::figure::{Axis, Figure, Line, Panel};
use super::judging::{derivative, sigmoid, single};
use crate::gan::objectives::Objective;
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "saturating-gradient",
    title: "Gradients of the saturating and the non-saturating generator",
    formula: "∇ ln(1 − D) = −∇D / (1 − D), ∇(−ln D) = −∇D / D; with D = σ(s) they are −D ∇s and \
              −(1 − D) ∇s",
    source: "arXiv:1406.2661, section 3",
    run,
};

const DISCRIMINATORS: [f64; 7] = [1e-5, 0.001, 0.05, 0.5, 0.6, 0.95, 0.99];

/// dL/ds of a generated event at D = σ(s), by differentiation of the loss.
fn slope(objective: &Objective, d: f64) -> f64 {
    derivative(&[logit(d)], |score| objective.generator_loss(&single(score)))[0]
}

fn logit(d: f64) -> f64 {
    (d / (1.0 - d)).ln()
}

fn run() -> Result<ExactResult, SuiteError> {
    let mut values = Vec::new();
    for d in DISCRIMINATORS {
        // dD/ds
        let of_d = d * (1.0 - d);
        let cases = [
            ("saturating, −1 / (1 − D)", Objective::Saturating, -1.0 / (1.0 - d)),
            ("non-saturating, −1 / D", Objective::NonSaturating, -1.0 / d),
        ];
        for (name, objective, expected) in cases {
            values.push(Comparison::new(
                format!("dL/dD at D = {d}: {name}"),
                slope(&objective, d) / of_d,
                expected,
                1e-4 * expected.abs(),
            ));
        }
    }
    Ok(ExactResult { values, figure: Some(figure()) })
}

fn figure() -> String {
    let scores: Vec<f64> = (-64..=64).map(|i| f64::from(i) / 8.0).collect();
    let line = |label: &str, colour, objective: &Objective, per_d: bool| {
        let points = scores.iter().map(|s| {
            let d = sigmoid(*s);
            let size = slope(objective, d).abs();
            if per_d { (d, size / (d * (1.0 - d))) } else { (*s, size) }
        });
        Line::new(label, colour, points.collect())
    };
    let lines = |per_d| {
        vec![
            line("ln(1 − D)", 0, &Objective::Saturating, per_d),
            line("−ln D", 1, &Objective::NonSaturating, per_d),
        ]
    };
    let panel = |title: &str, x, y, lines| Panel {
        title: title.to_owned(),
        x,
        y,
        lines,
        circles: Vec::new(),
    };
    Figure {
        title: "What a generated event teaches the generator",
        columns: 2,
        panels: vec![
            panel(
                "Weight of ∇D",
                Axis::linear("D(G(z))", 0.0, 1.0),
                Axis::logarithmic("|dL/dD|", 0.5, 1000.0),
                lines(true),
            ),
            panel(
                "Weight of the logit's gradient ∇s",
                Axis::linear("s, D = σ(s); D is near 0 where the critic is sure", -8.0, 8.0),
                Axis::logarithmic("|dL/ds|", 1e-4, 2.0),
                lines(false),
            ),
        ],
    }
    .svg()
}
