use super::check::{Comparison, ExactCheck, ExactResult};
use super::cramer_distance::triples;
use super::figure::{Axis, Figure, Line, Panel, Stroke};
use super::judging::{column, derivative, judged};
use crate::compute::{Tensor, scalar};
use crate::gan::objectives::{Cramer, CramerGenerator, JudgedBatch, Objective};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "bernoulli",
    title: "The bias of the Wasserstein gradient from batches",
    formula: "B(θ) is fitted to batches of m numbers of B(p). E W₁(batch, B(θ)) is least at the \
              median of the batches' shares of ones, not at p; the mean gradient of the energy \
              distance is 4 (θ − p) for every m",
    source: "arXiv:1705.10743, section 3",
    run,
};

const SIZES: [u32; 4] = [1, 2, 4, 8];

/// Probabilities of 0 … m ones.
fn binomial(m: u32, p: f64) -> Vec<f64> {
    let mut choose = 1.0;
    (0..=m)
        .map(|k| {
            let probability = choose * p.powf(f64::from(k)) * (1.0 - p).powf(f64::from(m - k));
            choose *= f64::from(m - k) / f64::from(k + 1);
            probability
        })
        .collect()
}

/// The batches of m real numbers: the share of ones, and the batch's probability.
fn batches(m: u32, p: f64) -> impl Iterator<Item = (f64, f64)> {
    (0..=m).map(move |k| f64::from(k) / f64::from(m)).zip(binomial(m, p))
}

/// The numbers 0 and 1 with 1 − θ and θ, seen by the critic f(x) = slope · x.
fn seen(share: f64, theta: &Tensor<2>, slope: f64) -> JudgedBatch {
    let scores = column(&[0.0, slope]);
    let side = |one: &Tensor<2>| {
        let probabilities = Tensor::cat(vec![-one.clone() + 1.0, one.clone()], 0);
        judged(&scores, probabilities)
    };
    JudgedBatch { real: side(&column(&[share])), fake: side(theta), other_fake: None }
}

/// W₁ of a batch and B(θ): the greater dual of f(x) = ±x.
fn wasserstein(share: f64, theta: f64) -> f64 {
    let dual = |slope| {
        let batch = seen(share, &column(&[theta]), slope);
        -scalar(Objective::Wasserstein.critic_loss(&batch, 0.0, None))
    };
    dual(1.0).max(dual(-1.0))
}

/// dW₁/dθ: what the generator of the best critic is taught.
fn wasserstein_slope(share: f64, theta: f64) -> f64 {
    let slope = if share > theta { 1.0 } else { -1.0 };
    derivative(&[theta], |theta| Objective::Wasserstein.generator_loss(&seen(share, theta, slope)))
        [0]
}

