//! Precision against recall of distributions.

use super::curves::{Corner, Curve, Curves};
use super::drawing::axis::{Axis, Scale};
use super::drawing::legend::{Entry, Swatch};
use super::drawing::rich_text::literal;
use super::drawing::style::{FigureContext, FigureSize, Series};
use super::drawing::ticks::number;
use super::error::PlotError;
use super::figure::Plot;
use super::roc::table_of_curves;
use super::table::Table;

/// The curve of a generated sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrecisionRecallCurve {
    /// Not markup.
    pub label: String,
    /// (recall, precision).
    pub points: Vec<(f64, f64)>,
    /// F8, which weighs recall, and F1/8, which weighs precision.
    pub f8: f64,
    pub f_one_eighth: f64,
}

/// Curves of precision against recall (arXiv:1806.00035): a sample whose curve reaches into the
/// upper right corner has the modes of the reference, and no others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrecisionRecall {
    pub curves: Vec<PrecisionRecallCurve>,
}

impl Plot for PrecisionRecall {
    /// # Errors
    /// If there is no curve.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        if self.curves.is_empty() {
            return Err(PlotError::Empty { figure: "precision and recall".to_owned() });
        }
        let mut curves = Vec::new();
        let mut legend = Vec::new();
        for (index, curve) in self.curves.iter().enumerate() {
            let stroke = Series::of(index).stroke(1.9);
            curves.push(Curve { points: &curve.points, stroke });
            let label = literal(&curve.label);
            let (f8, f_one_eighth) = (number(curve.f8), number(curve.f_one_eighth));
            let words = format!("{label}: F_8 = {f8}, F_{{1/8}} = {f_one_eighth}");
            legend.push(Entry::Sample(Swatch::Curve(stroke), words));
        }
        let figure = Curves {
            description: "Precision against recall".to_owned(),
            x: Axis::new(Scale::Linear, (0.0, 1.02), "Recall", 5),
            y: Axis::new(Scale::Linear, (0.0, 1.02), "Precision", 5),
            curves,
            legend,
            corner: Corner::BottomLeft,
        };
        Ok(figure.svg(context, size))
    }

    fn table(&self) -> Option<Table> {
        let curves = self.curves.iter().map(|curve| (curve.label.as_str(), &curve.points[..]));
        (!self.curves.is_empty()).then(|| table_of_curves("Sample", "Recall", "Precision", curves))
    }
}
