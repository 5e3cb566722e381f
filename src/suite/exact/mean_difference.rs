use std::f64::consts::FRAC_2_PI;

use validation::tests::wasserstein_1;

use super::check::{Comparison, ExactCheck, ExactResult};
use super::earth_mover::abstained;
use super::figure::{Axis, Figure, Line, Panel, Stroke};
use super::quadrature::Normal;
use crate::random::{Purpose, Streams};
use crate::suite::SuiteError;

pub(super) const CHECK: ExactCheck = ExactCheck {
    name: "mean-difference",
    title: "The Wasserstein distance is at least the difference of means",
    formula: "W₁ ≥ |E x − E x′|, equal for a shift; W₁ of N(0, 1) and N(0, s²) is |s − 1| \
              √(2/π), with equal means",
    source: "f(x) = ±x in the dual of Kantorovich and Rubinstein",
    run,
};

const PAIRS: u64 = 500;

/// W₁ and |Δmean| of random samples of different sizes, widths and places.
fn random_pairs() -> Result<Vec<(f64, f64)>, SuiteError> {
    let streams = Streams::new(1, Purpose::Selection);
    (0..PAIRS)
        .map(|pair| {
            let mut normals = streams.normals(pair);
            let mut sample = || {
                let size = 3 + (10.0 * normals.draw().abs()) as usize;
                let (mean, width) = (2.0 * f64::from(normals.draw()), f64::from(normals.draw()));
                (0..size).map(|_| mean + width * f64::from(normals.draw())).collect::<Vec<f64>>()
            };
            let (a, b) = (sample(), sample());
            let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
            let distance = wasserstein_1(&a, &b).map_err(abstained)?;
            Ok(((mean(&a) - mean(&b)).abs(), distance))
        })
        .collect()
}

fn run() -> Result<ExactResult, SuiteError> {
    let pairs = random_pairs()?;
    let below = pairs.iter().filter(|(means, distance)| *distance < means - 1e-12).count();
    let mut values =
        vec![Comparison::none(format!("pairs of {PAIRS} random ones with W₁ < |Δmean|"), below)];
    let standard = Normal::new(0.0, 1.0).quantiles(2000);
    for shift in [-1.5, 0.25, 4.0] {
        let shifted: Vec<f64> = standard.iter().map(|x| x + shift).collect();
        let found = wasserstein_1(&standard, &shifted).map_err(abstained)?;
        values.push(Comparison::new(
            format!("W₁ of a shift by {shift}"),
            found,
            shift.abs(),
            1e-12,
        ));
    }
    for s in [0.5, 2.0, 3.0] {
        let wider: Vec<f64> = standard.iter().map(|x| s * x).collect();
        let found = wasserstein_1(&standard, &wider).map_err(abstained)?;
        let expected = f64::abs(s - 1.0) * FRAC_2_PI.sqrt();
        values.push(Comparison::new(
            format!("W₁ of N(0, 1) and N(0, {s}²), 2,000 quantiles each"),
            found,
            expected,
            1e-3 * expected,
        ));
    }
    let bound = vec![(0.0, 0.0), (8.0, 8.0)];
    let panel = Panel {
        title: format!("{PAIRS} pairs of random samples"),
        x: Axis::linear("|Δmean|", 0.0, 8.0),
        y: Axis::linear("W₁", 0.0, 8.0),
        lines: vec![
            Line::new("pairs", 1, pairs).stroke(Stroke::Dots),
            Line::new("W₁ = |Δmean|", 0, bound),
        ],
        circles: Vec::new(),
    };
    let title = "W₁ is at least the difference of means";
    let figure = Figure { title, columns: 1, panels: vec![panel] }.svg();
    Ok(ExactResult { values, figure: Some(figure) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-1e3..1e3_f64, 2..40)
    }

    proptest! {
        #[test]
        fn the_distance_is_at_least_the_difference_of_means(a in sample(), b in sample()) {
            let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
            let distance = wasserstein_1(&a, &b).map_err(|error| error.to_string());
            prop_assert!(distance.expect("two numbers each") >= (mean(&a) - mean(&b)).abs() - 1e-9);
        }
    }
}
