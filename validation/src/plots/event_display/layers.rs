use detectors::Layer;

use super::Picture;
use super::heading::with_unit;
use super::layout::{Panels, draw_empty, draw_title};
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::color_scale::ColorScale;
use crate::plots::drawing::geometry::Rect;
use crate::plots::drawing::rich_text::literal;
use crate::plots::drawing::style::{FigureSize, Theme};
use crate::plots::layer_map::draw_cells;
use crate::plots::representative::representative_layers;
use crate::report::model::CellShape;

/// Layers that are drawn of a detector with many.
const LAYERS_DRAWN: usize = 8;

/// Layers side by side, with what is in each.
pub(super) fn draw(
    canvas: &mut Canvas,
    picture: &Picture<'_>,
    layers: &[Layer],
    size: FigureSize,
    theme: &Theme,
) -> f64 {
    let sums: Vec<f64> =
        layers.iter().map(|layer| picture.values[layer.cells()].iter().sum()).collect();
    let drawn = representative_layers(&sums, LAYERS_DRAWN);
    let panels = Panels::new(drawn.len(), size, theme);
    let label = picture.value_label();
    let whole_numbers = picture.has_whole_numbers();
    let scale = ColorScale::of_values(picture.values_for_colors(), whole_numbers, &label);
    // Of an empty event no cell has a colour, whatever the scale.
    let any = ColorScale::of_ratios();
    let mut bottom: f64 = 0.0;
    for (&index, &room) in drawn.iter().zip(&panels.rooms) {
        let layer = &layers[index];
        let shape = CellShape::of(layer);
        let values = shape.ordered(layer, &picture.values[layer.cells()]);
        let map = match shape {
            CellShape::Rings { .. } => square_in(room),
            CellShape::Rectangles { .. } => room,
        };
        let colors = scale.as_ref().unwrap_or(&any);
        let drawn =
            draw_cells(canvas, map, (&shape, &values), colors, &picture.units, (theme, true));
        bottom = bottom.max(drawn.bottom());
        let sum = with_unit(sums[index], &picture.units.unit);
        draw_title(canvas, drawn, room, &format!("{}: {sum}", literal(layer.name())), theme);
        if sums[index] <= 0.0 {
            draw_empty(canvas, drawn, theme);
        }
    }
    panels.draw_bar(canvas, scale.as_ref(), bottom, theme)
}

/// The greatest square at the upper end.
fn square_in(room: Rect) -> Rect {
    let side = room.width.min(room.height);
    Rect::new(room.x + (room.width - side) / 2.0, room.y, side, side)
}
