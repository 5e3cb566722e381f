//! One observable of both samples: unit-area histograms above, their ratio below.

use super::axis::{Axis, Scale};
use super::canvas::{Canvas, Stroke, draw_svg};
use super::density::{Density, Ratio, populated_bins, ratios};
use super::error::{PlotError, check_edges, check_length};
use super::legend::{self, Block, Entry, Swatch};
use super::panel::{Panel, high_end_with_room};
use super::rich_text;
use super::style::{
    FigureContext, FigureSize, GENERATED, REFERENCE_BAND, REFERENCE_FILL, REFERENCE_LINE,
};
use super::ticks::{grouped, number};
use super::two_panels::{Layout, draw_unity};
use crate::report::model::{HistogramPair, ObservableComparison, WithFloor};

/// Draws an observable: the reference as a grey area with its statistical error band, the
/// generated sample as a line with error bars, and generated over reference below.
///
/// Both are normalised to unit area over the drawn axis (per decade where `log_x`). With n entries
/// in a bin, N in all and p = n / N, the error is that of p: σ² = p (1 − p) / N (with weights,
/// that of the weighted share). Empty tails are cut off. In the ratio the bars are the errors of the
/// generated sample, the band those of the reference; triangles mark what is out of range.
///
/// # Errors
/// If the histogram's lengths or edges do not fit, or the axis is logarithmic and an edge is not
/// positive.
pub fn histogram_figure(
    comparison: &ObservableComparison,
    context: &FigureContext,
    size: FigureSize,
) -> Result<String, PlotError> {
    let histogram = visible_part(comparison)?;
    let description = format!("{}: generated against reference", comparison.label);
    draw_svg((size.width, size.height), &description, |canvas| {
        draw(canvas, comparison, &histogram, context, size)
    })
}

/// Edges and counts of the bins that are drawn, with the densities of all bins cut to them.
struct Visible {
    edges: Vec<f64>,
    reference: Density,
    generated: Density,
}

fn visible_part(comparison: &ObservableComparison) -> Result<Visible, PlotError> {
    let HistogramPair {
        edges, reference, generated, reference_variances, generated_variances, ..
    } = &comparison.histogram;
    let name = &comparison.name;
    check_edges(name, edges)?;
    check_length(name, "the reference histogram", reference.len(), edges.len() - 1)?;
    check_length(name, "the generated histogram", generated.len(), edges.len() - 1)?;
    for variances in [reference_variances, generated_variances].into_iter().flatten() {
        check_length(name, "the variances", variances.len(), edges.len() - 1)?;
    }
    if comparison.log_x && edges[0] <= 0.0 {
        return Err(PlotError::Edges { figure: name.clone() });
    }
    let (first, end) = populated_bins(reference, generated);
    let cut = |sums: &[f64], variances: Option<&Vec<f64>>| {
        let variances = variances.map_or(sums, Vec::as_slice);
        let density = Density::from_sums(edges, sums, variances, comparison.log_x);
        Density {
            values: density.values[first..end].to_vec(),
            errors: density.errors[first..end].to_vec(),
        }
    };
    Ok(Visible {
        edges: edges[first..=end].to_vec(),
        reference: cut(reference, reference_variances.as_ref()),
        generated: cut(generated, generated_variances.as_ref()),
    })
}

