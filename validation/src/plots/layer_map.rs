//! The average event in a layer: maps of both samples and of their ratio side by side.

use super::canvas::{Anchor, Canvas, Font, draw_svg};
use super::color_scale::{BAR_WIDTH, ColorScale};
use super::error::{PlotError, check_edges, check_length};
use super::geometry::Rect;
use super::grid_map::GridMap;
use super::polar_map::Disc;
use super::rich_text;
use super::style::{FAINT_INK, FigureContext, FigureSize, INK, Typography};
use super::units::Units;
use crate::report::model::{CellShape, LayerImage};

/// A good size for three maps in a row.
pub const MAP_SIZE: FigureSize = FigureSize { width: 980, height: 372 };

const TITLE_HEIGHT: f64 = 26.0;
/// Room for the last tick label of a map and the first of the next.
const MAP_GAP: f64 = 34.0;

/// Draws the mean value of each cell of both samples on the same logarithmic colour scale, and
/// their ratio on a diverging one, symmetric in its logarithm.
///
/// Rings are drawn as discs: α is the polar angle and the drawn radius goes with √r, so that the
/// core of the shower can be seen. Rectangles are drawn as they are. Cells without a value are
/// grey.
///
/// # Errors
/// If the image's lengths or edges do not fit, or it has no value at all.
pub fn layer_map_figure(
    image: &LayerImage,
    units: &Units,
    context: &FigureContext,
    size: FigureSize,
) -> Result<String, PlotError> {
    check_image(image)?;
    let values = image.reference.iter().chain(&image.generated);
    let label = units.mean_value_label();
    let Some(scale) = ColorScale::of_values(values, false, &label) else {
        return Err(PlotError::Empty { figure: image.name.clone() });
    };
    let description =
        format!("Average {} in {}: generated against reference", units.event(), image.name);
    draw_svg((size.width, size.height), &description, |canvas| {
        draw(canvas, image, (&scale, &ColorScale::of_ratios()), (units, context), size)
    })
}

/// Whether an image has the cells that its shape says.
pub(super) fn check_image(image: &LayerImage) -> Result<(), PlotError> {
    match &image.shape {
        CellShape::Rings { radial_edges_mm, .. } => check_edges(&image.name, radial_edges_mm)?,
        CellShape::Rectangles { x_edges_mm, y_edges_mm } => {
            check_edges(&image.name, x_edges_mm)?;
            check_edges(&image.name, y_edges_mm)?;
        }
    }
    let cells = image.shape.cell_count();
    check_length(&image.name, "the reference image", image.reference.len(), cells)?;
    check_length(&image.name, "the generated image", image.generated.len(), cells)
}

fn draw(
    canvas: &mut Canvas,
    image: &LayerImage,
    (energy, ratio): (&ColorScale, &ColorScale),
    (units, context): (&Units, &FigureContext),
    size: FigureSize,
) -> Result<(), PlotError> {
    let typography = FigureSize { width: 560, ..size }.typography();
    let layout = Layout::new(size, &typography, energy.room(&typography));
    let ratios: Vec<f64> =
        image.generated.iter().zip(&image.reference).map(|(g, r)| g / r).collect();
    let maps = [
        (context.reference_label, &image.reference, energy),
        (context.generated_label, &image.generated, energy),
        ("Ratio", &ratios, ratio),
    ];
    for (map, (title, values, scale)) in layout.maps.into_iter().zip(maps) {
        let first = map == layout.maps[0];
        draw_cells(canvas, map, (&image.shape, values), scale, units, (&typography, first))?;
        let font = Font::new(typography.legend, INK);
        let title = rich_text::fit(&rich_text::literal(title), font.size, false, map.width);
        let at = (map.x + map.width / 2.0, map.y - 8.0);
        canvas.text(&title, at, Anchor::Middle, font)?;
    }
    energy.draw_bar(canvas, layout.energy_bar, &typography)?;
    ratio.draw_bar(canvas, layout.ratio_bar, &typography)?;
    draw_heading(canvas, image, context, &layout, &typography)
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
    (typography, left): (&Typography, bool),
) -> Result<Rect, PlotError> {
    match shape {
        CellShape::Rings { radial_edges_mm, angular_bins } => {
            let disc = Disc::new(map, radial_edges_mm, *angular_bins);
            disc.draw(canvas, values, scale)?;
            disc.draw_axis(canvas, typography, left)?;
            Ok(map)
        }
        CellShape::Rectangles { x_edges_mm, y_edges_mm } => {
            let labels = (units.axis_label("x"), units.axis_label("y"));
            let edges = (&x_edges_mm[..], &y_edges_mm[..]);
            let grid = GridMap::new(map, edges, (&labels.0, &labels.1));
            grid.draw(canvas, values, scale)?;
            grid.draw_axes(canvas, typography, left)?;
            Ok(grid.rect())
        }
    }
}

fn draw_heading(
    canvas: &mut Canvas,
    image: &LayerImage,
    context: &FigureContext,
    layout: &Layout,
    typography: &Typography,
) -> Result<(), PlotError> {
    let baseline = layout.maps[0].y - TITLE_HEIGHT - 8.0;
    let left = layout.maps[0].x;
    let right = layout.maps[2].right();
    let title = rich_text::literal(&format!("{}: {}", context.title, image.name));
    let title = rich_text::fit(&title, typography.legend, true, 0.7 * (right - left));
    let bold = Font::new(typography.legend, INK).bold();
    canvas.text(&title, (left, baseline), Anchor::Start, bold)?;
    let font = Font::new(typography.legend, FAINT_INK);
    canvas.text(&rich_text::literal(context.subtitle), (right, baseline), Anchor::End, font)
}

/// Where maps and colour bars stand.
struct Layout {
    maps: [Rect; 3],
    energy_bar: Rect,
    ratio_bar: Rect,
}

impl Layout {
    fn new(size: FigureSize, typography: &Typography, energy_room: f64) -> Self {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let left = 3.2 * typography.tick + typography.label;
        let bar_room = ColorScale::bar_room(typography);
        let top = 2.0 * TITLE_HEIGHT + 4.0;
        let below = 3.2 * typography.tick + typography.label;
        let across = (width - left - bar_room - energy_room - MAP_GAP - 16.0) / 3.0;
        let side = across.min(height - top - below);
        let square = |x: f64| Rect::new(x, top, side, side);
        let second = left + side + MAP_GAP;
        let third = second + side + energy_room + 16.0;
        let bar = |map: f64| Rect::new(map + side + 12.0, top, BAR_WIDTH, side);
        Self {
            maps: [square(left), square(second), square(third)],
            energy_bar: bar(second),
            ratio_bar: bar(third),
        }
    }
}
