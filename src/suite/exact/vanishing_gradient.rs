use std::f64::consts::LN_2;

use validation::tests::{WeightedSample, wasserstein_1_weighted};

use super::check::{Comparison, ExactCheck, ExactResult};
use super::earth_mover::abstained;
use super::figure::{Axis, Figure, Line, Panel};
use super::judging::{column, derivative, judged, sigmoid};
use super::quadrature::{Grid, Normal};
use crate::compute::Tensor;
use crate::gan::objectives::{Divergence, JudgedBatch, Objective};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "vanishing-gradient",
    title: "A generator that has one mode of two",
    formula: "p = 0.7 N(5, 0.8²) + 0.3 N(−4, 1), q = N(μ, 0.8²) at μ = 5: D* = 7/17 about 5 and \
              1 about −4, and dL/dμ = E_q d/dx ln(1 − D*) = 0 but for the overlap of the modes; \
              dW₁/dμ = 1",
    source: "arXiv:1701.04862, theorem 2.4; the densities are a lecture's",
    run,
};

const KEPT: Normal = Normal::new(5.0, 0.8);
const LOST: Normal = Normal::new(-4.0, 1.0);
const SHARE: f64 = 0.7;

fn p(x: f64) -> f64 {
    SHARE * KEPT.density(x) + (1.0 - SHARE) * LOST.density(x)
}

/// ln of the ratio of the lost mode's density to the kept one's.
fn log_ratio(x: f64) -> f64 {
    let square = |normal: Normal| 0.5 * ((x - normal.mean) / normal.deviation).powi(2);
    square(KEPT) - square(LOST) + (KEPT.deviation / LOST.deviation).ln()
}

/// The logit of D* = p / (p + q), ln(0.7 + 0.3 r).
fn logit(x: f64) -> f64 {
    (SHARE + (1.0 - SHARE) * log_ratio(x).exp()).ln()
}

/// The same of points in a graph. The logarithm of r is a parabola in x.
fn logits(x: &Tensor<2>) -> Tensor<2> {
    let square =
        |normal: Normal| ((x.clone() - normal.mean) * (1.0 / normal.deviation)).square() * 0.5;
    let log_ratio = square(KEPT) - square(LOST) + (KEPT.deviation / LOST.deviation).ln();
    (log_ratio.exp() * (1.0 - SHARE) + SHARE).log()
}

/// d/dx of the logit, by hand: 0.3 r r′ / (0.7 + 0.3 r), with r′ the slope of ln r.
fn logit_slope(x: f64) -> f64 {
    let r = (1.0 - SHARE) * log_ratio(x).exp();
    let square = |normal: Normal| (x - normal.mean) / normal.deviation.powi(2);
    r * (square(KEPT) - square(LOST)) / (SHARE + r)
}

/// dL/dμ of a generator x = μ + 0.8 z at μ = 5 for a critic that is held, by differentiation.
fn generator_slope(
    objective: &Objective,
    z: &Grid,
    scores: impl Fn(&Tensor<2>) -> Tensor<2>,
) -> f64 {
    let standard = Normal::new(0.0, 1.0);
    let weights = column(&z.probabilities(|z| standard.density(z)));
    let spread: Vec<f64> = z.points.iter().map(|z| KEPT.deviation * z).collect();
    derivative(&[KEPT.mean], |mean| {
        let x = column(&spread) + mean.clone();
        let side = || judged(&scores(&x), weights.clone());
        let batch = JudgedBatch { real: side(), fake: side(), other_fake: None };
        objective.generator_loss(&batch)
    })[0]
}

fn run() -> Result<ExactResult, SuiteError> {
    // ± 6 standard deviations: a float has no more room for r at the far end.
    let z = Grid::new(-6.0, 6.0, 240);
    let standard = Normal::new(0.0, 1.0);
    let expected = |of: &dyn Fn(f64) -> f64| -> f64 {
        z.points.iter().map(|z| standard.density(*z) * of(5.0 + KEPT.deviation * z)).sum::<f64>()
            * z.step
    };
    let d = |x: f64| sigmoid(logit(x));
    let grid = Grid::new(-12.0, 12.0, 4800);
    let q = grid.probabilities(|x| KEPT.density(x));
    let data = grid.probabilities(p);
    let weighted = |weights| WeightedSample { values: &grid.points, weights: Some(weights) };
    let distance = wasserstein_1_weighted(weighted(&data), weighted(&q)).map_err(abstained)?;
    // Of modes that do not overlap: p has 0.7 of q's mode, and 0.3 where q has nothing.
    let apart = SHARE * (2.0 * SHARE / (1.0 + SHARE)).ln()
        + (1.0 - SHARE) * LN_2
        + (2.0 / (1.0 + SHARE)).ln();
    let divergence: f64 =
        data.iter().zip(&q).map(|(p, q)| q * Divergence::JensenShannon.f(p / q)).sum();
    let values = vec![
        Comparison::new("D* at 5: 7/17", d(5.0), 7.0 / 17.0, 1e-7),
        Comparison::new("D* at −4", d(-4.0), 1.0, 1e-12),
        Comparison::new(
            "dL/dμ, saturating: E_q d/dx ln(1 − D*) by quadrature",
            generator_slope(&Objective::Saturating, &z, logits),
            expected(&|x| -d(x) * logit_slope(x)),
            1e-8,
        ),
        Comparison::new(
            "dL/dμ, saturating: 0 but for the overlap",
            generator_slope(&Objective::Saturating, &z, logits),
            0.0,
            5e-6,
        ),
        Comparison::new(
            "dL/dμ, non-saturating: E_q d/dx (−ln D*) by quadrature",
            generator_slope(&Objective::NonSaturating, &z, logits),
            expected(&|x| -(1.0 - d(x)) * logit_slope(x)),
            1e-8,
        ),
        Comparison::new(
            "dW₁/dμ, by the critic f(x) = −x that attains W₁",
            generator_slope(&Objective::Wasserstein, &z, |x| -x.clone()),
            1.0,
            1e-5,
        ),
        Comparison::new("W₁: 0.3 of the data, 9 away", distance, 2.7, 1e-6),
        Comparison::new(
            "JSD without halves: that of modes without overlap",
            divergence,
            apart,
            1e-4,
        ),
    ];
    Ok(ExactResult { values, figure: Some(figure()) })
}

fn figure() -> String {
    let grid = Grid::new(-8.0, 8.0, 320);
    let d = |x: f64| sigmoid(logit(x));
    let panel = |title: &str, y, lines| Panel {
        title: title.to_owned(),
        x: Axis::linear("x", -8.0, 8.0),
        y,
        lines,
        circles: Vec::new(),
    };
    let densities = vec![
        Line::new("p, data", 7, grid.curve(p)),
        Line::new("q, generated", 4, grid.curve(|x| KEPT.density(x))),
        Line::new("D*", 0, grid.curve(d)),
    ];
    let slopes = vec![
        Line::new("d/dx ln(1 − D*)", 0, grid.curve(|x| (d(x) * logit_slope(x)).abs())),
        Line::new("d/dx ln D*", 1, grid.curve(|x| ((1.0 - d(x)) * logit_slope(x)).abs())),
        Line::new("critic of W₁", 2, grid.curve(|_| 1.0)),
    ];
    Figure {
        title: "A generator that has one mode of two",
        columns: 2,
        panels: vec![
            panel(
                "Densities and the best discriminator",
                Axis::linear("density, D*", 0.0, 1.05),
                densities,
            ),
            panel("Size of the slope", Axis::logarithmic("slope", 1e-16, 100.0), slopes),
        ],
    }
    .svg()
}
