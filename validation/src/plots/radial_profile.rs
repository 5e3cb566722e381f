//! The radial profile of the average shower in a layer.

use super::axis::{Axis, Scale};
use super::canvas::{Canvas, Stroke, draw_svg};
use super::density::{Density, ratios};
use super::error::{PlotError, check_edges, check_length};
use super::histogram::draw_ratio;
use super::legend::{self, Block, Entry, Swatch};
use super::panel::{Panel, high_end_with_room};
use super::rich_text::literal;
use super::style::{FigureContext, FigureSize, GENERATED, REFERENCE_FILL, REFERENCE_LINE};
use super::two_panels::Layout;
use crate::report::model::LayerImage;

/// Draws the mean energy per millimetre of radius, summed over the angular bins, with the ratio of
/// the samples below. The drawn radius goes with √r.
///
/// # Errors
/// If the image's lengths or edges do not fit, or it has no energy at all.
pub fn radial_profile_figure(
    image: &LayerImage,
    context: &FigureContext,
    size: FigureSize,
) -> Result<String, PlotError> {
    check_edges(&image.name, &image.radial_edges_mm)?;
    let cells = image.angular_bins * (image.radial_edges_mm.len() - 1);
    check_length(&image.name, "the reference image", image.reference_mev.len(), cells)?;
    check_length(&image.name, "the generated image", image.generated_mev.len(), cells)?;
    let reference = profile(image, &image.reference_mev);
    let generated = profile(image, &image.generated_mev);
    if reference.maximum().max(generated.maximum()) <= 0.0 {
        return Err(PlotError::Empty { figure: image.name.clone() });
    }
    let description = format!("Radial profile of {}: generated against reference", image.name);
    draw_svg((size.width, size.height), &description, |canvas| {
        draw(canvas, image, (&reference, &generated), context, size)
    })
}

/// dE/dr in every ring, without errors: the image is a mean without a spread.
fn profile(image: &LayerImage, energies: &[f64]) -> Density {
    let rings = image.radial_edges_mm.len() - 1;
    let mut values = vec![0.0; rings];
    for row in energies.chunks(rings) {
        for (value, energy) in values.iter_mut().zip(row) {
            *value += if energy.is_finite() { *energy } else { 0.0 };
        }
    }
    for (value, pair) in values.iter_mut().zip(image.radial_edges_mm.windows(2)) {
        *value /= pair[1] - pair[0];
    }
    Density { values, errors: vec![0.0; rings] }
}

fn draw(
    canvas: &mut Canvas,
    image: &LayerImage,
    (reference, generated): (&Density, &Density),
    context: &FigureContext,
    size: FigureSize,
) -> Result<(), PlotError> {
    let layout = Layout::new(size);
    let edges = &image.radial_edges_mm;
    let label = format!("r in {} (mm), √ scale", image.name);
    let x = Axis::new(Scale::SquareRoot, (0.0, edges[edges.len() - 1]), label, 8);
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
    let y = Axis::new(Scale::Log, (low, high), "Mean dE/dr (MeV / mm)", 7);
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
