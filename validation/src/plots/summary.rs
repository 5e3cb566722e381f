//! The separation power of every observable beside its floor.

use plotters::style::Color as _;

use super::axis::{Axis, Scale};
use super::canvas::{Anchor, Canvas, Font, Stroke, draw_svg};
use super::error::PlotError;
use super::font::CAP_HEIGHT;
use super::geometry::Rect;
use super::legend::{Block, Entry, Swatch};
use super::panel::Panel;
use super::rich_text;
use super::style::{
    Color, FAINT_INK, FigureContext, FigureSize, GENERATED, GUIDE, INK, LIGHT_GUIDE,
    REFERENCE_LINE, Typography,
};
use super::two_panels::draw_titles;
use crate::report::model::{ObservableComparison, WithFloor};

const WIDTH: u32 = 820;
const ROW_HEIGHT: f64 = 18.0;
/// With more observables than this, those of all layers share a row.
const LARGEST_ROW_COUNT: usize = 60;
/// Separation powers below this are drawn at the left edge.
const SMALLEST: f64 = 1e-6;

/// Draws a row for every observable, grouped: a dot at its separation power, a circle at what
/// reference against reference gives, on a logarithmic axis.
///
/// With more than sixty observables, a row holds one observable of all layers. The height follows
/// from the number of rows.
///
/// # Errors
/// If there is no observable.
pub fn summary_figure(
    observables: &[ObservableComparison],
    context: &FigureContext,
) -> Result<String, PlotError> {
    let rows = rows(observables);
    if rows.is_empty() {
        return Err(PlotError::Empty { figure: "summary".to_owned() });
    }
    let groups = rows.iter().filter(|row| row.heading).count();
    let typography = FigureSize { width: 560, height: 0 }.typography();
    let row_pixels = |count: usize| ROW_HEIGHT * f64::from(u32::try_from(count).unwrap_or(1));
    let body = row_pixels(rows.len() + groups) + 8.0;
    let top = 64.0;
    let height = top + body + 56.0;
    let left = label_width(&rows, &typography) + 24.0;
    let width = f64::from(WIDTH);
    let panel = Panel {
        rect: Rect::new(left, top, width - left - 24.0, body),
        x: Axis::new(Scale::Log, range(&rows), "Separation power", 7),
        y: Axis { ticks: super::ticks::Ticks { ticks: vec![], exponent: 0 }, ..unit_axis() },
    };
    draw_svg((WIDTH, pixels(height)), "Separation power of all observables", |canvas| {
        draw_guides(canvas, &panel)?;
        draw_rows(canvas, &panel, &rows, &typography)?;
        draw_legend(canvas, &panel, context, &typography)?;
        panel.draw_frame(canvas, &typography, true)?;
        panel.draw_x_label(canvas, &typography)
    })
}

/// A line of the figure.
struct Row {
    group: String,
    /// Whether the group's name stands above this row.
    heading: bool,
    label: String,
    values: Vec<WithFloor>,
}

fn rows(observables: &[ObservableComparison]) -> Vec<Row> {
    let together = observables.len() > LARGEST_ROW_COUNT;
    let mut rows: Vec<Row> = Vec::new();
    for observable in observables {
        let label = if together { family(observable) } else { observable.label.clone() };
        let same = |row: &&mut Row| row.label == label && row.group == observable.group;
        if let (true, Some(row)) = (together, rows.iter_mut().find(same)) {
            row.values.push(observable.separation);
        } else {
            let group = observable.group.clone();
            rows.push(Row { group, heading: false, label, values: vec![observable.separation] });
        }
    }
    let mut seen: Vec<String> = Vec::new();
    for row in &rows {
        if !seen.contains(&row.group) {
            seen.push(row.group.clone());
        }
    }
    rows.sort_by_key(|row| seen.iter().position(|group| *group == row.group));
    for index in 0..rows.len() {
        rows[index].heading = index == 0 || rows[index].group != rows[index - 1].group;
    }
    rows
}

/// The label of an observable without its layer.
fn family(observable: &ObservableComparison) -> String {
    match observable.layer {
        Some(layer) => {
            let suffix = format!("_{layer}");
            let name = observable.name.strip_suffix(&suffix).unwrap_or(&observable.name);
            let layer = format!("layer {layer}");
            if observable.label.contains(&layer) {
                observable.label.replacen(&layer, "each layer", 1)
            } else {
                format!("{}, each layer", rich_text::literal(name))
            }
        }
        None => observable.label.clone(),
    }
}

fn range(rows: &[Row]) -> (f64, f64) {
    let values = rows.iter().flat_map(|row| &row.values).flat_map(|v| [v.value, v.floor]);
    let positive = values.filter(|value| value.is_finite() && *value >= SMALLEST);
    let (low, high) =
        positive.fold((1.0_f64, 1e-3_f64), |(low, high), value| (low.min(value), high.max(value)));
    (10_f64.powf((low / 1.2).log10().floor()), (2.0 * high).min(1.0))
}

