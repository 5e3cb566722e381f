use faer::{Mat, MatRef};
use serde::{Deserialize, Serialize};

use super::Kernel;
use super::discrepancy::Discrepancy;
use super::sums::SumWithin;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::feature_matrix::check_pair;
use crate::metrics::linear_algebra::multiply;
use crate::metrics::pairwise::{Points, map_tiles, within};
use crate::random::{Purpose, generator, permutation};

/// Which estimate of the squared discrepancy a test takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    Biased,
    Unbiased,
}

/// A discrepancy and how probable a greater one is by chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PermutationTest {
    pub discrepancy: Discrepancy,
    /// (1 + permutations with at least this discrepancy) / (1 + permutations).
    pub p_value: f64,
}

/// Tests with a [`maximum_mean_discrepancy`](super::maximum_mean_discrepancy) whether both samples
/// have one distribution: the events of both are dealt at random into two sets of the same sizes,
/// `permutations` times, and the discrepancies of these compared (Gretton et al. 2012). The test is
/// exact for any kernel; its least p-value is 1 / (1 + permutations).
///
/// With [`Kernel::Distance`] it is the test of the energy distance.
///
/// # Errors
/// A kernel that cannot be used, no permutations, different features, or fewer than two events.
pub fn permutation_test(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
    kernel: &Kernel,
    estimator: Estimator,
    permutations: usize,
    seed: u64,
) -> Result<PermutationTest, ValidationError> {
    kernel.check()?;
    if permutations == 0 {
        let found = permutations.to_string();
        return Err(ValidationError::Setting {
            name: "permutations",
            found,
            expected: "at least 1",
        });
    }
    check_pair(first, second, "a permutation test", 2)?;
    let both = first.joined(second);
    let [points, _] = kernel.points(&both, &both);
    let deals = deals(first.events(), both.events(), permutations, seed);
    let found = discrepancies(kernel, &points, &deals, first.events());
    let statistic = |discrepancy: &Discrepancy| match estimator {
        Estimator::Biased => discrepancy.biased,
        Estimator::Unbiased => discrepancy.unbiased,
    };
    let observed = statistic(&found[0]);
    let greater = found[1..].iter().filter(|other| statistic(other) >= observed).count();
    let p_value = (1 + greater) as f64 / (1 + permutations) as f64;
    Ok(PermutationTest { discrepancy: found[0], p_value })
}

/// 1 for the events dealt to the first set, `[events, 1 + permutations]`, column by column; the
/// first column has the samples as they are.
fn deals(first: usize, events: usize, permutations: usize, seed: u64) -> Mat<f64> {
    let mut deals = Mat::zeros(events, 1 + permutations);
    for event in 0..first {
        deals[(event, 0)] = 1.0;
    }
    for number in 0..permutations {
        let stream = u32::try_from(number).unwrap_or(u32::MAX);
        let order = permutation(events, &mut generator(seed, Purpose::Permutation(stream)));
        for &event in &order[..first] {
            deals[(event, 1 + number)] = 1.0;
        }
    }
    deals
}

