//! A framed panel with a horizontal and a vertical axis: ticks inside, labels outside.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Stroke};
use super::error::PlotError;
use super::font::CAP_HEIGHT;
use super::geometry::{Point, Rect};
use super::rich_text;
use super::style::{Color, INK, Typography};

const FRAME: f64 = 1.2;
const MAJOR_TICK: f64 = 8.0;
const MINOR_TICK: f64 = 4.0;
/// Between the frame and the tick labels.
const LABEL_GAP: f64 = 6.0;

/// A framed panel.
#[derive(Debug, Clone)]
pub struct Panel {
    pub rect: Rect,
    pub x: Axis,
    pub y: Axis,
}

impl Panel {
    /// Horizontal pixel of a value, kept just outside of the frame when it is out of range.
    #[must_use]
    pub fn px(&self, x: f64) -> f64 {
        self.rect.x + self.x.position(x).clamp(-0.01, 1.01) * self.rect.width
    }

    /// Vertical pixel of a value, kept inside of the frame.
    #[must_use]
    pub fn py(&self, y: f64) -> f64 {
        self.rect.bottom() - self.y.position(y).clamp(0.0, 1.0) * self.rect.height
    }

    #[must_use]
    pub fn point(&self, (x, y): Point) -> Point {
        (self.px(x), self.py(y))
    }

    /// Whether a value is within the vertical range.
    #[must_use]
    pub fn has_y(&self, y: f64) -> bool {
        (self.y.low..=self.y.high).contains(&y)
    }

    /// The outline of a step histogram that begins and ends on the horizontal axis, in pixels.
    #[must_use]
    pub fn steps(&self, edges: &[f64], values: &[f64]) -> Vec<Point> {
        let mut points = Vec::with_capacity(2 * values.len() + 2);
        let floor = self.rect.bottom();
        points.push((self.px(edges[0]), floor));
        for (bin, &value) in values.iter().enumerate() {
            let height = self.py(value);
            points.push((self.px(edges[bin]), height));
            points.push((self.px(edges[bin + 1]), height));
        }
        points.push((self.px(edges[values.len()]), floor));
        points
    }

    /// A step histogram's outline, without the parts that lie on the horizontal axis.
    pub fn outline(
        &self,
        canvas: &mut Canvas,
        steps: &[Point],
        stroke: Stroke,
    ) -> Result<(), PlotError> {
        let on_axis = |point: &Point| point.1 >= self.rect.bottom();
        let mut part: Vec<Point> = Vec::new();
        for (index, point) in steps.iter().enumerate() {
            part.push(*point);
            let next_is_on_axis = steps.get(index + 1).is_none_or(on_axis);
            if on_axis(point) && next_is_on_axis {
                if part.len() > 1 {
                    canvas.polyline(&part, stroke)?;
                }
                part.clear();
            }
        }
        Ok(())
    }

    /// A vertical error bar, cut at the frame; nothing where it is outside or not a number.
    pub fn error_bar(
        &self,
        canvas: &mut Canvas,
        x: f64,
        (value, error): (f64, f64),
        stroke: Stroke,
    ) -> Result<(), PlotError> {
        let visible = value + error >= self.y.low && value - error <= self.y.high;
        if error > 0.0 && visible {
            let low = self.py(value - error);
            canvas.line((self.px(x), low), (self.px(x), self.py(value + error)), stroke)?;
        }
        Ok(())
    }

    /// A filled rectangle for each bin from `value − error` to `value + error`.
    pub fn error_band(
        &self,
        canvas: &mut Canvas,
        edges: &[f64],
        bands: &[(f64, f64)],
        color: Color,
    ) -> Result<(), PlotError> {
        for (bin, &(value, error)) in bands.iter().enumerate() {
            let (top, bottom) = (self.py(value + error), self.py(value - error));
            if error > 0.0 && bottom - top > 0.1 {
                let left = self.px(edges[bin]);
                let width = self.px(edges[bin + 1]) - left;
                canvas.rect(Rect::new(left, top, width, bottom - top), color)?;
            }
        }
        Ok(())
    }

    /// A small triangle at the frame for a value above or below the range.
    pub fn overflow_marker(
        &self,
        canvas: &mut Canvas,
        x: f64,
        above: bool,
        color: Color,
    ) -> Result<(), PlotError> {
        let (tip, base) = if above {
            (self.rect.y + 1.0, self.rect.y + 6.5)
        } else {
            (self.rect.bottom() - 1.0, self.rect.bottom() - 6.5)
        };
        let x = self.px(x);
        canvas.polygon(&[(x, tip), (x - 3.0, base), (x + 3.0, base)], color)
    }

