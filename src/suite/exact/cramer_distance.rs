use std::f64::consts::FRAC_2_PI;

use ndarray::aview1;
use validation::metrics::{FeatureMatrix, kernels};
use validation::tests::{WeightedSample, cramer_distance_squared, energy_distance_weighted};

use super::check::{Comparison, ExactCheck, ExactResult};
use super::earth_mover::abstained;
use super::judging::{column, judged};
use super::quadrature::{Grid, Normal};
use crate::compute::scalar;
use crate::gan::objectives::{Cramer, CramerGenerator, JudgedBatch, Objective};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "cramer-distance",
    title: "The Cramér distance is half the energy distance",
    formula: "∫ (F_p − F_q)² dx = E / 2, E = 2 E|x − x′| − E|x₁ − x₂| − E|x′₁ − x′₂|, in one \
              dimension. SciPy's energy_distance is √E, dcor's is E",
    source: "arXiv:1705.10743; Székely and Rizzo, J. Stat. Plan. Inference 143 (2013) 1249",
    run,
};

const P: Normal = Normal::new(0.0, 1.0);
const Q: Normal = Normal::new(0.4, 1.3);

/// E|X| of X normal.
fn mean_modulus(Normal { mean, deviation }: Normal) -> f64 {
    let z = mean / deviation;
    deviation * FRAC_2_PI.sqrt() * (-0.5 * z * z).exp()
        + mean * libm::erf(z / std::f64::consts::SQRT_2)
}

/// E of two normal distributions: differences of normal numbers are normal.
fn energy_of_normals() -> f64 {
    let difference = |a: Normal, b: Normal| {
        mean_modulus(Normal::new(b.mean - a.mean, a.deviation.hypot(b.deviation)))
    };
    2.0 * difference(P, Q) - difference(P, P) - difference(Q, Q)
}

fn run() -> Result<ExactResult, SuiteError> {
    let grid = Grid::new(-10.0, 12.0, 4400);
    let integral: f64 =
        grid.points.iter().map(|x| (P.distribution(*x) - Q.distribution(*x)).powi(2)).sum::<f64>()
            * grid.step;
    let mut values = vec![Comparison::new(
        "N(0, 1), N(0.4, 1.3²): ∫ (F_p − F_q)² dx and E / 2 in closed form",
        integral,
        0.5 * energy_of_normals(),
        1e-9,
    )];
    let (p, q) = (grid.probabilities(|x| P.density(x)), grid.probabilities(|x| Q.density(x)));
    let weighted = |weights| WeightedSample { values: &grid.points, weights: Some(weights) };
    values.push(Comparison::new(
        "the same: the energy distance of weighted points",
        energy_distance_weighted(weighted(&p), weighted(&q)).map_err(abstained)?,
        energy_of_normals(),
        1e-5,
    ));
    // A sample of a few numbers: the integral over sorted values, and the mean over all pairs.
    let (a, b) = ([0.0, 0.3, 1.0, 2.5, 2.5], [-0.4, 0.5, 1.75]);
    let features = |label, values: &[f64]| {
        FeatureMatrix::new(label, aview1(values).insert_axis(ndarray::Axis(1)))
    };
    let pairs = kernels::energy_distance(&features("first", &a)?, &features("second", &b)?)?;
    values.push(Comparison::new(
        "eight numbers: ∫ (F_p − F_q)² dx and half the mean over pairs",
        cramer_distance_squared(&a, &b).map_err(abstained)?,
        0.5 * pairs.biased,
        1e-12,
    ));
    for (p, theta) in [(0.6, 0.25), (0.9, 0.5)] {
        values.push(Comparison::new(
            format!("B({p}), B({theta}): E by the Cramér objective, 2 (p − θ)²"),
            energy_by_the_objective(p, theta),
            2.0 * f64::powi(p - theta, 2),
            1e-5,
        ));
    }
    Ok(ExactResult { values, figure: None })
}

/// E of two Bernoulli distributions, the transform h being the identity: the generator's loss, less
/// the pairs of real numbers, which it leaves out.
fn energy_by_the_objective(p: f64, theta: f64) -> f64 {
    let generator = CramerGenerator::EnergyDistance;
    let loss = Objective::Cramer(Cramer { dimension: 1, generator })
        .generator_loss(&triples(p, &column(&[theta])));
    scalar(loss) - 2.0 * p * (1.0 - p)
}

/// All triples (x, x′, x″) of zeros and ones, x of B(p), the others of B(θ).
pub(super) fn triples(p: f64, theta: &crate::compute::Tensor<2>) -> JudgedBatch {
    let triples: Vec<[f64; 3]> =
        (0..8).map(|i| [i & 1, i >> 1 & 1, i >> 2 & 1].map(f64::from)).collect();
    let side = |place: usize, one: &crate::compute::Tensor<2>| {
        let output = column(&triples.iter().map(|triple| triple[place]).collect::<Vec<_>>());
        // A term has the weights of two of the three, and the triples have each pair twice: the
        // weights of a pair must add up to 8, and do so with twice the probability each.
        let probability =
            output.clone() * one.clone() + (-output.clone() + 1.0) * (-one.clone() + 1.0);
        let eighth = 1.0 / 8.0;
        judged(&output, probability * (2.0 * eighth))
    };
    JudgedBatch {
        real: side(0, &column(&[p])),
        fake: side(1, theta),
        other_fake: Some(side(2, theta)),
    }
}