/// The discrepancy of each deal: with z for its column, the sums within and between its sets follow
/// from zᵀKz, zᵀK1 and 1ᵀK1. Each tile of K is made once for all deals.
fn discrepancies(
    kernel: &Kernel,
    points: &Points,
    deals: &Mat<f64>,
    first: usize,
) -> Vec<Discrepancy> {
    let columns = deals.ncols();
    let tiles = within(points.events());
    let parts = map_tiles(points, points, &tiles, |tile, products| {
        let (height, width) = (tile.rows.len(), tile.columns.len());
        if tile.is_diagonal() {
            for (row, square) in points.squares[tile.rows.clone()].iter().enumerate() {
                products[row * width + row] = *square;
            }
        }
        kernel.apply(tile, products, &points.squares, &points.squares);
        let row_sums: Vec<f64> = products.chunks_exact(width).map(|row| row.iter().sum()).collect();
        let mut column_sums = vec![0.0; width];
        for row in products.chunks_exact(width) {
            column_sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        let of_rows = deals.subrows(tile.rows.start, height);
        let of_columns = deals.subrows(tile.columns.start, width);
        let mut turned = Mat::zeros(height, columns);
        let kernels = MatRef::from_row_major_slice(products, height, width);
        multiply(turned.as_mut(), kernels, of_columns, 1.0);
        let mut part = Part { chosen: vec![0.0; columns], with_all: vec![0.0; columns], all: 0.0 };
        for deal in 0..columns {
            let dot = |z: faer::ColRef<'_, f64>, sums: &[f64]| -> f64 {
                z.iter().zip(sums).map(|(z, sum)| z * sum).sum()
            };
            let z = of_rows.col(deal);
            let chosen: f64 = z.iter().zip(turned.col(deal).iter()).map(|(z, t)| z * t).sum();
            part.chosen[deal] = tile.times() * chosen;
            part.with_all[deal] = dot(z, &row_sums);
            if !tile.is_diagonal() {
                part.with_all[deal] += dot(of_columns.col(deal), &column_sums);
            }
        }
        part.all = tile.times() * row_sums.iter().sum::<f64>();
        part
    });
    let itself: Vec<f64> = points.squares.iter().map(|&square| kernel.of_itself(square)).collect();
    let all_itself: f64 = itself.iter().sum();
    let all: f64 = parts.iter().map(|part| part.all).sum();
    let (m, n) = (first as f64, (points.events() - first) as f64);
    (0..columns)
        .map(|deal| {
            let chosen: f64 = parts.iter().map(|part| part.chosen[deal]).sum();
            let with_all: f64 = parts.iter().map(|part| part.with_all[deal]).sum();
            let own: f64 = deals.col(deal).iter().zip(&itself).map(|(z, k)| z * k).sum();
            let first = SumWithin { all: chosen, itself: own };
            let second = SumWithin { all: all - 2.0 * with_all + chosen, itself: all_itself - own };
            Discrepancy::from_sums((first, m), (second, n), with_all - chosen)
        })
        .collect()
}

/// What one tile adds to zᵀKz and zᵀK1 of each deal, and to 1ᵀK1.
struct Part {
    chosen: Vec<f64>,
    with_all: Vec<f64>,
    all: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::kernels::maximum_mean_discrepancy;
    use crate::random::uniform;
    use ndarray::Array2;

    fn features(events: usize, shift: f64, stream: u32) -> FeatureMatrix {
        let mut generator = generator(9, Purpose::Halves(stream));
        let values = Array2::from_shape_fn((events, 3), |_| uniform(&mut generator) + shift);
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn the_discrepancy_of_each_deal_is_that_of_its_two_sets() {
        let both = features(400, 0.0, 1);
        for kernel in [Kernel::Distance, Kernel::polynomial(3, 3)] {
            let [points, _] = kernel.points(&both, &both);
            let deals = deals(150, 400, 3, 7);
            let found = discrepancies(&kernel, &points, &deals, 150);
            for (deal, found) in found.iter().enumerate() {
                let of = |chosen: f64| -> Vec<usize> {
                    (0..400).filter(|&event| deals[(event, deal)] == chosen).collect()
                };
                let (first, second) = (both.select(&of(1.0)), both.select(&of(0.0)));
                assert_eq!(first.events(), 150);
                let expected = maximum_mean_discrepancy(&first, &second, &kernel).expect("valid");
                assert!((found.biased - expected.biased).abs() < 1e-12, "{kernel:?} {deal}");
                assert!((found.unbiased - expected.unbiased).abs() < 1e-12, "{kernel:?} {deal}");
            }
        }
    }

    #[test]
    fn p_values_are_small_for_a_shift_and_uniform_without() {
        let test = |shift, stream| {
            let (a, b) = (features(60, 0.0, stream), features(50, shift, stream + 1));
            let kernel = Kernel::gaussian_of_median(&a, &b).expect("a median");
            permutation_test(&a, &b, &kernel, Estimator::Unbiased, 99, 3).expect("valid").p_value
        };
        assert_eq!(test(0.4, 1), 0.01);
        let same: Vec<f64> = (0..40).map(|i| test(0.0, 10 + 2 * i)).collect();
        let mean = same.iter().sum::<f64>() / 40.0;
        // 0.5 with a standard error of 0.046.
        assert!((mean - 0.5).abs() < 0.15, "{mean}");
    }
}
