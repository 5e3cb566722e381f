//! The average event in a layer: maps of the samples and of their ratios.

use super::correlations::pixels;
use super::drawing::canvas::{Anchor, Canvas, Font, draw_svg_up_to};
use super::drawing::color_scale::{BAR_WIDTH, ColorScale};
use super::drawing::geometry::Rect;
use super::drawing::grid_map::GridMap;
use super::drawing::polar_map::Disc;
use super::drawing::rich_text;
use super::drawing::style::{FAINT_INK, FigureContext, FigureSize, INK, Style, Theme};
use super::error::{PlotError, check_edges, check_length};
use super::figure::Plot;
use super::table::{Column, Places, Table, TableAxis};
use super::units::Units;
use crate::report::model::CellShape;

/// The mean value of each cell of a layer in several samples.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerMaps {
    /// The layer's name.
    pub name: String,
    pub shape: CellShape,
    /// Label (not markup) and values, as the shape orders them. `[cells]`
    pub reference: (String, Vec<f64>),
    pub generated: Vec<(String, Vec<f64>)>,
    pub units: Units,
}

const TITLE_HEIGHT: f64 = 26.0;
/// Room for the last tick label of a map and the first of the next.
const MAP_GAP: f64 = 34.0;

impl LayerMaps {
    /// Whether there are the cells that the shape says.
    fn check(&self) -> Result<(), PlotError> {
        match &self.shape {
            CellShape::Rings { radial_edges_mm, .. } => check_edges(&self.name, radial_edges_mm)?,
            CellShape::Rectangles { x_edges_mm, y_edges_mm } => {
                check_edges(&self.name, x_edges_mm)?;
                check_edges(&self.name, y_edges_mm)?;
            }
        }
        let cells = self.shape.cell_count();
        for (_, values) in std::iter::once(&self.reference).chain(&self.generated) {
            check_length(&self.name, "an image", values.len(), cells)?;
        }
        Ok(())
    }

    fn ratios(&self, generated: &[f64]) -> Vec<f64> {
        generated.iter().zip(&self.reference.1).map(|(g, r)| g / r).collect()
    }
}

impl Plot for LayerMaps {
    /// The mean value of each cell of all samples on the same logarithmic colour scale, and the
    /// ratios to the reference on a diverging one, symmetric in its logarithm: a row for each
    /// generated sample.
    ///
    /// Rings are drawn as discs: α is the polar angle and the drawn radius goes with √r, so that
    /// the core of the shower can be seen. Rectangles are drawn as they are. Cells without a value
    /// are grey. The height follows from the number of samples.
    ///
    /// # Errors
    /// If lengths or edges do not fit, or there is no value at all.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        self.check()?;
        let values = std::iter::once(&self.reference).chain(&self.generated);
        let values = values.flat_map(|(_, values)| values);
        let label = self.units.mean_value_label();
        let Some(scale) = ColorScale::of_values(values, false, &label) else {
            return Err(PlotError::Empty { figure: self.name.clone() });
        };
        let event = self.units.event();
        let description = format!("Average {event} in {}: generated against reference", self.name);
        Ok(draw_svg_up_to(size.width, &description, |canvas| {
            self.draw(canvas, (&scale, &ColorScale::of_ratios()), context, size)
        }))
    }

    fn table(&self) -> Option<Table> {
        self.check().ok()?;
        let mut axes = match &self.shape {
            CellShape::Rings { radial_edges_mm, angular_bins } => {
                let rings = radial_edges_mm.len() - 1;
                let (step, length) = (std::f64::consts::TAU / *angular_bins as f64, rings);
                let edge = |sector: usize| sector as f64 * step - std::f64::consts::PI;
                let sectors = (0..angular_bins * length)
                    .map(|cell| (edge(cell / length), edge(cell / length + 1)));
                let radii = (0..angular_bins * length).map(|cell| {
                    (radial_edges_mm[cell % length], radial_edges_mm[cell % length + 1])
                });
                [("α (rad)", sectors.collect()), ("r (mm)", radii.collect::<Vec<_>>())].to_vec()
            }
            CellShape::Rectangles { x_edges_mm, y_edges_mm } => {
                let columns = x_edges_mm.len() - 1;
                let between = |edges: &[f64], bin: usize| (edges[bin], edges[bin + 1]);
                let cells = 0..self.shape.cell_count();
                let y = cells.clone().map(|cell| between(y_edges_mm, cell / columns));
                let x = cells.map(|cell| between(x_edges_mm, cell % columns));
                [("y (mm)", y.collect()), ("x (mm)", x.collect::<Vec<_>>())].to_vec()
            }
        };
        for axis in &mut axes {
            if self.units.length != "mm" && axis.0.ends_with("(mm)") {
                axis.0 = axis.0.trim_end_matches(" (mm)");
            }
        }
        let label = self.units.mean_value_label();
        let samples = std::iter::once(&self.reference).chain(&self.generated);
        let mut columns: Vec<Column> =
            samples.map(|(sample, values)| Column::new(&label, sample, values.clone())).collect();
        for (sample, values) in &self.generated {
            columns.push(Column::new("Ratio to reference", sample, self.ratios(values)));
        }
        let axes =
            axes.into_iter().map(|(name, bins)| TableAxis::of_label(name, Places::Bins(bins)));
        Some(Table { axes: axes.collect(), columns })
    }
}

