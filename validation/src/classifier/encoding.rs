use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::settings::Encoding;

/// Pieces that a feature is cut into.
const PIECES: usize = 8;
/// Wider inputs are only standardised: the pieces would no longer fit in memory.
const WIDEST_ENCODED: usize = 1024;
/// Encoded values are kept within this many standard deviations.
const GREATEST: f64 = 10.0;
/// Added to the correlation matrix: linear combinations that vary less are not blown up.
const RIDGE: f64 = 1e-6;

/// Turns features into the network's input; everything it knows comes from the training events.
///
/// The pieces are the piecewise linear encoding of Gorishniy et al. (arXiv:2203.05556, eq. 1):
/// piece k of a feature x is (x − q_k) / (q_{k+1} − q_k), kept within 0 and 1, for quantiles q. A
/// feature that is often at its minimum (an empty voxel) gets a first piece from the minimum to
/// the next greater value, which tells whether it is there at all. The decorrelated features are
/// L⁻¹ z for standardised features z with correlation matrix L Lᵀ.
pub(super) struct Encoder {
    scales: Vec<Scale>,
    /// `[features]` lists of rising quantiles with the mean and scale of each piece.
    pieces: Vec<Vec<Piece>>,
    /// L, lower triangular `[features, features]`.
    decorrelation: Option<Array2<f64>>,
    width: usize,
}

/// Mean and inverse standard deviation; the latter is 0 for a constant, which then gives 0.
#[derive(Clone, Copy, Default)]
struct Scale {
    mean: f64,
    inverse_deviation: f64,
}

struct Piece {
    first: f64,
    last: f64,
    scale: Scale,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count = values.clone().count().max(1) as f64;
        let mean = values.clone().sum::<f64>() / count;
        let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let constant = variance.sqrt() <= 1e-7 * mean.abs() || variance == 0.0;
        Self { mean, inverse_deviation: if constant { 0.0 } else { 1.0 / variance.sqrt() } }
    }

    fn apply(self, value: f64) -> f64 {
        (value - self.mean) * self.inverse_deviation
    }
}

impl Piece {
    fn position(&self, value: f64) -> f64 {
        ((value - self.first) / (self.last - self.first)).clamp(0.0, 1.0)
    }
}

impl Encoder {
    /// # Shapes
    /// `training`: `[events, features]`
    pub(super) fn fit(training: ArrayView2<'_, f32>, encoding: Encoding) -> Self {
        let columns: Vec<_> = training.axis_iter(Axis(1)).collect();
        let scales: Vec<Scale> =
            columns.par_iter().map(|column| Scale::of(doubles(*column))).collect();
        let features = columns.len();
        let mut encoder = Self { scales, pieces: Vec::new(), decorrelation: None, width: features };
        if encoding == Encoding::QuantilesAndDecorrelated && features <= WIDEST_ENCODED {
            encoder.pieces = columns.par_iter().map(|column| pieces(*column)).collect();
            encoder.decorrelation = Some(cholesky(encoder.correlation(training)));
            encoder.width += encoder.pieces.iter().map(Vec::len).sum::<usize>();
        }
        encoder
    }

    /// # Shapes
    /// `features`: `[events, features]`; gives `[events, width]`.
    pub(super) fn encode(&self, features: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut encoded = Array2::zeros((features.nrows(), self.width));
        encoded.axis_iter_mut(Axis(0)).into_par_iter().zip(features.axis_iter(Axis(0))).for_each(
            |(row, event)| {
                let values = self.decorrelated(event).into_iter().chain(self.in_pieces(event));
                for (target, value) in row.into_iter().zip(values) {
                    *target = value.clamp(-GREATEST, GREATEST) as f32;
                }
            },
        );
        encoded
    }

    fn standardised(&self, event: ArrayView1<'_, f32>) -> Vec<f64> {
        doubles(event).zip(&self.scales).map(|(value, scale)| scale.apply(value)).collect()
    }

    /// Solves L y = z by forward substitution.
    fn decorrelated(&self, event: ArrayView1<'_, f32>) -> Vec<f64> {
        let mut values = self.standardised(event);
        if let Some(lower) = &self.decorrelation {
            for i in 0..values.len() {
                let row = lower.row(i);
                let known: f64 = row.iter().zip(&values[..i]).map(|(l, y)| l * y).sum();
                values[i] = (values[i] - known) / row[i];
            }
        }
        values
    }

    fn in_pieces<'a>(&'a self, event: ArrayView1<'a, f32>) -> impl Iterator<Item = f64> + 'a {
        self.pieces.iter().enumerate().flat_map(move |(feature, pieces)| {
            let value = f64::from(event[feature]);
            pieces.iter().map(move |piece| piece.scale.apply(piece.position(value)))
        })
    }