fn label_width(rows: &[Row], typography: &Typography) -> f64 {
    let widths = rows.iter().map(|row| rich_text::width(&row.label, typography.note, false));
    widths.fold(0.0, f64::max).min(0.45 * f64::from(WIDTH))
}

fn draw_guides(canvas: &mut Canvas, panel: &Panel) -> Result<(), PlotError> {
    for tick in panel.x.ticks.ticks.iter().filter(|tick| tick.major) {
        let x = panel.px(tick.value);
        let line = ((x, panel.rect.y), (x, panel.rect.bottom()));
        canvas.line(line.0, line.1, Stroke::new(LIGHT_GUIDE, 1.0))?;
    }
    Ok(())
}

fn draw_rows(
    canvas: &mut Canvas,
    panel: &Panel,
    rows: &[Row],
    typography: &Typography,
) -> Result<(), PlotError> {
    let mut middle = panel.rect.y + 4.0 - ROW_HEIGHT / 2.0;
    for row in rows {
        middle += ROW_HEIGHT;
        let half_capital = CAP_HEIGHT * typography.note / 2.0;
        if row.heading {
            let font = Font::new(typography.note, FAINT_INK).bold();
            let at = (panel.rect.x + 12.0, middle + half_capital);
            canvas.text(&row.group, at, Anchor::Start, font)?;
            let top = middle - ROW_HEIGHT / 2.0;
            let line = ((panel.rect.x, top), (panel.rect.right(), top));
            if top > panel.rect.y + 6.0 {
                canvas.line(line.0, line.1, Stroke::new(GUIDE, 0.8))?;
            }
            middle += ROW_HEIGHT;
        }
        let room = panel.rect.x - 16.0;
        let label = rich_text::fit(&row.label, typography.note, false, room);
        let at = (panel.rect.x - 8.0, middle + half_capital);
        canvas.text(&label, at, Anchor::End, Font::new(typography.note, INK))?;
        draw_values(canvas, panel, &row.values, middle)?;
    }
    Ok(())
}

fn draw_values(
    canvas: &mut Canvas,
    panel: &Panel,
    values: &[WithFloor],
    y: f64,
) -> Result<(), PlotError> {
    // Many layers in a row shine through each other.
    let crowded = values.len() > 1;
    let shade = |color: Color| if crowded { color.mix(0.45) } else { color };
    let (dot, ring) = (shade(GENERATED), shade(REFERENCE_LINE));
    let place = |value: f64| value.is_finite().then(|| panel.px(value.max(panel.x.low)));
    if let [single] = values
        && let (Some(value), Some(floor)) = (place(single.value), place(single.floor))
    {
        canvas.line((floor, y), (value, y), Stroke::new(GENERATED, 1.4))?;
    }
    for value in values {
        if let Some(x) = place(value.floor) {
            if !crowded {
                canvas.dot((x, y), 3.8, super::style::PAPER)?;
            }
            canvas.circle((x, y), 3.6, Stroke::new(ring, 1.4))?;
        }
    }
    for value in values {
        match place(value.value) {
            Some(x) => canvas.dot((x, y), 4.0, dot)?,
            None => {
                let font = Font::new(11.0, FAINT_INK);
                canvas.text("n/a", (panel.rect.x + 12.0, y + 4.0), Anchor::Start, font)?;
            }
        }
    }
    Ok(())
}

fn draw_legend(
    canvas: &mut Canvas,
    panel: &Panel,
    context: &FigureContext,
    typography: &Typography,
) -> Result<(), PlotError> {
    let entry =
        |swatch, label: &str| Block { entries: vec![Entry::Sample(swatch, label.to_owned())] };
    let generated = entry(Swatch::Dot(GENERATED), "generated against reference");
    let floor = entry(Swatch::Circle(REFERENCE_LINE), "floor: reference against reference");
    let top = panel.rect.y - 26.0;
    let mut x = panel.rect.x;
    for block in [generated, floor] {
        let (width, height) = block.size(typography, panel.rect.width);
        block.draw(canvas, Rect::new(x, top, width, height), typography)?;
        x += width + 20.0;
    }
    let heading =
        Rect { y: panel.rect.y - 26.0, x: 16.0, width: panel.rect.right() - 16.0, ..panel.rect };
    draw_titles(canvas, heading, typography, context)
}

/// The vertical axis, which only places rows.
fn unit_axis() -> Axis {
    Axis::new(Scale::Linear, (0.0, 1.0), "", 1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a figure's height")]
fn pixels(height: f64) -> u32 {
    height.ceil().max(1.0) as u32
}
