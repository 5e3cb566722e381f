//! A figure of merit of every observable beside its floor.

use super::correlations::pixels;
use super::drawing::axis::{Axis, Scale};
use super::drawing::canvas::{Anchor, Canvas, Font, draw_svg_up_to};
use super::drawing::font::CAP_HEIGHT;
use super::drawing::geometry::{Point, Rect};
use super::drawing::legend::{Block, Entry, Swatch};
use super::drawing::marker::Marker;
use super::drawing::panel::Panel;
use super::drawing::rich_text;
use super::drawing::stroke::Stroke;
use super::drawing::style::{
    FAINT_INK, FigureContext, FigureSize, GUIDE, INK, LIGHT_GUIDE, PAPER, REFERENCE_LINE, Series,
    Style, Theme,
};
use super::drawing::ticks::Ticks;
use super::drawing::titles::draw_titles;
use super::error::PlotError;
use super::figure::Plot;
use super::table::{Column, Places, Table, TableAxis, plain_text};

/// One observable.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SummaryItem {
    pub group: String,
    pub label: String,
    /// The label of the row where many observables share one, such as all layers of a kind.
    pub family: String,
    pub floor: f64,
    /// Of every generated sample.
    pub values: Vec<f64>,
}

/// A row for every observable, grouped: a marker for each generated sample, a circle at what
/// reference against reference gives, on a logarithmic axis.
///
/// With more than sixty observables, a row holds those of one family. The height follows from the
/// number of rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Label of the axis, such as `Separation power`.
    pub measure: String,
    /// Labels of the generated samples; not markup.
    pub samples: Vec<String>,
    pub items: Vec<SummaryItem>,
}

const ROW_HEIGHT: f64 = 18.0;
/// With more observables than this, those of a family share a row.
const LARGEST_ROW_COUNT: usize = 60;
/// Values below this are drawn at the left edge.
const SMALLEST: f64 = 1e-6;

/// A line of the figure.
struct Row<'a> {
    group: &'a str,
    /// Whether the group's name stands above this row.
    heading: bool,
    label: &'a str,
    items: Vec<&'a SummaryItem>,
}

impl Summary {
    fn rows(&self) -> Vec<Row<'_>> {
        let together = self.items.len() > LARGEST_ROW_COUNT;
        let mut rows: Vec<Row> = Vec::new();
        for item in &self.items {
            let label = if together { &item.family } else { &item.label };
            let same = |row: &&mut Row| row.label == label && row.group == item.group;
            match rows.iter_mut().find(same) {
                Some(row) if together => row.items.push(item),
                _ => {
                    let group = &item.group;
                    rows.push(Row { group, heading: false, label, items: vec![item] });
                }
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for row in &rows {
            if !seen.contains(&row.group) {
                seen.push(row.group);
            }
        }
        rows.sort_by_key(|row| seen.iter().position(|group| *group == row.group));
        for index in 0..rows.len() {
            rows[index].heading = index == 0 || rows[index].group != rows[index - 1].group;
        }
        rows
    }

    fn range(&self) -> (f64, f64) {
        let values = self.items.iter().flat_map(|item| item.values.iter().chain([&item.floor]));
        let positive = values.copied().filter(|value| value.is_finite() && *value >= SMALLEST);
        let (low, high) = positive
            .fold((1.0_f64, 1e-3_f64), |(low, high), value| (low.min(value), high.max(value)));
        (10_f64.powf((low / 1.2).log10().floor()), 2.0 * high)
    }
}

impl Plot for Summary {
    /// # Errors
    /// If there is no observable.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        let rows = self.rows();
        if rows.is_empty() {
            return Err(PlotError::Empty { figure: "summary".to_owned() });
        }
        let groups = rows.iter().filter(|row| row.heading).count();
        let theme = Theme::new(Style::Plain, 560);
        let body = ROW_HEIGHT * (rows.len() + groups) as f64 + 8.0;
        let width = f64::from(size.width);
        let widths = rows.iter().map(|row| rich_text::width(row.label, theme.note, false));
        let left = widths.fold(0.0, f64::max).min(0.45 * width) + 24.0;
        let legend = Legend::new(self, width - left - 24.0, &theme);
        let top = 38.0 + legend.height;
        let panel = Panel {
            rect: Rect::new(left, top, width - left - 24.0, body),
            x: Axis::new(Scale::Log, self.range(), self.measure.as_str(), 7),
            // The vertical axis only places rows.
            y: Axis {
                ticks: Ticks { ticks: vec![], exponent: 0 },
                ..Axis::new(Scale::Linear, (0.0, 1.0), "", 1)
            },
        };
        let description = format!("{} of all observables", self.measure);
        Ok(draw_svg_up_to(size.width, &description, |canvas| {
            draw_guides(canvas, &panel);
            self.draw_rows(canvas, &panel, &rows, &theme);
            legend.draw(canvas, &panel, &theme);
            let heading = Rect { x: 16.0, y: 24.0, width: panel.rect.right() - 16.0, ..panel.rect };
            draw_titles(canvas, heading, &theme, context);
            panel.draw_frame(canvas, &theme, true);
            panel.draw_x_label(canvas, &theme);
            pixels(top + body + 58.0)
        }))
    }

