use crate::description::{ConditionDescription, Scale};

/// Something an event is generated for.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub name: String,
    /// Data set in our files, and the column of it, where it holds several conditions.
    pub dataset: String,
    pub dataset_column: Option<usize>,
    pub unit: String,
    pub kind: ConditionKind,
    /// First of its columns among those of all conditions.
    pub first_column: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConditionKind {
    Number {
        minimum: f64,
        maximum: f64,
        scale: Scale,
    },
    /// The number of one of these, from 0.
    Category(Vec<String>),
    /// Rows and columns; values of at least 0.
    Image([usize; 2]),
}

impl Condition {
    /// Columns it takes in an event's conditions.
    pub fn width(&self) -> usize {
        match self.kind {
            ConditionKind::Number { .. } | ConditionKind::Category(_) => 1,
            ConditionKind::Image([rows, columns]) => rows * columns,
        }
    }

    /// Its columns among those of all conditions.
    pub fn columns(&self) -> std::ops::Range<usize> {
        self.first_column..self.first_column + self.width()
    }
}

/// More pixels than this in an image are a mistake in the description.
const MOST_PIXELS: usize = 10_000_000;

impl ConditionDescription {
    pub(crate) fn check(self, first_column: usize) -> Result<Condition, String> {
        let name = self.name.clone();
        let problem = |problem: String| format!("condition `{name}`: {problem}");
        let kind = match (self.minimum, self.maximum, self.categories.len(), self.image) {
            (Some(minimum), Some(maximum), 0, None) => {
                if !(minimum.is_finite() && maximum.is_finite() && minimum < maximum) {
                    return Err(problem(format!(
                        "`minimum` is {minimum} and `maximum` {maximum}, expected two finite \
                         numbers with `minimum` < `maximum`"
                    )));
                }
                let scale = self.scale.unwrap_or(Scale::Linear);
                if scale == Scale::Logarithmic && minimum <= 0.0 {
                    return Err(problem(format!(
                        "`minimum` is {minimum}, expected more than 0 for a logarithmic scale"
                    )));
                }
                ConditionKind::Number { minimum, maximum, scale }
            }
            (None, None, 2.., None) => ConditionKind::Category(self.categories),
            (None, None, 0, Some([rows, columns])) if rows > 0 && columns > 0 => {
                let pixels = rows.checked_mul(columns);
                if pixels.is_none_or(|pixels| pixels > MOST_PIXELS) {
                    return Err(problem(format!(
                        "`image` is [{rows}, {columns}], expected {MOST_PIXELS} pixels at most"
                    )));
                }
                ConditionKind::Image([rows, columns])
            }
            _ => {
                return Err(problem(
                    "expected either `minimum` and `maximum`, or at least two `categories`, or \
                     `image` = [rows, columns]"
                        .to_owned(),
                ));
            }
        };
        Ok(Condition {
            name: self.name,
            dataset: self.dataset,
            dataset_column: self.column,
            unit: self.unit,
            kind,
            first_column,
        })
    }
}
