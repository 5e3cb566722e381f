use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::BadParameter;

/// Settings of the steps that divide by a standard deviation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviationSettings {
    /// Smaller deviations are taken as this, so that a value that is hardly ever there is not blown
    /// up; 0, the default, for no limit.
    pub smallest_deviation: f64,
}

impl DeviationSettings {
    pub(super) fn check(&self) -> Result<(), BadParameter> {
        let found = self.smallest_deviation;
        let valid = found >= 0.0 && found.is_finite();
        BadParameter::unless(valid, "smallest_deviation", found, "0 or a positive finite number")
    }
}

/// Mean and sum of squared distances from it, of every column of a stream.
///
/// Chunks of events are summed in two passes and merged pairwise: for parts a and b with
/// δ = μ_b − μ_a, μ = μ_a + δ n_b / n and M = M_a + M_b + δ² n_a n_b / n (Chan, Golub and LeVeque,
/// "Updating formulae and a pairwise algorithm for computing sample variances", 1979).
/// Unlike the difference of Σx² and (Σx)²/n, this keeps its digits where the mean is large.
///
/// Chunks are merged in their order, so that the result does not depend on the threads. How the
/// stream is cut into blocks shows in the last digits only.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moments {
    events: u64,
    mean: Vec<f64>,
    /// M = Σ (x − μ)²
    squares: Vec<f64>,
}

const EVENTS_PER_CHUNK: usize = 256;

/// Relative to the mean: what is left of the deviation of a constant column is rounding, whereas
/// 32-bit values that differ do so by 6e-8 of the mean or more.
const CONSTANT: f64 = 1e-12;

impl Moments {
    pub fn new(columns: usize) -> Self {
        Self { events: 0, mean: vec![0.0; columns], squares: vec![0.0; columns] }
    }

    /// Adds events, `[events, columns]`.
    pub fn observe(&mut self, values: &[f64]) {
        let columns = self.mean.len().max(1);
        let parts: Vec<Self> = values
            .par_chunks(EVENTS_PER_CHUNK * columns)
            .map(|chunk| Self::of_chunk(chunk, columns))
            .collect();
        parts.iter().for_each(|part| self.merge(part));
    }

    fn of_chunk(values: &[f64], columns: usize) -> Self {
        let mut moments = Self::new(columns);
        moments.events = (values.len() / columns) as u64;
        let events = moments.events as f64;
        for event in values.chunks_exact(columns) {
            moments.mean.iter_mut().zip(event).for_each(|(mean, x)| *mean += x);
        }
        moments.mean.iter_mut().for_each(|mean| *mean /= events);
        for event in values.chunks_exact(columns) {
            for ((square, mean), x) in moments.squares.iter_mut().zip(&moments.mean).zip(event) {
                *square += (x - mean) * (x - mean);
            }
        }
        moments
    }

    fn merge(&mut self, other: &Self) {
        let (here, there) = (self.events as f64, other.events as f64);
        let share = there / (here + there);
        for i in 0..self.mean.len() {
            let delta = other.mean[i] - self.mean[i];
            self.mean[i] += delta * share;
            self.squares[i] += other.squares[i] + delta * delta * here * share;
        }
        self.events += other.events;
    }

    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// `[columns]`: √(M / n), but at least the smallest allowed, and 1 for a constant column.
    pub fn deviation(&self, settings: &DeviationSettings) -> Vec<f64> {
        let events = self.events as f64;
        self.squares
            .iter()
            .zip(&self.mean)
            .map(|(square, mean)| {
                let deviation = (square / events).sqrt().max(settings.smallest_deviation);
                if deviation > CONSTANT * mean.abs() { deviation } else { 1.0 }
            })
            .collect()
    }
}

/// Deviations from a file: one for each of the other statistics, positive and finite.
pub(super) fn check_deviations(deviation: &[f64]) -> Result<(), BadParameter> {
    match deviation.iter().find(|d| !(**d > 0.0 && d.is_finite())) {
        None => Ok(()),
        Some(bad) => BadParameter::unless(false, "deviation", bad, "positive finite numbers"),
    }
}

/// Statistics from a file: as many as there are columns.
pub(super) fn check_count(
    parameter: &'static str,
    found: usize,
    columns: usize,
) -> Result<(), BadParameter> {
    let expected = format!("{columns}, one for each value of an event");
    BadParameter::unless(found == columns, parameter, format!("{found} numbers"), expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NO_LIMIT: DeviationSettings = DeviationSettings { smallest_deviation: 0.0 };

    #[test]
    fn digits_are_kept_where_the_mean_is_large() {
        // The textbook's difference of squares gives 0 or worse here.
        let values: Vec<f64> = (0..10_000).map(|k| 1e9 + f64::from(k % 4)).collect();
        let mut moments = Moments::new(1);
        moments.observe(&values);
        approx::assert_relative_eq!(moments.mean()[0], 1e9 + 1.5, max_relative = 1e-15);
        approx::assert_relative_eq!(
            moments.deviation(&NO_LIMIT)[0],
            1.25_f64.sqrt(),
            max_relative = 1e-12
        );
    }

    #[test]
    fn constant_columns_have_unit_deviation_and_small_ones_the_limit() {
        let mut moments = Moments::new(3);
        for _ in 0..7 {
            moments.observe(&[0.1, 0.0, 1e-3, 0.1, 0.0, -1e-3, 0.1, 0.0, 0.0]);
        }
        let deviation = moments.deviation(&NO_LIMIT);
        assert_eq!((deviation[0], deviation[1]), (1.0, 1.0));
        let limited = moments.deviation(&DeviationSettings { smallest_deviation: 0.01 });
        assert_eq!(limited[2], 0.01);
    }

    proptest! {
        #[test]
        fn any_split_of_the_stream_gives_the_same(
            values in prop::collection::vec(-1e3..1e3_f64, 2..1500),
            at in 0.0..1.0_f64,
        ) {
            let (mut whole, mut parts) = (Moments::new(1), Moments::new(1));
            whole.observe(&values);
            let (first, second) = values.split_at((values.len() as f64 * at) as usize);
            parts.observe(first);
            parts.observe(second);
            approx::assert_relative_eq!(whole.mean()[0], parts.mean()[0], epsilon = 1e-10);
            approx::assert_relative_eq!(
                whole.deviation(&NO_LIMIT)[0],
                parts.deviation(&NO_LIMIT)[0],
                max_relative = 1e-12
            );
        }
    }
}
