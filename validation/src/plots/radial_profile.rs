//! The radial profile of the average event in a layer.

use super::axis::{Axis, Scale};
use super::canvas::{Canvas, Stroke, draw_svg};
use super::density::{Density, ratios};
use super::error::PlotError;
use super::histogram::draw_ratio;
use super::layer_map::check_image;
use super::legend::{self, Block, Entry, Swatch};
use super::panel::{Panel, high_end_with_room};
use super::rich_text::literal;
use super::style::{FigureContext, FigureSize, GENERATED, REFERENCE_FILL, REFERENCE_LINE};
use super::two_panels::Layout;
use super::units::Units;
use crate::report::model::{CellShape, LayerImage};

/// Rectangles are put into at most so many bins of their radius.
const MOST_BINS: f64 = 40.0;

/// Draws the radial profile of a layer, with the ratio of the samples below.
///
/// Of rings it is the mean per millimetre of radius, summed over the angular bins; the drawn radius
/// goes with √r. Of rectangles it is the mean per cell of those whose middle is at this radius.
///
/// # Errors
/// If the image's lengths or edges do not fit, or it has no value at all.
pub fn radial_profile_figure(
    image: &LayerImage,
    units: &Units,
    context: &FigureContext,
    size: FigureSize,
) -> Result<String, PlotError> {
    check_image(image)?;
    let profile = Profile::of(image, units);
    if profile.reference.maximum().max(profile.generated.maximum()) <= 0.0 {
        return Err(PlotError::Empty { figure: image.name.clone() });
    }
    let description = format!("Radial profile of {}: generated against reference", image.name);
    draw_svg((size.width, size.height), &description, |canvas| {
        draw(canvas, &profile, context, size)
    })
}

/// What is drawn. There are no errors: the image is a mean without a spread.
struct Profile {
    edges_mm: Vec<f64>,
    reference: Density,
    generated: Density,
    scale: Scale,
    x_label: String,
    y_label: String,
}

impl Profile {
    fn of(image: &LayerImage, units: &Units) -> Self {
        let (edges_mm, weights, rings) = match &image.shape {
            CellShape::Rings { radial_edges_mm, angular_bins } => {
                let rings = radial_edges_mm.len() - 1;
                let weights = radial_edges_mm.windows(2).map(|p| 1.0 / (p[1] - p[0])).collect();
                (
                    radial_edges_mm.clone(),
                    weights,
                    (0..rings).collect::<Vec<_>>().repeat(*angular_bins),
                )
            }
            CellShape::Rectangles { x_edges_mm, y_edges_mm } => {
                rings_of_rectangles(x_edges_mm, y_edges_mm)
            }
        };
        let density = |cells: &[f64]| {
            let mut values: Vec<f64> = vec![0.0; edges_mm.len() - 1];
            for (&ring, &value) in rings.iter().zip(cells) {
                values[ring] += if value.is_finite() { value } else { 0.0 };
            }
            for (value, weight) in values.iter_mut().zip(&weights) {
                let weight: &f64 = weight;
                *value *= weight;
            }
            Density { errors: vec![0.0; values.len()], values }
        };
        let in_rings = matches!(image.shape, CellShape::Rings { .. });
        let length = &units.length;
        Self {
            reference: density(&image.reference),
            generated: density(&image.generated),
            scale: if in_rings { Scale::SquareRoot } else { Scale::Linear },
            x_label: if in_rings {
                format!("r in {} ({length}), √ scale", image.name)
            } else {
                format!("r in {} ({length})", image.name)
            },
            y_label: match (in_rings, units.quantity.as_str()) {
                (true, "energy") => format!("Mean dE/dr ({} / {length})", units.unit),
                (true, quantity) => format!("Mean {quantity} / dr ({} / {length})", units.unit),
                (false, _) => units.mean_value_label(),
            },
            edges_mm,
        }
    }
}

