use serde::{Deserialize, Serialize};

/// A number with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub value: f64,
    pub error: f64,
}

/// Mean and spread of values, with standard errors.
///
/// With weights w and n = (Σ w)² / Σ w²: the mean is Σ w v / Σ w ± σ / √n, the spread
/// σ = √(n / (n − 1) · Σ w (v − mean)² / Σ w) ± σ / √(2 (n − 1)), the latter as of a normal
/// distribution. Without weights that is the standard deviation over n − 1. Negative weights may
/// make the sum of squares negative; it then counts as 0.
///
/// ```
/// # use validation::physics::Moments;
/// let found = Moments::of([(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)]).expect("three values");
/// assert_eq!((found.mean.value, found.spread.value), (2.0, 1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    pub events: usize,
    pub mean: Measured,
    pub spread: Measured,
}

impl Moments {
    /// Of (value, weight); `None` for less than two values, as few by their weights, or a sum of
    /// weights that is not positive.
    pub fn of(values: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let values: Vec<(f64, f64)> = values.into_iter().collect();
        let (total, squares) =
            values.iter().fold((0.0, 0.0), |(sum, squares), (_, w)| (sum + w, squares + w * w));
        let count = if squares > 0.0 { total * total / squares } else { 0.0 };
        if count < 2.0 || !total.is_finite() || total <= 0.0 {
            return None;
        }
        let mean = values.iter().map(|(v, w)| w * v).sum::<f64>() / total;
        let deviations: f64 = values.iter().map(|(v, w)| w * (v - mean) * (v - mean)).sum();
        let spread = ((deviations / total).max(0.0) * count / (count - 1.0)).sqrt();
        Some(Self {
            events: values.len(),
            mean: Measured { value: mean, error: spread / count.sqrt() },
            spread: Measured { value: spread, error: spread / (2.0 * (count - 1.0)).sqrt() },
        })
    }

    /// Of values with weights where there are any.
    pub(super) fn of_weighted(values: &[f64], weights: Option<&[f64]>) -> Option<Self> {
        match weights {
            Some(weights) => Self::of(values.iter().copied().zip(weights.iter().copied())),
            None => Self::of(values.iter().map(|&value| (value, 1.0))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_events_only_on_average() {
        let plain = Moments::of([0.9, 1.0, 1.1, 1.0].map(|v| (v, 1.0))).expect("four");
        approx::assert_relative_eq!(plain.spread.value, (0.02f64 / 3.0).sqrt(), epsilon = 1e-12);
        approx::assert_relative_eq!(plain.mean.error, plain.spread.value / 2.0);
        let tripled = Moments::of([0.9, 1.0, 1.1, 1.0].map(|v| (v, 3.0))).expect("four");
        approx::assert_relative_eq!(tripled.spread.value, plain.spread.value, epsilon = 1e-12);
        approx::assert_relative_eq!(tripled.mean.error, plain.mean.error, epsilon = 1e-12);
    }

    #[test]
    fn too_little_is_nothing() {
        assert!(Moments::of([(1.0, 1.0)]).is_none());
        assert!(Moments::of([(1.0, 1.0), (2.0, -1.0), (3.0, 1.0)]).is_none());
        assert!(Moments::of([(1.0, -2.0), (2.0, -2.0)]).is_none());
        assert!(Moments::of([]).is_none());
    }
}
