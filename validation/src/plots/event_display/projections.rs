use detectors::LayerShape;

use super::Picture;
use super::heading::with_unit;
use super::layout::{Panels, draw_empty, draw_title};
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::color_scale::ColorScale;
use crate::plots::drawing::grid_map::GridMap;
use crate::plots::drawing::style::{FigureSize, Theme};

/// The sums over z, y and x of a regular grid.
pub(super) fn draw(
    canvas: &mut Canvas,
    picture: &Picture<'_>,
    size: FigureSize,
    theme: &Theme,
) -> f64 {
    let detector = picture.detector;
    let (Some([nx, ny, nz]), [first, ..]) = (detector.grid(), detector.layers()) else {
        return 0.0;
    };
    let LayerShape::Rectangles { x_edges_mm, y_edges_mm, .. } = first.shape() else {
        return 0.0;
    };
    let z_edges_mm = z_edges_mm(picture, nz);
    let [xy, zx, zy] = sums(&picture.values, [nx, ny, nz]);
    let label = |axis: &str| picture.units.axis_label(axis);
    let (x_label, y_label) = (label("x"), label("y"));
    let z_label = if z_edges_mm[0] < 0.0 { "z (layers)".to_owned() } else { label("z") };
    let projections = [
        ("Sum over z", &xy, (x_edges_mm, y_edges_mm), (&x_label, &y_label)),
        ("Sum over y", &zx, (&z_edges_mm, x_edges_mm), (&z_label, &x_label)),
        ("Sum over x", &zy, (&z_edges_mm, y_edges_mm), (&z_label, &y_label)),
    ];
    let edges = [x_edges_mm, y_edges_mm, &z_edges_mm].map(Vec::as_slice);
    let panels = Panels::of_projections(edges, size, theme);
    let companions: Vec<f64> = picture
        .companions
        .iter()
        .flat_map(|values| sums(values, [nx, ny, nz]).into_iter().flatten())
        .collect();
    let values = projections.iter().flat_map(|(_, values, ..)| values.iter()).chain(&companions);
    let quantity = crate::observables::capitalised(&picture.units.quantity);
    let quantity =
        if picture.events > 1 { format!("Mean {}", picture.units.quantity) } else { quantity };
    let bar = picture.units.with_unit(format!("{quantity}, summed along a line"));
    let scale = ColorScale::of_values(values, picture.has_whole_numbers(), &bar);
    let total = with_unit(picture.values.iter().sum(), &picture.units.unit);
    let mut bottom: f64 = 0.0;
    for ((title, values, edges, labels), &room) in projections.into_iter().zip(&panels.rooms) {
        let map = GridMap::new(room, (edges.0, edges.1), (labels.0, labels.1));
        if let Some(scale) = &scale {
            map.draw(canvas, values, scale);
        } else {
            map.draw_nothing(canvas);
            draw_empty(canvas, map.rect(), theme);
        }
        bottom = bottom.max(map.rect().bottom());
        map.draw_axes(canvas, theme, true);
        draw_title(canvas, map.rect(), room, &format!("{title}: {total}"), theme);
    }
    panels.draw_bar(canvas, scale.as_ref(), bottom, theme)
}

/// The sums over z, y and x.
fn sums(values: &[f64], [nx, ny, nz]: [usize; 3]) -> [Vec<f64>; 3] {
    let (mut xy, mut zx, mut zy) = (vec![0.0; nx * ny], vec![0.0; nz * nx], vec![0.0; nz * ny]);
    for (cell, &value) in values.iter().enumerate() {
        let (x, y, z) = (cell % nx, cell / nx % ny, cell / (nx * ny));
        xy[y * nx + x] += value;
        zx[x * nz + z] += value;
        zy[y * nz + z] += value;
    }
    [xy, zx, zy]
}

/// Depths from the front face.
fn z_edges_mm(picture: &Picture<'_>, layers: usize) -> Vec<f64> {
    let thickness = picture.detector.cell_size_mm().map(|[_, _, thickness]| thickness);
    (0..=layers)
        .map(|edge| match thickness {
            Some(thickness) => edge as f64 * thickness,
            None => edge as f64 - 0.5,
        })
        .collect()
}
