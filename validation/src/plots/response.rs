//! Response and resolution against the incident energy.

use super::axis::{Axis, Scale};
use super::canvas::{Canvas, Stroke, draw_svg};
use super::error::PlotError;
use super::legend::{self, Block, Entry, Swatch};
use super::panel::{Panel, high_end_with_room};
use super::rich_text::literal;
use super::style::{FigureContext, FigureSize, GENERATED, INK};
use super::two_panels::{Layout, draw_unity};
use crate::report::model::ResponsePoint;

/// A value with its error at an energy in GeV; `None` where it is not finite.
type Point = (f64, Option<(f64, f64)>);

/// Draws the mean of E_tot/E_inc against the incident energy, with generated over reference below.
///
/// # Errors
/// If no point can be drawn.
pub fn response_figure(
    points: &[ResponsePoint],
    context: &FigureContext,
    size: FigureSize,
) -> Result<String, PlotError> {
    let select = |point: &ResponsePoint| {
        [
            (point.reference_mean, point.reference_mean_error),
            (point.generated_mean, point.generated_mean_error),
        ]
    };
    Series::new(points, select).draw("Mean E_tot / E_inc", false, context, size)
}

/// Draws the relative resolution σ/μ of E_tot/E_inc against the incident energy, with generated
/// over reference below.
///
/// # Errors
/// If no point can be drawn.
pub fn resolution_figure(
    points: &[ResponsePoint],
    context: &FigureContext,
    size: FigureSize,
) -> Result<String, PlotError> {
    let select = |point: &ResponsePoint| {
        [
            (point.reference_resolution, point.reference_resolution_error),
            (point.generated_resolution, point.generated_resolution_error),
        ]
    };
    Series::new(points, select).draw("Resolution σ / μ of E_tot / E_inc", true, context, size)
}

/// Both samples' points.
struct Series {
    reference: Vec<Point>,
    generated: Vec<Point>,
}

impl Series {
    fn new(points: &[ResponsePoint], select: impl Fn(&ResponsePoint) -> [(f64, f64); 2]) -> Self {
        let finite = |(value, error): (f64, f64)| {
            value.is_finite().then_some((value, if error.is_finite() { error } else { 0.0 }))
        };
        let usable = points.iter().filter(|point| {
            point.incident_energy_mev.is_finite() && point.incident_energy_mev > 0.0
        });
        let mut series = Self { reference: Vec::new(), generated: Vec::new() };
        for point in usable {
            let energy = point.incident_energy_mev / 1e3;
            let [reference, generated] = select(point);
            series.reference.push((energy, finite(reference)));
            series.generated.push((energy, finite(generated)));
        }
        series
    }

