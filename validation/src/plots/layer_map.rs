//! The average shower in a layer with angular bins: polar maps side by side.

use std::f64::consts::PI;

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Stroke, draw_svg};
use super::colormap::{ColorMap, DIVERGING, SEQUENTIAL};
use super::error::{PlotError, check_edges, check_length};
use super::font::CAP_HEIGHT;
use super::geometry::{Point, Rect};
use super::rich_text;
use super::style::{Color, FAINT_INK, FigureContext, FigureSize, INK, NO_VALUE, Typography};
use crate::report::model::LayerImage;

/// A good size for three maps in a row.
pub const MAP_SIZE: FigureSize = FigureSize { width: 980, height: 372 };

/// Cells whose ratio is further from one are drawn in the last colour.
const LARGEST_RATIO: f64 = 2.0;
const TITLE_HEIGHT: f64 = 26.0;
const BAR_WIDTH: f64 = 13.0;
/// Room for the last tick label of a map and the first of the next.
const MAP_GAP: f64 = 34.0;

/// Draws the mean energy per voxel of both samples on the same logarithmic colour scale, and their
/// ratio on a diverging one, symmetric in its logarithm.
///
/// α is the polar angle and the drawn radius goes with √r, so that the core of the shower can be
/// seen. Cells without energy are grey.
///
/// # Errors
/// If the image's lengths or edges do not fit, or it has no energy at all.
pub fn layer_map_figure(
    image: &LayerImage,
    context: &FigureContext,
    size: FigureSize,
) -> Result<String, PlotError> {
    check_edges(&image.name, &image.radial_edges_mm)?;
    let cells = image.angular_bins * (image.radial_edges_mm.len() - 1);
    check_length(&image.name, "the reference image", image.reference_mev.len(), cells)?;
    check_length(&image.name, "the generated image", image.generated_mev.len(), cells)?;
    let energies = image.reference_mev.iter().chain(&image.generated_mev);
    let positive = energies.copied().filter(|energy| energy.is_finite() && *energy > 0.0);
    let (low, high) = positive
        .fold((f64::INFINITY, 0.0_f64), |(low, high), energy| (low.min(energy), high.max(energy)));
    if low > high {
        return Err(PlotError::Empty { figure: image.name.clone() });
    }
    // Six decades at most, so that a few nearly empty cells do not take all the colours.
    let low = low.max(1e-6 * high);
    let description = format!("Average shower in {}: generated against reference", image.name);
    draw_svg((size.width, size.height), &description, |canvas| {
        draw(canvas, image, (low, high), context, size)
    })
}

fn draw(
    canvas: &mut Canvas,
    image: &LayerImage,
    range: (f64, f64),
    context: &FigureContext,
    size: FigureSize,
) -> Result<(), PlotError> {
    let typography = FigureSize { width: 560, ..size }.typography();
    let layout = Layout::new(size, &typography);
    let energy = ColorScale {
        map: SEQUENTIAL,
        axis: Axis::new(Scale::Log, range, "Mean energy per voxel (MeV)", 6),
    };
    let ratio = ColorScale {
        map: DIVERGING,
        axis: Axis::new(
            Scale::Log,
            (1.0 / LARGEST_RATIO, LARGEST_RATIO),
            "Generated / reference",
            4,
        ),
    };
    let ratios: Vec<f64> =
        image.generated_mev.iter().zip(&image.reference_mev).map(|(g, r)| g / r).collect();
    let maps = [
        (context.reference_label, &image.reference_mev, &energy),
        (context.generated_label, &image.generated_mev, &energy),
        ("Ratio", &ratios, &ratio),
    ];
    for (map, (title, values, scale)) in layout.maps.into_iter().zip(maps) {
        let disc = Disc::new(map, &image.radial_edges_mm, image.angular_bins);
        disc.draw(canvas, values, scale)?;
        disc.draw_axis(canvas, &typography, map == layout.maps[0])?;
        let font = Font::new(typography.legend, INK);
        let title = rich_text::fit(&rich_text::literal(title), font.size, false, map.width);
        let at = (map.x + map.width / 2.0, map.y - 8.0);
        canvas.text(&title, at, Anchor::Middle, font)?;
    }
    energy.draw_bar(canvas, layout.energy_bar, &typography)?;
    ratio.draw_bar(canvas, layout.ratio_bar, &typography)?;
    draw_heading(canvas, image, context, &layout, &typography)
}

fn draw_heading(
    canvas: &mut Canvas,
    image: &LayerImage,
    context: &FigureContext,
    layout: &Layout,
    typography: &Typography,
) -> Result<(), PlotError> {
    let baseline = layout.maps[0].y - TITLE_HEIGHT - 8.0;
    let left = layout.maps[0].x;
    let right = layout.maps[2].right();
    let title = rich_text::literal(&format!("{}: {}", context.title, image.name));
    let title = rich_text::fit(&title, typography.legend, true, 0.7 * (right - left));
    let bold = Font::new(typography.legend, INK).bold();
    canvas.text(&title, (left, baseline), Anchor::Start, bold)?;
    let font = Font::new(typography.legend, FAINT_INK);
    canvas.text(&rich_text::literal(context.subtitle), (right, baseline), Anchor::End, font)
}

/// Where maps and colour bars stand.
struct Layout {
    maps: [Rect; 3],
    energy_bar: Rect,
    ratio_bar: Rect,
}

