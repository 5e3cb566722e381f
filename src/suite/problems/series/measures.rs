//! Measures of series that need no training.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

/// W₁ between the marginal distributions of two sets of as many series, the mean over all steps and
/// features: the mean distance of the sorted values.
///
/// # Shapes
/// `[series, steps × features]`
pub(super) fn marginal_transport(real: ArrayView2<'_, f32>, made: ArrayView2<'_, f32>) -> f64 {
    let count = real.nrows().min(made.nrows());
    let sorted = |values: ArrayView2<'_, f32>, column: usize| {
        let mut values: Vec<f32> = values.column(column).iter().take(count).copied().collect();
        values.sort_unstable_by(f32::total_cmp);
        values
    };
    let of_column = |column: usize| {
        let (real, made) = (sorted(real, column), sorted(made, column));
        let pairs = real.iter().zip(&made);
        pairs.map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / count as f64
    };
    let columns: Vec<f64> = (0..real.ncols()).into_par_iter().map(of_column).collect();
    columns.iter().sum::<f64>() / columns.len() as f64
}

/// The autocorrelation of one feature at lags 1 to `lags`, about its mean over all series and steps:
/// Σ (x_t − μ)(x_{t+l} − μ) / (number of pairs) over Σ (x_t − μ)² / (number of values).
///
/// # Shapes
/// `values`: `[series, steps × features]`; the result: `[lags]`.
fn autocorrelation(
    values: ArrayView2<'_, f32>,
    (steps, features): (usize, usize),
    feature: usize,
    lags: usize,
) -> Vec<f64> {
    let series = values.nrows() as f64;
    let at = |row: usize, step: usize| f64::from(values[[row, step * features + feature]]);
    let all = || (0..values.nrows()).flat_map(|row| (0..steps).map(move |step| (row, step)));
    let mean = all().map(|(row, step)| at(row, step)).sum::<f64>() / (series * steps as f64);
    let squares: f64 = all().map(|(row, step)| (at(row, step) - mean).powi(2)).sum();
    let variance = (squares / (series * steps as f64)).max(f64::MIN_POSITIVE);
    let of_lag = |lag: usize| {
        let sum: f64 = (0..values.nrows())
            .map(|row| {
                let pairs = (0..steps - lag).map(|step| (at(row, step), at(row, step + lag)));
                pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>()
            })
            .sum();
        sum / (series * (steps - lag) as f64) / variance
    };
    (1..=lags).into_par_iter().map(of_lag).collect()
}

/// The mean |difference| of the autocorrelations over features and lags, up to half of the steps.
///
/// # Shapes
/// `[series, steps × features]`
pub(super) fn autocorrelation_error(
    real: ArrayView2<'_, f32>,
    made: ArrayView2<'_, f32>,
    (steps, features): (usize, usize),
) -> f64 {
    let lags = (steps / 2).max(1).min(steps - 1);
    let mut sum = 0.0;
    for feature in 0..features {
        let of = |values| autocorrelation(values, (steps, features), feature, lags);
        sum += of(real).iter().zip(of(made)).map(|(a, b)| (a - b).abs()).sum::<f64>();
    }
    sum / (features * lags) as f64
}

