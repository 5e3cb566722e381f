use super::inputs::Inputs;
use crate::Sample;
use crate::report::model::WithFloor;

impl Inputs<'_> {
    /// |difference of the shares of events that read out nothing|, with the binomial error of both;
    /// the floor is what this error makes of equal shares, √(2/π) σ. `None` for a table.
    pub(super) fn empty_events(&self) -> Option<WithFloor> {
        let share = |sample: &Sample| {
            Some((sample.empty_events()? as f64 / sample.events() as f64, sample.events() as f64))
        };
        let ((p, n), (q, m)) = (share(self.reference)?, share(self.generated)?);
        let error = (p * (1.0 - p) / n + q * (1.0 - q) / m).sqrt();
        let floor = (2.0 / std::f64::consts::PI).sqrt() * error;
        Some(WithFloor { value: (q - p).abs(), error, floor, floor_error: 0.0 })
    }
}