impl Layout {
    fn new(size: FigureSize, typography: &Typography) -> Self {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let left = 3.2 * typography.tick + typography.label;
        // A bar with its gap, its tick labels and its own label.
        let bar_room = 12.0 + BAR_WIDTH + 3.0 * typography.tick + typography.label;
        let top = 2.0 * TITLE_HEIGHT + 4.0;
        let below = 3.2 * typography.tick + typography.label;
        let across = (width - left - 2.0 * bar_room - MAP_GAP - 16.0) / 3.0;
        let side = across.min(height - top - below);
        let square = |x: f64| Rect::new(x, top, side, side);
        let second = left + side + MAP_GAP;
        let third = second + side + bar_room + 16.0;
        let bar = |map: f64| Rect::new(map + side + 12.0, top, BAR_WIDTH, side);
        Self {
            maps: [square(left), square(second), square(third)],
            energy_bar: bar(second),
            ratio_bar: bar(third),
        }
    }
}

/// Colours of values, with the axis that says which.
struct ColorScale {
    map: ColorMap,
    axis: Axis,
}

impl ColorScale {
    fn color(&self, value: f64) -> Color {
        if value.is_finite() && value > 0.0 {
            self.map.at(self.axis.position(value))
        } else {
            NO_VALUE
        }
    }

    fn draw_bar(
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

/// A map of (r, α) in a square, with its axes through the centre drawn at the edges.
struct Disc<'a> {
    rect: Rect,
    edges: &'a [f64],
    angular_bins: usize,
    radius: Axis,
}

impl<'a> Disc<'a> {
    fn new(rect: Rect, edges: &'a [f64], angular_bins: usize) -> Self {
        let radius = Axis::new(Scale::SquareRoot, (0.0, edges[edges.len() - 1]), "", 4);
        Self { rect, edges, angular_bins, radius }
    }

    fn point(&self, radius: f64, alpha: f64) -> Point {
        let half = self.rect.width / 2.0;
        let distance = radius * half;
        let (x, y) = (self.rect.x + half, self.rect.y + half);
        (x + distance * alpha.cos(), y - distance * alpha.sin())
    }

    fn draw(
        &self,
        canvas: &mut Canvas,
        values: &[f64],
        scale: &ColorScale,
    ) -> Result<(), PlotError> {
        let rings = self.edges.len() - 1;
        // From the outside in: every cell reaches a little under the ring inside of it, which
        // hides the seams between neighbours.
        for ring in (0..rings).rev() {
            let inner = self.radius.position(self.edges[ring]);
            let outer = self.radius.position(self.edges[ring + 1]);
            for sector in 0..self.angular_bins {
                let color = scale.color(values[sector * rings + ring]);
                canvas.polygon(&self.cell((inner, outer), sector), color)?;
            }
        }
        let half = self.rect.width / 2.0;
        let center = (self.rect.x + half, self.rect.y + half);
        canvas.circle(center, half, Stroke::new(INK, 1.0))
    }

    /// The outline of a cell, sector `k` from −π + 2πk/n to −π + 2π(k + 1)/n.
    fn cell(&self, (inner, outer): (f64, f64), sector: usize) -> Vec<Point> {
        let index = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let width = 2.0 * PI / index(self.angular_bins);
        let from = -PI + index(sector) * width;
        let pixels = self.rect.width / 2.0;
        let inner = (inner - 0.4 / pixels).max(0.0);
        // The next sector covers the overlap; nothing is drawn over that of the last.
        let overlap = if sector + 1 < self.angular_bins { 1.0 } else { 0.0 };
        let to = from + width + overlap / (outer * pixels).max(1.0);
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
    fn draw_axis(
        &self,
        canvas: &mut Canvas,
        typography: &Typography,
        left: bool,
    ) -> Result<(), PlotError> {
        let font = Font::new(typography.tick, INK);
        let stroke = Stroke::new(INK, 1.0);
        let half = self.rect.width / 2.0;
        let (middle_x, middle_y) = (self.rect.x + half, self.rect.y + half);
        let (axis_x, axis_y) = (self.rect.x - 6.0, self.rect.bottom() + 6.0);
        canvas.line((self.rect.x, axis_y), (self.rect.right(), axis_y), stroke)?;
        if left {
            canvas.line((axis_x, self.rect.y), (axis_x, self.rect.bottom()), stroke)?;
        }
        for tick in &self.radius.ticks.ticks {
            let Some(label) = &tick.label else { continue };
            for sign in [-1.0, 1.0] {
                let shift = sign * self.radius.position(tick.value) * half;
                if shift == 0.0 && sign < 0.0 {
                    continue;
                }
                let x = middle_x + shift;
                canvas.line((x, axis_y), (x, axis_y + 4.0), stroke)?;
                let below = axis_y + 8.0 + CAP_HEIGHT * font.size;
                canvas.text(label, (x, below), Anchor::Middle, font)?;
                if left {
                    let y = middle_y + shift;
                    canvas.line((axis_x, y), (axis_x - 4.0, y), stroke)?;
                    let at = (axis_x - 7.0, y + CAP_HEIGHT * font.size / 2.0);
                    canvas.text(label, at, Anchor::End, font)?;
                }
            }
        }
        let label = Font::new(typography.label, INK);
        let baseline = axis_y + 2.3 * typography.tick + CAP_HEIGHT * typography.label;
        canvas.text("r along η (mm), √ scale", (middle_x, baseline), Anchor::Middle, label)?;
        if left {
            let x = axis_x - 2.6 * typography.tick;
            canvas.vertical_text(
                "r along φ (mm), √ scale",
                (x, middle_y),
                Anchor::Middle,
                label,
            )?;
        }
        Ok(())
    }
}
