//! A drawing surface in fractional pixels on plotters' SVG backend.
//!
//! The backend takes whole pixels, too coarse for error bars. The canvas draws on a grid ten times
//! finer and lets the SVG's `viewBox` scale it back.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color as _, FontDesc, FontFamily, FontStyle, FontTransform, ShapeStyle, TextStyle,
};

use super::error::PlotError;
use super::font::{FAMILIES, text_width};
use super::geometry::{Point, Rect};
use super::rich_text;
use super::style::Color;

/// Backend units in a pixel.
const GRID: f64 = 10.0;
/// The backend divides font sizes by this.
const BACKEND_FONT_RATIO: f64 = 1.24;
/// The backend lowers top-anchored text by this share of the font size.
const BACKEND_TOP_SHIFT: f64 = 0.76;

/// Which point of a text its position names, along the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub struct Font {
    pub size: f64,
    pub color: Color,
    pub bold: bool,
}

impl Font {
    #[must_use]
    pub fn new(size: f64, color: Color) -> Self {
        Self { size, color, bold: false }
    }

    #[must_use]
    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    pub color: Color,
    pub width: f64,
}

impl Stroke {
    #[must_use]
    pub fn new(color: Color, width: f64) -> Self {
        Self { color, width }
    }

    fn style(self) -> ShapeStyle {
        self.color.stroke_width(grid(self.width).max(1).unsigned_abs())
    }
}

/// A drawing surface; positions in pixels from the upper left corner.
pub struct Canvas<'a> {
    backend: SVGBackend<'a>,
}

/// Draws a figure of the given size and returns it as an SVG document.
///
/// `description` becomes the text for readers who cannot see the figure.
///
/// # Errors
/// Whatever `draw` returns.
pub fn draw_svg(
    size: (u32, u32),
    description: &str,
    draw: impl FnOnce(&mut Canvas) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    draw_svg_up_to(size, description, |canvas| {
        draw(canvas)?;
        Ok(size.1)
    })
}

/// The same for a figure that is at most so high: `draw` returns its height.
///
/// # Errors
/// Whatever `draw` returns.
pub fn draw_svg_up_to(
    (width, height): (u32, u32),
    description: &str,
    draw: impl FnOnce(&mut Canvas) -> Result<u32, PlotError>,
) -> Result<String, PlotError> {
    let fine = |pixels: u32| grid(f64::from(pixels)).unsigned_abs();
    let mut body = String::new();
    let used;
    {
        let backend = SVGBackend::with_string(&mut body, (fine(width), fine(height)));
        let mut canvas = Canvas { backend };
        let page = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        canvas.rect(page, super::style::PAPER)?;
        used = draw(&mut canvas)?;
        canvas.backend.present().map_err(backend_error)?;
    }
    let family = format!(" font-family=\"{FAMILIES}\"");
    let body = body.replace(" opacity=\"1\"", "").replace(&family, "");
    let content = body.split_once('>').map_or("", |(_, content)| content);
    let height = height.min(used);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\"{family}>{content}",
        fine(width),
        fine(height),
        escape(description),
    ))
}

