use std::collections::BTreeMap;

use detectors::{ConditionKind, Detector, Scale};
use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::{CodecError, OutOfRange};

/// Ranges of conditions that a surrogate is for, by name; in the units of the detector.
pub type LabelRanges = BTreeMap<String, LabelRange>;

/// A part of a detector's range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelRange {
    pub minimum: f64,
    pub maximum: f64,
}

/// The conditions as a network sees them.
///
/// A number x goes from −1 to 1 over its range: c = 2 (x − a) / (b − a) − 1, or, on a logarithmic
/// scale, c = 2 ln(x / a) / ln(b / a) − 1 (FastCaloGAN's label, arXiv:2109.02551, moved to a
/// symmetric interval). A category becomes as many columns as there are, 0 or 1. The pixels of an
/// image are divided by their root mean square in the first block of the training sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    labels: Vec<Label>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    name: String,
    unit: String,
    /// First column among the conditions.
    column: usize,
    kind: LabelKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum LabelKind {
    Number { minimum: f64, maximum: f64, scale: Scale },
    Category { count: usize },
    Image { pixels: usize, root_mean_square: f64 },
}

/// Where a number stands among the labels, and its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelNumber {
    /// Its column among the labels.
    pub column: usize,
    pub minimum: f64,
    pub maximum: f64,
    pub logarithmic: bool,
}

/// How a condition is encoded; `column` is its first column among the conditions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LabelEncoding {
    /// c = 2 (x − a) / (b − a) − 1, or c = 2 ln(x / a) / ln(b / a) − 1.
    Number { column: usize, minimum: f64, maximum: f64, logarithmic: bool },
    /// `count` columns, 1 for the event's own category and 0 for the others.
    Category { column: usize, count: usize },
    /// Pixels over a root mean square.
    Image { column: usize, pixels: usize, root_mean_square: f64 },
}

/// A part in a million is left for rounding at both ends of a range.
const ROUNDING: f64 = 1e-6;

impl Labels {
    /// The labels of a detector; `ranges` narrows the ranges of numbers. The scale of images is
    /// fitted by [`Self::fit_images`].
    pub fn new(detector: &Detector, ranges: &LabelRanges) -> Self {
        let labels = detector.conditions().iter().map(|condition| Label {
            name: condition.name.clone(),
            unit: condition.unit.clone(),
            column: condition.first_column,
            kind: match &condition.kind {
                ConditionKind::Number { minimum, maximum, scale } => {
                    let range = ranges.get(&condition.name);
                    LabelKind::Number {
                        minimum: range.map_or(*minimum, |range| range.minimum),
                        maximum: range.map_or(*maximum, |range| range.maximum),
                        scale: *scale,
                    }
                }
                ConditionKind::Category(names) => LabelKind::Category { count: names.len() },
                ConditionKind::Image([rows, columns]) => {
                    LabelKind::Image { pixels: rows * columns, root_mean_square: 1.0 }
                }
            },
        });
        Self { labels: labels.collect() }
    }

    /// Sets the scale of images from a block of the training sample.
    pub fn fit_images(&mut self, conditions: ArrayView2<'_, f64>) {
        for label in &mut self.labels {
            if let LabelKind::Image { pixels, root_mean_square } = &mut label.kind {
                let columns = label.column..label.column + *pixels;
                let squares: f64 = conditions
                    .rows()
                    .into_iter()
                    .flat_map(|row| columns.clone().map(move |column| row[column] * row[column]))
                    .sum();
                let mean = squares / (conditions.nrows() * *pixels).max(1) as f64;
                *root_mean_square = if mean > 0.0 { mean.sqrt() } else { 1.0 };
            }
        }
    }

    /// How each condition is encoded, in the order of the encoded columns, with its name and unit.
    pub fn encodings(&self) -> impl Iterator<Item = (&str, &str, LabelEncoding)> {
        self.labels.iter().map(|label| {
            let column = label.column;
            let encoding = match label.kind {
                LabelKind::Number { minimum, maximum, scale } => {
                    let logarithmic = scale == Scale::Logarithmic;
                    LabelEncoding::Number { column, minimum, maximum, logarithmic }
                }
                LabelKind::Category { count } => LabelEncoding::Category { column, count },
                LabelKind::Image { pixels, root_mean_square } => {
                    LabelEncoding::Image { column, pixels, root_mean_square }
                }
            };
            (label.name.as_str(), label.unit.as_str(), encoding)
        })
    }

