use faer::Mat;

use super::FeatureMatrix;
use super::kernels::Kernel;
use super::linear_algebra::{eigenvalues, rounding_level};
use super::pairwise::{map_tiles, within};
use crate::ValidationError;

/// Events up to which the score is computed: it takes their whole kernel matrix, and its
/// eigenvalues a time that grows as their cube.
const MOST_EVENTS: usize = 4000;

/// The Vendi score (Friedman and Dieng, arXiv:2210.02410): the exponential of the entropy of the
/// eigenvalues of K / n with K_ij = k(x_i, x_j) / √(k(x_i, x_i) k(x_j, x_j)). It is the effective
/// number of different events: 1 if all are alike, n if none is like another.
///
/// # Errors
/// A kernel that cannot be used or has k(x, x) ≤ 0 for an event, more than 4,000 events, or
/// eigenvalues that do not converge.
pub fn vendi_score(features: &FeatureMatrix, kernel: &Kernel) -> Result<f64, ValidationError> {
    kernel.check()?;
    let events = features.events();
    if events > MOST_EVENTS {
        return Err(ValidationError::Setting {
            name: "events of a Vendi score",
            found: events.to_string(),
            expected: "at most 4000",
        });
    }
    let [points, _] = kernel.points(features, features);
    let own: Vec<f64> = points.squares.iter().map(|&square| kernel.of_itself(square)).collect();
    if let Some(event) = own.iter().position(|own| own.is_nan() || *own <= 0.0) {
        return Err(ValidationError::Sample {
            label: features.label().to_owned(),
            problem: format!("has an event that is not like itself by the kernel: {event}"),
        });
    }
    let mut matrix = Mat::zeros(events, events);
    let tiles = within(events);
    let computed = map_tiles(&points, &points, &tiles, |tile, products| {
        kernel.apply(tile, products, &points.squares, &points.squares);
        products.to_vec()
    });
    for (tile, values) in tiles.iter().zip(&computed) {
        for (row, values) in tile.rows.clone().zip(values.chunks_exact(tile.columns.len())) {
            for (column, value) in tile.columns.clone().zip(values) {
                // The lower half is read.
                matrix[(row, column)] = value / (own[row] * own[column]).sqrt() / events as f64;
            }
        }
    }
    for event in 0..events {
        matrix[(event, event)] = 1.0 / events as f64;
    }
    let values = eigenvalues(matrix.as_ref(), "a kernel matrix")?;
    let level = rounding_level(&values);
    let entropy: f64 =
        values.iter().filter(|value| **value > level).map(|value| -value * value.ln()).sum();
    Ok(entropy.exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    #[test]
    fn it_counts_groups_of_equal_events() {
        // Three groups of the same size, far from each other for the kernel.
        let values = Array2::from_shape_fn((300, 1), |(event, _)| 100.0 * (event % 3) as f64);
        let groups = FeatureMatrix::new("groups", values.view()).expect("valid");
        let gaussian = Kernel::Gaussian { bandwidths: vec![1.0] };
        let found = vendi_score(&groups, &gaussian).expect("valid");
        approx::assert_relative_eq!(found, 3.0, max_relative = 1e-10);
        assert!(vendi_score(&groups, &Kernel::Distance).is_err());
        let zero = FeatureMatrix::new("zero", arr2(&[[0.0], [1.0]]).view()).expect("valid");
        let product = Kernel::Polynomial { degree: 1, gamma: 1.0, offset: 0.0 };
        assert!(vendi_score(&zero, &product).is_err());
    }
}
