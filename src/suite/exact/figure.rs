//! Figures of the exact tier: panels of lines beside each other, as one SVG document that needs
//! nothing else.

use std::fmt::Write as _;

use crate::gan::training::page::ticks::{logarithmic_ticks, short, ticks};

/// Panels in rows.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    pub title: &'static str,
    /// Panels in a row.
    pub columns: usize,
    pub panels: Vec<Panel>,
}

#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub title: String,
    pub x: Axis,
    pub y: Axis,
    pub lines: Vec<Line>,
    /// Drawn as an ellipse where the scales of the axes differ.
    pub circles: Vec<Circle>,
}

#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub label: &'static str,
    pub range: (f64, f64),
    pub logarithmic: bool,
}

impl Axis {
    pub(super) const fn linear(label: &'static str, low: f64, high: f64) -> Self {
        Self { label, range: (low, high), logarithmic: false }
    }

    pub(super) const fn logarithmic(label: &'static str, low: f64, high: f64) -> Self {
        Self { label, range: (low, high), logarithmic: true }
    }

    /// 0 at the low end, 1 at the high one.
    fn share(&self, value: f64) -> f64 {
        let scaled = |value: f64| if self.logarithmic { value.log10() } else { value };
        let (low, high) = (scaled(self.range.0), scaled(self.range.1));
        (scaled(value) - low) / (high - low)
    }

    fn ticks(&self) -> Vec<f64> {
        let (low, high) = self.range;
        if self.logarithmic { logarithmic_ticks(low, high) } else { ticks(low, high, 5) }
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    Solid,
    Dashed,
    Dots,
}

#[derive(Debug, Clone)]
pub(super) struct Line {
    /// In the legend; none for lines that are named elsewhere.
    pub label: String,
    /// (x, y); a point that is not finite interrupts the line.
    pub points: Vec<(f64, f64)>,
    /// Number of the colour.
    pub colour: usize,
    pub stroke: Stroke,
}

impl Line {
    pub(super) fn new(label: impl Into<String>, colour: usize, points: Vec<(f64, f64)>) -> Self {
        Self { label: label.into(), points, colour, stroke: Stroke::Solid }
    }

    pub(super) fn stroke(self, stroke: Stroke) -> Self {
        Self { stroke, ..self }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Circle {
    pub centre: (f64, f64),
    pub radius: f64,
    pub colour: usize,
    /// Of the area; 0 for an outline alone.
    pub opacity: f64,
}

/// Okabe and Ito's set (Color Universal Design, 2008), darkened where thin lines on white would be
/// too faint, and grey.
const COLOURS: [&str; 8] =
    ["#c44e00", "#0062b0", "#00966d", "#721a68", "#3fa9df", "#3a3000", "#a07800", "#6e6e6e"];
/// The number of the grey of [`COLOURS`].
pub(super) const GREY: usize = 7;
const INK: &str = "#1a1a1a";
const GUIDE: &str = "#e2e2e2";

/// Of the plot within a panel.
const PLOT: (f64, f64) = (300.0, 210.0);
const LEFT: f64 = 62.0;
const RIGHT: f64 = 18.0;
const BELOW: f64 = 44.0;
const TITLE: f64 = 24.0;
const HEAD: f64 = 34.0;
const LEGEND_ROW: f64 = 16.0;
/// Mean width of a letter of the legend.
const LETTER: f64 = 6.1;
/// Of the title.
const TITLE_LETTER: f64 = 8.2;
const SWATCH: f64 = 26.0;

impl Figure {
    pub(super) fn svg(&self) -> String {
        let panel_width = LEFT + PLOT.0 + RIGHT;
        let columns = self.columns.max(1);
        let title_width = LEFT + TITLE_LETTER * self.title.chars().count() as f64;
        let width = (panel_width * columns.min(self.panels.len()) as f64).max(title_width);
        let mut body = String::new();
        let mut top = HEAD;
        for row in self.panels.chunks(columns) {
            let legend = row.iter().map(|panel| panel.legend().1).max().unwrap_or(0);
            let above = TITLE + LEGEND_ROW * legend as f64 + 6.0;
            for (column, panel) in row.iter().enumerate() {
                panel.draw(&mut body, column as f64 * panel_width, top, above);
            }
            top += above + PLOT.1 + BELOW;
        }
        let title = escaped(self.title);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {top}\" \
             width=\"{width}\" height=\"{top}\" role=\"img\" aria-label=\"{title}\" \
             font-family=\"sans-serif\" font-size=\"11.5\" fill=\"{INK}\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"15\" font-weight=\"bold\">{title}</text>\n\
             {body}</svg>\n"
        )
    }
}

impl Panel {
    /// Places of the labelled lines, (line, x, row), and the number of rows.
    fn legend(&self) -> (Vec<(&Line, f64, usize)>, usize) {
        let (mut x, mut row, mut placed) = (0.0, 0, Vec::new());
        for line in self.lines.iter().filter(|line| !line.label.is_empty()) {
            let width = SWATCH + LETTER * line.label.chars().count() as f64 + 12.0;
            if x > 0.0 && x + width > PLOT.0 + RIGHT + 10.0 {
                (x, row) = (0.0, row + 1);
            }
            placed.push((line, x, row));
            x += width;
        }
        let rows = if placed.is_empty() { 0 } else { row + 1 };
        (placed, rows)
    }