impl LayerMaps {
    fn draw(
        &self,
        canvas: &mut Canvas,
        (energy, ratio): (&ColorScale, &ColorScale),
        context: &FigureContext,
        size: FigureSize,
    ) -> u32 {
        let theme = Theme::new(Style::Plain, 560);
        let layout = Layout::new(size, &theme, energy.room(&theme));
        let mut bottom: f64 = 0.0;
        for row in 0..self.generated.len().max(1) {
            let [reference, generated, ratios] = layout.row(row);
            if row == 0 {
                let (label, values) = &self.reference;
                self.draw_map(canvas, reference, (label, values), energy, (&theme, true));
            }
            if let Some((label, values)) = self.generated.get(row) {
                let left = row > 0;
                self.draw_map(canvas, generated, (label, values), energy, (&theme, left));
                let values = self.ratios(values);
                self.draw_map(canvas, ratios, ("Ratio", &values), ratio, (&theme, false));
                ratio.draw_bar(canvas, layout.bar(ratios), &theme);
            }
            energy.draw_bar(canvas, layout.bar(generated), &theme);
            bottom = generated.bottom();
        }
        self.draw_heading(canvas, context, &layout, &theme);
        pixels(bottom + layout.below)
    }

    fn draw_map(
        &self,
        canvas: &mut Canvas,
        map: Rect,
        (title, values): (&str, &[f64]),
        scale: &ColorScale,
        (theme, left): (&Theme, bool),
    ) {
        draw_cells(canvas, map, (&self.shape, values), scale, &self.units, (theme, left));
        let font = Font::new(theme.legend, INK);
        let title = rich_text::fit(&rich_text::literal(title), font.size, false, map.width);
        canvas.text(&title, (map.x + map.width / 2.0, map.y - 8.0), Anchor::Middle, font);
    }

    fn draw_heading(
        &self,
        canvas: &mut Canvas,
        context: &FigureContext,
        layout: &Layout,
        theme: &Theme,
    ) {
        let [left, _, right] = layout.row(0);
        let baseline = left.y - TITLE_HEIGHT - 8.0;
        let (left, right) = (left.x, right.right());
        let label = context.label.map_or(String::new(), |label| format!("{label}   "));
        let title = rich_text::literal(&format!("{label}{}: {}", context.title, self.name));
        let title = rich_text::fit(&title, theme.legend, true, 0.7 * (right - left));
        let bold = Font::new(theme.legend, INK).bold();
        canvas.text(&title, (left, baseline), Anchor::Start, bold);
        let font = Font::new(theme.legend, FAINT_INK);
        let subtitle = rich_text::literal(context.subtitle);
        canvas.text(&subtitle, (right, baseline), Anchor::End, font);
    }
}

/// The cells of a layer in a square, with their axes; the vertical one where asked for.
///
/// # Returns
/// Where the cells are.
pub(super) fn draw_cells(
    canvas: &mut Canvas,
    map: Rect,
    (shape, values): (&CellShape, &[f64]),
    scale: &ColorScale,
    units: &Units,
    (theme, left): (&Theme, bool),
) -> Rect {
    match shape {
        CellShape::Rings { radial_edges_mm, angular_bins } => {
            let disc = Disc::new(map, radial_edges_mm, *angular_bins);
            disc.draw(canvas, values, scale);
            disc.draw_axis(canvas, theme, left);
            map
        }
        CellShape::Rectangles { x_edges_mm, y_edges_mm } => {
            let labels = (units.axis_label("x"), units.axis_label("y"));
            let edges = (&x_edges_mm[..], &y_edges_mm[..]);
            let grid = GridMap::new(map, edges, (&labels.0, &labels.1));
            grid.draw(canvas, values, scale);
            grid.draw_axes(canvas, theme, left);
            grid.rect()
        }
    }
}

/// Where maps and colour bars stand.
struct Layout {
    left: f64,
    top: f64,
    side: f64,
    /// Room for the axes below a map.
    below: f64,
    energy_room: f64,
}

impl Layout {
    fn new(size: FigureSize, theme: &Theme, energy_room: f64) -> Self {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let left = 3.2 * theme.tick + theme.label;
        let bar_room = ColorScale::bar_room(theme);
        let top = 2.0 * TITLE_HEIGHT + 4.0;
        let below = 3.2 * theme.tick + theme.label;
        let across = (width - left - bar_room - energy_room - MAP_GAP - 16.0) / 3.0;
        let side = across.min(height - top - below);
        Self { left, top, side, below, energy_room }
    }

    fn row(&self, row: usize) -> [Rect; 3] {
        let top = self.top + row as f64 * (self.side + self.below + TITLE_HEIGHT);
        let square = |x: f64| Rect::new(x, top, self.side, self.side);
        let second = self.left + self.side + MAP_GAP;
        let third = second + self.side + self.energy_room + 16.0;
        [square(self.left), square(second), square(third)]
    }

    fn bar(&self, map: Rect) -> Rect {
        Rect::new(map.right() + 12.0, map.y, BAR_WIDTH, map.height)
    }
}
