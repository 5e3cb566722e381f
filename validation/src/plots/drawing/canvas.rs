//! A drawing surface that writes SVG.
//!
//! Positions are CSS pixels from the upper left corner, written to a tenth of a pixel. Shapes that
//! belong together go into one path: a page with many figures stays small.

use std::fmt::Write as _;

use super::color::Color;
use super::font::FAMILIES;
use super::geometry::{Point, Rect};
use super::marker::{Marker, write_marker};
use super::rich_text;
use super::stroke::Stroke;

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
        self.with_weight(true)
    }

    #[must_use]
    pub fn with_weight(self, bold: bool) -> Self {
        Self { bold, ..self }
    }
}

/// A drawing surface.
pub struct Canvas {
    body: String,
}

/// Draws a figure of the given size and returns it as an SVG document.
///
/// `description` becomes the text for readers who cannot see the figure.
pub fn draw_svg(
    (width, height): (u32, u32),
    description: &str,
    draw: impl FnOnce(&mut Canvas),
) -> String {
    draw_svg_up_to(width, description, |canvas| {
        draw(canvas);
        height
    })
}

/// The same for a figure whose height `draw` returns.
pub fn draw_svg_up_to(
    width: u32,
    description: &str,
    draw: impl FnOnce(&mut Canvas) -> u32,
) -> String {
    let mut canvas = Canvas { body: String::with_capacity(16_384) };
    let height = draw(&mut canvas);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" \
         font-family=\"{FAMILIES}\">\n\
         <path fill=\"{}\" d=\"M0 0H{width}V{height}H0Z\"/>\n{}</svg>\n",
        escape(description),
        super::style::PAPER,
        canvas.body,
    )
}

impl Canvas {
    pub fn line(&mut self, from: Point, to: Point, stroke: Stroke) {
        self.segments(&[(from, to)], stroke);
    }

    /// Lines of one look.
    pub fn segments(&mut self, segments: &[(Point, Point)], stroke: Stroke) {
        if segments.is_empty() {
            return;
        }
        self.begin_path();
        for &(from, to) in segments {
            self.move_to(from);
            self.straight_to(from, to);
        }
        self.end_stroke(stroke);
    }

    pub fn polyline(&mut self, points: &[Point], stroke: Stroke) {
        if points.len() < 2 {
            return;
        }
        self.begin_path();
        self.write_points(points);
        self.end_stroke(stroke);
    }

    pub fn polygon(&mut self, points: &[Point], color: Color) {
        self.polygons(std::slice::from_ref(&points), color);
    }

    /// Polygons of one colour.
    pub fn polygons<P: AsRef<[Point]>>(&mut self, polygons: &[P], color: Color) {
        if polygons.iter().all(|points| points.as_ref().is_empty()) {
            return;
        }
        self.begin_path();
        for points in polygons {
            self.write_points(points.as_ref());
            self.body.push('Z');
        }
        self.end_fill(color);
    }

    pub fn rect(&mut self, rect: Rect, color: Color) {
        self.rects(&[rect], color);
    }

    /// Rectangles of one colour.
    pub fn rects(&mut self, rects: &[Rect], color: Color) {
        if rects.is_empty() {
            return;
        }
        self.begin_path();
        for rect in rects {
            self.write_rect(*rect);
        }
        self.end_fill(color);
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, rect: Rect, stroke: Stroke) {
        self.begin_path();
        self.write_rect(rect);
        self.end_stroke(stroke);
    }

    pub fn dot(&mut self, center: Point, radius: f64, color: Color) {
        self.markers(&[center], radius, Marker::Circle, color);
    }

    pub fn circle(&mut self, center: Point, radius: f64, stroke: Stroke) {
        self.open_markers(&[center], radius, Marker::Circle, stroke);
    }

    /// Filled markers of one look.
    pub fn markers(&mut self, centers: &[Point], radius: f64, marker: Marker, color: Color) {
        if centers.is_empty() {
            return;
        }
        self.begin_path();
        for &center in centers {
            write_marker(&mut self.body, center, radius, marker);
        }
        self.end_fill(color);
    }

    /// Markers of one look with an outline only.
    pub fn open_markers(&mut self, centers: &[Point], radius: f64, marker: Marker, stroke: Stroke) {
        if centers.is_empty() {
            return;
        }
        self.begin_path();
        for &center in centers {
            write_marker(&mut self.body, center, radius, marker);
        }
        self.end_stroke(stroke);
    }

    /// A label with its scripts; `position` is on the baseline.
    pub fn text(&mut self, label: &str, position: Point, anchor: Anchor, font: Font) {
        self.write_text(label, position, anchor, font, false);
    }

    /// A label that reads upwards; `position` is on the baseline.
    pub fn vertical_text(&mut self, label: &str, position: Point, anchor: Anchor, font: Font) {
        self.write_text(label, position, anchor, font, true);
    }

