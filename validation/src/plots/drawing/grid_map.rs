//! A layer of rectangles as a heat map, in true proportions.

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font};
use super::color::Color;
use super::color_scale::ColorScale;
use super::font::CAP_HEIGHT;
use super::geometry::Rect;
use super::stroke::Stroke;
use super::style::{INK, NO_VALUE, Theme};

/// A layer that is longer than this in one direction is drawn wider than it is.
pub const LONGEST: f64 = 2.5;

/// A map of (x, y) with its axes.
pub struct GridMap<'a> {
    rect: Rect,
    x: Axis,
    y: Axis,
    x_edges: &'a [f64],
    y_edges: &'a [f64],
}

impl<'a> GridMap<'a> {
    /// The greatest map within `room`, in the middle of its upper end. `x_edges`, `y_edges`: at least two, rising.
    pub fn new(
        room: Rect,
        (x_edges, y_edges): (&'a [f64], &'a [f64]),
        (x_label, y_label): (&str, &str),
    ) -> Self {
        let ends = |edges: &[f64]| (edges[0], edges[edges.len() - 1]);
        let span = |edges: &[f64]| ends(edges).1 - ends(edges).0;
        let proportion = (span(x_edges) / span(y_edges)).clamp(1.0 / LONGEST, LONGEST);
        let height = room.height.min(room.width / proportion);
        let width = height * proportion;
        let rect = Rect::new(room.x + (room.width - width) / 2.0, room.y, width, height);
        let labels = |pixels: f64| if pixels > 180.0 { 5 } else { 3 };
        Self {
            rect,
            x: Axis::new(Scale::Linear, ends(x_edges), x_label, labels(width)),
            y: Axis::new(Scale::Linear, ends(y_edges), y_label, labels(height)),
            x_edges,
            y_edges,
        }
    }

    /// Where the map is.
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// # Shapes
    /// `values`: `[y bins × x bins]`, x fastest.
    pub fn draw(&self, canvas: &mut Canvas, values: &[f64], scale: &ColorScale) {
        canvas.rect(self.rect, NO_VALUE);
        let columns = self.x_edges.len() - 1;
        for (row, values) in values.chunks(columns).enumerate() {
            let colors: Vec<Color> = values.iter().map(|&value| scale.color(value)).collect();
            let mut from = 0;
            // Neighbours of one colour are one rectangle.
            for equal in colors.chunk_by(|a, b| a == b) {
                let to = from + equal.len();
                if equal[0] != NO_VALUE {
                    canvas.rect(self.cells(row, from, to), equal[0]);
                }
                from = to;
            }
        }
        canvas.frame(self.rect, Stroke::new(INK, 1.0));
    }

    /// A frame without any value.
    pub fn draw_nothing(&self, canvas: &mut Canvas) {
        canvas.rect(self.rect, NO_VALUE);
        canvas.frame(self.rect, Stroke::new(INK, 1.0));
    }

    /// Cells of a row. They reach a little under the ones that are drawn next, which hides the
    /// seams.
    fn cells(&self, row: usize, from: usize, to: usize) -> Rect {
        let x = |edge: usize| self.rect.x + self.x.position(self.x_edges[edge]) * self.rect.width;
        let y = |edge: usize| {
            self.rect.bottom() - self.y.position(self.y_edges[edge]) * self.rect.height
        };
        let overlap = |last: bool| if last { 0.0 } else { 0.6 };
        let top = y(row + 1) - overlap(row + 2 == self.y_edges.len());
        let right = x(to) + overlap(to + 1 == self.x_edges.len());
        Rect::new(x(from), top, right - x(from), y(row) - top)
    }

    /// Ticks and labels below, and at the left where asked for.
    pub fn draw_axes(&self, canvas: &mut Canvas, theme: &Theme, left: bool) {
        let font = Font::new(theme.tick, INK);
        let label = Font::new(theme.label, INK);
        let stroke = Stroke::new(INK, 1.0);
        let (bottom, capital) = (self.rect.bottom(), CAP_HEIGHT * font.size);
        for tick in &self.x.ticks.ticks {
            let x = self.rect.x + self.x.position(tick.value) * self.rect.width;
            let length = if tick.major { 5.0 } else { 2.5 };
            canvas.line((x, bottom), (x, bottom + length), stroke);
            if let Some(text) = &tick.label {
                canvas.text(text, (x, bottom + 9.0 + capital), Anchor::Middle, font);
            }
        }
        let below = bottom + 9.0 + 1.6 * theme.tick + CAP_HEIGHT * theme.label;
        let middle = self.rect.x + self.rect.width / 2.0;
        canvas.text(&self.x.label, (middle, below), Anchor::Middle, label);
        let mut widest: f64 = 0.0;
        for tick in &self.y.ticks.ticks {
            let y = bottom - self.y.position(tick.value) * self.rect.height;
            let length = if tick.major { 5.0 } else { 2.5 };
            canvas.line((self.rect.x, y), (self.rect.x - length, y), stroke);
            if let (true, Some(text)) = (left, &tick.label) {
                let at = (self.rect.x - 8.0, y + capital / 2.0);
                canvas.text(text, at, Anchor::End, font);
                widest = widest.max(super::rich_text::width(text, font.size, false));
            }
        }
        if left {
            let at = (self.rect.x - 14.0 - widest, self.rect.y + self.rect.height / 2.0);
            canvas.vertical_text(&self.y.label, at, Anchor::Middle, label);
        }
    }
}