    fn draw(
        &self,
        label: &str,
        from_zero: bool,
        context: &FigureContext,
        size: FigureSize,
    ) -> Result<String, PlotError> {
        let energies = self.reference.iter().map(|point| point.0);
        let first = energies.clone().fold(f64::INFINITY, f64::min);
        let last = energies.fold(0.0, f64::max);
        let points = || self.reference.iter().chain(&self.generated);
        let known = || points().filter_map(|point| point.1);
        if known().next().is_none() {
            return Err(PlotError::Empty { figure: label.to_owned() });
        }
        let layout = Layout::new(size);
        let x = Axis::new(
            Scale::Log,
            (first / 1.5, last * 1.5),
            "E_inc (GeV)",
            layout.horizontal_labels(),
        );
        let bottom = known().map(|(value, error)| value - error).fold(f64::INFINITY, f64::min);
        let top = known().map(|(value, error)| value + error).fold(f64::NEG_INFINITY, f64::max);
        let low = if from_zero { 0.0 } else { bottom - 0.25 * (top - bottom).max(0.02) };
        let block = Block {
            entries: vec![
                Entry::Sample(Swatch::Circle(INK), literal(context.reference_label)),
                Entry::Sample(Swatch::Dot(GENERATED), literal(context.generated_label)),
            ],
        };
        let pixel = |energy: f64| layout.main.x + x.position(energy) * layout.main.width;
        let reach = |from: f64, to: f64| {
            let under = points().filter(|point| (from..=to).contains(&pixel(point.0)));
            under
                .filter_map(|point| point.1)
                .map(|(value, error)| value + error)
                .fold(low, f64::max)
        };
        let (placed, high) =
            legend::place(layout.main, &[block], &layout.typography, |from, to, share| {
                let needed = high_end_with_room(Scale::Linear, low, reach(from, to), share);
                needed.max(high_end_with_room(Scale::Linear, low, top, 0.12))
            });
        let y = Axis::new(Scale::Linear, (low, high), label, 5);
        let main = Panel { rect: layout.main, x: x.clone(), y };
        let (ratios, range) = self.ratios();
        let mut ratio = layout.ratio_panel(x);
        ratio.y = Axis::new(Scale::Linear, range, "Ratio", 3);
        draw_svg((size.width, size.height), label, |canvas| {
            draw_points(canvas, &main, &self.reference, &self.generated)?;
            draw_unity(canvas, &ratio)?;
            draw_ratios(canvas, &ratio, &ratios)?;
            for block in &placed {
                block.block.draw(canvas, block.rect, &layout.typography)?;
            }
            layout.draw_titles(canvas, context)?;
            layout.draw_frames(canvas, &main, &ratio)
        })
    }

    /// Generated over reference with the errors of both, and a range of the ratio axis: as narrow
    /// as the points allow, between ±2 % and ±50 %.
    fn ratios(&self) -> (Vec<Point>, (f64, f64)) {
        let ratio = |(reference, generated): (&Point, &Point)| {
            let value = match (reference.1, generated.1) {
                (Some((below, below_error)), Some((above, above_error))) if below > 0.0 => {
                    let value = above / below;
                    Some((value, (above_error / below).hypot(value * below_error / below)))
                }
                _ => None,
            };
            (reference.0, value)
        };
        let ratios: Vec<Point> = self.reference.iter().zip(&self.generated).map(ratio).collect();
        let known = ratios.iter().filter_map(|point| point.1);
        let largest = known.map(|(value, error)| (value - 1.0).abs() + error).fold(0.0, f64::max);
        let choices = [0.02, 0.05, 0.1, 0.2, 0.5];
        let half = choices.into_iter().find(|half| largest < 0.9 * half).unwrap_or(0.5);
        (ratios, (1.0 - half, 1.0 + half))
    }
}

fn draw_points(
    canvas: &mut Canvas,
    panel: &Panel,
    reference: &[Point],
    generated: &[Point],
) -> Result<(), PlotError> {
    for &(energy, point) in reference {
        let Some(point) = point else { continue };
        panel.error_bar(canvas, energy, point, Stroke::new(INK, 1.2))?;
        let at = panel.point((energy, point.0));
        canvas.dot(at, 4.6, super::style::PAPER)?;
        canvas.circle(at, 4.4, Stroke::new(INK, 1.4))?;
    }
    for &(energy, point) in generated {
        let Some(point) = point else { continue };
        panel.error_bar(canvas, energy, point, Stroke::new(GENERATED, 1.2))?;
        canvas.dot(panel.point((energy, point.0)), 3.2, GENERATED)?;
    }
    Ok(())
}

fn draw_ratios(canvas: &mut Canvas, panel: &Panel, ratios: &[Point]) -> Result<(), PlotError> {
    for &(energy, ratio) in ratios {
        let Some(point) = ratio else { continue };
        panel.error_bar(canvas, energy, point, Stroke::new(GENERATED, 1.2))?;
        if panel.has_y(point.0) {
            canvas.dot(panel.point((energy, point.0)), 3.2, GENERATED)?;
        } else {
            panel.overflow_marker(canvas, energy, point.0 > 1.0, GENERATED)?;
        }
    }
    Ok(())
}
