//! A layer of rings as a disc.

use std::f64::consts::PI;

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font};
use super::color_scale::ColorScale;
use super::font::{CAP_HEIGHT, text_width};
use super::geometry::{Point, Rect};
use super::stroke::Stroke;
use super::style::{INK, Theme};

/// A map of (r, α) in a square, with its axes through the centre drawn at the edges.
pub struct Disc<'a> {
    rect: Rect,
    edges: &'a [f64],
    angular_bins: usize,
    radius: Axis,
}

impl<'a> Disc<'a> {
    pub fn new(rect: Rect, edges: &'a [f64], angular_bins: usize) -> Self {
        let labels = if rect.width > 200.0 { 4 } else { 3 };
        let radius = Axis::new(Scale::SquareRoot, (0.0, edges[edges.len() - 1]), "", labels);
        Self { rect, edges, angular_bins, radius }
    }

    fn point(&self, radius: f64, alpha: f64) -> Point {
        let half = self.rect.width / 2.0;
        let distance = radius * half;
        let (x, y) = (self.rect.x + half, self.rect.y + half);
        (x + distance * alpha.cos(), y - distance * alpha.sin())
    }

    pub fn draw(&self, canvas: &mut Canvas, values: &[f64], scale: &ColorScale) {
        let rings = self.edges.len() - 1;
        // From the outside in: every cell reaches a little under the ring inside of it, which
        // hides the seams between neighbours.
        for ring in (0..rings).rev() {
            let inner = self.radius.position(self.edges[ring]);
            let outer = self.radius.position(self.edges[ring + 1]);
            for sector in 0..self.angular_bins {
                let color = scale.color(values[sector * rings + ring]);
                canvas.polygon(&self.cell((inner, outer), sector), color);
            }
        }
        let half = self.rect.width / 2.0;
        let center = (self.rect.x + half, self.rect.y + half);
        canvas.circle(center, half, Stroke::new(INK, 1.0));
    }

    /// The outline of a cell, sector `k` from −π + 2πk/n to −π + 2π(k + 1)/n.
    fn cell(&self, (inner, outer): (f64, f64), sector: usize) -> Vec<Point> {
        let index = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let width = 2.0 * PI / index(self.angular_bins);
        let from = -PI + index(sector) * width;
        let pixels = self.rect.width / 2.0;
        let inner = (inner - 0.4 / pixels).max(0.0);
        // The next sector covers the overlap; the last one covers that of the first, which reaches
        // under it.
        let overlap = 1.0 / (outer * pixels).max(1.0);
        let (first, last) = (sector == 0, sector + 1 == self.angular_bins);
        let to = if last { from + width } else { from + width + overlap };
        let from = if first && !last { from - overlap } else { from };
        let steps = (width / 0.06).ceil().max(1.0);
        let mut points = Vec::new();
        let mut step = 0.0;
        while step <= steps {
            points.push(self.point(outer, from + (to - from) * step / steps));
            step += 1.0;
        }
        while step > 0.0 && inner > 0.0 {
            step -= 1.0;
            points.push(self.point(inner, from + (to - from) * step / steps));
        }
        if inner <= 0.0 {
            points.push(self.point(0.0, from));
        }
        points
    }

    /// Radii below the map, and at its left for the first.
    pub fn draw_axis(&self, canvas: &mut Canvas, theme: &Theme, left: bool) {
        let font = Font::new(theme.tick, INK);
        let stroke = Stroke::new(INK, 1.0);
        let half = self.rect.width / 2.0;
        let (middle_x, middle_y) = (self.rect.x + half, self.rect.y + half);
        let (axis_x, axis_y) = (self.rect.x - 6.0, self.rect.bottom() + 6.0);
        canvas.line((self.rect.x, axis_y), (self.rect.right(), axis_y), stroke);
        if left {
            canvas.line((axis_x, self.rect.y), (axis_x, self.rect.bottom()), stroke);
        }
        let mut free_from = f64::NEG_INFINITY;
        let mut widest: f64 = 0.0;
        for tick in &self.radius.ticks.ticks {
            let Some(label) = &tick.label else { continue };
            let position = self.radius.position(tick.value) * half;
            let width = text_width(label, font.size, false);
            // Labels of several digits would run into each other below a small disc.
            let below_is_free = position - width / 2.0 > free_from;
            if below_is_free {
                free_from = position + width / 2.0 + 3.0;
            }
            widest = widest.max(width);
            for sign in [-1.0, 1.0] {
                let shift = sign * self.radius.position(tick.value) * half;
                if shift == 0.0 && sign < 0.0 {
                    continue;
                }
                let x = middle_x + shift;
                canvas.line((x, axis_y), (x, axis_y + 4.0), stroke);
                let below = axis_y + 8.0 + CAP_HEIGHT * font.size;
                if below_is_free {
                    canvas.text(label, (x, below), Anchor::Middle, font);
                }
                if left {
                    let y = middle_y + shift;
                    canvas.line((axis_x, y), (axis_x - 4.0, y), stroke);
                    let at = (axis_x - 7.0, y + CAP_HEIGHT * font.size / 2.0);
                    canvas.text(label, at, Anchor::End, font);
                }
            }
        }
        let label = Font::new(theme.label, INK);
        let baseline = axis_y + 2.3 * theme.tick + CAP_HEIGHT * theme.label;
        canvas.text("r along η (mm), √ scale", (middle_x, baseline), Anchor::Middle, label);
        if left {
            let x = axis_x - (2.6 * theme.tick).max(widest + 11.0);
            canvas.vertical_text("r along φ (mm), √ scale", (x, middle_y), Anchor::Middle, label);
        }
    }
}
