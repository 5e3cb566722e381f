//! Efficiency of an identification against the probability of a wrong one.

use super::curves::{Corner, Curve, Curves};
use super::drawing::axis::{Axis, Scale};
use super::drawing::legend::{Entry, Swatch};
use super::drawing::rich_text::literal;
use super::drawing::stroke::{Dash, Stroke};
use super::drawing::style::{FigureContext, FigureSize, INK, Series};
use super::error::PlotError;
use super::figure::Plot;
use super::roc::table_of_curves;
use super::table::Table;

/// One hypothesis against another, such as kaons against pions, in several samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IdentificationCurves {
    /// What is told from what; not markup.
    pub label: String,
    /// (efficiency, misidentification probability) of the reference, rising.
    pub reference: Vec<(f64, f64)>,
    /// The same of every generated sample.
    pub generated: Vec<Vec<(f64, f64)>>,
}

/// Efficiency against misidentification.
///
/// With one pair of hypotheses the samples differ in colour; with several the pairs do, and the
/// samples in their dashes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Efficiency {
    pub reference_label: String,
    pub generated_labels: Vec<String>,
    pub pairs: Vec<IdentificationCurves>,
    /// Labels of the axes, such as `K efficiency` and `π misidentification probability`.
    pub x_label: String,
    pub y_label: String,
}

/// The smallest probability that is drawn.
const SMALLEST: f64 = 1e-4;

impl Efficiency {
    /// Every curve with its look and what the legend calls it.
    #[expect(clippy::type_complexity, reason = "three things that are used once")]
    fn curves(&self) -> Vec<(&[(f64, f64)], Stroke, String)> {
        let dashes = [Dash::Dashed, Dash::Dotted, Dash::DashDot, Dash::Long, Dash::DashDotDot];
        let alone = self.pairs.len() == 1;
        let mut curves = Vec::new();
        for (number, pair) in self.pairs.iter().enumerate() {
            let color = if alone { INK } else { Series::of(number).color };
            let name = |sample: &str| match alone {
                true => literal(sample),
                false => format!("{}: {}", literal(&pair.label), literal(sample)),
            };
            let stroke = Stroke::new(color, 1.9);
            curves.push((&pair.reference[..], stroke, name(&self.reference_label)));
            let samples = self.generated_labels.iter().zip(&pair.generated).enumerate();
            for (index, (label, points)) in samples {
                let stroke = if alone {
                    Series::of(index).stroke(1.9)
                } else {
                    stroke.dashed(dashes[index % dashes.len()])
                };
                curves.push((&points[..], stroke, name(label)));
            }
        }
        curves
    }
}

impl Plot for Efficiency {
    /// # Errors
    /// If there is no point to draw.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        let all = self.curves();
        let points = || all.iter().flat_map(|curve| curve.0);
        let rates = points().map(|point| point.1).filter(|rate| *rate > 0.0 && rate.is_finite());
        let Some(lowest) = rates.reduce(f64::min) else {
            return Err(PlotError::Empty { figure: "efficiency".to_owned() });
        };
        let worst = points().map(|point| point.0).filter(|x| x.is_finite()).fold(1.0, f64::min);
        let from = if worst > 0.5 { 0.5 } else { 0.0 };
        let curves = all.iter().map(|(points, stroke, _)| Curve { points, stroke: *stroke });
        let legend = all
            .iter()
            .map(|(_, stroke, label)| Entry::Sample(Swatch::Curve(*stroke), label.clone()));
        let figure = Curves {
            description: format!("{} against {}", self.y_label, self.x_label),
            x: Axis::new(Scale::Linear, (from, 1.0), self.x_label.as_str(), 5),
            y: Axis::new(Scale::Log, (lowest.max(SMALLEST), 1.0), self.y_label.as_str(), 6),
            curves: curves.collect(),
            legend: legend.collect(),
            corner: Corner::TopLeft,
        };
        Ok(figure.svg(context, size))
    }

    fn table(&self) -> Option<Table> {
        let curves = self.pairs.iter().flat_map(|pair| {
            let reference = (&self.reference_label, &pair.reference);
            let samples = self.generated_labels.iter().zip(&pair.generated);
            std::iter::once(reference)
                .chain(samples)
                .map(|(sample, points)| (format!("{}: {sample}", pair.label), points))
        });
        let curves: Vec<(String, &Vec<(f64, f64)>)> = curves.collect();
        if curves.iter().all(|curve| curve.1.is_empty()) {
            return None;
        }
        let named = curves.iter().map(|(name, points)| (name.as_str(), &points[..]));
        Some(table_of_curves("Hypotheses and sample", &self.x_label, &self.y_label, named))
    }
}
