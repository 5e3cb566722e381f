//! A framed panel with a horizontal and a vertical axis, its ticks and their labels.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font};
use super::color::Color;
use super::font::CAP_HEIGHT;
use super::geometry::{Point, Rect, clipped};
use super::rich_text;
use super::stroke::Stroke;
use super::style::{INK, Theme};

/// A framed panel.
#[derive(Debug, Clone)]
pub struct Panel {
    pub rect: Rect,
    pub x: Axis,
    pub y: Axis,
}

/// A vertical bar: where it stands in pixels, and its ends as values.
#[derive(Debug, Clone, Copy)]
pub struct Bar {
    pub x: f64,
    pub low: f64,
    pub high: f64,
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
            let height = if value.is_finite() { self.py(value) } else { floor };
            points.push((self.px(edges[bin]), height));
            points.push((self.px(edges[bin + 1]), height));
        }
        points.push((self.px(edges[values.len()]), floor));
        points
    }

    /// A step histogram's outline, without the parts that lie on the horizontal axis.
    pub fn outline(&self, canvas: &mut Canvas, steps: &[Point], stroke: Stroke) {
        let on_axis = |point: &Point| point.1 >= self.rect.bottom();
        let mut part: Vec<Point> = Vec::new();
        for (index, point) in steps.iter().enumerate() {
            // Bins of one height are one line.
            if let [.., before, last] = part.as_slice()
                && before.1 == last.1
                && last.1 == point.1
            {
                part.pop();
            }
            part.push(*point);
            let next_is_on_axis = steps.get(index + 1).is_none_or(on_axis);
            if on_axis(point) && next_is_on_axis {
                canvas.polyline(&part, stroke);
                part.clear();
            }
        }
        canvas.polyline(&part, stroke);
    }

    /// A curve through points given as values, cut at the frame.
    pub fn curve(&self, canvas: &mut Canvas, points: &[Point], stroke: Stroke) {
        let pixels: Vec<Point> = points
            .iter()
            .map(|&(x, y)| {
                let (x, y) = (self.x.position(x), self.y.position(y));
                (self.rect.x + x * self.rect.width, self.rect.bottom() - y * self.rect.height)
            })
            .collect();
        for part in clipped(&pixels, self.rect) {
            canvas.polyline(&part, stroke);
        }
    }

    /// Vertical error bars, cut at the frame; nothing where they are outside or not a number.
    pub fn error_bars(&self, canvas: &mut Canvas, bars: &[Bar], stroke: Stroke) {
        let segments: Vec<_> = bars
            .iter()
            .filter(|bar| bar.high > bar.low && bar.high >= self.y.low && bar.low <= self.y.high)
            .map(|bar| ((bar.x, self.py(bar.low)), (bar.x, self.py(bar.high))))
            .collect();
        canvas.segments(&segments, stroke);
    }

    /// A filled rectangle for each bin from one value to another.
    pub fn error_band(
        &self,
        canvas: &mut Canvas,
        edges: &[f64],
        bands: &[(f64, f64)],
        color: Color,
    ) {
        let mut rects: Vec<Rect> = Vec::new();
        for (bin, &(low, high)) in bands.iter().enumerate() {
            let (top, bottom) = (self.py(high), self.py(low));
            if bottom - top > 0.1 {
                let left = self.px(edges[bin]);
                let width = self.px(edges[bin + 1]) - left;
                rects.push(Rect::new(left, top, width, bottom - top));
            }
        }
        canvas.rects(&rects, color);
    }

    /// An arrow at the frame for a value above or below the range, at pixel `x`.
    pub fn arrow(&self, canvas: &mut Canvas, x: f64, above: bool, color: Color) {
        let (tip, direction) =
            if above { (self.rect.y + 1.5, 1.0) } else { (self.rect.bottom() - 1.5, -1.0) };
        let (head, tail) = (tip + 6.0 * direction, tip + 13.0 * direction);
        let shape = [
            (x, tip),
            (x + 3.2, head),
            (x + 0.7, head),
            (x + 0.7, tail),
            (x - 0.7, tail),
            (x - 0.7, head),
            (x - 3.2, head),
        ];
        canvas.polygon(&shape, color);
    }

    /// Frame, ticks and tick labels; horizontal labels only where asked for.
    pub fn draw_frame(&self, canvas: &mut Canvas, theme: &Theme, horizontal_labels: bool) {
        canvas.frame(self.rect, Stroke::new(INK, theme.frame));
        self.draw_ticks(canvas, theme);
        if horizontal_labels {
            self.draw_horizontal_labels(canvas, theme);
        }
        self.draw_vertical_labels(canvas, theme);
    }

    fn draw_ticks(&self, canvas: &mut Canvas, theme: &Theme) {
        let (left, right) = (self.rect.x, self.rect.right());
        let (top, bottom) = (self.rect.y, self.rect.bottom());
        let inwards = if theme.ticks_inside { 1.0 } else { -1.0 };
        let length =
            |major: bool| inwards * if major { theme.major_tick } else { theme.minor_tick };
        let mut segments = Vec::new();
        for tick in &self.x.ticks.ticks {
            let (x, length) = (self.px(tick.value), length(tick.major));
            segments.push(((x, bottom), (x, bottom - length)));
            if theme.ticks_everywhere {
                segments.push(((x, top), (x, top + length)));
            }
        }
        for tick in &self.y.ticks.ticks {
            let (y, length) = (self.py(tick.value), length(tick.major));
            segments.push(((left, y), (left + length, y)));
            if theme.ticks_everywhere {
                segments.push(((right, y), (right - length, y)));
            }
        }
        canvas.segments(&segments, Stroke::new(INK, theme.tick_line));
    }

    fn draw_horizontal_labels(&self, canvas: &mut Canvas, theme: &Theme) {
        let font = Font::new(theme.tick, INK);
        let baseline = self.tick_baseline(theme);
        for tick in &self.x.ticks.ticks {
            if let Some(label) = &tick.label {
                canvas.text(label, (self.px(tick.value), baseline), Anchor::Middle, font);
            }
        }
        if self.x.ticks.exponent != 0 {
            let factor = factor_label(self.x.ticks.exponent);
            let below = baseline + 1.1 * theme.label;
            canvas.text(&factor, (self.rect.x, below), Anchor::Start, font);
        }
    }

    fn draw_vertical_labels(&self, canvas: &mut Canvas, theme: &Theme) {
        let font = Font::new(theme.tick, INK);
        let half_capital = CAP_HEIGHT * theme.tick / 2.0;
        let right = self.rect.x - theme.label_gap();
        for tick in &self.y.ticks.ticks {
            if let Some(label) = &tick.label {
                let y = self.py(tick.value);
                canvas.text(label, (right, y + half_capital), Anchor::End, font);
            }
        }
        if self.y.ticks.exponent != 0 {
            let factor = factor_label(self.y.ticks.exponent);
            canvas.text(&factor, (right, self.rect.y - 5.0), Anchor::End, font);
        }
    }

    fn tick_baseline(&self, theme: &Theme) -> f64 {
        self.rect.bottom() + theme.label_gap() + 1.15 * CAP_HEIGHT * theme.tick
    }

    /// The horizontal axis' label, at the right end as in papers of this field.
    pub fn draw_x_label(&self, canvas: &mut Canvas, theme: &Theme) {
        let baseline = self.tick_baseline(theme) + 0.6 * theme.tick + CAP_HEIGHT * theme.label;
        let factor = if self.x.ticks.exponent == 0 { 8.0 } else { self.rect.x + 3.2 * theme.tick };
        let room = self.rect.right() - factor;
        let label = rich_text::fit(&self.x.label, theme.label, false, room);
        let font = Font::new(theme.label, INK);
        canvas.text(&label, (self.rect.right(), baseline), Anchor::End, font);
    }

    /// The vertical axis' label with its baseline at pixel `x`, at the upper end.
    pub fn draw_y_label(&self, canvas: &mut Canvas, x: f64, theme: &Theme) {
        let font = Font::new(theme.label, INK);
        let label = rich_text::fit(&self.y.label, theme.label, false, self.rect.height + 30.0);
        canvas.vertical_text(&label, (x, self.rect.y), Anchor::End, font);
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
