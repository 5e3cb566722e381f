use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::{BadParameter, BadValue};
use super::moments::check_count;
use super::normal_distribution::{cumulative, quantile};
use super::row_sample::RowSample;
use super::step::{Fitting, Step, Transform};

/// Settings of [`QuantileNormal`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuantileSettings {
    /// How many quantiles of each column are kept, at least 10; 1,000 by default. One for each event
    /// where there are fewer events.
    pub n_quantiles: usize,
    /// From how many events, at least `n_quantiles`; 10,000 by default. So many events are held in
    /// memory, at 8 bytes a value; of longer streams a pseudo-random sample is taken that is the same
    /// in every run.
    pub n_subsample: usize,
}

impl Default for QuantileSettings {
    fn default() -> Self {
        Self { n_quantiles: 1_000, n_subsample: 10_000 }
    }
}

impl QuantileSettings {
    pub(super) fn check(&self) -> Result<(), BadParameter> {
        let (quantiles, subsample) = (self.n_quantiles, self.n_subsample);
        BadParameter::unless(quantiles >= 10, "n_quantiles", quantiles, "at least 10")?;
        let expected = format!("at least `n_quantiles`, {quantiles}");
        BadParameter::unless(subsample >= quantiles, "n_subsample", subsample, expected)
    }
}

/// Normal scores: x → Φ⁻¹(F(x)) with the empirical distribution function F of each column, which
/// makes any distribution a normal one.
///
/// This is scikit-learn's `QuantileTransformer(output_distribution="normal")`. The quantiles
/// q_0 … q_{n−1} are those at the probabilities k / (n − 1), linear between the ordered values. F is
/// linear between the quantiles; where several are equal to x, it is half way between the first and
/// the last. Scores end at ±5.1993, the quantiles of 10⁻⁷ and 1 − 10⁻⁷, which stand for the least
/// and the greatest value; values outside the fitted range are encoded, and scores beyond ±5.1993
/// decoded, as these.
///
/// Three deliberate differences. scikit-learn takes all values within 10⁻⁷ of an end of the range for
/// the end itself, whatever their units, which would lose the hits of columns of small fractions;
/// here it is 10⁻⁷ of the range where that is below 1. Scores from 5.199333 on decode to the ends
/// (scikit-learn: from 5.199337), so that 32-bit rounding does not move a value off the end. And
/// places among the ordered values are not rounded, which in scikit-learn can part equal quantiles.
///
/// Zero is encoded and decoded exactly where it is the least value of its column (its score is
/// −5.1993, not 0), and decoded exactly where two or more quantiles are zero. Decoding gives a value
/// in the fitted range within 2⁻²⁴ |x| + 2⁻²⁵ (n − 1) Δq + 10⁻⁷ r, where Δq is the greatest
/// distance of two neighbouring quantiles, r the range of the column or 1 if that is less, and the
/// last term is for values next to an end of the range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantileNormal {
    /// `[columns][quantiles]`, ascending.
    quantiles: Vec<Vec<f64>>,
}

/// scikit-learn's `BOUNDS_THRESHOLD`.
const THRESHOLD: f64 = 1e-7;
/// −Φ⁻¹(10⁻⁷ − 2⁻⁵²), where scikit-learn clips its scores.
const GREATEST_SCORE: f64 = 5.199_337_582_605_575;
/// Scores from here on are the end of the range: 2⁻²⁰ below the greatest, for 32-bit rounding.
const END_SCORE: f64 = GREATEST_SCORE * (1.0 - 1.0 / 1_048_576.0);

impl QuantileNormal {
    /// Scores beyond ± this decode to the ends of the range.
    pub const END_SCORE: f64 = END_SCORE;

    /// `[columns][quantiles]`, ascending.
    pub fn quantiles(&self) -> &[Vec<f64>] {
        &self.quantiles
    }
}

impl Step for QuantileNormal {
    fn check(&self) -> Result<(), BadParameter> {
        let valid = self.quantiles.iter().all(|column| {
            !column.is_empty() && column.iter().all(|q| q.is_finite()) && column.is_sorted()
        });
        BadParameter::unless(
            valid,
            "quantiles",
            "empty or out of order",
            "ascending finite numbers",
        )
    }

    fn width_after(&self, width: usize) -> Result<usize, BadParameter> {
        check_count("quantiles", self.quantiles.len(), width)?;
        Ok(width)
    }

    fn encode(
        &self,
        _: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        values.iter_mut().zip(&self.quantiles).for_each(|(x, quantiles)| *x = score(quantiles, *x));
        Ok(())
    }

