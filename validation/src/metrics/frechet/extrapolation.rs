use serde::{Deserialize, Serialize};

use crate::ValidationError;

/// A straight line v = intercept + slope / N through the values of batches of N events: the
/// intercept is the value for infinitely many.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Extrapolation {
    /// Not below 0.
    pub intercept: f64,
    /// Standard error of the intercept by the scatter about the line.
    pub error: f64,
    /// Not below 0.
    pub slope: f64,
}

/// Fits v = a + b / N by least squares under a ≥ 0 and b ≥ 0 (Chong and Forsyth,
/// arXiv:1911.07023, with the bounds of JetNet's FPD).
///
/// The error of a is that of the fit without bounds, √(s² Σx² / (m Σx² − (Σx)²)) with x = 1/N and
/// s² = Σ (v − a − b x)² / (m − 2), with the residuals of the bounded fit.
///
/// ```
/// let fit = validation::metrics::frechet::extrapolate(&[100, 200, 400], &[0.5, 0.3, 0.2])?;
/// assert!((fit.intercept - 0.1).abs() < 1e-12 && (fit.slope - 40.0).abs() < 1e-9);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Shapes
/// `events` (N) and `values`: `[points]`.
///
/// # Errors
/// Fewer than three points, not as many values, a batch of no events, or all of one size.
pub fn extrapolate(events: &[usize], values: &[f64]) -> Result<Extrapolation, ValidationError> {
    let setting = |found: String, expected| {
        Err(ValidationError::Setting { name: "points of the extrapolation", found, expected })
    };
    if events.len() < 3 || values.len() != events.len() {
        let found = format!("{} sizes and {} values", events.len(), values.len());
        return setting(found, "a value for each of at least 3 sizes");
    }
    let (least, most) = (events.iter().min().copied(), events.iter().max().copied());
    if least == Some(0) || least == most {
        return setting(format!("{events:?}"), "different sizes, each above 0");
    }
    let count = events.len() as f64;
    let x: Vec<f64> = events.iter().map(|&events| 1.0 / events as f64).collect();
    let mean_x = x.iter().sum::<f64>() / count;
    let mean_v = values.iter().sum::<f64>() / count;
    let spread: f64 = x.iter().map(|x| (x - mean_x).powi(2)).sum();
    let squares: f64 = x.iter().map(|x| x * x).sum();
    let common: f64 = x.iter().zip(values).map(|(x, v)| (x - mean_x) * (v - mean_v)).sum();
    let free_slope = common / spread;
    let free = (mean_v - free_slope * mean_x, free_slope);
    let (intercept, slope) = if free.0 >= 0.0 && free.1 >= 0.0 {
        free
    } else if free.1 < 0.0 {
        // Without a slope the best line is the mean; of a negative mean, 0.
        (mean_v.max(0.0), 0.0)
    } else {
        let through_zero: f64 = x.iter().zip(values).map(|(x, v)| x * v).sum();
        (0.0, (through_zero / squares).max(0.0))
    };
    let residuals: f64 =
        x.iter().zip(values).map(|(x, v)| (v - intercept - slope * x).powi(2)).sum();
    let error = (residuals / (count - 2.0) * squares / (count * spread)).sqrt();
    Ok(Extrapolation { intercept, error, slope })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn points_that_fit_no_line_are_refused() {
        assert!(extrapolate(&[10, 20], &[1.0, 2.0]).is_err());
        assert!(extrapolate(&[10, 20, 30], &[1.0, 2.0]).is_err());
        assert!(extrapolate(&[10, 10, 10], &[1.0, 2.0, 3.0]).is_err());
        assert!(extrapolate(&[0, 10, 20], &[1.0, 2.0, 3.0]).is_err());
    }

    proptest! {
        #[test]
        fn no_line_within_the_bounds_fits_better(
            values in prop::collection::vec(-1.0..1.0_f64, 5),
            other_intercept in 0.0..2.0_f64, other_slope in 0.0..200.0_f64,
        ) {
            let events = [100, 140, 200, 350, 900];
            let fit = extrapolate(&events, &values).expect("valid");
            prop_assert!(fit.intercept >= 0.0 && fit.slope >= 0.0 && fit.error >= 0.0);
            let squares = |a: f64, b: f64| -> f64 {
                let line = |n: &usize| a + b / *n as f64;
                events.iter().zip(&values).map(|(n, v)| (v - line(n)).powi(2)).sum()
            };
            let found = squares(fit.intercept, fit.slope);
            prop_assert!(found <= squares(other_intercept, other_slope) + 1e-12);
            // Near the fit, too.
            let (near_a, near_b) = (fit.intercept + 1e-3 * other_intercept, fit.slope);
            prop_assert!(found <= squares(near_a, near_b) + 1e-12);
            prop_assert!(found <= squares(fit.intercept, near_b + 1e-3 * other_slope) + 1e-12);
        }
    }
}