    fn write_text(
        &mut self,
        label: &str,
        (x, y): Point,
        anchor: Anchor,
        font: Font,
        upwards: bool,
    ) {
        let runs = rich_text::parse(label);
        if runs.iter().all(|run| run.text.trim().is_empty()) {
            return;
        }
        self.body.push_str("<text x=\"");
        write_number(&mut self.body, x);
        self.body.push_str("\" y=\"");
        write_number(&mut self.body, y);
        self.body.push_str("\" font-size=\"");
        write_number(&mut self.body, font.size);
        match anchor {
            Anchor::Start => self.body.push('"'),
            Anchor::Middle => self.body.push_str("\" text-anchor=\"middle\""),
            Anchor::End => self.body.push_str("\" text-anchor=\"end\""),
        }
        if font.bold {
            self.body.push_str(" font-weight=\"bold\"");
        }
        self.write_color("fill", font.color);
        if upwards {
            self.body.push_str(" transform=\"rotate(-90 ");
            write_number(&mut self.body, x);
            self.body.push(' ');
            write_number(&mut self.body, y);
            self.body.push_str(")\"");
        }
        self.body.push('>');
        let mut dropped = 0.0;
        for run in &runs {
            let text = escape(&run.text);
            let (size, drop) = (run.size(font.size), run.drop(font.size));
            // Writing to a `String` cannot fail.
            let _ = if size == font.size && drop == dropped {
                write!(self.body, "{text}")
            } else {
                let shift = drop - dropped;
                write!(self.body, "<tspan dy=\"{shift:.1}\" font-size=\"{size:.1}\">{text}</tspan>")
            };
            dropped = drop;
        }
        self.body.push_str("</text>\n");
    }

    fn begin_path(&mut self) {
        self.body.push_str("<path d=\"");
    }

    fn end_fill(&mut self, color: Color) {
        self.body.push('"');
        self.write_color("fill", color);
        self.body.push_str("/>\n");
    }

    fn end_stroke(&mut self, stroke: Stroke) {
        self.body.push_str("\" fill=\"none\"");
        self.write_color("stroke", stroke.color);
        // Writing to a `String` cannot fail.
        let _ = write!(self.body, " stroke-width=\"{:.1}\"", stroke.width);
        let pattern = stroke.dash.pattern();
        if !pattern.is_empty() {
            self.body.push_str(" stroke-dasharray=\"");
            for (index, length) in pattern.iter().enumerate() {
                if index > 0 {
                    self.body.push(' ');
                }
                write_number(&mut self.body, *length);
            }
            self.body.push('"');
        }
        self.body.push_str("/>\n");
    }

    fn write_color(&mut self, attribute: &str, color: Color) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.body, " {attribute}=\"{color}\"");
        if color.opacity < 1.0 {
            let _ = write!(self.body, " {attribute}-opacity=\"{:.2}\"", color.opacity);
        }
    }

    fn write_rect(&mut self, rect: Rect) {
        self.move_to((rect.x, rect.y));
        self.body.push('H');
        write_number(&mut self.body, rect.right());
        self.body.push('V');
        write_number(&mut self.body, rect.bottom());
        self.body.push('H');
        write_number(&mut self.body, rect.x);
        self.body.push('Z');
    }

    fn write_points(&mut self, points: &[Point]) {
        let Some(&first) = points.first() else { return };
        self.move_to(first);
        for pair in points.windows(2) {
            self.straight_to(pair[0], pair[1]);
        }
    }

    fn move_to(&mut self, (x, y): Point) {
        self.body.push('M');
        write_number(&mut self.body, x);
        self.body.push(' ');
        write_number(&mut self.body, y);
    }

    fn straight_to(&mut self, from: Point, to: Point) {
        if tenths(from.1) == tenths(to.1) {
            self.body.push('H');
            write_number(&mut self.body, to.0);
        } else if tenths(from.0) == tenths(to.0) {
            self.body.push('V');
            write_number(&mut self.body, to.1);
        } else {
            self.body.push('L');
            write_number(&mut self.body, to.0);
            self.body.push(' ');
            write_number(&mut self.body, to.1);
        }
    }
}

/// Whole tenths of a pixel; what is not finite or far away is at the end of a large range.
#[expect(clippy::cast_possible_truncation, reason = "limited to a range that fits")]
fn tenths(value: f64) -> i64 {
    (value * 10.0).round().clamp(-1e7, 1e7) as i64
}

/// A number with at most one decimal.
pub(super) fn write_number(text: &mut String, value: f64) {
    let value = tenths(value);
    if value < 0 {
        text.push('-');
    }
    let (whole, tenth) = (value.unsigned_abs() / 10, value.unsigned_abs() % 10);
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{whole}");
    if tenth > 0 {
        let _ = write!(text, ".{tenth}");
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_decimal_at_most_and_are_always_numbers() {
        let mut text = String::new();
        for value in [0.0, 12.34, -0.05, -3.96, f64::NAN, f64::INFINITY] {
            write_number(&mut text, value);
            text.push(' ');
        }
        assert_eq!(text, "0 12.3 -0.1 -4 0 1000000 ");
    }

    #[test]
    fn scripts_come_back_to_the_line() {
        let font = Font::new(10.0, Color::opaque(0));
        let svg = draw_svg((9, 9), "", |canvas| {
            canvas.text("E_tot / 10^{2}", (1.0, 2.0), Anchor::Start, font);
        });
        let expected = "E<tspan dy=\"2.0\" font-size=\"7.2\">tot</tspan>\
             <tspan dy=\"-2.0\" font-size=\"10.0\"> / 10</tspan>\
             <tspan dy=\"-3.8\" font-size=\"7.2\">2</tspan></text>";
        assert!(svg.contains(expected), "{svg}");
    }

    #[test]
    fn rectangles_of_one_colour_are_one_path() {
        let rects = [Rect::new(0.0, 0.0, 1.0, 2.0), Rect::new(5.0, 0.0, 1.0, 2.0)];
        let svg = draw_svg((9, 9), "", |canvas| canvas.rects(&rects, Color::opaque(0xff)));
        assert!(svg.contains("<path d=\"M0 0H1V2H0ZM5 0H6V2H5Z\" fill=\"#0000ff\"/>"), "{svg}");
    }
}