    /// Frame, ticks on all four sides and tick labels; horizontal ones only where asked for.
    pub fn draw_frame(
        &self,
        canvas: &mut Canvas,
        typography: &Typography,
        horizontal_labels: bool,
    ) -> Result<(), PlotError> {
        canvas.frame(self.rect, Stroke::new(INK, FRAME))?;
        self.draw_horizontal_ticks(canvas, typography, horizontal_labels)?;
        self.draw_vertical_ticks(canvas, typography)
    }

    fn draw_horizontal_ticks(
        &self,
        canvas: &mut Canvas,
        typography: &Typography,
        labels: bool,
    ) -> Result<(), PlotError> {
        let (top, bottom) = (self.rect.y, self.rect.bottom());
        let font = Font::new(typography.tick, INK);
        let baseline = bottom + LABEL_GAP + 1.15 * CAP_HEIGHT * typography.tick;
        for tick in &self.x.ticks.ticks {
            let x = self.px(tick.value);
            let length = if tick.major { MAJOR_TICK } else { MINOR_TICK };
            canvas.line((x, bottom), (x, bottom - length), Stroke::new(INK, 1.0))?;
            canvas.line((x, top), (x, top + length), Stroke::new(INK, 1.0))?;
            if let (true, Some(label)) = (labels, &tick.label) {
                canvas.text(label, (x, baseline), Anchor::Middle, font)?;
            }
        }
        if labels && self.x.ticks.exponent != 0 {
            let factor = factor_label(self.x.ticks.exponent);
            let below = baseline + 1.1 * typography.label;
            canvas.text(&factor, (self.rect.x, below), Anchor::Start, font)?;
        }
        Ok(())
    }

    fn draw_vertical_ticks(
        &self,
        canvas: &mut Canvas,
        typography: &Typography,
    ) -> Result<(), PlotError> {
        let (left, right) = (self.rect.x, self.rect.right());
        let font = Font::new(typography.tick, INK);
        let half_capital = CAP_HEIGHT * typography.tick / 2.0;
        for tick in &self.y.ticks.ticks {
            let y = self.py(tick.value);
            let length = if tick.major { MAJOR_TICK } else { MINOR_TICK };
            canvas.line((left, y), (left + length, y), Stroke::new(INK, 1.0))?;
            canvas.line((right, y), (right - length, y), Stroke::new(INK, 1.0))?;
            if let Some(label) = &tick.label {
                let at = (left - LABEL_GAP, y + half_capital);
                canvas.text(label, at, Anchor::End, font)?;
            }
        }
        if self.y.ticks.exponent != 0 {
            let factor = factor_label(self.y.ticks.exponent);
            let at = (left - LABEL_GAP, self.rect.y - 5.0);
            canvas.text(&factor, at, Anchor::End, font)?;
        }
        Ok(())
    }

    /// The horizontal axis' label, at the right end as in papers of this field.
    pub fn draw_x_label(
        &self,
        canvas: &mut Canvas,
        typography: &Typography,
    ) -> Result<(), PlotError> {
        let tick_height = LABEL_GAP + 1.15 * CAP_HEIGHT * typography.tick;
        let baseline = self.rect.bottom()
            + tick_height
            + 0.6 * typography.tick
            + CAP_HEIGHT * typography.label;
        let label = rich_text::fit(&self.x.label, typography.label, false, self.rect.right() - 8.0);
        let font = Font::new(typography.label, INK);
        canvas.text(&label, (self.rect.right(), baseline), Anchor::End, font)
    }

    /// The vertical axis' label with its baseline at pixel `x`, at the upper end.
    pub fn draw_y_label(
        &self,
        canvas: &mut Canvas,
        x: f64,
        typography: &Typography,
    ) -> Result<(), PlotError> {
        let font = Font::new(typography.label, INK);
        let label = rich_text::fit(&self.y.label, typography.label, false, self.rect.height + 30.0);
        canvas.vertical_text(&label, (x, self.rect.y), Anchor::End, font)
    }
}

/// `value` on an axis such that the data there ends below what is drawn in the panel's upper
/// `share`: the high end of the axis that leaves this room.
#[must_use]
pub fn high_end_with_room(scale: Scale, low: f64, value: f64, share: f64) -> f64 {
    let used = (1.0 - share).max(0.2);
    match scale {
        Scale::Log if low > 0.0 && value > low => low * (value / low).powf(1.0 / used),
        _ => low + (value - low) / used,
    }
}

fn factor_label(exponent: i32) -> String {
    format!("×10^{{{exponent}}}").replace('-', "−")
}