    /// Correlation matrix of the training events, with the ridge on its diagonal.
    fn correlation(&self, training: ArrayView2<'_, f32>) -> Array2<f64> {
        let mut standardised = Array2::zeros(training.dim());
        for (mut row, event) in standardised.axis_iter_mut(Axis(0)).zip(training.axis_iter(Axis(0)))
        {
            row.assign(&ArrayView1::from(&self.standardised(event)));
        }
        let mut correlation = standardised.t().dot(&standardised) / training.nrows().max(1) as f64;
        for (diagonal, scale) in correlation.diag_mut().iter_mut().zip(&self.scales) {
            *diagonal += if scale.inverse_deviation == 0.0 { 1.0 } else { RIDGE };
        }
        correlation
    }
}

fn doubles(values: ArrayView1<'_, f32>) -> impl Iterator<Item = f64> + Clone + '_ {
    values.into_iter().map(|&value| f64::from(value))
}

fn pieces(column: ArrayView1<'_, f32>) -> Vec<Piece> {
    let mut sorted: Vec<f64> = doubles(column).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let Some(&minimum) = sorted.first() else { return Vec::new() };
    let above = &sorted[sorted.partition_point(|value| *value <= minimum)..];
    let mut edges = Vec::with_capacity(PIECES + 2);
    let often_at_minimum = above.len() * PIECES < sorted.len() * (PIECES - 1);
    let spread = if often_at_minimum { above } else { &sorted };
    edges.push(minimum);
    if let Some(last) = spread.len().checked_sub(1) {
        edges.extend((0..=PIECES).map(|k| spread[last * k / PIECES]));
    }
    edges.dedup();
    edges
        .windows(2)
        .map(|pair| {
            let mut piece = Piece { first: pair[0], last: pair[1], scale: Scale::default() };
            let positions: Vec<f64> = doubles(column).map(|value| piece.position(value)).collect();
            piece.scale = Scale::of(positions.iter().copied());
            piece
        })
        .collect()
}

/// L with L Lᵀ = `matrix`, which is symmetric and, by its ridge, positive definite.
fn cholesky(matrix: Array2<f64>) -> Array2<f64> {
    let size = matrix.nrows();
    let mut lower = Array2::zeros((size, size));
    for i in 0..size {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[[i, k]] * lower[[j, k]]).sum();
            let rest: f64 = matrix[[i, j]] - known;
            // Rounding may eat the ridge of an exactly dependent feature; it stays the floor.
            lower[[i, j]] = if i == j { rest.max(RIDGE).sqrt() } else { rest / lower[[j, j]] };
        }
    }
    lower
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two strongly correlated features, a constant, and one that is mostly 0.
    fn features() -> Array2<f32> {
        Array2::from_shape_fn((400, 4), |(event, feature)| {
            let (a, b) = ((event * 37 % 101) as f32, (event * 29 % 97) as f32);
            match feature {
                0 => a,
                1 => a + 0.05 * b,
                2 => 7.0,
                _ if event % 5 == 0 => b + 1.0,
                _ => 0.0,
            }
        })
    }

    #[test]
    fn standardised_columns_have_mean_0_and_deviation_1_and_constants_give_0() {
        let features = features();
        let encoder = Encoder::fit(features.view(), Encoding::Standardised);
        let encoded = encoder.encode(features.view());
        assert_eq!(encoded.dim(), (400, 4));
        for (index, column) in encoded.axis_iter(Axis(1)).enumerate() {
            if index == 2 {
                assert!(column.iter().all(|&value| value == 0.0));
            } else {
                let deviation = doubles(column).map(|v| v * v).sum::<f64>() / 400.0;
                assert!(doubles(column).sum::<f64>().abs() < 1e-3);
                assert!((deviation - 1.0).abs() < 1e-4, "{index}: {deviation}");
            }
        }
    }

    #[test]
    fn decorrelated_features_have_the_unit_matrix_as_correlation() {
        let features = features();
        let encoder = Encoder::fit(features.view(), Encoding::QuantilesAndDecorrelated);
        let encoded = encoder.encode(features.view());
        assert_eq!(encoded.ncols(), encoder.width);
        let mean = |i: usize, j: usize| {
            (0..400).map(|e| f64::from(encoded[[e, i]] * encoded[[e, j]])).sum::<f64>() / 400.0
        };
        for (i, j) in [(0, 1), (0, 3), (1, 3)] {
            assert!(mean(i, j).abs() < 1e-3, "{i} {j}: {}", mean(i, j));
        }
        assert!((mean(1, 1) - 1.0).abs() < 0.01, "{}", mean(1, 1));
        assert_eq!(mean(2, 2), 0.0);
    }

    #[test]
    fn the_first_piece_of_a_mostly_empty_feature_tells_whether_it_is_there() {
        let features = features();
        let pieces = pieces(features.column(3));
        assert_eq!(pieces.len(), PIECES + 1);
        assert_eq!((pieces[0].position(0.0), pieces[0].position(1.0)), (0.0, 1.0));
        assert!(super::pieces(features.column(2)).is_empty());
    }
}
