use std::f64::consts::TAU;

use ndarray::Array2;
use validation::metrics::FeatureMatrix;
use validation::metrics::kernels::{Kernel, maximum_mean_discrepancy};

use super::check::{Comparison, ExactCheck, ExactResult};
use super::figure::{Axis, Circle, Figure, GREY, Panel};
use super::judging::{column, derivative, judged};
use super::minimiser::minimum;
use super::mixture_space::{Isotropic, MIXTURE, Plane, discrepancy, moments};
use super::quadrature::Normal;
use crate::compute::Tensor;
use crate::gan::objectives::{Divergence, JudgedBatch, Objective};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "mixture-fits",
    title: "An isotropic Gaussian fitted to a mixture",
    formula: "p = ⅔ N((−1.5, −0.5), 0.8²) + ⅓ N((2, 1), 0.6²). The least KL(p ‖ q) has the mean \
              and the mean variance of p; KL(q ‖ p) and JSD keep one mode; MMD, with exp(−|x − \
              y|² / 2), lies between",
    source: "arXiv:1511.01844, figure 1, with a mixture of our own; the fits are from \
             tests/golden/exact_tier.py",
    run,
};

/// Width of the kernel of MMD.
const BANDWIDTH: f64 = 1.0;

/// A fit, with what SciPy's minimiser found: mean, deviation, and the least value.
struct Fit {
    name: &'static str,
    fitted: Isotropic,
    value: f64,
    expected: Isotropic,
    least: f64,
}

/// The best of the minima that are found from either mode and from between.
fn fit(loss: impl Fn(&Isotropic) -> f64) -> (Isotropic, f64) {
    let of = |start: Isotropic| {
        let parameters = minimum(|p| loss(&Isotropic::from_parameters(p)), start.parameters(), 0.2);
        let fitted = Isotropic::from_parameters(parameters);
        (fitted, loss(&fitted))
    };
    [MIXTURE[0].1, MIXTURE[1].1, moments()]
        .map(of)
        .into_iter()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .expect("there are three starts")
}

fn fits(plane: &Plane) -> Vec<Fit> {
    let of = |name, (fitted, value), expected, least| Fit { name, fitted, value, expected, least };
    let scipy = |x, y, deviation| Isotropic { mean: [x, y], deviation };
    let by = |divergence| fit(|q| plane.divergence(divergence, q));
    let with_halves = |(fitted, value): (Isotropic, f64)| (fitted, 0.5 * value);
    vec![
        of("KL(p ‖ q)", by(Divergence::KullbackLeibler), moments(), 0.779_495_8),
        of(
            "MMD²",
            fit(|q| discrepancy(BANDWIDTH, q)),
            scipy(-1.271_108_3, -0.401_903_6, 1.254_570_2),
            0.069_418_4,
        ),
        of(
            "JSD, with halves",
            with_halves(by(Divergence::JensenShannon)),
            scipy(-1.463_446_2, -0.484_334_1, 0.828_290_0),
            0.128_971_8,
        ),
        of(
            "KL(q ‖ p)",
            by(Divergence::ReverseKullbackLeibler),
            scipy(-1.479_804_6, -0.491_344_8, 0.814_928_6),
            0.397_342_8,
        ),
    ]
}

fn run() -> Result<ExactResult, SuiteError> {
    let plane = Plane::new();
    let fits = fits(&plane);
    let mut values = Vec::new();
    for Fit { name, fitted, value, expected, least } in &fits {
        let [x, y] = fitted.mean;
        let mut push = |what: &str, found, expected| {
            values.push(Comparison::new(format!("{name}: {what}"), found, expected, 1e-4));
        };
        push("mean along x", x, expected.mean[0]);
        push("mean along y", y, expected.mean[1]);
        push("deviation", fitted.deviation, expected.deviation);
        push("least value", *value, *least);
    }
    values.push(sampled_discrepancy(&fits[1].fitted)?);
    for (name, q) in [("the JSD fit", fits[2].fitted), ("the KL(p ‖ q) fit", fits[0].fitted)] {
        for (axis, slope) in generator_slope(&plane, &q).into_iter().enumerate() {
            values.push(Comparison::new(
                format!("dL/dμ of the minimax generator at {name}, along axis {axis}: d(2 JSD)/dμ"),
                slope,
                divergence_slope(&plane, &q, axis),
                1e-5,
            ));
        }
    }
    Ok(ExactResult { values, figure: Some(figure(&fits)) })
}

