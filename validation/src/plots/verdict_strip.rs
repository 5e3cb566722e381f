//! The verdict at a glance: criteria against models.

use super::correlations::pixels;
use super::drawing::canvas::{Anchor, Canvas, Font, draw_svg_up_to};
use super::drawing::color::Color;
use super::drawing::font::CAP_HEIGHT;
use super::drawing::geometry::{Point, Rect};
use super::drawing::rich_text::{fit, literal, width};
use super::drawing::stroke::Stroke;
use super::drawing::style::{
    BAD, FAINT_INK, FigureContext, FigureSize, GOOD, GUIDE, INK, LIGHT_GUIDE, PAPER, Style, Theme,
    WARNING,
};
use super::drawing::titles::draw_titles;
use super::error::{PlotError, check_length};
use super::figure::Plot;
use super::table::Table;

/// How a criterion came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Good,
    Warning,
    Bad,
    /// There were too few events, or there was nothing to judge.
    Abstained,
}

/// A criterion and how every model did.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictRow {
    /// Label of the criterion.
    pub name: String,
    /// For every model a mark and a few words, such as `0.53 ± 0.01`.
    pub cells: Vec<(Mark, String)>,
}

/// A row for every criterion and a column for every model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VerdictStrip {
    /// Labels of the models; not markup.
    pub models: Vec<String>,
    pub rows: Vec<VerdictRow>,
}

const ROW_HEIGHT: f64 = 26.0;

impl Mark {
    fn color(self) -> Color {
        match self {
            Self::Good => GOOD,
            Self::Warning => WARNING,
            Self::Bad => BAD,
            Self::Abstained => GUIDE,
        }
    }

    /// A symbol that is told apart without its colour: a tick, a triangle, a cross, a dash.
    fn draw(self, canvas: &mut Canvas, (x, y): Point) {
        let at = |dx: f64, dy: f64| (x + dx, y + dy);
        let stroke = Stroke::new(PAPER, 2.2);
        match self {
            Self::Warning => {
                let corners = [at(0.0, -8.0), at(9.0, 7.5), at(-9.0, 7.5)];
                canvas.polygon(&corners, self.color());
                canvas.segments(
                    &[(at(0.0, -3.0), at(0.0, 2.5)), (at(0.0, 4.0), at(0.0, 6.0))],
                    stroke,
                );
            }
            _ => {
                canvas.dot((x, y), 8.5, self.color());
                match self {
                    Self::Good => {
                        canvas.polyline(&[at(-4.0, 0.5), at(-1.2, 3.5), at(4.2, -3.0)], stroke);
                    }
                    Self::Bad => canvas.segments(
                        &[(at(-3.2, -3.2), at(3.2, 3.2)), (at(-3.2, 3.2), at(3.2, -3.2))],
                        stroke,
                    ),
                    _ => canvas.line(at(-4.0, 0.0), at(4.0, 0.0), stroke),
                }
            }
        }
    }
}

impl Plot for VerdictStrip {
    /// The height follows from the number of criteria.
    ///
    /// # Errors
    /// If a row has not a cell for every model, or there are none.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        if self.rows.is_empty() || self.models.is_empty() {
            return Err(PlotError::Empty { figure: "verdict".to_owned() });
        }
        for row in &self.rows {
            check_length("verdict", "a row", row.cells.len(), self.models.len())?;
        }
        let theme = Theme::new(Style::Plain, 560);
        let whole = f64::from(size.width);
        let names = self.rows.iter().map(|row| width(&row.name, theme.legend, false));
        let left = names.fold(0.0, f64::max).min(0.42 * whole) + 32.0;
        let cell = (whole - left - 16.0) / self.models.len() as f64;
        let (top, head) = (2.2 * theme.legend, 26.0);
        let bottom = top + head + ROW_HEIGHT * self.rows.len() as f64;
        Ok(draw_svg_up_to(size.width, "Verdict on every criterion", |canvas| {
            let bold = Font::new(theme.legend, INK).bold();
            for (index, model) in self.models.iter().enumerate() {
                let model = fit(&literal(model), bold.size, true, cell - 14.0);
                let at = (left + index as f64 * cell, top + 18.0);
                canvas.text(&model, at, Anchor::Start, bold);
            }
            let font = Font::new(theme.legend, INK);
            let faint = Font::new(theme.legend, FAINT_INK);
            for (index, row) in self.rows.iter().enumerate() {
                let y = top + head + index as f64 * ROW_HEIGHT;
                canvas.line((16.0, y), (whole - 16.0, y), Stroke::new(LIGHT_GUIDE, 1.0));
                let middle = y + ROW_HEIGHT / 2.0;
                let baseline = middle + CAP_HEIGHT * font.size / 2.0;
                let name = fit(&row.name, font.size, false, left - 30.0);
                canvas.text(&name, (16.0, baseline), Anchor::Start, font);
                for (index, (mark, words)) in row.cells.iter().enumerate() {
                    let x = left + index as f64 * cell;
                    mark.draw(canvas, (x + 9.0, middle));
                    let words = fit(words, faint.size, false, cell - 34.0);
                    canvas.text(&words, (x + 25.0, baseline), Anchor::Start, faint);
                }
            }
            let line = Rect::new(16.0, top - 4.0, whole - 32.0, 0.0);
            draw_titles(canvas, line, &theme, context);
            pixels(bottom + 10.0)
        }))
    }

    /// The report's JSON and its page have the criteria with their numbers.
    fn table(&self) -> Option<Table> {
        None
    }
}
