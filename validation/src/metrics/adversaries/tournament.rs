use ndarray::{Array2, ArrayView2, ArrayView3};
use serde::{Deserialize, Serialize};

use super::generative_adversarial_metric::called_real;
use crate::ValidationError;
use crate::metrics::checks::{problem_of, setting};

/// The share of each generator's events that each discriminator takes for real: those with an
/// output above `threshold`, and half of those at it.
///
/// # Shapes
/// `outputs`: `[discriminators, generators, events]`; the result is
/// `[discriminators, generators]`.
///
/// # Errors
/// No outputs, or outputs or a threshold that are not finite.
pub fn fooled_shares(
    outputs: ArrayView3<'_, f64>,
    threshold: f64,
) -> Result<Array2<f64>, ValidationError> {
    if !threshold.is_finite() {
        return Err(setting("threshold", threshold, "a finite number"));
    }
    if outputs.is_empty() {
        return Err(problem_of("discriminator outputs", "is empty".to_owned()));
    }
    if let Some(((discriminator, generator, event), value)) =
        outputs.indexed_iter().find(|(_, value)| !value.is_finite())
    {
        let problem = format!(
            "has {value} by discriminator {discriminator} of generator {generator}, event {event}"
        );
        return Err(problem_of("discriminator outputs", problem));
    }
    let (discriminators, generators, _) = outputs.dim();
    Ok(Array2::from_shape_fn((discriminators, generators), |(discriminator, generator)| {
        let events = outputs.index_axis(ndarray::Axis(0), discriminator);
        called_real(events.index_axis(ndarray::Axis(0), generator), threshold)
    }))
}

/// How often each player wins, on average over its opponents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WinRates {
    /// The mean share of its events that the discriminators take for real.
    pub generators: Vec<f64>,
    /// The mean share of the generators' events that it sees through.
    pub discriminators: Vec<f64>,
}

/// The tournament win rate (Olsson et al., arXiv:1808.04888): every generator plays every
/// discriminator, those of other models and other epochs included, and a generator's rate is the
/// mean of its shares of fooling. It compares only players of the same tournament, and a
/// discriminator that takes everything for real lifts every generator.
///
/// # Shapes
/// `fooled`: `[discriminators, generators]`, as from [`fooled_shares`].
///
/// # Errors
/// No players, or values that are no shares.
pub fn tournament_win_rates(fooled: ArrayView2<'_, f64>) -> Result<WinRates, ValidationError> {
    check_fooled(fooled)?;
    let mean = |values: ndarray::ArrayView1<'_, f64>| values.sum() / values.len() as f64;
    Ok(WinRates {
        generators: fooled.columns().into_iter().map(mean).collect(),
        discriminators: fooled.outer_iter().map(|row| 1.0 - mean(row)).collect(),
    })
}

pub(super) fn check_fooled(fooled: ArrayView2<'_, f64>) -> Result<(), ValidationError> {
    if fooled.is_empty() {
        return Err(problem_of("tournament", "has no players".to_owned()));
    }
    match fooled.indexed_iter().find(|(_, share)| !(0.0..=1.0).contains(*share)) {
        None => Ok(()),
        Some(((discriminator, generator), share)) => {
            let problem = format!(
                "has share {share} of discriminator {discriminator} and generator {generator}"
            );
            Err(problem_of("tournament", problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, arr2, arr3};

    #[test]
    fn shares_and_rates_of_a_small_tournament() {
        let outputs = arr3(&[
            [[0.9, 0.1, 0.8, 0.7], [0.2, 0.1, 0.9, 0.3]],
            [[0.5, 0.1, 0.8, 0.2], [0.2, 0.1, 0.1, 0.3]],
        ]);
        let fooled = fooled_shares(outputs.view(), 0.5).expect("valid");
        assert_eq!(fooled, arr2(&[[0.75, 0.25], [0.375, 0.0]]));
        let rates = tournament_win_rates(fooled.view()).expect("valid");
        assert_eq!(rates.generators, [0.5625, 0.125]);
        assert_eq!(rates.discriminators, [0.5, 0.8125]);
    }

    #[test]
    fn what_is_no_tournament_is_refused() {
        assert!(fooled_shares(Array3::zeros((2, 0, 3)).view(), 0.5).is_err());
        let outputs = arr3(&[[[0.1, f64::NAN]]]);
        let refused = fooled_shares(outputs.view(), 0.5).expect_err("NaN").to_string();
        assert!(refused.ends_with("has NaN by discriminator 0 of generator 0, event 1"));
        assert!(fooled_shares(arr3(&[[[0.1]]]).view(), f64::NAN).is_err());
        assert!(tournament_win_rates(arr2(&[[1.5]]).view()).is_err());
        assert!(tournament_win_rates(Array2::zeros((0, 2)).view()).is_err());
    }
}
