use super::Abstention;

/// Values with their weights, which may be negative.
#[derive(Debug, Clone, Copy)]
pub struct WeightedSample<'a> {
    /// `[events]`
    pub values: &'a [f64],
    /// `[events]`; `None` where each value counts 1.
    pub weights: Option<&'a [f64]>,
}

impl WeightedSample<'_> {
    pub(super) fn weight(&self, index: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[index])
    }

    /// Σ w.
    pub fn total(&self) -> f64 {
        self.weights.map_or(self.values.len() as f64, |weights| weights.iter().sum())
    }

    /// (Σ w)² / Σ w².
    pub fn effective_count(&self) -> f64 {
        self.weights.map_or(self.values.len() as f64, effective_count)
    }

    pub(super) fn has_negative_weights(&self) -> bool {
        self.weights.is_some_and(|weights| weights.iter().any(|weight| *weight < 0.0))
    }

    /// The same sample, without its weights if they are all equal and positive: they then mean
    /// nothing, and an exact p-value is possible.
    pub(super) fn simplified(self) -> Self {
        let equal = |weights: &&[f64]| {
            weights.len() == self.values.len()
                && weights.first().is_some_and(|first| {
                    *first > 0.0 && weights.iter().all(|weight| weight == first)
                })
        };
        Self { weights: self.weights.filter(|weights| !equal(weights)), ..self }
    }

    fn check(&self) -> Result<(), Abstention> {
        if let Some(weights) = self.weights {
            let (first, second) = (self.values.len(), weights.len());
            if first != second {
                return Err(Abstention::Lengths { first, second });
            }
            if !weights.iter().all(|weight| weight.is_finite()) {
                return Err(Abstention::NotFinite);
            }
        }
        // The ends of a sorted sample bound the rest.
        let finite = |value: Option<&f64>| value.is_none_or(|value| value.is_finite());
        if !(finite(self.values.first()) && finite(self.values.last())) {
            return Err(Abstention::NotFinite);
        }
        if self.values.is_sorted() {
            Ok(())
        } else if self.values.iter().all(|value| value.is_finite()) {
            Err(Abstention::NotSorted)
        } else {
            Err(Abstention::NotFinite)
        }
    }
}

/// (Σ w)² / Σ w²: so many values without weights would fluctuate as much (Kish 1965). 0 without
/// weights other than 0.
pub fn effective_count(weights: &[f64]) -> f64 {
    let (sum, squares) =
        weights.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    effective(sum, squares)
}

/// (Σ w)² / Σ w² of these sums.
pub(super) fn effective(sum: f64, squares: f64) -> f64 {
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// Effective events that a sample needs.
const NEEDED: f64 = 2.0;

/// The sizes of two samples that can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sizes {
    /// Σ w.
    pub first_total: f64,
    pub second_total: f64,
    /// (Σ w)² / Σ w².
    pub first_count: f64,
    pub second_count: f64,
}

impl Sizes {
    /// # Errors
    /// Values or weights that are not finite, values that are not sorted, sums of weights that are
    /// not positive, and fewer than two effective events.
    pub(super) fn of(a: WeightedSample<'_>, b: WeightedSample<'_>) -> Result<Self, Abstention> {
        a.check()?;
        b.check()?;
        let sizes = Self {
            first_total: a.total(),
            second_total: b.total(),
            first_count: a.effective_count(),
            second_count: b.effective_count(),
        };
        let (first, second) = (sizes.first_count, sizes.second_count);
        if a.values.is_empty() || b.values.is_empty() {
            return Err(Abstention::TooFewEvents { first, second, needed: NEEDED });
        }
        if !(sizes.first_total > 0.0 && sizes.second_total > 0.0) {
            return Err(Abstention::NoPositiveSum);
        }
        // Two equal weights may count a rounding error less than two.
        let enough = |count: f64| count >= NEEDED * (1.0 - 1e-9);
        if !(enough(first) && enough(second)) {
            return Err(Abstention::TooFewEvents { first, second, needed: NEEDED });
        }
        Ok(sizes)
    }

    /// n + m.
    pub(super) fn pooled(&self) -> f64 {
        self.first_count + self.second_count
    }

    /// W_a W_b, by which differences of unnormalised distributions are divided.
    pub(super) fn product(&self) -> f64 {
        self.first_total * self.second_total
    }
}

/// A copy in rising order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    fn plain(values: &[f64]) -> WeightedSample<'_> {
        WeightedSample { values, weights: None }
    }

    #[test]
    fn what_cannot_be_compared_is_named() {
        let good = plain(&[1.0, 2.0]);
        let refused = |sample: WeightedSample<'_>| {
            let either = Sizes::of(sample, good).expect_err("it is refused");
            assert_eq!(
                std::mem::discriminant(&either),
                std::mem::discriminant(&Sizes::of(good, sample).expect_err("it is refused"))
            );
            either
        };
        let weighted = |weights: &'static [f64]| WeightedSample {
            values: &[1.0, 2.0, 3.0],
            weights: Some(weights),
        };
        assert!(matches!(refused(plain(&[])), Abstention::TooFewEvents { first: 0.0, .. }));
        assert!(matches!(refused(plain(&[1.0])), Abstention::TooFewEvents { first: 1.0, .. }));
        assert_eq!(refused(plain(&[1.0, f64::INFINITY])), Abstention::NotFinite);
        assert_eq!(refused(plain(&[1.0, f64::NAN])), Abstention::NotFinite);
        assert_eq!(refused(plain(&[1.0, f64::NAN, 2.0])), Abstention::NotFinite);
        assert_eq!(refused(plain(&[1.0, 3.0, 2.0])), Abstention::NotSorted);
        assert_eq!(refused(weighted(&[1.0, 2.0])), Abstention::Lengths { first: 3, second: 2 });
        assert_eq!(refused(weighted(&[1.0, 2.0, f64::NAN])), Abstention::NotFinite);
        assert_eq!(refused(weighted(&[1.0, 1.0, -2.0])), Abstention::NoPositiveSum);
        assert_eq!(refused(weighted(&[0.0; 3])), Abstention::NoPositiveSum);
        // (1 + 9)² / (1 + 81)
        assert!(matches!(refused(weighted(&[1.0, 9.0, 0.0])), Abstention::TooFewEvents { .. }));
        let tenths = WeightedSample { values: &[-0.0, 0.0], weights: Some(&[0.1, 0.1]) };
        assert!(Sizes::of(tenths, tenths).is_ok());
    }
}
