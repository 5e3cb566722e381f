//! Colours for values, and the bar that explains them.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Stroke};
use super::colormap::{ColorMap, DIVERGING, SEQUENTIAL};
use super::error::PlotError;
use super::font::CAP_HEIGHT;
use super::geometry::Rect;
use super::rich_text;
use super::style::{Color, INK, NO_VALUE, Typography};

/// Width of a colour bar.
pub(super) const BAR_WIDTH: f64 = 13.0;
/// Cells whose ratio is further from one are drawn in the last colour.
const LARGEST_RATIO: f64 = 2.0;
/// More than this, and a few nearly empty cells would take all the colours.
const DECADES: f64 = 1e6;
/// Whole numbers up to this are told apart better on a linear scale.
const LARGEST_COUNT: f64 = 20.0;

/// Colours of values, with the axis that says which.
pub(super) struct ColorScale {
    pub map: ColorMap,
    pub axis: Axis,
}

impl ColorScale {
    /// Positive values on a logarithmic scale of at most six decades, counts that are small on a
    /// linear one. `None` if no value is positive.
    pub(super) fn of_values<'a>(
        values: impl Iterator<Item = &'a f64>,
        whole_numbers: bool,
        label: &str,
    ) -> Option<Self> {
        let positive = values.copied().filter(|value| value.is_finite() && *value > 0.0);
        let (low, high) = positive
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return None;
        }
        let axis = if whole_numbers && high <= LARGEST_COUNT {
            Axis::new(Scale::Linear, (0.0, high), label, 5)
        } else {
            Axis::new(Scale::Log, (low.max(high / DECADES), high), label, 6)
        };
        Some(Self { map: SEQUENTIAL, axis })
    }

    /// Generated over reference, symmetric in the logarithm.
    pub(super) fn of_ratios() -> Self {
        let range = (1.0 / LARGEST_RATIO, LARGEST_RATIO);
        Self { map: DIVERGING, axis: Axis::new(Scale::Log, range, "Generated / reference", 4) }
    }

    /// Room that a bar takes beside a map, for most labels.
    pub(super) fn bar_room(typography: &Typography) -> f64 {
        12.0 + BAR_WIDTH + 3.0 * typography.tick + typography.label
    }

    /// Room that this bar takes with its labels beside a map.
    pub(super) fn room(&self, typography: &Typography) -> f64 {
        let labels = self.axis.ticks.ticks.iter().filter_map(|tick| tick.label.as_ref());
        let widths = labels.map(|label| rich_text::width(label, typography.tick, false));
        let needed = 12.0 + BAR_WIDTH + 14.0 + widths.fold(0.0, f64::max) + 1.3 * typography.label;
        Self::bar_room(typography).max(needed)
    }

    pub(super) fn color(&self, value: f64) -> Color {
        if value.is_finite() && value > 0.0 {
            self.map.at(self.axis.position(value))
        } else {
            NO_VALUE
        }
    }

    pub(super) fn draw_bar(
        &self,
        canvas: &mut Canvas,
        bar: Rect,
        typography: &Typography,
    ) -> Result<(), PlotError> {
        const STEPS: u32 = 128;
        let slice = bar.height / f64::from(STEPS);
        for step in 0..STEPS {
            let share = (f64::from(step) + 0.5) / f64::from(STEPS);
            let top = bar.bottom() - f64::from(step + 1) * slice;
            let overlap = if step == 0 { 0.0 } else { 0.4 };
            let rect = Rect::new(bar.x, top, bar.width, slice + overlap);
            canvas.rect(rect, self.map.at(share))?;
        }
        canvas.frame(bar, Stroke::new(INK, 1.0))?;
        let font = Font::new(typography.tick, INK);
        let mut widest: f64 = 0.0;
        for tick in &self.axis.ticks.ticks {
            let y = bar.bottom() - self.axis.position(tick.value) * bar.height;
            let length = if tick.major { 5.0 } else { 2.5 };
            canvas.line((bar.right(), y), (bar.right() - length, y), Stroke::new(INK, 1.0))?;
            if let Some(label) = &tick.label {
                let at = (bar.right() + 5.0, y + CAP_HEIGHT * font.size / 2.0);
                canvas.text(label, at, Anchor::Start, font)?;
                widest = widest.max(rich_text::width(label, font.size, false));
            }
        }
        let at = (bar.right() + 8.0 + widest + typography.label, bar.y);
        let font = Font::new(typography.label, INK);
        canvas.vertical_text(&self.axis.label, at, Anchor::End, font)
    }
}
