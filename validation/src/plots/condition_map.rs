//! How good every observable is in every bin of a condition.

use super::correlations::pixels;
use super::drawing::canvas::{Anchor, Font, draw_svg_up_to};
use super::drawing::color_scale::{BAR_WIDTH, ColorScale};
use super::drawing::geometry::Rect;
use super::drawing::style::{FigureContext, FigureSize, INK, Style, Theme};
use super::drawing::titles::draw_titles;
use super::error::{PlotError, check_length};
use super::figure::Plot;
use super::matrix::{Matrix, Names, left_room, room_below};
use super::table::{Column, Places, Table, TableAxis, plain_text};

/// What the colours show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionMeasure {
    /// Positive values on a logarithmic scale, such as separation power.
    Positive,
    /// Excess over the floor in units of its error, from −5 to 5.
    Significance,
}

/// A figure of merit for every observable (rows) in every bin of a condition (columns).
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionMap {
    /// Labels of the observables.
    pub observables: Vec<String>,
    /// The condition, such as `E_inc`, and its bins, such as `4.19 GeV`.
    pub condition: String,
    pub bins: Vec<String>,
    /// `[observables × bins]`, bins fastest; what was not judged is NaN.
    pub values: Vec<f64>,
    pub measure: ConditionMeasure,
    /// Label of the colour bar.
    pub label: String,
}

const ROW_HEIGHT: f64 = 21.0;
const WIDEST_CELL: f64 = 90.0;
const LIMIT: f64 = 5.0;

impl ConditionMap {
    fn check(&self) -> Result<(), PlotError> {
        let cells = self.observables.len() * self.bins.len();
        check_length(&self.label, "the map of conditions", self.values.len(), cells)?;
        if cells == 0 || self.values.iter().all(|value| !value.is_finite()) {
            return Err(PlotError::Empty { figure: self.label.clone() });
        }
        Ok(())
    }

    fn scale(&self) -> ColorScale {
        match self.measure {
            ConditionMeasure::Significance => ColorScale::symmetric(LIMIT, &self.label),
            ConditionMeasure::Positive => {
                ColorScale::of_values(self.values.iter(), false, &self.label)
                    .unwrap_or_else(|| ColorScale::symmetric(1.0, &self.label))
            }
        }
    }
}

impl Plot for ConditionMap {
    /// Width and height follow from the numbers of bins and observables; it is at most as wide as
    /// `size`.
    ///
    /// # Errors
    /// If the lengths do not fit, or there is no value.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        self.check()?;
        let theme = Theme::new(Style::Plain, 560);
        let scale = self.scale();
        let left = 14.0 + left_room(&self.observables, &theme);
        let right = scale.room(&theme) + 6.0;
        let columns = self.bins.len() as f64;
        let cell = ((f64::from(size.width) - left - right) / columns).min(WIDEST_CELL);
        let width = pixels(left + cell * columns + right);
        let top = 2.2 * theme.legend;
        let rows = self.observables.len() as f64;
        let body = Rect::new(left, top, cell * columns, (ROW_HEIGHT * rows).max(110.0));
        let below = room_below(&self.bins, cell, &theme);
        let height = body.bottom() + below + 1.5 * theme.label + 6.0;
        let matrix = Matrix {
            rows: &self.observables,
            columns: &self.bins,
            values: &self.values,
            scale: &scale,
            decimals: match self.measure {
                ConditionMeasure::Significance => Some(1),
                ConditionMeasure::Positive => None,
            },
        };
        let description = format!("{} in bins of {}", self.label, self.condition);
        Ok(draw_svg_up_to(width, &description, |canvas| {
            matrix.draw(canvas, body, Names { left: true, below: true }, &theme);
            let bar_height = body.height.min(300.0);
            let bar = Rect::new(body.right() + 10.0, body.y, BAR_WIDTH, bar_height);
            scale.draw_bar(canvas, bar, &theme);
            let at = (body.right(), body.bottom() + below + 1.2 * theme.label);
            canvas.text(&self.condition, at, Anchor::End, Font::new(theme.label, INK));
            let line = Rect::new(14.0, top, f64::from(width) - 28.0, 0.0);
            draw_titles(canvas, line, &theme, context);
            pixels(height)
        }))
    }

    fn table(&self) -> Option<Table> {
        self.check().ok()?;
        let bins = self.bins.len();
        let names = |of: &dyn Fn(usize) -> String| (0..self.values.len()).map(of).collect();
        let axis = |name: &str, names| TableAxis {
            name: name.to_owned(),
            unit: String::new(),
            places: Places::Names(names),
        };
        let axes = vec![
            axis("Observable", names(&|cell| plain_text(&self.observables[cell / bins]))),
            axis(&plain_text(&self.condition), names(&|cell| plain_text(&self.bins[cell % bins]))),
        ];
        Some(Table { axes, columns: vec![Column::new(&self.label, "", self.values.clone())] })
    }
}
