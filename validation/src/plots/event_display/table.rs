use detectors::Column;

use super::Picture;
use super::heading::{HEIGHT, MARGIN};
use crate::plots::drawing::axis::{Axis, Scale};
use crate::plots::drawing::canvas::{Anchor, Canvas, Font};
use crate::plots::drawing::font::CAP_HEIGHT;
use crate::plots::drawing::geometry::Rect;
use crate::plots::drawing::rich_text::{fit, literal, width};
use crate::plots::drawing::stroke::Stroke;
use crate::plots::drawing::style::{
    FAINT_INK, FigureSize, GENERATED, GUIDE, INK, LIGHT_GUIDE, Theme,
};
use crate::plots::drawing::ticks::{number, plain};

const HIGHEST_ROW: f64 = 64.0;

/// A row for each column: its name, a bar from 0 to its value within the column's range, and the
/// value as a number.
pub(super) fn draw(
    canvas: &mut Canvas,
    picture: &Picture<'_>,
    columns: &[Column],
    size: FigureSize,
    theme: &Theme,
) -> f64 {
    let top = HEIGHT + 14.0;
    let room = f64::from(size.height) - top - 12.0;
    let row_height = (room / columns.len() as f64).min(HIGHEST_ROW);
    let label = Font::new(theme.label.min(0.6 * row_height), INK);
    let names: Vec<String> = columns.iter().map(|column| literal(&column.name)).collect();
    let widest = names.iter().map(|name| width(name, label.size, false)).fold(0.0, f64::max);
    let left = MARGIN + widest.min(0.3 * f64::from(size.width)) + 14.0;
    let right = f64::from(size.width) - MARGIN - 130.0;
    for (row, (column, &value)) in columns.iter().zip(&picture.values).enumerate() {
        let height = 0.34 * row_height;
        let y = top + row as f64 * row_height;
        let frame = Rect::new(left, y, right - left, height);
        let baseline = y + height / 2.0 + CAP_HEIGHT * label.size / 2.0;
        let name = fit(&names[row], label.size, false, left - MARGIN - 10.0);
        canvas.text(&name, (left - 12.0, baseline), Anchor::End, label);
        draw_bar(canvas, frame, column, value, theme);
        let unit = if column.unit == "1" { String::new() } else { format!(" {}", column.unit) };
        let text = format!("{}{}", number(value), literal(&unit));
        canvas.text(&text, (frame.right() + 14.0, baseline), Anchor::Start, label.bold());
    }
    top + row_height * columns.len() as f64
}

fn draw_bar(canvas: &mut Canvas, frame: Rect, column: &Column, value: f64, theme: &Theme) {
    let range = (column.minimum, column.maximum);
    let axis = Axis::new(Scale::Linear, range, "", 6);
    let at = |value: f64| frame.x + axis.position(value).clamp(0.0, 1.0) * frame.width;
    canvas.rect(frame, LIGHT_GUIDE);
    let (zero, end) = (at(0.0), at(value));
    let bar = Rect { x: zero.min(end), width: (end - zero).abs(), ..frame };
    canvas.rect(bar, GENERATED);
    canvas.line((zero, frame.y - 3.0), (zero, frame.bottom() + 3.0), Stroke::new(GUIDE, 1.2));
    canvas.frame(frame, Stroke::new(INK, 0.8));
    // A triangle where the value is beyond the range.
    let middle = frame.y + frame.height / 2.0;
    for (beyond, x, tip) in
        [(value > column.maximum, frame.right(), 8.0), (value < column.minimum, frame.x, -8.0)]
    {
        if beyond {
            let points = [(x + tip, middle), (x, middle - 5.0), (x, middle + 5.0)];
            canvas.polygon(&points, GENERATED);
        }
    }
    let font = Font::new(theme.note, FAINT_INK);
    let below = frame.bottom() + 4.0 + CAP_HEIGHT * font.size;
    let ends = [(column.minimum, frame.x), (column.maximum, frame.right()), (0.0, zero)];
    for (number, x) in ends {
        let inside = x - frame.x > 30.0 && frame.right() - x > 30.0;
        if number != 0.0 || inside || number == column.minimum || number == column.maximum {
            canvas.text(&plain(number), (x, below), Anchor::Middle, font);
        }
    }
}