impl Canvas<'_> {
    pub fn line(&mut self, from: Point, to: Point, stroke: Stroke) -> Result<(), PlotError> {
        let style = stroke.style();
        self.backend.draw_line(fine(from), fine(to), &style).map_err(backend_error)
    }

    pub fn polyline(&mut self, points: &[Point], stroke: Stroke) -> Result<(), PlotError> {
        let style = stroke.style();
        self.backend.draw_path(points.iter().copied().map(fine), &style).map_err(backend_error)
    }

    /// A line of dashes of `on` pixels with gaps of `off`.
    pub fn dashed(
        &mut self,
        points: &[Point],
        (on, off): (f64, f64),
        stroke: Stroke,
    ) -> Result<(), PlotError> {
        for dash in super::geometry::dashes(points, on, off) {
            self.polyline(&dash, stroke)?;
        }
        Ok(())
    }

    pub fn polygon(&mut self, points: &[Point], color: Color) -> Result<(), PlotError> {
        let style = color.filled();
        self.backend.fill_polygon(points.iter().copied().map(fine), &style).map_err(backend_error)
    }

    pub fn rect(&mut self, rect: Rect, color: Color) -> Result<(), PlotError> {
        let (from, to) = (fine((rect.x, rect.y)), fine((rect.right(), rect.bottom())));
        self.backend.draw_rect(from, to, &color.filled(), true).map_err(backend_error)
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, rect: Rect, stroke: Stroke) -> Result<(), PlotError> {
        let (left, right, top, bottom) = (rect.x, rect.right(), rect.y, rect.bottom());
        let overlap = stroke.width / 2.0;
        let corners =
            [(left - overlap, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        self.polyline(&corners, stroke)
    }

    pub fn dot(&mut self, center: Point, radius: f64, color: Color) -> Result<(), PlotError> {
        let radius = grid(radius).unsigned_abs();
        self.backend.draw_circle(fine(center), radius, &color.filled(), true).map_err(backend_error)
    }

    pub fn circle(&mut self, center: Point, radius: f64, stroke: Stroke) -> Result<(), PlotError> {
        let radius = grid(radius).unsigned_abs();
        let style = stroke.style();
        self.backend.draw_circle(fine(center), radius, &style, false).map_err(backend_error)
    }

    /// A label with its scripts; `position` is on the baseline.
    pub fn text(
        &mut self,
        label: &str,
        position: Point,
        anchor: Anchor,
        font: Font,
    ) -> Result<(), PlotError> {
        self.runs(label, position, anchor, font, false)
    }

    /// A label that reads upwards; `position` is on the baseline.
    pub fn vertical_text(
        &mut self,
        label: &str,
        position: Point,
        anchor: Anchor,
        font: Font,
    ) -> Result<(), PlotError> {
        self.runs(label, position, anchor, font, true)
    }

    fn runs(
        &mut self,
        label: &str,
        (x, y): Point,
        anchor: Anchor,
        font: Font,
        upwards: bool,
    ) -> Result<(), PlotError> {
        let runs = rich_text::parse(label);
        if let [run] = runs.as_slice() {
            // A single run is anchored by the viewer, right whatever font it has.
            return self.run(&run.text, (x, y), anchor, font, upwards);
        }
        let total = rich_text::width(label, font.size, font.bold);
        let mut along = match anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -total / 2.0,
            Anchor::End => -total,
        };
        for run in &runs {
            let (size, drop) = (run.size(font.size), run.drop(font.size));
            let indent = text_width(&run.text[..leading_spaces(&run.text)], size, font.bold);
            let from = along + indent;
            let at = if upwards { (x + drop, y - from) } else { (x + from, y + drop) };
            self.run(run.text.trim(), at, Anchor::Start, Font { size, ..font }, upwards)?;
            along += text_width(&run.text, size, font.bold);
        }
        Ok(())
    }

    fn run(
        &mut self,
        text: &str,
        (x, y): Point,
        anchor: Anchor,
        font: Font,
        upwards: bool,
    ) -> Result<(), PlotError> {
        let h_pos = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = font.size * BACKEND_FONT_RATIO * GRID;
        let mut description = FontDesc::new(FontFamily::Name(FAMILIES), size, style);
        let shift = BACKEND_TOP_SHIFT * font.size;
        let at = if upwards {
            description = description.transform(FontTransform::Rotate270);
            (x - shift, y)
        } else {
            (x, y - shift)
        };
        let style = TextStyle::from(description).color(&font.color).pos(Pos::new(h_pos, VPos::Top));
        self.backend.draw_text(text, &style, fine(at)).map_err(backend_error)
    }
}

fn leading_spaces(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Pixels to whole backend units; figures are far smaller than `i32` reaches.
#[expect(clippy::cast_possible_truncation, reason = "saturates, and figures are small")]
fn grid(pixels: f64) -> i32 {
    (pixels * GRID).round() as i32
}

/// A position in backend units.
fn fine((x, y): Point) -> (i32, i32) {
    (grid(x), grid(y))
}

fn backend_error(error: impl std::fmt::Display) -> PlotError {
    PlotError::Backend(error.to_string())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
