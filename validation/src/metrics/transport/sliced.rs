use faer::{Mat, MatRef};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::wasserstein_of_sorted;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::direction;
use crate::metrics::linear_algebra::multiply;
use crate::random::{Purpose, generator};

/// Sliced Wasserstein distances and their errors from the number of directions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SlicedWasserstein {
    /// Mean over the directions of W₁.
    pub first: f64,
    pub first_error: f64,
    /// Root of the mean over the directions of W₂².
    pub second: f64,
    pub second_error: f64,
    /// Greatest W₁ of a direction.
    pub greatest: f64,
}

/// The sliced Wasserstein distances of order 1 and 2,
///
/// SW_p = (E_θ W_p^p(θ·x, θ·y))^(1/p)
///
/// over random directions θ, uniform on the unit sphere (Bonneel et al. 2015, J. Math. Imaging Vis.
/// 51). The features enter as they are: one in larger units weighs more.
///
/// # Errors
/// Different features, or fewer than two directions.
pub fn sliced_wasserstein(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
    directions: usize,
    seed: u64,
) -> Result<SlicedWasserstein, ValidationError> {
    let mut generator = generator(seed, Purpose::Directions);
    let features = first.features();
    let mut chosen = Array2::zeros((directions, features));
    for mut row in chosen.rows_mut() {
        row.iter_mut().zip(direction(features, &mut generator)).for_each(|(to, from)| *to = from);
    }
    sliced_wasserstein_along(first, second, chosen.view())
}

/// [`sliced_wasserstein`] along these directions, which are taken as they are.
///
/// # Shapes
/// `directions`: `[directions, features]`
///
/// # Errors
/// Different features, or fewer than two directions.
pub fn sliced_wasserstein_along(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
    directions: ArrayView2<'_, f64>,
) -> Result<SlicedWasserstein, ValidationError> {
    /// Directions at a time, which bounds the memory.
    const TOGETHER: usize = 32;
    first.check_same_features(second)?;
    let (count, features) = directions.dim();
    if count < 2 || features != first.features() {
        return Err(ValidationError::Setting {
            name: "directions",
            found: format!("{count} of {features} features"),
            expected: "at least 2, of the samples' features",
        });
    }
    let directions: Vec<f64> = directions.iter().copied().collect();
    let along: Vec<(f64, f64)> = directions
        .chunks(TOGETHER * features)
        .flat_map(|directions| {
            let (x, y) = (projected(first, directions), projected(second, directions));
            x.par_iter()
                .zip(&y)
                .map(|(x, y)| (wasserstein_of_sorted(x, y, 1), wasserstein_of_sorted(x, y, 2)))
                .collect::<Vec<_>>()
        })
        .collect();
    let count = count as f64;
    let mean_and_error = |of: fn(&(f64, f64)) -> f64| {
        let mean = along.iter().map(of).sum::<f64>() / count;
        let squares: f64 = along.iter().map(|pair| (of(pair) - mean).powi(2)).sum();
        (mean, (squares / (count - 1.0) / count).sqrt())
    };
    let (first, first_error) = mean_and_error(|pair| pair.0);
    let (square, square_error) = mean_and_error(|pair| pair.1);
    let second = square.sqrt();
    let second_error = if second > 0.0 { square_error / (2.0 * second) } else { 0.0 };
    let greatest = along.iter().map(|pair| pair.0).fold(0.0, f64::max);
    Ok(SlicedWasserstein { first, first_error, second, second_error, greatest })
}

/// The events along each direction, sorted: `[directions][events]`.
fn projected(features: &FeatureMatrix, directions: &[f64]) -> Vec<Vec<f64>> {
    /// Events of one task.
    const CHUNK: usize = 1024;
    let dimensions = features.features();
    let count = directions.len() / dimensions;
    let directions = MatRef::from_row_major_slice(directions, count, dimensions);
    let chunks: Vec<Mat<f64>> = features
        .as_slice()
        .par_chunks(CHUNK * dimensions)
        .map(|events| {
            let rows = events.len() / dimensions;
            let events = MatRef::from_row_major_slice(events, rows, dimensions);
            let mut along = Mat::zeros(rows, count);
            multiply(along.as_mut(), events, directions.transpose(), 1.0);
            along
        })
        .collect();
    (0..count)
        .into_par_iter()
        .map(|direction| {
            let mut along: Vec<f64> =
                chunks.iter().flat_map(|chunk| chunk.col(direction).iter().copied()).collect();
            along.sort_unstable_by(f64::total_cmp);
            along
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform;

    fn features(events: usize, shift: f64, stream: u32) -> FeatureMatrix {
        let mut generator = generator(3, Purpose::Halves(stream));
        let values = Array2::from_shape_fn((events, 5), |(_, feature)| {
            uniform(&mut generator) + if feature == 0 { shift } else { 0.0 }
        });
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn a_shift_is_seen_at_its_share_of_each_direction() {
        let first = features(2000, 0.0, 1);
        let mut values = first.view().to_owned();
        values.column_mut(0).mapv_inplace(|value| value + 2.0);
        let shifted = FeatureMatrix::new("shifted", values.view()).expect("valid");
        let found = sliced_wasserstein(&first, &shifted, 400, 1).expect("valid");
        // W_p = 2 |θ₁| along θ: E θ₁² = 1/5, E |θ₁| = 3/8 in five dimensions.
        assert!((found.first - 0.75).abs() < 4.0 * found.first_error, "{found:?}");
        let second = 2.0 * 0.2_f64.sqrt();
        assert!((found.second - second).abs() < 4.0 * found.second_error, "{found:?}");
        assert!(found.first_error < 0.05 && found.greatest <= 2.0 && found.greatest > 1.5);
    }

    #[test]
    fn threads_do_not_change_it_and_few_directions_are_refused() {
        let (first, second) = (features(3000, 0.0, 1), features(2500, 0.3, 2));
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads start")
                .install(|| sliced_wasserstein(&first, &second, 40, 1).expect("valid"))
        };
        assert_eq!(with(1), with(3));
        assert!(sliced_wasserstein(&first, &second, 1, 1).is_err());
        assert!(sliced_wasserstein_along(&first, &second, Array2::ones((3, 4)).view()).is_err());
    }
}