/// Edges of bins of the radius of which each has a cell, one over the number of its cells, and the
/// bin of each cell.
fn rings_of_rectangles(x_edges: &[f64], y_edges: &[f64]) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
    let middles = |edges: &[f64]| -> Vec<f64> {
        edges.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect()
    };
    let (x, y) = (middles(x_edges), middles(y_edges));
    let radii: Vec<f64> = y.iter().flat_map(|y| x.iter().map(move |x: &f64| x.hypot(*y))).collect();
    let narrowest = |edges: &[f64]| {
        edges.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min)
    };
    let greatest = radii.iter().copied().fold(0.0, f64::max);
    let width = narrowest(x_edges).min(narrowest(y_edges)).max(greatest / MOST_BINS);
    let number = |radius: f64| (radius / width).floor();
    let mut filled: Vec<f64> = radii.iter().map(|&radius| number(radius)).collect();
    filled.sort_by(f64::total_cmp);
    filled.dedup();
    // A bin reaches to where the next one with a cell begins.
    let mut edges: Vec<f64> = filled.iter().map(|number| number * width).collect();
    edges[0] = 0.0;
    edges.push((filled[filled.len() - 1] + 1.0) * width);
    let rings: Vec<usize> = radii
        .iter()
        .map(|&radius| filled.partition_point(|known| *known < number(radius)))
        .collect();
    let mut cells = vec![0.0; filled.len()];
    for &ring in &rings {
        cells[ring] += 1.0;
    }
    (edges, cells.iter().map(|cells| 1.0 / cells).collect(), rings)
}

fn draw(
    canvas: &mut Canvas,
    profile: &Profile,
    context: &FigureContext,
    size: FigureSize,
) -> Result<(), PlotError> {
    let layout = Layout::new(size);
    let Profile { edges_mm: edges, reference, generated, .. } = profile;
    let label = profile.x_label.as_str();
    let x = Axis::new(profile.scale, (0.0, edges[edges.len() - 1]), label, 8);
    let smallest = [reference.smallest_positive(), generated.smallest_positive()];
    let low = 0.5 * smallest.into_iter().flatten().fold(f64::INFINITY, f64::min);
    let high = reference.maximum().max(generated.maximum());
    let block = Block {
        entries: vec![
            Entry::Sample(Swatch::Area, literal(context.reference_label)),
            Entry::Sample(Swatch::Curve(GENERATED), literal(context.generated_label)),
        ],
    };
    let reach = |from: f64, to: f64| {
        let pixel = |edge: f64| layout.main.x + x.position(edge) * layout.main.width;
        let bins = edges.windows(2).enumerate();
        let under = bins.filter(|(_, pair)| pixel(pair[1]) >= from && pixel(pair[0]) <= to);
        under.map(|(bin, _)| reference.values[bin].max(generated.values[bin])).fold(0.0, f64::max)
    };
    let (placed, high) =
        legend::place(layout.main, &[block], &layout.typography, |from, to, share| {
            let needed = high_end_with_room(Scale::Log, low, reach(from, to), share);
            needed.max(high_end_with_room(Scale::Log, low, high, 0.06))
        });
    let y = Axis::new(Scale::Log, (low, high), profile.y_label.as_str(), 7);
    let main = Panel { rect: layout.main, x: x.clone(), y };
    let ratio = layout.ratio_panel(x);
    let outline = main.steps(edges, &reference.values);
    canvas.polygon(&outline, REFERENCE_FILL)?;
    main.outline(canvas, &outline, Stroke::new(REFERENCE_LINE, 1.0))?;
    let outline = main.steps(edges, &generated.values);
    main.outline(canvas, &outline, Stroke::new(GENERATED, 1.7))?;
    draw_ratio(canvas, &ratio, edges, &ratios(reference, generated))?;
    for block in placed {
        block.block.draw(canvas, block.rect, &layout.typography)?;
    }
    layout.draw_titles(canvas, context)?;
    layout.draw_frames(canvas, &main, &ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_are_averaged_over_those_at_a_radius() {
        let edges = [-1.5, -0.5, 0.5, 1.5];
        let (radii, weights, rings) = rings_of_rectangles(&edges, &edges);
        // The middle alone; then four neighbours at 1 and four corners at √2.
        assert_eq!(radii, [0.0, 1.0, 2.0]);
        assert_eq!(weights, [1.0, 0.125]);
        assert_eq!(rings, [1, 1, 1, 1, 0, 1, 1, 1, 1]);
        let (radii, weights, _) = rings_of_rectangles(&[-10.0, 10.0], &[-3.0, -1.0, 1.0, 3.0]);
        assert_eq!(radii, [0.0, 2.0, 4.0]);
        assert_eq!(weights, [1.0, 0.5]);
    }
}
