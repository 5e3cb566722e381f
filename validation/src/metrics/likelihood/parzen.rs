use std::f64::consts::TAU;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::elementary::exponentials;
use crate::metrics::kernels::median_distance;
use crate::metrics::pairwise::{Points, TILE, Tile, common_centre, multiply};

/// The log-likelihood of test events under a generator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ParzenLikelihood {
    /// σ, the best for the validation events.
    pub bandwidth: f64,
    /// Whether it is the least or the greatest of those tried: the best may lie beyond.
    pub at_edge: bool,
    /// Mean log density of the test events, in nats.
    pub mean: f64,
    /// Standard error of the mean.
    pub error: f64,
}

/// The log density of each query under Gaussians of width σ = `bandwidth` about the events g_j of a
/// sample,
///
/// log p(x) = log (1/M) Σ_j N(x; g_j, σ² I).
///
/// # Errors
/// A bandwidth that is not above 0, or different features.
pub fn parzen_log_densities(
    queries: &FeatureMatrix,
    sample: &FeatureMatrix,
    bandwidth: f64,
) -> Result<Vec<f64>, ValidationError> {
    Ok(log_densities(queries, sample, &[bandwidth])?.into_iter().map(|of| of[0]).collect())
}

/// The mean log-likelihood of `test` under a Parzen window of `generated` events, its width the one
/// of `bandwidths` with the greatest mean log-likelihood of `validation` (Breuleux et al. 2011;
/// Goodfellow et al., arXiv:1406.2661).
///
/// In many features it says little about a generator (Theis et al., arXiv:1511.01844): hold it
/// against the figure of as many reference events in place of generated ones.
///
/// # Errors
/// No bandwidths or one that is not above 0, different features, or fewer than two test events.
pub fn parzen_likelihood(
    generated: &FeatureMatrix,
    validation: &FeatureMatrix,
    test: &FeatureMatrix,
    bandwidths: &[f64],
) -> Result<ParzenLikelihood, ValidationError> {
    test.check_events("a Parzen likelihood", 2)?;
    let (best, bandwidth) = best_bandwidth(generated, validation, bandwidths)?;
    let found = parzen_log_densities(test, generated, bandwidth)?;
    let events = found.len() as f64;
    let mean = found.iter().sum::<f64>() / events;
    let squares: f64 = found.iter().map(|density| (density - mean).powi(2)).sum();
    let least = bandwidths.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = bandwidths.iter().copied().fold(0.0, f64::max);
    Ok(ParzenLikelihood {
        bandwidth,
        at_edge: bandwidths[best] <= least || bandwidths[best] >= greatest,
        mean,
        error: (squares / (events - 1.0) / events).sqrt(),
    })
}

/// Twenty bandwidths at equal ratios from 1/100 of the median distance between events to the median
/// distance itself.
///
/// # Errors
/// Different features, or a median of 0.
pub fn bandwidths_about(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
) -> Result<Vec<f64>, ValidationError> {
    let median = median_distance(first, second)?;
    Ok((0..20).map(|step| median * 10_f64.powf(-2.0 + 2.0 * f64::from(step) / 19.0)).collect())
}

/// Number and value of the bandwidth under which `queries` are most likely; of equal ones the first.
pub(super) fn best_bandwidth(
    sample: &FeatureMatrix,
    queries: &FeatureMatrix,
    bandwidths: &[f64],
) -> Result<(usize, f64), ValidationError> {
    let densities = log_densities(queries, sample, bandwidths)?;
    let total = |number: usize| densities.iter().map(|of| of[number]).sum::<f64>();
    let mut best = (0, f64::NEG_INFINITY);
    for number in 0..bandwidths.len() {
        let total = total(number);
        if total > best.1 {
            best = (number, total);
        }
    }
    Ok((best.0, bandwidths[best.0]))
}

/// The log density of each query for each bandwidth, `[queries][bandwidths]`. Each squared distance
/// is made once.
fn log_densities(
    queries: &FeatureMatrix,
    sample: &FeatureMatrix,
    bandwidths: &[f64],
) -> Result<Vec<Vec<f64>>, ValidationError> {
    queries.check_same_features(sample)?;
    if bandwidths.is_empty() || !bandwidths.iter().all(|s| s.is_finite() && *s > 0.0) {
        let found = format!("{bandwidths:?}");
        let expected = "at least one, each above 0";
        return Err(ValidationError::Setting { name: "bandwidths", found, expected });
    }
    let centre = common_centre(queries, sample);
    let x: Points = Points::new(queries, Some(&centre));
    let g: Points = Points::new(sample, Some(&centre));
    let dimensions = queries.features() as f64;
    let norms: Vec<f64> = bandwidths
        .iter()
        .map(|s| dimensions / 2.0 * (TAU * s * s).ln() + (sample.events() as f64).ln())
        .collect();
    let starts: Vec<usize> = (0..x.events()).step_by(TILE).collect();
    let blocks: Vec<Vec<Vec<f64>>> = starts
        .par_iter()
        .map(|&start| {
            let rows = start..x.events().min(start + TILE);
            let sums = block_sums(&x, &g, &rows, bandwidths);
            sums.into_iter()
                .map(|sums| sums.iter().zip(&norms).map(|(sum, n)| sum.logarithm() - n).collect())
                .collect()
        })
        .collect();
    Ok(blocks.into_iter().flatten().collect())
}

