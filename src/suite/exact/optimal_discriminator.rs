use std::f64::consts::LN_2;

use super::check::{Comparison, ExactCheck, ExactResult};
use super::critic_fit::{CriticFit, Side};
use super::figure::{Axis, Figure, GREY, Line, Panel, Stroke};
use super::judging::{best_scores, sigmoid};
use super::quadrature::{Grid, Normal};
use crate::gan::objectives::Objective;
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "optimal-discriminator",
    title: "The optimal discriminator",
    formula: "D*(x) = p(x) / (p(x) + q(x)), so that D* / (1 − D*) = p / q, and V(D*) = −ln 4 + 2 \
              JSD(p, q), JSD with halves",
    source: "arXiv:1406.2661, proposition 1 and theorem 1",
    run,
};

const P: Normal = Normal::new(-1.0, 1.0);
const Q: Normal = Normal::new(1.5, 0.7);
/// Where there is less of both, the loss does not say what D should be.
const LEAST_DENSITY: f64 = 0.01;
const STEPS: u64 = 900;

const DISCRETE: ([f64; 4], [f64; 4]) = ([0.5, 0.2, 0.2, 0.1], [0.1, 0.3, 0.2, 0.4]);

fn best(x: f64) -> f64 {
    P.density(x) / (P.density(x) + Q.density(x))
}

/// A critic that can be anything, and a network that is trained on two normal densities.
fn run() -> Result<ExactResult, SuiteError> {
    let mut values = discrete();
    let grid = Grid::new(-5.0, 5.0, 160);
    let (p, q) = (grid.probabilities(|x| P.density(x)), grid.probabilities(|x| Q.density(x)));
    let sides = [&p, &q].map(|weights| Side { points: &grid.points, probabilities: weights });
    let mut fit = CriticFit::new(&[24, 24], 1);
    let loss = fit.train(&Objective::NonSaturating, sides, None, STEPS, 0.02);
    let found: Vec<f64> = fit.scores(&grid.points).into_iter().map(sigmoid).collect();

    let dense = |x: f64| P.density(x).max(Q.density(x)) > LEAST_DENSITY;
    let points =
        || grid.points.iter().copied().zip(found.iter().copied()).filter(|(x, _)| dense(*x));
    let worst = points().map(|(x, d)| (d - best(x)).abs()).fold(0.0, f64::max);
    values.push(Comparison::new(
        "largest |D − D*| of a trained network, p = N(−1, 1) and q = N(1.5, 0.7²)",
        worst,
        0.0,
        0.005,
    ));
    for x in [-0.5, 0.5, 1.0] {
        let at = grid.points.iter().position(|point| (point - x).abs() < 1e-9);
        let d = found[at.expect("a point of the grid")];
        let ratio = P.density(x) / Q.density(x);
        let what = format!("D / (1 − D) of it at x = {x}: p / q");
        values.push(Comparison::new(what, d / (1.0 - d), ratio, 0.03 * ratio));
    }
    let information = |a: f64, b: f64| a * (2.0 * a / (a + b)).ln();
    let divergence: f64 =
        p.iter().zip(&q).map(|(&p, &q)| 0.5 * (information(p, q) + information(q, p))).sum();
    let value = -2.0 * LN_2 + 2.0 * divergence;
    values.push(Comparison::new("its value V: −ln 4 + 2 JSD", -loss, value, 1e-4));
    Ok(ExactResult { values, figure: Some(figure(&grid, &found)) })
}

fn discrete() -> Vec<Comparison> {
    let (p, q) = DISCRETE;
    let scores = best_scores(&Objective::NonSaturating, &p, &q);
    let mut values = Vec::new();
    for (v, (p, q)) in scores.into_iter().zip(p.into_iter().zip(q)) {
        let what = format!("D at an atom with p = {p}, q = {q}");
        values.push(Comparison::new(what, sigmoid(v), p / (p + q), 1e-5));
        let what = format!("D / (1 − D) there: p / q = {p} / {q}");
        values.push(Comparison::new(what, v.exp(), p / q, 1e-4 * p / q));
    }
    values
}

fn figure(grid: &Grid, found: &[f64]) -> String {
    let trained = grid.points.iter().copied().zip(found.iter().copied()).step_by(4).collect();
    let ratio = grid.points.iter().copied().zip(found.iter().map(|d| d / (1.0 - d)));
    let panel = |title: &str, y, lines| Panel {
        title: title.to_owned(),
        x: Axis::linear("x", -5.0, 5.0),
        y,
        lines,
        circles: Vec::new(),
    };
    let densities = |scale: f64| {
        [("p", 7, P), ("q", 4, Q)].map(|(label, colour, normal)| {
            Line::new(label, colour, grid.curve(|x| scale * normal.density(x)))
        })
    };
    let [p, q] = densities(1.0);
    let first = vec![
        p,
        q,
        Line::new("D* = p / (p + q)", 0, grid.curve(best)),
        Line::new("D, trained", 1, trained).stroke(Stroke::Dots),
    ];
    let exact = grid.curve(|x| P.density(x) / Q.density(x));
    let second = vec![
        Line::new("p / q", 0, exact),
        Line::new("D / (1 − D), trained", 1, ratio.step_by(4).collect()).stroke(Stroke::Dots),
        Line::new("", GREY, vec![(-5.0, 1.0), (5.0, 1.0)]).stroke(Stroke::Dashed),
    ];
    Figure {
        title: "The optimal discriminator of two normal densities",
        columns: 2,
        panels: vec![
            panel("Densities and discriminator", Axis::linear("density, D", 0.0, 1.05), first),
            panel("Ratio of the densities", Axis::logarithmic("ratio", 1e-4, 1e6), second),
        ],
    }
    .svg()
}
