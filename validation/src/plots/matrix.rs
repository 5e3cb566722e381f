//! Matrices as heat maps, with names along both sides.

use std::collections::BTreeMap;

use super::drawing::canvas::{Anchor, Canvas, Font};
use super::drawing::color::Color;
use super::drawing::color_scale::ColorScale;
use super::drawing::font::CAP_HEIGHT;
use super::drawing::geometry::Rect;
use super::drawing::rich_text;
use super::drawing::stroke::Stroke;
use super::drawing::style::{INK, NO_VALUE, Theme};
use super::drawing::ticks::number;

/// Smaller cells have no number.
const CELL_FOR_NUMBER: (f64, f64) = (27.0, 13.0);
/// The longest name beside a matrix, in pixels.
pub(super) const LONGEST_NAME: f64 = 190.0;

/// A matrix to draw.
pub(super) struct Matrix<'a> {
    pub rows: &'a [String],
    pub columns: &'a [String],
    /// `[rows × columns]`, columns fastest; what is not known is NaN.
    pub values: &'a [f64],
    pub scale: &'a ColorScale,
    /// Decimals of the numbers in the cells; `None` for three significant digits.
    pub decimals: Option<usize>,
}

/// Which names stand beside a matrix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    pub left: bool,
    pub below: bool,
}

impl Matrix<'_> {
    pub(super) fn draw(&self, canvas: &mut Canvas, rect: Rect, names: Names, theme: &Theme) {
        canvas.rect(rect, NO_VALUE);
        let (rows, columns) = (self.rows.len().max(1) as f64, self.columns.len().max(1) as f64);
        let (width, height) = (rect.width / columns, rect.height / rows);
        let cell = |row: usize, column: usize| {
            let (left, top) = (column as f64 * width, row as f64 * height);
            Rect::new(rect.x + left, rect.y + top, width, height)
        };
        // Cells of one colour are one path: a matrix of many layers stays small.
        let mut by_color: BTreeMap<[u8; 3], Vec<Rect>> = BTreeMap::new();
        for row in 0..self.rows.len() {
            for column in 0..self.columns.len() {
                let value = self.values[row * self.columns.len() + column];
                if value.is_finite() {
                    let Color { red, green, blue, .. } = self.scale.color(value);
                    // Cells reach a little under their neighbours, which hides the seams.
                    let own = cell(row, column);
                    let right = (own.right() + 0.3).min(rect.right());
                    let bottom = (own.bottom() + 0.3).min(rect.bottom());
                    let drawn = Rect { width: right - own.x, height: bottom - own.y, ..own };
                    by_color.entry([red, green, blue]).or_default().push(drawn);
                }
            }
        }
        for ([red, green, blue], rects) in by_color {
            canvas.rects(&rects, Color { red, green, blue, opacity: 1.0 });
        }
        if width >= CELL_FOR_NUMBER.0 && height >= CELL_FOR_NUMBER.1 {
            let size = (0.34 * width).min(0.62 * height).min(theme.note);
            for row in 0..self.rows.len() {
                for column in 0..self.columns.len() {
                    self.draw_number(canvas, cell(row, column), (row, column), size);
                }
            }
        }
        canvas.frame(rect, Stroke::new(INK, 1.0));
        if names.left {
            self.draw_left_names(canvas, rect, height, theme);
        }
        if names.below {
            self.draw_names_below(canvas, rect, width, theme);
        }
    }

    fn draw_number(
        &self,
        canvas: &mut Canvas,
        cell: Rect,
        (row, column): (usize, usize),
        size: f64,
    ) {
        let value = self.values[row * self.columns.len() + column];
        let text = match self.decimals {
            _ if !value.is_finite() => "n/a".to_owned(),
            Some(decimals) => {
                let decimals = if value.abs() < 100.0 { decimals } else { 0 };
                let text = format!("{value:.decimals$}");
                // A negative number that is rounded to zero has no sign.
                match text.strip_prefix('-') {
                    Some(size) if size.chars().all(|c| matches!(c, '0' | '.')) => size.to_owned(),
                    _ => text.replace('-', "−"),
                }
            }
            None => number(value),
        };
        let color = if value.is_finite() { self.scale.text_color(value) } else { INK };
        let size = size * (0.92 * cell.width / rich_text::width(&text, size, false)).min(1.0);
        let at = (cell.x + cell.width / 2.0, cell.y + cell.height / 2.0 + CAP_HEIGHT * size / 2.0);
        canvas.text(&text, at, Anchor::Middle, Font::new(size, color));
    }

    fn draw_left_names(&self, canvas: &mut Canvas, rect: Rect, height: f64, theme: &Theme) {
        let font = Font::new(theme.note, INK);
        let every = stride(height, font.size);
        for (row, name) in self.rows.iter().enumerate().step_by(every) {
            let name = rich_text::fit(name, font.size, false, LONGEST_NAME);
            let y = rect.y + (row as f64 + 0.5) * height + CAP_HEIGHT * font.size / 2.0;
            canvas.text(&name, (rect.x - 6.0, y), Anchor::End, font);
        }
    }

    /// Level where there is room, upright else.
    fn draw_names_below(&self, canvas: &mut Canvas, rect: Rect, width: f64, theme: &Theme) {
        let font = Font::new(theme.note, INK);
        let level = names_are_level(self.columns, width, theme);
        let every = if level { 1 } else { stride(width, font.size) };
        for (column, name) in self.columns.iter().enumerate().step_by(every) {
            let x = rect.x + (column as f64 + 0.5) * width;
            if level {
                let y = rect.bottom() + 6.0 + CAP_HEIGHT * font.size;
                canvas.text(name, (x, y), Anchor::Middle, font);
            } else {
                let name = rich_text::fit(name, font.size, false, LONGEST_NAME);
                let at = (x + CAP_HEIGHT * font.size / 2.0, rect.bottom() + 6.0);
                canvas.vertical_text(&name, at, Anchor::End, font);
            }
        }
    }
}

/// Room for the names at the left of a matrix.
pub(super) fn left_room(names: &[String], theme: &Theme) -> f64 {
    widest(names, theme) + 10.0
}

/// Room for the names below cells of a width.
pub(super) fn room_below(names: &[String], width: f64, theme: &Theme) -> f64 {
    if names_are_level(names, width, theme) {
        theme.note + 8.0
    } else {
        widest(names, theme) + 10.0
    }
}

fn widest(names: &[String], theme: &Theme) -> f64 {
    let widths = names.iter().map(|name| rich_text::width(name, theme.note, false));
    widths.fold(0.0, f64::max).min(LONGEST_NAME)
}

fn names_are_level(names: &[String], width: f64, theme: &Theme) -> bool {
    let widths = names.iter().map(|name| rich_text::width(name, theme.note, false));
    widths.fold(0.0, f64::max) + 6.0 <= width
}

/// Every how many lines there is room for a name.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
fn stride(room: f64, size: f64) -> usize {
    (1.1 * size / room).ceil().clamp(1.0, 1e6) as usize
}
