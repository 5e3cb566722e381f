//! An axis: its range, its scale and its ticks.

use super::ticks::{self, Ticks};

/// How values become positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    Linear,
    Log,
    /// Positions go with the square root of a value that is not negative.
    SquareRoot,
}

/// An axis of a panel.
#[derive(Debug, Clone)]
pub struct Axis {
    pub scale: Scale,
    pub low: f64,
    pub high: f64,
    pub label: String,
    pub ticks: Ticks,
}

impl Axis {
    /// An axis from `low` to `high` with room for about `target` labels.
    ///
    /// A range that is empty, not finite or, on a logarithmic axis, not positive is replaced by one
    /// that can be drawn.
    #[must_use]
    pub fn new(
        scale: Scale,
        (low, high): (f64, f64),
        label: impl Into<String>,
        target: usize,
    ) -> Self {
        let (low, high) = drawable_range(scale, low, high);
        let ticks = match scale {
            Scale::Linear => ticks::linear(low, high, target),
            Scale::Log => ticks::logarithmic(low, high, target),
            Scale::SquareRoot => {
                let room = f64::from(u32::try_from(target.max(1)).unwrap_or(1));
                ticks::square_root(high, high.sqrt() / room)
            }
        };
        Self { scale, low, high, label: label.into(), ticks }
    }

    /// Position of a value: 0 at the low end, 1 at the high end, beyond outside of the range.
    ///
    /// What has no position (zero on a logarithmic axis) is far below the axis.
    #[must_use]
    pub fn position(&self, value: f64) -> f64 {
        let transform = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Log => value.max(f64::MIN_POSITIVE).log10(),
            Scale::SquareRoot => value.max(0.0).sqrt(),
        };
        let (low, high) = (transform(self.low), transform(self.high));
        (transform(value) - low) / (high - low)
    }
}

fn drawable_range(scale: Scale, low: f64, high: f64) -> (f64, f64) {
    let usable = low.is_finite() && high.is_finite() && low <= high;
    match scale {
        Scale::Linear if !usable => (0.0, 1.0),
        Scale::Linear if high - low <= 1e-12 * low.abs().max(high.abs()) => {
            let half = if low == 0.0 { 0.5 } else { 0.1 * low.abs() };
            (low - half, high + half)
        }
        Scale::Linear => (low, high),
        Scale::Log if !usable || low <= 0.0 => (0.1, 10.0),
        Scale::Log if high / low < 1.0 + 1e-9 => (low / 2.0, high * 2.0),
        Scale::Log => (low, high),
        Scale::SquareRoot if !usable || high <= 0.0 => (0.0, 1.0),
        Scale::SquareRoot => (0.0, high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_follow_the_scale() {
        let log = Axis::new(Scale::Log, (1.0, 100.0), "", 4);
        approx::assert_relative_eq!(log.position(10.0), 0.5);
        assert!(log.position(0.0) < -10.0);
        let root = Axis::new(Scale::SquareRoot, (0.0, 400.0), "", 4);
        approx::assert_relative_eq!(root.position(100.0), 0.5);
    }

    #[test]
    fn degenerate_ranges_are_drawn_all_the_same() {
        for scale in [Scale::Linear, Scale::Log, Scale::SquareRoot] {
            for range in [(0.0, 0.0), (3.0, 3.0), (f64::NAN, 1.0), (2.0, -1.0)] {
                let axis = Axis::new(scale, range, "", 5);
                assert!(axis.low < axis.high && axis.position(axis.high).is_finite());
            }
        }
    }
}
