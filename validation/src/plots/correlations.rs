//! Correlations of observables or layers: reference, generated, and their difference.

use super::drawing::canvas::{Anchor, Canvas, Font, draw_svg_up_to};
use super::drawing::color_scale::{BAR_WIDTH, ColorScale};
use super::drawing::geometry::Rect;
use super::drawing::rich_text::{fit, literal};
use super::drawing::style::{FigureContext, FigureSize, INK, Style, Theme};
use super::drawing::titles::draw_titles;
use super::error::{PlotError, check_length};
use super::figure::Plot;
use super::matrix::{Matrix, Names, left_room, room_below};
use super::table::{Column, Places, Table, TableAxis};

/// Correlation matrices of the same quantities in several samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Correlations {
    /// Labels of the quantities.
    pub names: Vec<String>,
    /// Label (not markup) and matrix. `[names × names]`
    pub reference: (String, Vec<f64>),
    pub generated: Vec<(String, Vec<f64>)>,
    /// Label of the colour bar, such as `Pearson correlation`.
    pub measure: String,
}

/// The difference's colours reach at most so far.
const LARGEST_DIFFERENCE: f64 = 2.0;
const GAP: f64 = 16.0;

impl Correlations {
    fn check(&self) -> Result<(), PlotError> {
        let cells = self.names.len() * self.names.len();
        for (_, matrix) in std::iter::once(&self.reference).chain(&self.generated) {
            check_length("correlations", "a matrix", matrix.len(), cells)?;
        }
        if cells == 0 {
            return Err(PlotError::Empty { figure: "correlations".to_owned() });
        }
        Ok(())
    }

    fn differences(&self) -> Vec<Vec<f64>> {
        let difference = |(_, matrix): &(String, Vec<f64>)| {
            matrix.iter().zip(&self.reference.1).map(|(a, b)| a - b).collect()
        };
        self.generated.iter().map(difference).collect()
    }
}

/// The smallest round limit that holds all values.
fn limit(values: impl Iterator<Item = f64>) -> f64 {
    let largest = values.filter(|value| value.is_finite()).map(f64::abs).fold(0.0, f64::max);
    let choices = [0.05, 0.1, 0.2, 0.5, 1.0, LARGEST_DIFFERENCE];
    choices.into_iter().find(|limit| largest <= *limit).unwrap_or(LARGEST_DIFFERENCE)
}

impl Plot for Correlations {
    /// A row of three maps for each generated sample; the height follows from their number.
    ///
    /// # Errors
    /// If a matrix has not the size that the names give, or there are none.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        self.check()?;
        let theme = Theme::new(Style::Plain, 480);
        let heading = Theme::new(context.style, 560);
        let differences = self.differences();
        let scale = ColorScale::symmetric(1.0, &self.measure);
        let changes =
            ColorScale::symmetric(limit(differences.iter().flatten().copied()), "Difference");
        let left = 14.0 + left_room(&self.names, &theme);
        let bars = [scale.room(&theme), changes.room(&theme)];
        let width = f64::from(size.width);
        let side = ((width - left - bars[0] - bars[1] - 2.0 * GAP) / 3.0).max(60.0);
        let below = room_below(&self.names, side / self.names.len() as f64, &theme);
        let top = 2.0 * heading.legend + 30.0;
        let row_height = side + 30.0;
        let rows = self.generated.len().max(1);
        let height = top + rows as f64 * row_height - 30.0 + below + 10.0;
        let description = "Correlations: generated against reference";
        let matrix = |values, scale| Matrix {
            rows: &self.names,
            columns: &self.names,
            values,
            scale,
            decimals: Some(2),
        };
        Ok(draw_svg_up_to(size.width, description, |canvas| {
            let font = Font::new(heading.legend, INK);
            let title = |canvas: &mut Canvas, rect: Rect, text: &str| {
                let text = fit(&literal(text), font.size, false, rect.width);
                let at = (rect.x + rect.width / 2.0, rect.y - 8.0);
                canvas.text(&text, at, Anchor::Middle, font);
            };
            let place = |row: usize, column: usize| {
                let shift = if column == 2 { bars[0] } else { 0.0 };
                let x = left + column as f64 * (side + GAP) + shift;
                Rect::new(x, top + row as f64 * row_height, side, side)
            };
            let last = rows - 1;
            let first = place(0, 0);
            let own = Names { left: true, below: true };
            matrix(&self.reference.1, &scale).draw(canvas, first, own, &theme);
            title(canvas, first, &self.reference.0);
            for (row, ((label, values), difference)) in
                self.generated.iter().zip(&differences).enumerate()
            {
                let below = row == last;
                let rect = place(row, 1);
                let names = Names { left: row > 0, below };
                matrix(values, &scale).draw(canvas, rect, names, &theme);
                title(canvas, rect, label);
                let bar = Rect::new(rect.right() + 10.0, rect.y, BAR_WIDTH, side);
                scale.draw_bar(canvas, bar, &theme);
                let rect = place(row, 2);
                let names = Names { left: false, below };
                matrix(difference, &changes).draw(canvas, rect, names, &theme);
                title(canvas, rect, "Generated − reference");
                let bar = Rect::new(rect.right() + 10.0, rect.y, BAR_WIDTH, side);
                changes.draw_bar(canvas, bar, &theme);
            }
            let line = Rect::new(14.0, top - 24.0, width - 28.0, 0.0);
            draw_titles(canvas, line, &heading, context);
            pixels(height)
        }))
    }

    fn table(&self) -> Option<Table> {
        self.check().ok()?;
        let count = self.names.len();
        let plain: Vec<String> =
            self.names.iter().map(|name| super::table::plain_text(name)).collect();
        let name = |pick: fn(usize, usize) -> usize| {
            (0..count * count).map(|cell| plain[pick(cell, count)].clone()).collect()
        };
        let axis = |title: &str, names| TableAxis {
            name: title.to_owned(),
            unit: String::new(),
            places: Places::Names(names),
        };
        let axes = vec![
            axis("First quantity", name(|cell, count| cell / count)),
            axis("Second quantity", name(|cell, count| cell % count)),
        ];
        let mut columns: Vec<Column> = std::iter::once(&self.reference)
            .chain(&self.generated)
            .map(|(label, matrix)| Column::new(&self.measure, label, matrix.clone()))
            .collect();
        for ((label, _), difference) in self.generated.iter().zip(self.differences()) {
            columns.push(Column::new("Difference to reference", label, difference));
        }
        Some(Table { axes, columns })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a figure's height")]
pub(super) fn pixels(height: f64) -> u32 {
    height.ceil().clamp(1.0, 1e6) as u32
}
