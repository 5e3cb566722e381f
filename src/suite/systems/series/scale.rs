use ndarray::Array2;

/// Each feature of series from its range in the training data to a range that a network's last
/// activation can give, as TimeGAN's code does.
#[derive(Debug, Clone)]
pub(super) struct SeriesScale {
    /// `[features]`
    least: Vec<f32>,
    /// Greatest − least, or 1 where a feature is constant.
    width: Vec<f32>,
    range: [f32; 2],
}

impl SeriesScale {
    /// # Shapes
    /// `values`: `[series, steps × features]`.
    pub(super) fn fit(values: &Array2<f32>, features: usize, range: [f32; 2]) -> Self {
        let mut ends = vec![[f32::INFINITY, f32::NEG_INFINITY]; features];
        for (column, values) in values.columns().into_iter().enumerate() {
            let [least, greatest] = &mut ends[column % features];
            for value in values {
                *least = least.min(*value);
                *greatest = greatest.max(*value);
            }
        }
        let width = |[least, greatest]: &[f32; 2]| {
            if greatest > least { greatest - least } else { 1.0 }
        };
        Self {
            least: ends.iter().map(|[least, _]| *least).collect(),
            width: ends.iter().map(width).collect(),
            range,
        }
    }

    pub(super) fn apply(&self, values: &Array2<f32>) -> Array2<f32> {
        let [low, high] = self.range;
        self.map(values, |value, least, width| low + (high - low) * (value - least) / width)
    }

    pub(super) fn invert(&self, values: &Array2<f32>) -> Array2<f32> {
        let [low, high] = self.range;
        self.map(values, |value, least, width| least + width * (value - low) / (high - low))
    }

    fn map(&self, values: &Array2<f32>, change: impl Fn(f32, f32, f32) -> f32) -> Array2<f32> {
        let mut values = values.clone();
        for (column, mut values) in values.columns_mut().into_iter().enumerate() {
            let feature = column % self.least.len();
            let (least, width) = (self.least[feature], self.width[feature]);
            values.mapv_inplace(|value| change(value, least, width));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn ranges_are_those_of_a_feature_over_all_steps_and_go_both_ways() {
        // Two steps of two features; the second is constant.
        let values = arr2(&[[1.0, 5.0, 3.0, 5.0], [2.0, 5.0, 5.0, 5.0]]);
        let scale = SeriesScale::fit(&values, 2, [-1.0, 1.0]);
        let scaled = scale.apply(&values);
        assert_eq!(scaled, arr2(&[[-1.0, -1.0, 0.0, -1.0], [-0.5, -1.0, 1.0, -1.0]]));
        assert_eq!(scale.invert(&scaled), values);
    }
}