    /// Whether these are labels of the detector's conditions, with ranges that numbers can have.
    ///
    /// # Errors
    /// The first one that is not, as a fragment of a sentence.
    pub(super) fn check_for(&self, detector: &Detector) -> Result<(), String> {
        let expected = Self::new(detector, &LabelRanges::new()).labels;
        if self.labels.len() != expected.len() {
            let found = self.labels.len();
            return Err(format!("it has {found} labels, its detector {}", expected.len()));
        }
        for (found, expected) in self.labels.iter().zip(&expected) {
            let name = &found.name;
            let is_sound = match (&found.kind, &expected.kind) {
                (
                    LabelKind::Number { minimum, maximum, scale },
                    LabelKind::Number { scale: expected, .. },
                ) => {
                    let lowest =
                        if *scale == Scale::Logarithmic { f64::MIN_POSITIVE } else { f64::MIN };
                    let width = maximum - minimum;
                    scale == expected && *minimum >= lowest && width > 0.0 && width.is_finite()
                }
                (LabelKind::Category { count }, LabelKind::Category { count: expected }) => {
                    count == expected
                }
                (
                    LabelKind::Image { pixels, root_mean_square },
                    LabelKind::Image { pixels: expected, .. },
                ) => pixels == expected && *root_mean_square > 0.0 && root_mean_square.is_finite(),
                _ => false,
            };
            let is_the_same = (&found.name, &found.unit, found.column)
                == (&expected.name, &expected.unit, expected.column);
            if !(is_sound && is_the_same) {
                return Err(format!(
                    "label `{name}` does not fit condition `{}` of its detector",
                    expected.name
                ));
            }
        }
        Ok(())
    }

    /// Columns of the encoded labels.
    pub fn width(&self) -> usize {
        self.labels.iter().map(|label| label.width()).sum()
    }

    /// Network units of one event's conditions, added to `encoded`.
    pub fn encode(&self, conditions: ArrayView1<'_, f64>, encoded: &mut Vec<f32>) {
        for label in &self.labels {
            let value = conditions[label.column];
            match &label.kind {
                LabelKind::Number { minimum, maximum, scale } => {
                    encoded.push(number(value, *minimum, *maximum, *scale) as f32);
                }
                LabelKind::Category { count } => {
                    let hot = |category| if value == category as f64 { 1.0 } else { 0.0 };
                    encoded.extend((0..*count).map(hot));
                }
                LabelKind::Image { pixels, root_mean_square } => {
                    let columns = label.column..label.column + pixels;
                    encoded.extend(
                        columns.map(|column| (conditions[column] / root_mean_square) as f32),
                    );
                }
            }
        }
    }

    /// The first number in network units, by which the statistics of energy sums are told apart; 0
    /// where there is none.
    pub fn leading(&self, conditions: ArrayView1<'_, f64>) -> f64 {
        let numbers = self.labels.iter().find_map(|label| match label.kind {
            LabelKind::Number { minimum, maximum, scale } => {
                Some(number(conditions[label.column], minimum, maximum, scale))
            }
            _ => None,
        });
        numbers.unwrap_or(0.0)
    }

    /// The middle of every range, for events that only fill a block.
    pub fn middle(&self, width: usize) -> Vec<f64> {
        let mut conditions = vec![0.0; width];
        for label in &self.labels {
            if let LabelKind::Number { minimum, maximum, .. } = label.kind {
                conditions[label.column] = 0.5 * (minimum + maximum);
            }
        }
        conditions
    }

    /// (name, minimum, maximum, unit) of each number.
    pub fn ranges(&self) -> impl Iterator<Item = (&str, f64, f64, &str)> {
        self.labels.iter().filter_map(|label| match label.kind {
            LabelKind::Number { minimum, maximum, .. } => {
                Some((label.name.as_str(), minimum, maximum, label.unit.as_str()))
            }
            _ => None,
        })
    }

    /// A number by its name; none if there is no such number.
    pub fn number(&self, name: &str) -> Option<LabelNumber> {
        let mut column = 0;
        for label in &self.labels {
            if let LabelKind::Number { minimum, maximum, scale } = label.kind
                && label.name == name
            {
                let logarithmic = scale == Scale::Logarithmic;
                return Some(LabelNumber { column, minimum, maximum, logarithmic });
            }
            column += label.width();
        }
        None
    }

    /// How many events have each number outside of its range, in the order of [`Self::ranges`].
    ///
    /// # Shapes
    /// `conditions`: `[events, Detector::condition_width]`
    pub fn outside(&self, conditions: ArrayView2<'_, f64>) -> Vec<usize> {
        let numbers =
            self.labels.iter().filter(|label| matches!(label.kind, LabelKind::Number { .. }));
        numbers
            .map(|label| {
                let values = conditions.column(label.column);
                values.iter().filter(|value| label.is_outside(**value)).count()
            })
            .collect()
    }

