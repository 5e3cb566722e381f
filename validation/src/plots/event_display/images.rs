use detectors::{ConditionKind, Layer};

use super::Picture;
use super::heading::with_unit;
use super::layout::{Panels, draw_empty, draw_title};
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::color_scale::{BAR_WIDTH, ColorScale};
use crate::plots::drawing::geometry::Rect;
use crate::plots::drawing::grid_map::GridMap;
use crate::plots::drawing::rich_text::literal;
use crate::plots::drawing::style::{FigureSize, Theme};
use crate::report::model::CellShape;

/// An image to draw.
struct Image {
    title: String,
    x_edges: Vec<f64>,
    y_edges: Vec<f64>,
    values: Vec<f64>,
    bar: String,
}

/// The images that an event is generated for, and the image of the event, each with its own
/// colours.
pub(super) fn draw(
    canvas: &mut Canvas,
    picture: &Picture<'_>,
    layer: &Layer,
    size: FigureSize,
    theme: &Theme,
) -> f64 {
    let images = images(picture, layer);
    let bar_room = ColorScale::bar_room(theme);
    // Every image takes the room of its own bar, too.
    let panels = Panels::new(images.len(), size, theme);
    let labels = (picture.units.axis_label("x"), picture.units.axis_label("y"));
    let last = images.len() - 1;
    let mut bottom: f64 = 0.0;
    for (index, (image, &room)) in images.iter().zip(&panels.rooms).enumerate() {
        let width = if last > 0 { room.width - bar_room } else { room.width };
        let room = Rect { width, ..room };
        let edges = (&image.x_edges[..], &image.y_edges[..]);
        let map = GridMap::new(room, edges, (&labels.0, &labels.1));
        let rect = map.rect();
        let whole_numbers = index == last && picture.has_whole_numbers();
        let of_image = || ColorScale::of_values(image.values.iter(), whole_numbers, &image.bar);
        let of_all =
            || ColorScale::of_values(picture.values_for_colors(), whole_numbers, &image.bar);
        if let Some(scale) = if index == last { of_all() } else { of_image() } {
            map.draw(canvas, &image.values, &scale);
            let bar = Rect::new(rect.right() + 12.0, rect.y, BAR_WIDTH, rect.height);
            scale.draw_bar(canvas, bar, theme);
        } else {
            map.draw_nothing(canvas);
            draw_empty(canvas, rect, theme);
        }
        map.draw_axes(canvas, theme, true);
        draw_title(canvas, rect, room, &image.title, theme);
        bottom = bottom.max(rect.bottom());
    }
    panels.end(bottom)
}

fn images(picture: &Picture<'_>, layer: &Layer) -> Vec<Image> {
    let (x_edges, y_edges) = match CellShape::of(layer) {
        CellShape::Rectangles { x_edges_mm, y_edges_mm } => (x_edges_mm, y_edges_mm),
        CellShape::Rings { .. } => (vec![0.0, 1.0], vec![0.0, 1.0]),
    };
    let mut images = Vec::new();
    for condition in picture.detector.conditions() {
        let ConditionKind::Image([rows, columns]) = condition.kind else { continue };
        let unit = literal(&condition.unit);
        let values = picture.conditions[condition.columns()].to_vec();
        let total = with_unit(values.iter().sum(), &condition.unit);
        images.push(Image {
            title: format!("Condition: {} ({total})", literal(&condition.name)),
            x_edges: spread(&x_edges, columns),
            y_edges: spread(&y_edges, rows),
            values,
            bar: format!("{} per pixel ({unit})", literal(&condition.name)),
        });
    }
    let title = with_unit(picture.values.iter().sum(), &picture.units.unit);
    images.push(Image {
        title: if images.is_empty() { title } else { format!("Response: {title}") },
        x_edges,
        y_edges,
        values: picture.values.clone(),
        bar: picture.value_label(),
    });
    images
}

/// `edges` if they have so many bins, else as many equal bins in their range.
fn spread(edges: &[f64], bins: usize) -> Vec<f64> {
    if edges.len() == bins + 1 {
        return edges.to_vec();
    }
    crate::observables::linear_edges(edges[0], edges[edges.len() - 1], bins)
}