    fn draw(&self, out: &mut String, left: f64, top: f64, above: f64) {
        let (x, y) = (left + LEFT, top + above);
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" font-weight=\"bold\">{}</text>",
            top + 14.0,
            escaped(&self.title)
        );
        for (line, at, row) in self.legend().0 {
            let (at, middle) = (x + at, top + TITLE + LEGEND_ROW * row as f64 + 3.0);
            let mark = match line.stroke {
                Stroke::Dots => dot(at + 10.0, middle, line.colour),
                stroke => path(&format!("M{at:.1} {middle:.1}h20"), line.colour, stroke),
            };
            let _ = writeln!(
                out,
                "{mark}<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                at + SWATCH,
                middle + 4.0,
                escaped(&line.label)
            );
        }
        self.draw_axes(out, x, y);
        // A nested document is clipped at its edges.
        let _ = writeln!(
            out,
            "<svg x=\"{x:.1}\" y=\"{y:.1}\" width=\"{}\" height=\"{}\">",
            PLOT.0, PLOT.1
        );
        self.circles.iter().for_each(|circle| self.draw_circle(out, circle));
        self.lines.iter().for_each(|line| self.draw_line(out, line));
        out.push_str("</svg>\n");
    }

    fn draw_axes(&self, out: &mut String, x: f64, y: f64) {
        let (width, height) = PLOT;
        let bottom = y + height;
        for tick in self.x.ticks() {
            let at = x + self.x.share(tick) * width;
            let _ = writeln!(
                out,
                "<path d=\"M{at:.1} {y:.1}v{height}\" stroke=\"{GUIDE}\"/>\
                 <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 15.0,
                short(tick)
            );
        }
        for tick in self.y.ticks() {
            let at = bottom - self.y.share(tick) * height;
            let _ = writeln!(
                out,
                "<path d=\"M{x:.1} {at:.1}h{width}\" stroke=\"{GUIDE}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                x - 6.0,
                at + 4.0,
                short(tick)
            );
        }
        let (middle, beside) = (y + 0.5 * height, x - 46.0);
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {y:.1}v{height}h{width}\" fill=\"none\" stroke=\"{INK}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text transform=\"translate({beside:.1} {middle:.1}) rotate(-90)\" \
             text-anchor=\"middle\">{}</text>",
            x + 0.5 * width,
            bottom + 33.0,
            escaped(self.x.label),
            escaped(self.y.label)
        );
    }

    /// Within the plot; far points are brought near, so that numbers stay short.
    fn pixel(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let share = |axis: &Axis, value| axis.share(value).clamp(-3.0, 4.0);
        (share(&self.x, x) * PLOT.0, (1.0 - share(&self.y, y)) * PLOT.1)
    }