/// The θ of 0, 1/40, … 1 at which the mean distance to a batch is least.
fn minimiser(m: u32, p: f64) -> f64 {
    let distance = |theta: f64| -> f64 {
        batches(m, p).map(|(share, chance)| chance * wasserstein(share, theta)).sum()
    };
    (0..=40)
        .map(|i| f64::from(i) / 40.0)
        .map(|theta| (theta, distance(theta)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(f64::NAN, |(theta, _)| theta)
}

/// The mean gradient of a Cramér generator over all batches.
fn cramer_slope(generator: CramerGenerator, m: u32, p: f64, theta: f64) -> f64 {
    let objective = Objective::Cramer(Cramer { dimension: 1, generator });
    let slope =
        |share| derivative(&[theta], |theta| objective.generator_loss(&triples(share, theta)))[0];
    batches(m, p).map(|(share, chance)| chance * slope(share)).sum()
}

/// The median of the binomial distribution over m.
fn median_share(m: u32, p: f64) -> f64 {
    let mut sum = 0.0;
    for (share, chance) in batches(m, p) {
        sum += chance;
        if sum >= 0.5 {
            return share;
        }
    }
    1.0
}

fn run() -> Result<ExactResult, SuiteError> {
    let mut values = Vec::new();
    for (share, theta) in [(0.2, 0.7), (1.0, 0.0), (0.5, 0.25)] {
        values.push(Comparison::new(
            format!("W₁ of B({share}) and B({theta}): |p − θ|"),
            wasserstein(share, theta),
            f64::abs(share - theta),
            1e-6,
        ));
        values.push(Comparison::new(
            format!("dW₁/dθ of B({share}) and B({theta}): sign(θ − p)"),
            wasserstein_slope(share, theta),
            f64::signum(theta - share),
            1e-6,
        ));
    }
    for (p, minimisers) in [(0.6, [1.0, 0.5, 0.5, 0.625]), (0.9, [1.0, 1.0, 1.0, 0.875])] {
        for (m, expected) in SIZES.into_iter().zip(minimisers) {
            values.push(Comparison::new(
                format!("minimiser of E W₁, p = {p}, m = {m}"),
                minimiser(m, p),
                expected,
                1e-12,
            ));
            // Σ over the batches of their probability times sign(p − share).
            let slope: f64 =
                batches(m, p).map(|(share, chance)| chance * wasserstein_slope(share, p)).sum();
            let exact: f64 =
                batches(m, p).map(|(share, chance)| if share > p { -chance } else { chance }).sum();
            values.push(Comparison::new(
                format!("mean dW₁/dθ at θ = p = {p}, m = {m}: P(share < p) − P(share > p)"),
                slope,
                exact,
                1e-6,
            ));
            for theta in [0.3, p] {
                values.push(Comparison::new(
                    format!(
                        "mean gradient of the energy distance at θ = {theta}, p = {p}, m = {m}"
                    ),
                    cramer_slope(CramerGenerator::EnergyDistance, m, p, theta),
                    4.0 * (theta - p),
                    2e-5,
                ));
            }
        }
        // The surrogate 2 θ (θ − p), for a fixed h, is least at p / 2: it needs an h that is trained.
        values.push(Comparison::new(
            format!("gradient of the surrogate at θ = 0.3, p = {p}: 4 θ − 2 p"),
            cramer_slope(CramerGenerator::Surrogate, 1, p, 0.3),
            1.2 - 2.0 * p,
            2e-5,
        ));
    }
    Ok(ExactResult { values, figure: Some(figure()) })
}

fn figure() -> String {
    let shares: Vec<f64> = (0..=400).map(|i| f64::from(i) / 400.0).collect();
    let mut lines: Vec<Line> = SIZES
        .into_iter()
        .enumerate()
        .map(|(colour, m)| {
            let points = shares.iter().map(|p| (*p, median_share(m, *p))).collect();
            Line::new(format!("W₁, m = {m}"), colour, points)
        })
        .collect();
    let exact = vec![(0.0, 0.0), (1.0, 1.0)];
    lines.push(Line::new("energy distance, every m", 5, exact).stroke(Stroke::Dashed));
    let panel = Panel {
        title: "θ at which the expected distance to a batch is least".to_owned(),
        x: Axis::linear("p", 0.0, 1.0),
        y: Axis::linear("θ", -0.03, 1.03),
        lines,
        circles: Vec::new(),
    };
    let bias = [0.6, 0.9].into_iter().enumerate().map(|(colour, p)| {
        let points = (1..=40).map(|m| (f64::from(m), median_share(m, p) - p)).collect();
        Line::new(format!("p = {p}"), colour, points)
    });
    let by_size = Panel {
        title: "Bias of W₁ against the size of the batch".to_owned(),
        x: Axis::linear("m", 0.0, 40.0),
        y: Axis::linear("θ − p", -0.2, 0.45),
        lines: bias.collect(),
        circles: Vec::new(),
    };
    let title = "Bernoulli: batches and the Wasserstein distance";
    Figure { title, columns: 2, panels: vec![panel, by_size] }.svg()
}