    fn table(&self) -> Option<Table> {
        let names = self.items.iter().map(|item| plain_text(&item.label)).collect();
        let axis = TableAxis {
            name: "Observable".to_owned(),
            unit: String::new(),
            places: Places::Names(names),
        };
        let floor = self.items.iter().map(|item| item.floor).collect();
        let mut columns: Vec<Column> = self
            .samples
            .iter()
            .enumerate()
            .map(|(index, sample)| {
                let value = |item: &SummaryItem| item.values.get(index).copied();
                let values = self.items.iter().map(|item| value(item).unwrap_or(f64::NAN));
                Column::new(&self.measure, sample, values.collect())
            })
            .collect();
        columns.push(Column::new(&format!("{}, floor", self.measure), "", floor));
        (!self.items.is_empty()).then(|| Table { axes: vec![axis], columns })
    }
}

impl Summary {
    fn draw_rows(&self, canvas: &mut Canvas, panel: &Panel, rows: &[Row], theme: &Theme) {
        let mut middle = panel.rect.y + 4.0 - ROW_HEIGHT / 2.0;
        for row in rows {
            middle += ROW_HEIGHT;
            let half_capital = CAP_HEIGHT * theme.note / 2.0;
            if row.heading {
                let font = Font::new(theme.note, FAINT_INK).bold();
                let at = (panel.rect.x + 12.0, middle + half_capital);
                canvas.text(row.group, at, Anchor::Start, font);
                let top = middle - ROW_HEIGHT / 2.0;
                if top > panel.rect.y + 6.0 {
                    let ends = ((panel.rect.x, top), (panel.rect.right(), top));
                    canvas.line(ends.0, ends.1, Stroke::new(GUIDE, 0.8));
                }
                middle += ROW_HEIGHT;
            }
            let label = rich_text::fit(row.label, theme.note, false, panel.rect.x - 16.0);
            let at = (panel.rect.x - 10.0, middle + half_capital);
            canvas.text(&label, at, Anchor::End, Font::new(theme.note, INK));
            self.draw_items(canvas, panel, &row.items, middle);
        }
    }