/// The mean |difference| of the correlations between features at the same step, over all pairs;
/// none with fewer than two features.
///
/// # Shapes
/// `[series, steps × features]`
pub(super) fn correlation_error(
    real: ArrayView2<'_, f32>,
    made: ArrayView2<'_, f32>,
    (steps, features): (usize, usize),
) -> Option<f64> {
    if features < 2 {
        return None;
    }
    let correlations = |values: ArrayView2<'_, f32>| -> Vec<f64> {
        let count = (values.nrows() * steps) as f64;
        let column = |feature: usize| -> Vec<f64> {
            let rows = values.axis_iter(Axis(0));
            let all: Vec<f64> = rows
                .flat_map(|row| {
                    (0..steps).map(move |step| f64::from(row[step * features + feature]))
                })
                .collect();
            let mean = all.iter().sum::<f64>() / count;
            let centred: Vec<f64> = all.into_iter().map(|value| value - mean).collect();
            let norm = centred.iter().map(|value| value * value).sum::<f64>().sqrt();
            centred.into_iter().map(|value| value / norm.max(f64::MIN_POSITIVE)).collect()
        };
        let columns: Vec<Vec<f64>> = (0..features).into_par_iter().map(column).collect();
        let pair = |(a, b): (usize, usize)| -> f64 {
            columns[a].iter().zip(&columns[b]).map(|(a, b)| a * b).sum()
        };
        (0..features).flat_map(|a| (0..a).map(move |b| (a, b))).map(pair).collect()
    };
    let (real, made) = (correlations(real), correlations(made));
    let sum: f64 = real.iter().zip(&made).map(|(a, b)| (a - b).abs()).sum();
    Some(sum / real.len() as f64)
}

/// |x̂_k|² = |Σ_t x_t e^(−2πi k t / T)|² / T of one feature for k from 0 to T/2.
pub(super) fn power_spectrum(series: &[f64]) -> Vec<f64> {
    let steps = series.len();
    let of = |k: usize| {
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (t, value) in series.iter().enumerate() {
            let angle = std::f64::consts::TAU * (k * t) as f64 / steps as f64;
            real += value * angle.cos();
            imaginary -= value * angle.sin();
        }
        (real * real + imaginary * imaginary) / steps as f64
    };
    (0..=steps / 2).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    #[test]
    fn marginals_are_compared_sorted() {
        let real = arr2(&[[0.0_f32, 1.0], [2.0, 1.0]]);
        let made = arr2(&[[2.0_f32, 2.0], [0.0, 3.0]]);
        // 0 for the first column, (1 + 2) / 2 for the second.
        assert_eq!(marginal_transport(real.view(), made.view()), 0.75);
    }

    #[test]
    fn autocorrelations_are_those_of_alternating_and_of_constant_series() {
        // ±1 in turns: (−1)^lag. Constant in each series: 1.
        let turns =
            Array2::from_shape_fn(
                (4, 6),
                |(row, step)| {
                    if (row + step) % 2 == 0 { 1.0_f32 } else { -1.0 }
                },
            );
        let constant =
            Array2::from_shape_fn((4, 6), |(row, _)| if row < 2 { 1.0_f32 } else { -1.0 });
        assert_eq!(autocorrelation(turns.view(), (6, 1), 0, 3), [-1.0, 1.0, -1.0]);
        assert_eq!(autocorrelation(constant.view(), (6, 1), 0, 3), [1.0, 1.0, 1.0]);
        let error = autocorrelation_error(turns.view(), constant.view(), (6, 1));
        approx::assert_relative_eq!(error, 4.0 / 3.0, max_relative = 1e-12);
    }

    #[test]
    fn correlations_between_features_tell_a_turned_sign() {
        let with = |sign: f32| {
            Array2::from_shape_fn((8, 4), |(row, column)| {
                let value = (row * 3 % 8) as f32;
                if column % 2 == 1 { sign * value } else { value }
            })
        };
        let (plus, minus) = (with(1.0), with(-1.0));
        let error = correlation_error(plus.view(), minus.view(), (2, 2)).expect("two features");
        approx::assert_relative_eq!(error, 2.0, max_relative = 1e-12);
        assert_eq!(correlation_error(plus.view(), minus.view(), (4, 1)), None);
    }

    #[test]
    fn the_spectrum_of_a_sine_is_at_its_frequency() {
        let series: Vec<f64> =
            (0..16).map(|t| (std::f64::consts::TAU * 3.0 * f64::from(t) / 16.0).sin()).collect();
        let spectrum = power_spectrum(&series);
        assert_eq!(spectrum.len(), 9);
        // (T/2)² / T
        approx::assert_relative_eq!(spectrum[3], 4.0, max_relative = 1e-12);
        assert!(spectrum.iter().sum::<f64>() - spectrum[3] < 1e-20);
    }
}