    fn decode(&self, _: f64, values: &mut Vec<f64>) {
        values.iter_mut().zip(&self.quantiles).for_each(|(z, quantiles)| *z = value(quantiles, *z));
    }
}

fn score(quantiles: &[f64], x: f64) -> f64 {
    let last = quantiles.len() - 1;
    let (least, greatest) = (quantiles[0], quantiles[last]);
    let range = greatest - least;
    let tolerance = if range > 0.0 { THRESHOLD * range.min(1.0) } else { THRESHOLD };
    // The tolerance alone would do nothing where it is below the rounding of x.
    if x <= least || x - tolerance < least {
        return -GREATEST_SCORE;
    }
    if x >= greatest || x + tolerance > greatest {
        return GREATEST_SCORE;
    }
    // q_{above − 1} ≤ x < q_above and q_{below − 1} < x ≤ q_below: the same unless quantiles equal x.
    let above = quantiles.partition_point(|q| *q <= x);
    let below = quantiles.partition_point(|q| *q < x);
    let share = |from: f64, to: f64| (x - from) / (to - from);
    let from_left = (above - 1) as f64 + share(quantiles[above - 1], quantiles[above]);
    let from_right = (below - 1) as f64 + share(quantiles[below - 1], quantiles[below]);
    let probability = 0.5 * (from_left + from_right) / last as f64;
    quantile(probability).clamp(-GREATEST_SCORE, GREATEST_SCORE)
}

fn value(quantiles: &[f64], z: f64) -> f64 {
    let last = quantiles.len() - 1;
    if z <= -END_SCORE {
        return quantiles[0];
    }
    if z >= END_SCORE {
        return quantiles[last];
    }
    let place = cumulative(z) * last as f64;
    let left = (place.floor() as usize).min(last.saturating_sub(1));
    let right = (left + 1).min(last);
    quantiles[left] + (place - left as f64) * (quantiles[right] - quantiles[left])
}

pub(super) struct FittingQuantiles {
    n_quantiles: usize,
    columns: usize,
    sample: RowSample,
}

impl FittingQuantiles {
    pub fn new(settings: &QuantileSettings, columns: usize) -> Self {
        let QuantileSettings { n_quantiles, n_subsample } = *settings;
        Self { n_quantiles, columns, sample: RowSample::new(n_subsample, columns) }
    }
}

impl Fitting for FittingQuantiles {
    fn observe(&mut self, values: &[f64]) {
        self.sample.observe(values);
    }

    fn finish(self: Box<Self>) -> Transform {
        let count = self.n_quantiles.min(self.sample.len());
        let quantiles = (0..self.columns)
            .into_par_iter()
            .map(|column| quantiles_of(&self.sample.sorted_column(column), count))
            .collect();
        Transform::QuantileNormal(QuantileNormal { quantiles })
    }
}

