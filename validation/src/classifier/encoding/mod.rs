//! From features to the network's input.

mod decorrelation;
mod normal_scores;
mod pieces;
mod scale;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::settings::Encoding;
use decorrelation::Decorrelation;
use normal_scores::NormalScores;
use pieces::Piece;
use scale::Scale;

/// Wider inputs are not decorrelated: among many sparse voxels that only amplifies noise.
const WIDEST_DECORRELATED: usize = 128;
/// Wider inputs are only standardised: their pieces would no longer fit in memory.
const WIDEST_IN_PIECES: usize = 1024;
/// Encoded values, but not features that enter as they are, are kept within this many standard deviations.
const GREATEST: f64 = 10.0;

/// Turns features into the network's input; everything it knows comes from the training events.
/// A constant feature gives 0.
pub(super) struct Encoder {
    whole: Whole,
    /// The pieces of each feature, beside it as a whole.
    pieces: Vec<Vec<Piece>>,
    width: usize,
}

/// How the features enter as they are.
enum Whole {
    AsIs,
    Standardised(Vec<Scale>),
    Decorrelated(Vec<Scale>, Decorrelation),
    NormalScores(Vec<NormalScores>),
}

impl Encoder {
    /// # Shapes
    /// `training`: `[events, features]`
    pub(super) fn fit(training: ArrayView2<'_, f32>, encoding: Encoding) -> Self {
        let columns: Vec<_> = training.axis_iter(Axis(1)).collect();
        let features = columns.len();
        if encoding == Encoding::AsIs {
            return Self { whole: Whole::AsIs, pieces: Vec::new(), width: features };
        }
        let scales = || columns.par_iter().map(|column| Scale::of(doubles(*column))).collect();
        if encoding == Encoding::Standardised || features > WIDEST_IN_PIECES {
            let whole = Whole::Standardised(scales());
            return Self { whole, pieces: Vec::new(), width: features };
        }
        let sorted: Vec<Vec<f64>> = columns.par_iter().map(|column| rising(*column)).collect();
        let whole = if features <= WIDEST_DECORRELATED {
            let scales: Vec<Scale> = scales();
            let mut standard = Array2::zeros(training.dim());
            for (mut row, event) in standard.outer_iter_mut().zip(training.outer_iter()) {
                row.assign(&ArrayView1::from(&standardised(&scales, event)));
            }
            Whole::Decorrelated(scales, Decorrelation::of(&standard))
        } else {
            Whole::NormalScores(sorted.par_iter().map(|values| NormalScores::of(values)).collect())
        };
        let pieces: Vec<Vec<Piece>> = sorted.par_iter().map(|values| Piece::of(values)).collect();
        let width = features + pieces.iter().map(Vec::len).sum::<usize>();
        Self { whole, pieces, width }
    }

    /// # Shapes
    /// `features`: `[events, features]`; gives `[events, width]`.
    pub(super) fn encode(&self, features: ArrayView2<'_, f32>) -> Array2<f32> {
        if matches!(self.whole, Whole::AsIs) {
            return features.to_owned();
        }
        let mut encoded = Array2::zeros((features.nrows(), self.width));
        encoded.axis_iter_mut(Axis(0)).into_par_iter().zip(features.axis_iter(Axis(0))).for_each(
            |(row, event)| {
                let values = self.whole.encode(event).into_iter().chain(self.in_pieces(event));
                for (target, value) in row.into_iter().zip(values) {
                    *target = value.clamp(-GREATEST, GREATEST) as f32;
                }
            },
        );
        encoded
    }

    fn in_pieces<'a>(&'a self, event: ArrayView1<'a, f32>) -> impl Iterator<Item = f64> + 'a {
        self.pieces.iter().enumerate().flat_map(move |(feature, pieces)| {
            let value = f64::from(event[feature]);
            pieces.iter().map(move |piece| piece.encode(value))
        })
    }
}

impl Whole {
    fn encode(&self, event: ArrayView1<'_, f32>) -> Vec<f64> {
        match self {
            Self::AsIs => doubles(event).collect(),
            Self::Standardised(scales) => standardised(scales, event),
            Self::Decorrelated(scales, decorrelation) => {
                let mut values = standardised(scales, event);
                decorrelation.apply(&mut values);
                values
            }
            Self::NormalScores(scores) => {
                doubles(event).zip(scores).map(|(value, scores)| scores.encode(value)).collect()
            }
        }
    }
}

fn standardised(scales: &[Scale], event: ArrayView1<'_, f32>) -> Vec<f64> {
    doubles(event).zip(scales).map(|(value, scale)| scale.apply(value)).collect()
}

fn doubles(values: ArrayView1<'_, f32>) -> impl Iterator<Item = f64> + Clone + '_ {
    values.into_iter().map(|&value| f64::from(value))
}

fn rising(column: ArrayView1<'_, f32>) -> Vec<f64> {
    let mut values: Vec<f64> = doubles(column).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two strongly correlated features, a constant, and one that is mostly 0; then `more`.
    fn features(more: usize) -> Array2<f32> {
        Array2::from_shape_fn((400, 4 + more), |(event, feature)| {
            let (a, b) = ((event * 37 % 101) as f32, (event * 29 % 97) as f32);
            match feature {
                0 => a,
                1 => a + 0.05 * b,
                2 => 7.0,
                3 if event % 5 == 0 => b + 1.0,
                3 => 0.0,
                _ => ((event * (feature + 2)) % 103) as f32,
            }
        })
    }

    /// Mean and mean square of an encoded column.
    fn moments(encoded: &Array2<f32>, column: usize) -> (f64, f64) {
        let values = || doubles(encoded.column(column));
        (values().sum::<f64>() / 400.0, values().map(|v| v * v).sum::<f64>() / 400.0)
    }

    #[test]
    fn columns_have_mean_0_and_deviation_1_and_constants_give_0() {
        for (encoding, more) in [
            (Encoding::Standardised, 0),
            (Encoding::QuantilesAndDecorrelated, 0),
            (Encoding::QuantilesAndDecorrelated, WIDEST_DECORRELATED),
        ] {
            let features = features(more);
            let encoded = Encoder::fit(features.view(), encoding).encode(features.view());
            for column in [0, 1, 3] {
                let (mean, square) = moments(&encoded, column);
                assert!(mean.abs() < 1e-3 && (square - 1.0).abs() < 0.01, "{column} {square}");
            }
            assert_eq!(moments(&encoded, 2), (0.0, 0.0));
        }
    }

    #[test]
    fn features_can_enter_as_they_are() {
        let features = features(0) * 1e6;
        let encoded = Encoder::fit(features.view(), Encoding::AsIs).encode(features.view());
        assert_eq!(encoded, features);
    }

    #[test]
    fn few_features_are_decorrelated() {
        let features = features(0);
        let encoder = Encoder::fit(features.view(), Encoding::QuantilesAndDecorrelated);
        let encoded = encoder.encode(features.view());
        // 8 pieces of two features, none of the constant, 2 of the mostly empty one.
        assert_eq!(encoded.ncols(), 4 + 16 + 2);
        for (i, j) in [(0, 1), (0, 3), (1, 3)] {
            let product: f64 = (0..400).map(|e| f64::from(encoded[[e, i]] * encoded[[e, j]])).sum();
            assert!((product / 400.0).abs() < 1e-3, "{i} {j}");
        }
    }
}
