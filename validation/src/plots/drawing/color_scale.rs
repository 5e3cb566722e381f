//! Colours for values, and the bar that explains them.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font};
use super::color::Color;
use super::color_map::{ColorMap, DIVERGING, SEQUENTIAL};
use super::font::CAP_HEIGHT;
use super::geometry::Rect;
use super::rich_text;
use super::stroke::Stroke;
use super::style::{INK, NO_VALUE, PAPER, Theme};

/// Width of a colour bar.
pub const BAR_WIDTH: f64 = 13.0;
/// Cells whose ratio is further from one are drawn in the last colour.
const LARGEST_RATIO: f64 = 2.0;
/// More than this, and a few nearly empty cells would take all the colours.
const DECADES: f64 = 1e6;
/// Whole numbers up to this are told apart better on a linear scale.
const LARGEST_COUNT: f64 = 20.0;

/// Colours of values, with the axis that says which.
pub struct ColorScale {
    pub map: ColorMap,
    pub axis: Axis,
    /// Whether only positive values have a colour.
    only_positive: bool,
}

impl ColorScale {
    /// Positive values on a logarithmic scale of at most six decades, counts that are small on a
    /// linear one. `None` if no value is positive.
    pub fn of_values<'a>(
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
        Some(Self { map: SEQUENTIAL, axis, only_positive: true })
    }

    /// Generated over reference, symmetric in the logarithm.
    pub fn of_ratios() -> Self {
        let range = (1.0 / LARGEST_RATIO, LARGEST_RATIO);
        let axis = Axis::new(Scale::Log, range, "Generated / reference", 4);
        Self { map: DIVERGING, axis, only_positive: true }
    }

    /// Values of both signs from −`limit` to `limit`.
    pub fn symmetric(limit: f64, label: &str) -> Self {
        let axis = Axis::new(Scale::Linear, (-limit, limit), label, 5);
        Self { map: DIVERGING, axis, only_positive: false }
    }

    /// Room that a bar takes beside a map, for most labels.
    pub fn bar_room(theme: &Theme) -> f64 {
        12.0 + BAR_WIDTH + 3.0 * theme.tick + theme.label
    }

    /// Room that this bar takes with its labels beside a map.
    pub fn room(&self, theme: &Theme) -> f64 {
        let labels = self.axis.ticks.ticks.iter().filter_map(|tick| tick.label.as_ref());
        let widths = labels.map(|label| rich_text::width(label, theme.tick, false));
        let needed = 12.0 + BAR_WIDTH + 14.0 + widths.fold(0.0, f64::max) + 1.3 * theme.label;
        Self::bar_room(theme).max(needed)
    }

    pub fn color(&self, value: f64) -> Color {
        if value.is_finite() && (value > 0.0 || !self.only_positive) {
            self.map.at(self.axis.position(value))
        } else {
            NO_VALUE
        }
    }

    /// Black or white, whichever can be read on the colour of a value.
    pub fn text_color(&self, value: f64) -> Color {
        // Of equal contrast to both: (l + 0.05)² = 0.05 × 1.05.
        if self.color(value).luminance() > 0.179 { INK } else { PAPER }
    }

    pub fn draw_bar(&self, canvas: &mut Canvas, bar: Rect, theme: &Theme) {
        const STEPS: u32 = 128;
        let slice = bar.height / f64::from(STEPS);
        for step in 0..STEPS {
            let share = (f64::from(step) + 0.5) / f64::from(STEPS);
            let top = bar.bottom() - f64::from(step + 1) * slice;
            let overlap = if step == 0 { 0.0 } else { 0.4 };
            canvas.rect(Rect::new(bar.x, top, bar.width, slice + overlap), self.map.at(share));
        }
        canvas.frame(bar, Stroke::new(INK, 1.0));
        let font = Font::new(theme.tick, INK);
        let mut widest: f64 = 0.0;
        let mut segments = Vec::new();
        for tick in &self.axis.ticks.ticks {
            let y = bar.bottom() - self.axis.position(tick.value) * bar.height;
            let length = if tick.major { 5.0 } else { 2.5 };
            segments.push(((bar.right(), y), (bar.right() - length, y)));
            if let Some(label) = &tick.label {
                let at = (bar.right() + 5.0, y + CAP_HEIGHT * font.size / 2.0);
                canvas.text(label, at, Anchor::Start, font);
                widest = widest.max(rich_text::width(label, font.size, false));
            }
        }
        canvas.segments(&segments, Stroke::new(INK, 1.0));
        let at = (bar.right() + 8.0 + widest + theme.label, bar.y);
        let label = rich_text::fit(&self.axis.label, theme.label, false, bar.height + 40.0);
        canvas.vertical_text(&label, at, Anchor::End, Font::new(theme.label, INK));
    }
}