    /// # Errors
    /// The first event with a condition that a network trained on these ranges may not be asked
    /// for; events are counted from `first_event`.
    pub fn check(
        &self,
        first_event: u64,
        conditions: ArrayView2<'_, f64>,
    ) -> Result<(), CodecError> {
        for (event, row) in (first_event..).zip(conditions.rows()) {
            for label in &self.labels {
                let value = row[label.column];
                match &label.kind {
                    LabelKind::Number { minimum, maximum, .. } => {
                        if label.is_outside(value) {
                            let unit = match label.unit.as_str() {
                                "1" => String::new(),
                                unit => format!(" {unit}"),
                            };
                            return Err(CodecError::OutOfRange(Box::new(OutOfRange {
                                name: label.name.clone(),
                                unit,
                                event,
                                value,
                                minimum: *minimum,
                                maximum: *maximum,
                            })));
                        }
                    }
                    LabelKind::Category { count } => {
                        if value.fract() != 0.0 || !(0.0..*count as f64).contains(&value) {
                            return Err(CodecError::NoCategory {
                                name: label.name.clone(),
                                event,
                                value,
                                last: count - 1,
                            });
                        }
                    }
                    LabelKind::Image { .. } => {}
                }
            }
        }
        Ok(())
    }

    /// Labels of events.
    ///
    /// # Shapes
    /// `[events, conditions]` to `[events, width]`.
    pub fn encode_all(&self, conditions: ArrayView2<'_, f64>) -> Array2<f32> {
        let mut encoded = Vec::with_capacity(conditions.nrows() * self.width());
        conditions.rows().into_iter().for_each(|row| self.encode(row, &mut encoded));
        Array2::from_shape_vec((conditions.nrows(), self.width()), encoded)
            .expect("each event gives its labels")
    }
}

impl Label {
    /// Whether a number is outside of its range.
    fn is_outside(&self, value: f64) -> bool {
        let LabelKind::Number { minimum, maximum, .. } = self.kind else { return false };
        let slack = ROUNDING * minimum.abs().max(maximum.abs()).min(maximum - minimum);
        !(minimum - slack..=maximum + slack).contains(&value)
    }

    fn width(&self) -> usize {
        match self.kind {
            LabelKind::Number { .. } => 1,
            LabelKind::Category { count } => count,
            LabelKind::Image { pixels, .. } => pixels,
        }
    }
}

fn number(value: f64, minimum: f64, maximum: f64, scale: Scale) -> f64 {
    match scale {
        Scale::Linear => 2.0 * (value - minimum) / (maximum - minimum) - 1.0,
        Scale::Logarithmic => 2.0 * libm::log(value / minimum) / libm::log(maximum / minimum) - 1.0,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn of(name: &str, ranges: LabelRanges) -> Labels {
        Labels::new(&detectors::builtin(name).expect("built in"), &ranges)
    }

    fn narrowed() -> LabelRanges {
        let range = LabelRange { minimum: 256.0, maximum: 4096.0 };
        BTreeMap::from([("incident_energy".to_owned(), range)])
    }

    #[test]
    fn energies_are_logarithmic_over_the_settings_range() {
        let labels = of("calochallenge-photons", narrowed());
        let encoded = labels.encode_all(array![[256.0], [1024.0], [4096.0]].view());
        assert_eq!(encoded, array![[-1.0], [0.0], [1.0]]);
    }

    #[test]
    fn numbers_and_categories_stand_side_by_side() {
        let labels = of("rich-pid", LabelRanges::new());
        assert_eq!(labels.width(), 3 + 5);
        let encoded = labels.encode_all(array![[100_000.0, 3.45, 305.0, 3.0]].view());
        let expected = array![[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]];
        assert!((encoded - expected).iter().all(|difference: &f32| difference.abs() < 1e-6));
    }

    #[test]
    fn images_have_a_root_mean_square_of_1() {
        let mut labels = of("radio-sky", LabelRanges::new());
        let images = Array2::from_shape_fn((3, 1024), |(i, j)| (i * 7 + j) as f64);
        labels.fit_images(images.view());
        let encoded = labels.encode_all(images.view());
        let square: f64 = encoded.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
        approx::assert_relative_eq!(square / (3.0 * 1024.0), 1.0, epsilon = 1e-5);
        assert_eq!(labels.leading(images.row(0)), 0.0);
    }

    #[test]
    fn what_is_outside_is_refused_by_name_and_event() {
        let labels = of("calochallenge-photons", narrowed());
        assert!(labels.check(0, array![[256.0], [4096.0 * (1.0 + 5e-7)]].view()).is_ok());
        let message = labels.check(0, array![[300.0], [9000.0]].view()).expect_err("9 GeV");
        assert!(message.to_string().contains("`incident_energy` of event 1 is 9000 MeV"));
        let labels = of("rich-pid", LabelRanges::new());
        let message =
            labels.check(0, array![[5000.0, 3.0, 100.0, 5.0]].view()).expect_err("species");
        assert!(message.to_string().contains("`species` of event 0 is 5, expected 0 to 4"));
    }
}
