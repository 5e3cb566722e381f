/// Mean and inverse standard deviation of training values; the latter is 0 for a constant, which
/// then gives 0.
#[derive(Clone, Copy, Default)]
pub(super) struct Scale {
    mean: f64,
    inverse_deviation: f64,
}

impl Scale {
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count = values.clone().count().max(1) as f64;
        let mean = values.clone().sum::<f64>() / count;
        let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let constant = variance.sqrt() <= 1e-7 * mean.abs() || variance == 0.0;
        Self { mean, inverse_deviation: if constant { 0.0 } else { 1.0 / variance.sqrt() } }
    }

    pub(super) fn apply(self, value: f64) -> f64 {
        (value - self.mean) * self.inverse_deviation
    }
}