fn draw(
    canvas: &mut Canvas,
    comparison: &ObservableComparison,
    visible: &Visible,
    context: &FigureContext,
    size: FigureSize,
) -> Result<(), PlotError> {
    let layout = Layout::new(size);
    let x_scale = if comparison.log_x { Scale::Log } else { Scale::Linear };
    let range = (visible.edges[0], visible.edges[visible.edges.len() - 1]);
    let x = Axis::new(x_scale, range, comparison.label.as_str(), layout.horizontal_labels());

    let blocks = [samples_block(comparison, context, &layout), statistics_block(comparison)];
    let (y_scale, low) = vertical_scale(comparison.log_y, visible);
    let skyline = Skyline { visible, x: &x, layout: &layout };
    let (placed, high) =
        legend::place(layout.main, &blocks, &layout.typography, |from, to, share| {
            let needed = high_end_with_room(y_scale, low, skyline.between(from, to), share);
            needed.max(high_end_with_room(y_scale, low, skyline.maximum(), 0.06))
        });
    let high = if skyline.maximum() > 0.0 { high } else { 1.0 };
    let labels = if y_scale == Scale::Log { 7 } else { 5 };
    let y = Axis::new(y_scale, (low, high), density_label(comparison), labels);

    let main = Panel { rect: layout.main, x: x.clone(), y };
    let ratio = layout.ratio_panel(x);
    draw_samples(canvas, &main, visible)?;
    draw_ratio(canvas, &ratio, &visible.edges, &ratios(&visible.reference, &visible.generated))?;
    for block in placed {
        block.block.draw(canvas, block.rect, &layout.typography)?;
    }
    layout.draw_titles(canvas, context)?;
    layout.draw_frames(canvas, &main, &ratio)
}

fn draw_samples(canvas: &mut Canvas, main: &Panel, visible: &Visible) -> Result<(), PlotError> {
    let edges = &visible.edges;
    let reference = main.steps(edges, &visible.reference.values);
    canvas.polygon(&reference, REFERENCE_FILL)?;
    let values = visible.reference.values.iter().copied();
    let bands: Vec<_> = values.zip(visible.reference.errors.iter().copied()).collect();
    main.error_band(canvas, edges, &bands, REFERENCE_BAND)?;
    main.outline(canvas, &reference, Stroke::new(REFERENCE_LINE, 1.0))?;
    let generated = main.steps(edges, &visible.generated.values);
    main.outline(canvas, &generated, Stroke::new(GENERATED, 1.7))?;
    for bin in 0..visible.generated.values.len() {
        let center = center(main, edges, bin);
        let point = (visible.generated.values[bin], visible.generated.errors[bin]);
        main.error_bar(canvas, center, point, Stroke::new(GENERATED, 1.1))?;
    }
    Ok(())
}

/// Ratio of two binned samples: band, bars and markers.
pub(super) fn draw_ratio(
    canvas: &mut Canvas,
    panel: &Panel,
    edges: &[f64],
    ratios: &[Option<Ratio>],
) -> Result<(), PlotError> {
    let band = |ratio: &Option<Ratio>| (1.0, ratio.map_or(0.0, |ratio| ratio.reference_error));
    let bands: Vec<_> = ratios.iter().map(band).collect();
    panel.error_band(canvas, edges, &bands, REFERENCE_FILL)?;
    draw_unity(canvas, panel)?;
    for (bin, ratio) in ratios.iter().enumerate() {
        let Some(ratio) = ratio else { continue };
        let x = center(panel, edges, bin);
        panel.error_bar(canvas, x, (ratio.value, ratio.error), Stroke::new(GENERATED, 1.1))?;
        if panel.has_y(ratio.value) {
            let y = panel.py(ratio.value);
            let (left, right) = (panel.px(edges[bin]), panel.px(edges[bin + 1]));
            if right - left > 12.0 {
                canvas.line((left, y), (right, y), Stroke::new(GENERATED, 1.1))?;
            }
            canvas.dot((panel.px(x), y), 2.2, GENERATED)?;
        } else {
            panel.overflow_marker(canvas, x, ratio.value > 1.0, GENERATED)?;
        }
    }
    Ok(())
}

/// The middle of a bin as it is drawn.
fn center(panel: &Panel, edges: &[f64], bin: usize) -> f64 {
    let (low, high) = (edges[bin], edges[bin + 1]);
    match panel.x.scale {
        Scale::Linear => f64::midpoint(low, high),
        Scale::Log => (low * high).sqrt(),
        Scale::SquareRoot => f64::midpoint(low.sqrt(), high.sqrt()).powi(2),
    }
}

