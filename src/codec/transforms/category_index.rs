use serde::{Deserialize, Serialize};

use super::error::{BadParameter, BadValue};
use super::step::Step;

/// A column that holds the index of a category, kept as it is for an embedding, but checked.
///
/// Decoding rounds to the nearest index there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryIndex {
    /// The column, counted from 0 among the values at this step.
    pub column: usize,
    /// How many categories there are, at least 2; indices are counted from 0.
    pub categories: usize,
}

/// Up to here whole numbers are 32-bit floating-point numbers.
const MOST_CATEGORIES: usize = 1 << 24;

impl Step for CategoryIndex {
    fn check(&self) -> Result<(), BadParameter> {
        check_categories(self.categories)
    }

    fn width_after(&self, width: usize) -> Result<usize, BadParameter> {
        check_column(self.column, width)?;
        Ok(width)
    }

    fn encode(
        &self,
        _: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        category(values, self.column, self.categories).map(|_| ())
    }

    fn decode(&self, _: f64, values: &mut Vec<f64>) {
        let y = &mut values[self.column];
        *y = y.round().clamp(0.0, (self.categories - 1) as f64);
    }
}

pub(super) fn check_categories(categories: usize) -> Result<(), BadParameter> {
    let valid = (2..=MOST_CATEGORIES).contains(&categories);
    let expected = format!("a whole number from 2 to {MOST_CATEGORIES}");
    BadParameter::unless(valid, "categories", categories, expected)
}

pub(super) fn check_column(column: usize, width: usize) -> Result<(), BadParameter> {
    let expected = format!("below {width}, the number of values here");
    BadParameter::unless(column < width, "column", column, expected)
}

/// The category that a column holds.
pub(super) fn category(
    values: &[f64],
    column: usize,
    categories: usize,
) -> Result<usize, BadValue> {
    let value = values[column];
    if value.fract() == 0.0 && (0.0..categories as f64).contains(&value) {
        return Ok(value as usize);
    }
    let expected = format!("the index of a category, a whole number from 0 to {}", categories - 1);
    Err(BadValue { column, value, expected })
}

#[cfg(test)]
mod tests {
    use super::super::laws::{back, network};
    use super::*;

    const STEP: CategoryIndex = CategoryIndex { column: 1, categories: 3 };

    #[test]
    fn indices_pass_both_ways() {
        for index in [0.0, 1.0, 2.0] {
            assert_eq!(network(&STEP, 1.0, &[9.5, index]), [9.5, index]);
            assert_eq!(back(&STEP, 1.0, &[9.5, index]), [9.5, index]);
        }
    }

    #[test]
    fn outputs_go_to_the_nearest_category() {
        for (output, index) in [(-0.7, 0.0), (1.4, 1.0), (1.6, 2.0), (1e9, 2.0)] {
            let mut values = vec![0.0, output];
            STEP.decode(1.0, &mut values);
            assert_eq!(values[1], index);
        }
    }

    #[test]
    fn unknown_categories_are_refused_by_value() {
        for unknown in [3.0, -1.0, 0.5] {
            let bad = STEP.encode(1.0, &mut vec![0.0, unknown], &mut || 0.5).expect_err("unknown");
            assert_eq!((bad.column, bad.value), (1, unknown));
            assert_eq!(bad.expected, "the index of a category, a whole number from 0 to 2");
        }
    }

    #[test]
    fn there_must_be_such_a_column_and_a_choice() {
        assert!(STEP.width_after(2).is_ok());
        assert!(STEP.width_after(1).is_err());
        assert!(CategoryIndex { column: 0, categories: 1 }.check().is_err());
    }
}