    fn draw_line(&self, out: &mut String, line: &Line) {
        let drawable = |(x, y): &(f64, f64)| {
            x.is_finite() && y.is_finite() && (!self.y.logarithmic || *y > 0.0)
        };
        for run in line.points.split(|point| !drawable(point)).filter(|run| !run.is_empty()) {
            let pixels = run.iter().map(|point| self.pixel(*point));
            if line.stroke == Stroke::Dots {
                pixels.for_each(|(x, y)| out.push_str(&dot(x, y, line.colour)));
                out.push('\n');
                continue;
            }
            let (mut drawn, mut last) = (String::new(), String::new());
            for (x, y) in pixels {
                let at = format!("{x:.1} {y:.1}");
                // A line that has come to rest takes no more room.
                if at != last {
                    let command = if drawn.is_empty() { 'M' } else { 'L' };
                    let _ = write!(drawn, "{command}{at}");
                    last = at;
                }
            }
            out.push_str(&path(&drawn, line.colour, line.stroke));
            out.push('\n');
        }
    }

    fn draw_circle(&self, out: &mut String, circle: &Circle) {
        let (x, y) = self.pixel(circle.centre);
        let pixels =
            |axis: &Axis, length: f64| circle.radius / (axis.range.1 - axis.range.0) * length;
        let _ = writeln!(
            out,
            "<ellipse cx=\"{x:.1}\" cy=\"{y:.1}\" rx=\"{:.1}\" ry=\"{:.1}\" fill=\"{colour}\" \
             fill-opacity=\"{}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
            pixels(&self.x, PLOT.0),
            pixels(&self.y, PLOT.1),
            circle.opacity,
            colour = COLOURS[circle.colour % COLOURS.len()]
        );
    }
}

fn path(d: &str, colour: usize, stroke: Stroke) -> String {
    let dashes = if stroke == Stroke::Dashed { " stroke-dasharray=\"5 3\"" } else { "" };
    format!(
        "<path d=\"{d}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.7\"{dashes}/>",
        COLOURS[colour % COLOURS.len()]
    )
}

fn dot(x: f64, y: f64, colour: usize) -> String {
    let colour = COLOURS[colour % COLOURS.len()];
    format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\" fill=\"{colour}\"/>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(points: Vec<(f64, f64)>, logarithmic: bool) -> String {
        let y = Axis { label: "y", range: (0.01, 10.0), logarithmic };
        let lines = vec![
            Line::new("p < q", 0, points.clone()),
            Line::new("dashes", 9, points.clone()).stroke(Stroke::Dashed),
            Line::new("dots", 1, points).stroke(Stroke::Dots),
        ];
        let circles = vec![Circle { centre: (0.0, 1.0), radius: 1.0, colour: 2, opacity: 0.3 }];
        let panel =
            Panel { title: "Panel".into(), x: Axis::linear("x", -1.0, 1.0), y, lines, circles };
        Figure { title: "A & B", columns: 2, panels: vec![panel; 3] }.svg()
    }

    #[test]
    fn drawings_can_be_rendered_and_hold_no_number_that_is_none() {
        let odd = vec![
            (-1.0, 1.0),
            (0.0, f64::INFINITY),
            (0.1, f64::NAN),
            (0.2, -1e30),
            (0.3, 0.0),
            (0.5, 1e300),
            (1.0, 2.0),
        ];
        for logarithmic in [false, true] {
            for points in [vec![], vec![(0.0, 1.0)], odd.clone()] {
                let svg = figure(points, logarithmic);
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert!(svg.contains("A &amp; B") && svg.contains("p &lt; q"));
                validation::plots::render_png(&svg, 1.0).expect("valid SVG");
            }
        }
    }

    #[test]
    fn a_point_that_is_not_finite_interrupts_a_line() {
        let svg = figure(vec![(-1.0, 1.0), (0.0, f64::NAN), (1.0, 1.0)], false);
        // Two runs of the solid and of the dashed line, in each of three panels.
        let within = svg.matches("<path d=\"M0.0 189.2\"").count();
        assert_eq!(within, 6, "{svg}");
    }

    #[test]
    fn long_legends_take_more_rows() {
        let label = "a label of many letters";
        let lines = (0..5).map(|i| Line::new(label, i, vec![])).collect();
        let axis = || Axis::linear("", 0.0, 1.0);
        let panel = Panel { title: String::new(), x: axis(), y: axis(), lines, circles: vec![] };
        let (placed, rows) = panel.legend();
        assert_eq!((placed.len(), rows), (5, 5));
    }
}