/// dL/dμ for the best discriminator against q, which is held, the loss being that of the
/// objective.
fn generator_slope(plane: &Plane, q: &Isotropic) -> Vec<f64> {
    let density: Vec<f64> = plane.points.iter().map(|point| q.density(*point)).collect();
    let logits: Vec<f64> = plane.mixture.iter().zip(&density).map(|(p, q)| (p / q).ln()).collect();
    let (scores, real) = (column(&logits), column(&plane.mixture) * plane.area);
    let coordinates = [0, 1].map(|axis| plane.points.iter().map(|p| p[axis]).collect::<Vec<_>>());
    let variance = q.deviation * q.deviation;
    derivative(&q.mean, |mean| {
        let square = |axis: usize| -> Tensor<2> {
            (column(&coordinates[axis]) - mean.clone().narrow(0, axis, 1)).square()
        };
        let exponent = (square(0) + square(1)) * (-0.5 / variance);
        let fake = exponent.exp() * (plane.area / (TAU * variance));
        let batch = JudgedBatch {
            real: judged(&scores, real),
            fake: judged(&scores, fake),
            other_fake: None,
        };
        Objective::Saturating.generator_loss(&batch)
    })
}

/// d(2 JSD)/dμ by a central difference.
fn divergence_slope(plane: &Plane, q: &Isotropic, axis: usize) -> f64 {
    const BY: f64 = 1e-4;
    let at = |by: f64| {
        let mut moved = *q;
        moved.mean[axis] += by;
        plane.divergence(Divergence::JensenShannon, &moved)
    };
    (at(BY) - at(-BY)) / (2.0 * BY)
}

/// MMD² of samples, points at equal shares of probability, against the closed form. Samples of so
/// many points are a little narrower than their distribution.
fn sampled_discrepancy(q: &Isotropic) -> Result<Comparison, SuiteError> {
    let [(_, first), (_, second)] = MIXTURE;
    let data = [lattice(&first), lattice(&first), lattice(&second)].concat();
    let features = |label, points: &[[f64; 2]]| {
        let values = Array2::from_shape_fn((points.len(), 2), |(i, axis)| points[i][axis]);
        FeatureMatrix::new(label, values.view())
    };
    let kernel = Kernel::Gaussian { bandwidths: vec![BANDWIDTH] };
    let (data, fitted) = (features("data", &data)?, features("fitted", &lattice(q))?);
    let found = maximum_mean_discrepancy(&data, &fitted, &kernel)?;
    let what = "MMD² of samples at that fit: the closed form";
    Ok(Comparison::new(what, found.biased, discrepancy(BANDWIDTH, q), 1.5e-3))
}

/// The products of 40 quantiles of both coordinates.
fn lattice(of: &Isotropic) -> Vec<[f64; 2]> {
    let [xs, ys] = of.mean.map(|mean| Normal::new(mean, of.deviation).quantiles(40));
    xs.iter().flat_map(|x| ys.iter().map(|y| [*x, *y])).collect()
}

fn figure(fits: &[Fit]) -> String {
    let circles = |of: &Isotropic, colour, opacity: f64| {
        [2.0, 1.0].map(|sigmas| Circle {
            centre: (of.mean[0], of.mean[1]),
            radius: sigmas * of.deviation,
            colour,
            opacity,
        })
    };
    let panel = |(colour, fit): (usize, &Fit)| {
        let mut drawn: Vec<Circle> =
            MIXTURE.iter().flat_map(|(weight, part)| circles(part, GREY, 0.6 * weight)).collect();
        drawn.extend(circles(&fit.fitted, colour, 0.0));
        Panel {
            title: format!("Least {}", fit.name),
            x: Axis::linear("x", -6.0, 6.0),
            y: Axis::linear("y", -4.2, 4.2),
            lines: Vec::new(),
            circles: drawn,
        }
    };
    Figure {
        title: "An isotropic Gaussian fitted to a mixture (grey); circles of 1 and 2 standard deviations",
        columns: 2,
        panels: fits.iter().enumerate().map(panel).collect(),
    }
    .svg()
}