/// NumPy's `percentile` of ascending values at `count` even probabilities from 0 to 1, with places
/// k (N − 1) / (n − 1) in whole numbers: NumPy rounds them, which can part equal quantiles.
fn quantiles_of(sorted: &[f64], count: usize) -> Vec<f64> {
    let last = sorted.len() - 1;
    let intervals = count.max(2) - 1;
    let mut quantiles: Vec<f64> = (0..count)
        .map(|k| {
            let (left, rest) = (k * last / intervals, k * last % intervals);
            let (from, to) = (sorted[left], sorted[(left + 1).min(last)]);
            let share = rest as f64 / intervals as f64;
            // From the nearer side, so that both ends are met exactly.
            if share < 0.5 { from + (to - from) * share } else { to - (to - from) * (1.0 - share) }
        })
        .collect();
    // Rounding may have put one below the one before.
    for k in 1..count {
        quantiles[k] = quantiles[k].max(quantiles[k - 1]);
    }
    quantiles
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::laws::{back, fit, golden};
    use super::*;

    fn fitted(n_quantiles: usize, values: &[f64]) -> QuantileNormal {
        let settings = QuantileSettings { n_quantiles, n_subsample: 100_000 };
        match fit(FittingQuantiles::new(&settings, 1), values) {
            Transform::QuantileNormal(step) => step,
            _ => unreachable!("it fits this step"),
        }
    }

    /// The recipe of tests/golden/quantile_transform.py.
    fn column(kind: &str, events: i64) -> Vec<f64> {
        let value = |k: i64| match kind {
            "even" => k as f64 / 1000.0 - 2.0,
            "cubic" => (k as f64 / 2501.5 - 1.0).powi(3) * 40.0,
            "sparse" if k % 5 < 2 => 0.0,
            "sparse" => (k as f64 / 5003.0).powi(4) * 900.0,
            "counts" => ((k % 7) * (k % 3)) as f64,
            _ => 3.25,
        };
        (0..events).map(|event| f64::from(value(event * 7919 % 5003) as f32)).collect()
    }

    fn numbers(list: &Value) -> Vec<f64> {
        list.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
    }

    fn greatest_difference(ours: &[f64], theirs: &[f64]) -> f64 {
        assert_eq!(ours.len(), theirs.len());
        ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn scores_and_values_are_those_of_scikit_learn() {
        let golden = golden();
        let scores = numbers(&golden["scores"]);
        let mut worst = [0.0_f64; 3];
        for case in golden["cases"].as_array().expect("cases") {
            let events = case["events"].as_i64().expect("events");
            let count = case["n_quantiles"].as_u64().expect("n_quantiles") as usize;
            for theirs in case["columns"].as_array().expect("columns") {
                let step = fitted(count, &column(theirs["kind"].as_str().expect("kind"), events));
                assert_eq!(step.quantiles()[0].len(), count.min(events as usize));
                let quantiles = numbers(&theirs["quantiles"]);
                let difference = greatest_difference(&step.quantiles()[0], &quantiles);
                worst[0] = worst[0].max(difference);
                let encoded: Vec<f64> =
                    numbers(&theirs["values"]).iter().map(|x| score(&quantiles, *x)).collect();
                let decoded: Vec<f64> = scores.iter().map(|z| value(&quantiles, *z)).collect();
                let expected = numbers(&theirs["encoded"]);
                worst[1] = worst[1].max(greatest_difference(&encoded, &expected));
                let expected = numbers(&theirs["decoded"]);
                worst[2] = worst[2].max(greatest_difference(&decoded, &expected));
            }
        }
        println!("greatest differences of quantiles, scores, values: {worst:?}");
        assert!(worst[0] < 1e-11 && worst[1] < 1e-8 && worst[2] < 1e-11, "{worst:?}");
    }

    #[test]
    fn the_greatest_score_is_where_scikit_learn_clips() {
        approx::assert_relative_eq!(
            -quantile(THRESHOLD - f64::EPSILON),
            GREATEST_SCORE,
            max_relative = 1e-14
        );
    }

    #[test]
    fn faint_hits_of_small_fractions_are_kept() {
        // scikit-learn takes all below 1e-7 for the least value, which is zero here.
        let mut values = vec![0.0; 50];
        values.extend((1..=50).map(|k| f64::from(k) * 1e-9));
        let step = fitted(21, &values);
        for x in &values {
            let x = *x as f32;
            let decoded = back(&step, 1.0, &[x])[0];
            assert!((decoded - x).abs() <= 1e-6 * x, "{x} {decoded}");
        }
    }

    #[test]
    fn one_event_and_no_number_do_no_harm() {
        let step = fitted(10, &[4.0]);
        assert_eq!(back(&step, 1.0, &[4.0]), [4.0]);
        assert_eq!(value(&step.quantiles[0], 0.3), 4.0);
        assert!(value(&[1.0, 2.0], f64::NAN).is_nan());
    }

    #[test]
    fn few_quantiles_or_events_are_refused() {
        for (n_quantiles, n_subsample) in [(9, 100), (100, 99)] {
            assert!(QuantileSettings { n_quantiles, n_subsample }.check().is_err());
        }
    }

    proptest! {
        #[test]
        fn decoding_gives_what_was_encoded(
            values in prop::collection::vec(
                prop_oneof![Just(0.0_f32), Just(7.5_f32), 0.0_f32..1.0, 0.0_f32..1e4], 2..300),
            shift in prop_oneof![Just(0.0_f32), -1e3_f32..1e3],
        ) {
            let values: Vec<f32> = values.iter().map(|x| x + shift).collect();
            let step = fitted(40, &values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
            let quantiles = &step.quantiles()[0];
            let last = quantiles.len() - 1;
            let widest = quantiles.windows(2).map(|q| q[1] - q[0]).fold(0.0, f64::max);
            let range = (quantiles[last] - quantiles[0]).min(1.0);
            let fixed = 2.0_f64.powi(-25) * last as f64 * widest + 1e-7 * range;
            for x in values {
                let decoded = f64::from(back(&step, 1.0, &[x])[0]);
                let x = f64::from(x);
                prop_assert!((decoded - x).abs() <= fixed + 2.0_f64.powi(-24) * x.abs());
                if x == quantiles[0] || x == quantiles[last] {
                    prop_assert_eq!(decoded, x);
                }
            }
        }
    }
}
