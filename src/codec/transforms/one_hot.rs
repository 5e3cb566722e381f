use serde::{Deserialize, Serialize};

use super::category_index::{category, check_categories, check_column};
use super::error::{BadParameter, BadValue};
use super::step::Step;

/// A column that holds the index of a category, as one column a category, in its place: 1 for the
/// event's own and 0 for the others. Decoding gives the category with the greatest value, the first
/// of several; not a number where one of them is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneHot {
    /// The column, counted from 0 among the values at this step.
    pub column: usize,
    /// How many categories there are, at least 2; indices are counted from 0.
    pub categories: usize,
}

impl Step for OneHot {
    fn check(&self) -> Result<(), BadParameter> {
        check_categories(self.categories)
    }

    fn width_after(&self, width: usize) -> Result<usize, BadParameter> {
        check_column(self.column, width)?;
        Ok(width - 1 + self.categories)
    }

    fn encode(
        &self,
        _: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        let own = category(values, self.column, self.categories)?;
        let columns = (0..self.categories).map(|k| if k == own { 1.0 } else { 0.0 });
        values.splice(self.column..=self.column, columns);
        Ok(())
    }

    fn decode(&self, _: f64, values: &mut Vec<f64>) {
        let columns = self.column..self.column + self.categories;
        let (mut own, mut greatest) = (0.0, f64::NEG_INFINITY);
        for (k, y) in values[columns.clone()].iter().enumerate() {
            if *y > greatest {
                (own, greatest) = (k as f64, *y);
            } else if y.is_nan() {
                // Seen, and not beaten by any number.
                (own, greatest) = (f64::NAN, f64::INFINITY);
            }
        }
        values.splice(columns, [own]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::laws::{back, network};
    use super::*;

    const STEP: OneHot = OneHot { column: 1, categories: 3 };

    #[test]
    fn one_column_a_category_in_the_column_s_place() {
        assert_eq!(network(&STEP, 1.0, &[7.0, 2.0, 8.0]), [7.0, 0.0, 0.0, 1.0, 8.0]);
        assert_eq!(STEP.width_after(3), Ok(5));
    }

    #[test]
    fn the_greatest_output_wins_and_the_first_of_equals() {
        for (outputs, index) in [([0.2, 0.9, 0.8], 1.0), ([0.5, -1.0, 0.5], 0.0)] {
            let mut values = vec![7.0];
            values.extend(outputs);
            STEP.decode(1.0, &mut values);
            assert_eq!(values, [7.0, index]);
        }
        let mut values = vec![7.0, 0.2, f64::NAN, 0.9];
        STEP.decode(1.0, &mut values);
        assert!(values[1].is_nan());
    }

    #[test]
    fn unknown_categories_are_refused_by_value() {
        let bad = STEP.encode(1.0, &mut vec![0.0, 3.0], &mut || 0.5).expect_err("unknown");
        assert_eq!((bad.column, bad.value), (1, 3.0));
    }

    proptest! {
        #[test]
        fn decoding_gives_what_was_encoded(categories in 2_usize..40, pick in 0.0..1.0_f64) {
            let index = (categories as f64 * pick).floor() as f32;
            let step = OneHot { column: 0, categories };
            prop_assert_eq!(back(&step, 1.0, &[index, 3.5]), [index, 3.5]);
        }
    }
}
