//! Means over seeds, and ranks of systems.

use serde::Serialize;

use crate::suite::problem::Better;

/// The mean of a measure over the runs of several seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    pub mean: f64,
    /// Standard deviation (with n − 1) over √n; none of a single run.
    pub standard_error: Option<f64>,
    /// Runs that it is the mean of.
    pub count: usize,
}

impl Estimate {
    /// Of the finite ones among `values`; `None` if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let is_constant = values.windows(2).all(|pair| pair[0] == pair[1]);
        // Of equal values, the mean may differ from them in the last bit.
        let (mean, squares) = if is_constant { (*values.first()?, 0.0) } else { (mean, squares) };
        let error = || (squares / (count - 1) as f64 / count as f64).sqrt();
        (count > 0).then(|| Self { mean, standard_error: (count > 1).then(error), count })
    }

    /// Whether it is not worse than `best` by more than two standard errors of the difference.
    /// A single run has no error, and is as good only if it is equal.
    pub fn is_as_good_as(&self, best: &Self, better: Better) -> bool {
        let worse_by = match better {
            Better::Lower => self.mean - best.mean,
            Better::Higher => best.mean - self.mean,
        };
        let error = self.standard_error.unwrap_or(0.0).hypot(best.standard_error.unwrap_or(0.0));
        worse_by <= 2.0 * error
    }
}

/// Ranks from 1, the best. Equal values share the mean of their ranks, and those without a value
/// share the last ones.
///
/// ```
/// use showerforge::suite::Better;
/// use showerforge::suite::report::ranks;
/// let values = [Some(2.0), None, Some(1.0), Some(2.0)];
/// assert_eq!(ranks(&values, Better::Lower), [2.5, 4.0, 1.0, 2.5]);
/// assert_eq!(ranks(&values, Better::Higher), [1.5, 4.0, 3.0, 1.5]);
/// ```
pub fn ranks(values: &[Option<f64>], better: Better) -> Vec<f64> {
    // Smaller is better.
    let cost = |value: &Option<f64>| {
        let cost = value.map(|value| if better == Better::Lower { value } else { -value });
        cost.filter(|cost| !cost.is_nan()).unwrap_or(f64::INFINITY)
    };
    let costs: Vec<f64> = values.iter().map(cost).collect();
    let rank = |own: &f64| {
        let smaller = costs.iter().filter(|other| *other < own).count();
        let equal = costs.iter().filter(|other| *other == own).count();
        smaller as f64 + (equal as f64 + 1.0) / 2.0
    };
    costs.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_errors_by_hand() {
        // Deviations −3, −1, 1, 3: variance 20/3, over four runs 5/3.
        let found = Estimate::of([1.0, 3.0, 5.0, 7.0]).unwrap();
        approx::assert_relative_eq!(found.mean, 4.0);
        approx::assert_relative_eq!(found.standard_error.unwrap(), (5.0_f64 / 3.0).sqrt());
        let single = Estimate::of([2.0, f64::NAN, f64::INFINITY]).unwrap();
        assert_eq!(single, Estimate { mean: 2.0, standard_error: None, count: 1 });
        assert_eq!(Estimate::of([f64::NAN]), None);
        let equal = Estimate::of([0.989; 3]).unwrap();
        assert_eq!(equal, Estimate { mean: 0.989, standard_error: Some(0.0), count: 3 });
    }

    #[test]
    fn what_is_within_the_errors_is_as_good() {
        let estimate = |mean, error| Estimate { mean, standard_error: Some(error), count: 5 };
        let best = estimate(1.0, 0.3);
        assert!(estimate(1.9, 0.4).is_as_good_as(&best, Better::Lower));
        assert!(!estimate(2.1, 0.4).is_as_good_as(&best, Better::Lower));
        assert!(estimate(0.1, 0.4).is_as_good_as(&best, Better::Higher));
        assert!(!estimate(-0.1, 0.4).is_as_good_as(&best, Better::Higher));
    }

    #[test]
    fn ranks_add_up_whatever_the_ties() {
        for values in [
            vec![Some(1.0); 4],
            vec![None; 4],
            vec![Some(f64::NAN), Some(1.0), None, Some(1.0)],
            vec![Some(4.0), Some(3.0), Some(2.0), Some(1.0)],
        ] {
            assert_eq!(ranks(&values, Better::Lower).iter().sum::<f64>(), 10.0, "{values:?}");
        }
        assert_eq!(ranks(&[], Better::Lower), [0.0; 0]);
    }
}
