//! ROC curves of classifiers that try to tell samples apart.

use super::curves::{Corner, Curve, Curves};
use super::drawing::axis::{Axis, Scale};
use super::drawing::legend::{Entry, Swatch};
use super::drawing::rich_text::literal;
use super::drawing::stroke::{Dash, Stroke};
use super::drawing::style::{FigureContext, FigureSize, GUIDE, Series};
use super::drawing::ticks::{number, with_error};
use super::error::PlotError;
use super::figure::Plot;
use super::table::{Column, Places, Table, TableAxis};

/// The curve of a classifier.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RocCurve {
    /// Classifier, and sample where there are several; not markup.
    pub label: String,
    /// (false positive rate, true positive rate), rising.
    pub points: Vec<(f64, f64)>,
    pub auc: f64,
    pub auc_error: Option<f64>,
    /// AUC of reference against reference.
    pub floor: Option<f64>,
}

/// What is drawn against what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RocAxes {
    /// True positive against false positive rate.
    #[default]
    Rates,
    /// 1 / false positive rate, logarithmic, against the true positive rate.
    Rejection,
}

/// ROC curves with their AUC, that of reference against reference, and the curve of a classifier
/// that knows nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roc {
    pub curves: Vec<RocCurve>,
    pub axes: RocAxes,
}

/// The greatest rejection that is drawn.
const MOST_DECADES: f64 = 4.0;

impl RocCurve {
    fn words(&self) -> String {
        let auc = with_error(self.auc, self.auc_error.unwrap_or(f64::NAN));
        let mut words = format!("{}: AUC {auc}", literal(&self.label));
        if let Some(floor) = self.floor {
            words += &format!(" (floor {})", number(floor));
        }
        words
    }

    /// The points as they are drawn; none where there is no place for them.
    fn drawn(&self, axes: RocAxes) -> Vec<(f64, f64)> {
        let finite = self.points.iter().filter(|(x, y)| x.is_finite() && y.is_finite());
        match axes {
            RocAxes::Rates => finite.copied().collect(),
            RocAxes::Rejection => {
                finite.filter(|(x, _)| *x > 0.0).map(|&(x, y)| (y, 1.0 / x)).collect()
            }
        }
    }
}

impl Plot for Roc {
    /// # Errors
    /// If there is no curve.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError> {
        if self.curves.is_empty() {
            return Err(PlotError::Empty { figure: "ROC".to_owned() });
        }
        let drawn: Vec<Vec<(f64, f64)>> =
            self.curves.iter().map(|curve| curve.drawn(self.axes)).collect();
        let unit = || (0.0, 1.0);
        let guide = Stroke::new(GUIDE, 1.2).dashed(Dash::Dashed);
        let (x, y, chance, corner): (_, _, Vec<(f64, f64)>, _) = match self.axes {
            RocAxes::Rates => (
                Axis::new(Scale::Linear, unit(), "False positive rate", 5),
                Axis::new(Scale::Linear, unit(), "True positive rate", 5),
                vec![(0.0, 0.0), (1.0, 1.0)],
                Corner::BottomRight,
            ),
            RocAxes::Rejection => {
                let highest = drawn.iter().flatten().map(|point| point.1).fold(10.0, f64::max);
                let high = (2.0 * highest).min(10_f64.powf(MOST_DECADES));
                let chance = (0..=100).map(|n| 10_f64.powf(-MOST_DECADES * f64::from(n) / 100.0));
                (
                    Axis::new(Scale::Linear, unit(), "True positive rate", 5),
                    Axis::new(Scale::Log, (1.0, high), "1 / false positive rate", 6),
                    chance.map(|rate| (rate, 1.0 / rate)).collect(),
                    Corner::TopRight,
                )
            }
        };
        let mut curves = vec![Curve { points: &chance, stroke: guide }];
        let mut legend = Vec::new();
        for (index, (curve, points)) in self.curves.iter().zip(&drawn).enumerate() {
            let stroke = Series::of(index).stroke(1.9);
            curves.push(Curve { points, stroke });
            legend.push(Entry::Sample(Swatch::Curve(stroke), curve.words()));
        }
        let chance = "indistinguishable: AUC 0.5".to_owned();
        legend.push(Entry::Sample(Swatch::Curve(guide), chance));
        let description = "ROC curves".to_owned();
        Ok(Curves { description, x, y, curves, legend, corner }.svg(context, size))
    }

    fn table(&self) -> Option<Table> {
        if self.axes == RocAxes::Rejection || self.curves.is_empty() {
            return None;
        }
        let curves = self.curves.iter().map(|curve| (curve.label.as_str(), &curve.points[..]));
        Some(table_of_curves("Classifier", "False positive rate", "True positive rate", curves))
    }
}

/// Curves below each other, told apart by their name.
pub(super) fn table_of_curves<'a>(
    what: &str,
    x: &str,
    y: &str,
    curves: impl Iterator<Item = (&'a str, &'a [(f64, f64)])>,
) -> Table {
    let (mut names, mut xs, mut ys) = (Vec::new(), Vec::new(), Vec::new());
    for (name, points) in curves {
        for point in points {
            names.push(name.to_owned());
            xs.push(point.0);
            ys.push(point.1);
        }
    }
    let axis =
        TableAxis { name: what.to_owned(), unit: String::new(), places: Places::Names(names) };
    Table {
        axes: vec![axis, TableAxis::of_label(x, Places::Values(xs))],
        columns: vec![Column::new(y, "", ys)],
    }
}