    fn draw_items(&self, canvas: &mut Canvas, panel: &Panel, items: &[&SummaryItem], y: f64) {
        // Many layers in a row shine through each other.
        let crowded = items.len() > 1;
        let opacity = if crowded { 0.45 } else { 1.0 };
        let place = |value: f64| value.is_finite().then(|| panel.px(value.max(panel.x.low)));
        if let ([single], 1) = (items, self.samples.len())
            && let (Some(&value), Some(floor)) = (single.values.first(), place(single.floor))
            && let Some(value) = place(value)
        {
            canvas.line((floor, y), (value, y), Stroke::new(Series::of(0).color, 1.4));
        }
        let floors: Vec<Point> =
            items.iter().filter_map(|item| place(item.floor)).map(|x| (x, y)).collect();
        if !crowded {
            canvas.markers(&floors, 3.8, Marker::Circle, PAPER);
        }
        let ring = Stroke::new(REFERENCE_LINE.faded(opacity), 1.4);
        canvas.open_markers(&floors, 3.6, Marker::Circle, ring);
        for index in 0..self.samples.len() {
            let look = Series::of(index);
            let values = items.iter().filter_map(|item| item.values.get(index));
            let points: Vec<Point> =
                values.clone().filter_map(|&value| place(value)).map(|x| (x, y)).collect();
            canvas.markers(&points, 3.8, look.marker, look.color.faded(opacity));
            if values.clone().any(|value| !value.is_finite()) && self.samples.len() == 1 {
                let font = Font::new(11.0, FAINT_INK);
                canvas.text("n/a", (panel.rect.x + 12.0, y + 4.0), Anchor::Start, font);
            }
        }
    }
}

fn draw_guides(canvas: &mut Canvas, panel: &Panel) {
    let major = panel.x.ticks.ticks.iter().filter(|tick| tick.major);
    let lines: Vec<_> = major
        .map(|tick| panel.px(tick.value))
        .map(|x| ((x, panel.rect.y), (x, panel.rect.bottom())))
        .collect();
    canvas.segments(&lines, Stroke::new(LIGHT_GUIDE, 1.0));
}

/// What the markers mean, in lines above the panel.
struct Legend {
    /// Blocks with their place from the upper left corner.
    blocks: Vec<(Block, Rect)>,
    floor: Rect,
    height: f64,
}

const FLOOR: &str = "floor: reference against reference";

impl Legend {
    fn new(summary: &Summary, room: f64, theme: &Theme) -> Self {
        let entry = |swatch, label: &str| Block::new(vec![Entry::Sample(swatch, label.to_owned())]);
        let samples = summary.samples.iter().enumerate().map(|(index, label)| {
            entry(
                Swatch::Curve(Stroke::new(Series::of(index).color, 0.0)),
                &rich_text::literal(label),
            )
        });
        let floor = entry(Swatch::Curve(Stroke::new(PAPER, 0.0)), FLOOR);
        let (mut x, mut y, mut height) = (0.0, 0.0, 0.0);
        let mut blocks: Vec<(Block, Rect)> = Vec::new();
        for block in samples.chain([floor]) {
            let size = block.size(theme, room);
            if x > 0.0 && x + size.0 > room {
                (x, y) = (0.0, y + size.1);
            }
            blocks.push((block, Rect::new(x, y, size.0, size.1)));
            x += size.0 + 18.0;
            height = y + size.1;
        }
        let floor = blocks.last().map_or(Rect::new(0.0, 0.0, 0.0, 0.0), |block| block.1);
        Self { blocks, floor, height }
    }

    fn draw(&self, canvas: &mut Canvas, panel: &Panel, theme: &Theme) {
        let (left, top) = (panel.rect.x, panel.rect.y - self.height - 8.0);
        for (index, (block, rect)) in self.blocks.iter().enumerate() {
            let rect = Rect { x: rect.x + left, y: rect.y + top, ..*rect };
            block.draw(canvas, rect, theme);
            let center = (rect.x + 15.0, rect.y + rect.height / 2.0);
            if index + 1 < self.blocks.len() {
                let look = Series::of(index);
                canvas.markers(&[center], 3.8, look.marker, look.color);
            }
        }
        let center = (left + self.floor.x + 15.0, top + self.floor.y + self.floor.height / 2.0);
        let ring = Stroke::new(REFERENCE_LINE, 1.4);
        canvas.open_markers(&[center], 3.6, Marker::Circle, ring);
    }
}