fn vertical_scale(log_y: bool, visible: &Visible) -> (Scale, f64) {
    let smallest = [&visible.reference, &visible.generated];
    let smallest = smallest.iter().filter_map(|density| density.smallest_positive());
    match smallest.reduce(f64::min) {
        Some(smallest) if log_y => (Scale::Log, 0.5 * smallest),
        _ => (Scale::Linear, 0.0),
    }
}

/// How high the data reaches.
struct Skyline<'a> {
    visible: &'a Visible,
    x: &'a Axis,
    layout: &'a Layout,
}

impl Skyline<'_> {
    /// The highest point of either sample between two pixels.
    fn between(&self, from: f64, to: f64) -> f64 {
        let rect = self.layout.main;
        let pixel = |edge: &f64| rect.x + self.x.position(*edge) * rect.width;
        let mut highest: f64 = 0.0;
        for (bin, pair) in self.visible.edges.windows(2).enumerate() {
            if pixel(&pair[1]) >= from && pixel(&pair[0]) <= to {
                for density in [&self.visible.reference, &self.visible.generated] {
                    highest = highest.max(density.values[bin] + density.errors[bin]);
                }
            }
        }
        highest
    }

    fn maximum(&self) -> f64 {
        self.visible.reference.maximum().max(self.visible.generated.maximum())
    }
}

fn samples_block(
    comparison: &ObservableComparison,
    context: &FigureContext,
    layout: &Layout,
) -> Block {
    let histogram = &comparison.histogram;
    let line = |label: &str, entries: usize| {
        let count = format!(" ({} entries)", grouped(entries));
        let size = layout.typography.legend;
        let room = Block::label_room(layout.main.width) - rich_text::width(&count, size, false);
        rich_text::fit(&rich_text::literal(label), size, false, room) + &count
    };
    let reference = line(context.reference_label, histogram.reference_entries);
    let generated = line(context.generated_label, histogram.generated_entries);
    let mut entries = vec![
        Entry::Sample(Swatch::Area, reference),
        Entry::Sample(Swatch::Line(GENERATED), generated),
    ];
    let outside = (
        histogram.reference_underflow + histogram.reference_overflow,
        histogram.generated_underflow + histogram.generated_overflow,
    );
    if outside != (0, 0) {
        let counts = format!("{} | {}", grouped(outside.0), grouped(outside.1));
        entries.push(Entry::Note(format!("Out of range: {counts}")));
    }
    Block { entries }
}

fn statistics_block(comparison: &ObservableComparison) -> Block {
    let with_floor =
        |figure: &WithFloor| format!("{} (floor {})", number(figure.value), number(figure.floor));
    let ks = with_floor(&comparison.ks);
    let chi2 = with_floor(&comparison.chi2_per_ndf);
    let separation = with_floor(&comparison.separation);
    Block {
        entries: vec![
            Entry::Note(format!("KS = {ks}")),
            Entry::Note(format!("χ^{{2}}/ndf = {chi2}")),
            Entry::Note(format!("Separation = {separation}")),
        ],
    }
}

/// The vertical axis' label, with the unit that the horizontal label names in parentheses.
fn density_label(comparison: &ObservableComparison) -> String {
    if comparison.log_x {
        return "Fraction of entries / decade".to_owned();
    }
    match unit(&comparison.label) {
        Some(unit) => format!("Fraction of entries / {unit}"),
        None => "Normalised entries".to_owned(),
    }
}

/// The unit in the last parentheses of an axis label.
pub(super) fn unit(label: &str) -> Option<&str> {
    let inside = label.trim_end().strip_suffix(')')?;
    let (_, unit) = inside.rsplit_once('(')?;
    let known = ["MeV", "GeV", "keV", "mm", "cm", "rad"];
    known.contains(&unit).then_some(unit)
}