/// The sums of a block of queries, `[queries][bandwidths]`.
fn block_sums(
    queries: &Points,
    sample: &Points,
    rows: &std::ops::Range<usize>,
    bandwidths: &[f64],
) -> Vec<Vec<ScaledSum>> {
    let mut sums = vec![vec![ScaledSum::default(); bandwidths.len()]; rows.len()];
    let mut products = vec![0.0; rows.len() * TILE];
    let mut part = [0.0; TILE];
    for start in (0..sample.events()).step_by(TILE) {
        let columns = start..sample.events().min(start + TILE);
        let products = &mut products[..rows.len() * columns.len()];
        let tile = Tile { rows: rows.clone(), columns: columns.clone() };
        multiply(queries, sample, &tile, products);
        let of_rows = products.chunks_exact_mut(columns.len()).zip(&queries.squares[rows.clone()]);
        for ((products, own), sums) in of_rows.zip(&mut sums) {
            for (product, other) in products.iter_mut().zip(&sample.squares[columns.clone()]) {
                *product = (own + other - 2.0 * *product).max(0.0);
            }
            let nearest = products.iter().copied().fold(f64::INFINITY, f64::min);
            for (sum, bandwidth) in sums.iter_mut().zip(bandwidths) {
                let scale = -0.5 / (bandwidth * bandwidth);
                let part = &mut part[..products.len()];
                for (part, square) in part.iter_mut().zip(&*products) {
                    *part = scale * (square - nearest);
                }
                exponentials(part);
                sum.add(scale * nearest, part.iter().sum());
            }
        }
    }
    sums
}

/// Σ exp(·) as exp(`exponent`) · `sum`, which neither overflows nor vanishes.
#[derive(Debug, Clone, Copy)]
struct ScaledSum {
    exponent: f64,
    sum: f64,
}

impl Default for ScaledSum {
    fn default() -> Self {
        Self { exponent: f64::NEG_INFINITY, sum: 0.0 }
    }
}

impl ScaledSum {
    fn add(&mut self, exponent: f64, sum: f64) {
        if exponent > self.exponent {
            self.sum = self.sum * (self.exponent - exponent).exp() + sum;
            self.exponent = exponent;
        } else {
            self.sum += sum * (exponent - self.exponent).exp();
        }
    }

    fn logarithm(self) -> f64 {
        self.exponent + self.sum.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator, uniform};
    use ndarray::{Array2, arr2};

    fn matrix(values: &Array2<f64>) -> FeatureMatrix {
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    fn features(events: usize, stream: u32) -> FeatureMatrix {
        let mut generator = generator(8, Purpose::Halves(stream));
        matrix(&Array2::from_shape_fn((events, 2), |_| uniform(&mut generator)))
    }

    #[test]
    fn one_event_is_a_gaussian_even_far_away() {
        let (query, sample) =
            (matrix(&arr2(&[[3.0, 4.0], [3e3, 4e3]])), matrix(&arr2(&[[0.0, 0.0]])));
        let found = parzen_log_densities(&query, &sample, 2.0).expect("valid");
        let expected = |square: f64| -square / 8.0 - (TAU * 4.0).ln();
        approx::assert_relative_eq!(found[0], expected(25.0), max_relative = 1e-12);
        approx::assert_relative_eq!(found[1], expected(25e6), max_relative = 1e-12);
    }

    #[test]
    fn densities_are_sums_of_gaussians_over_more_than_one_tile() {
        let (queries, sample) = (features(300, 1), features(700, 2));
        let found = log_densities(&queries, &sample, &[0.02, 0.3]).expect("valid");
        for query in [0, 255, 256, 299] {
            for (number, s) in [0.02_f64, 0.3].into_iter().enumerate() {
                let density: f64 = (0..700)
                    .map(|event| {
                        let pairs = queries.event(query).iter().zip(sample.event(event));
                        let square: f64 = pairs.map(|(a, b)| (a - b) * (a - b)).sum();
                        (-square / (2.0 * s * s)).exp() / (TAU * s * s) / 700.0
                    })
                    .sum();
                approx::assert_relative_eq!(
                    found[query][number],
                    density.ln(),
                    max_relative = 1e-10,
                    epsilon = 1e-10
                );
            }
        }
    }

    #[test]
    fn the_width_is_chosen_by_the_validation_events() {
        let (generated, validation, test) = (features(2000, 1), features(500, 2), features(500, 3));
        let bandwidths = bandwidths_about(&generated, &validation).expect("a median");
        let found = parzen_likelihood(&generated, &validation, &test, &bandwidths).expect("valid");
        // The density of the unit square is 1.
        assert!(found.mean.abs() < 0.15 && !found.at_edge, "{found:?}");
        let wide = parzen_likelihood(&generated, &validation, &test, &[1.0, 2.0]).expect("valid");
        assert!(wide.at_edge && wide.bandwidth == 1.0 && wide.mean < found.mean);
        assert!(parzen_likelihood(&generated, &validation, &test, &[]).is_err());
        assert!(parzen_likelihood(&generated, &validation, &test, &[0.0]).is_err());
    }
}
