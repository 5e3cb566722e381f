use faer::{Mat, MatRef};
use rayon::prelude::*;

use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::linear_algebra::{add_square, multiply};

/// Events that are centred and multiplied at a time.
const CHUNK: usize = 2048;
/// Columns of one task's part of the covariance matrix.
const TILE: usize = 128;

/// Mean and covariance matrix of a sample, the covariance with n − 1 in the denominator (ddof 1).
#[derive(Debug, Clone)]
pub struct Moments {
    mean: Vec<f64>,
    covariance: Mat<f64>,
}

impl Moments {
    /// Of all events.
    ///
    /// # Errors
    /// Fewer than two events.
    pub fn of(features: &FeatureMatrix) -> Result<Self, ValidationError> {
        features.check_events("a covariance", 2)?;
        let events = features.events() as f64;
        let dimensions = features.features();
        let mut mean = vec![0.0; dimensions];
        for event in features.as_slice().chunks_exact(dimensions) {
            for (mean, value) in mean.iter_mut().zip(event) {
                *mean += value / events;
            }
        }
        let mut centred = features.as_slice().to_vec();
        for event in centred.chunks_exact_mut(dimensions) {
            for (value, mean) in event.iter_mut().zip(&mean) {
                *value -= mean;
            }
        }
        let centred = MatRef::from_row_major_slice(&centred, features.events(), dimensions);
        Ok(Self { mean, covariance: covariance_in_tiles(centred, events - 1.0) })
    }

    /// Of the events with the numbers `draws`; one that is drawn more than once counts as often.
    ///
    /// # Errors
    /// Fewer than two draws.
    ///
    /// # Panics
    /// If there is no event of a number.
    pub fn of_draws(features: &FeatureMatrix, draws: &[usize]) -> Result<Self, ValidationError> {
        if draws.len() < 2 {
            return Err(ValidationError::TooFewEvents {
                purpose: format!("a covariance of `{}`", features.label()),
                found: draws.len(),
                needed: 2,
            });
        }
        let total = draws.len() as f64;
        let dimensions = features.features();
        let mut times = vec![0_u32; features.events()];
        for &draw in draws {
            times[draw] += 1;
        }
        let drawn: Vec<(usize, f64)> = times
            .iter()
            .enumerate()
            .filter(|&(_, times)| *times > 0)
            .map(|(event, &times)| (event, f64::from(times)))
            .collect();
        let mut mean = vec![0.0; dimensions];
        for &(event, times) in &drawn {
            for (mean, value) in mean.iter_mut().zip(features.event(event)) {
                *mean += times / total * value;
            }
        }
        let mut covariance = Mat::zeros(dimensions, dimensions);
        let mut chunk = Vec::with_capacity(CHUNK * dimensions);
        for events in drawn.chunks(CHUNK) {
            chunk.clear();
            for &(event, times) in events {
                // √times on both sides of the product is `times` in it.
                let factor = times.sqrt();
                let values = features.event(event).iter().zip(&mean);
                chunk.extend(values.map(|(value, mean)| factor * (value - mean)));
            }
            let chunk = MatRef::from_row_major_slice(&chunk, events.len(), dimensions);
            add_square(covariance.as_mut(), chunk, 1.0 / (total - 1.0));
        }
        mirror(&mut covariance);
        Ok(Self { mean, covariance })
    }

    /// `[features]`
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// `[features, features]`, symmetric.
    pub fn covariance(&self) -> MatRef<'_, f64> {
        self.covariance.as_ref()
    }
}

/// Xᵀ X / `denominator` by tiles of its lower half, each on one thread.
fn covariance_in_tiles(centred: MatRef<'_, f64>, denominator: f64) -> Mat<f64> {
    let dimensions = centred.ncols();
    let starts = || (0..dimensions).step_by(TILE);
    let tiles: Vec<(usize, usize)> = starts()
        .flat_map(|row| starts().filter(move |&c| c <= row).map(move |c| (row, c)))
        .collect();
    let width = |start: usize| TILE.min(dimensions - start);
    let computed: Vec<Mat<f64>> = tiles
        .par_iter()
        .map(|&(row, column)| {
            let mut tile = Mat::zeros(width(row), width(column));
            multiply(
                tile.as_mut(),
                centred.subcols(row, width(row)).transpose(),
                centred.subcols(column, width(column)),
                1.0 / denominator,
            );
            tile
        })
        .collect();
    let mut covariance = Mat::zeros(dimensions, dimensions);
    for (&(row, column), tile) in tiles.iter().zip(&computed) {
        covariance.submatrix_mut(row, column, tile.nrows(), tile.ncols()).copy_from(tile);
    }
    mirror(&mut covariance);
    covariance
}

/// Copies the lower half to the upper one.
fn mirror(matrix: &mut Mat<f64>) {
    for column in 1..matrix.ncols() {
        for row in 0..column {
            matrix[(row, column)] = matrix[(column, row)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn features(events: usize, dimensions: usize) -> FeatureMatrix {
        let values = Array2::from_shape_fn((events, dimensions), |(event, feature)| {
            ((event * 7919 + feature * 104_729 + event * event * feature) % 1009) as f64 / 100.0
        });
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn draws_are_events_as_often_as_they_were_drawn() {
        let all = features(300, 150);
        let draws: Vec<usize> = (0..5000).map(|i| (i * i * 31) % 300).collect();
        let drawn = Moments::of_draws(&all, &draws).expect("enough");
        let copied = Moments::of(&all.select(&draws)).expect("enough");
        for (a, b) in drawn.mean().iter().zip(copied.mean()) {
            approx::assert_relative_eq!(a, b, max_relative = 1e-12);
        }
        let difference = drawn.covariance() - copied.covariance();
        assert!(difference.norm_max() < 1e-11, "{}", difference.norm_max());
    }

    #[test]
    fn a_covariance_has_one_less_than_the_events_in_its_denominator() {
        let two = ndarray::arr2(&[[1.0, 10.0], [3.0, 4.0]]);
        let moments = Moments::of(&FeatureMatrix::new("two", two.view()).expect("valid"));
        let moments = moments.expect("two events are enough");
        assert_eq!(moments.mean(), [2.0, 7.0]);
        let covariance = moments.covariance();
        assert_eq!(
            [covariance[(0, 0)], covariance[(0, 1)], covariance[(1, 0)], covariance[(1, 1)]],
            [2.0, -6.0, -6.0, 18.0]
        );
        let one = FeatureMatrix::new("one", ndarray::arr2(&[[1.0]]).view()).expect("valid");
        assert!(matches!(Moments::of(&one), Err(ValidationError::TooFewEvents { needed: 2, .. })));
        assert!(matches!(
            Moments::of_draws(&one, &[0]),
            Err(ValidationError::TooFewEvents { needed: 2, .. })
        ));
    }
}
