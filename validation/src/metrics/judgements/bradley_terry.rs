use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::checks::problem_of;
use crate::metrics::latent::Cholesky;

/// Where the iterations end: the greatest relative change of a strength.
const TOLERANCE: f64 = 1e-14;
const MAXIMUM_ITERATIONS: usize = 1_000_000;

/// One judgement between two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preference {
    pub preferred: usize,
    pub other: usize,
}

/// How often each model was preferred to each other.
///
/// # Shapes
/// The result is `[models, models]`: row preferred to column.
///
/// # Errors
/// A judgement of a model with itself or of one that there is not.
pub fn preference_counts(
    judgements: &[Preference],
    models: usize,
) -> Result<Array2<f64>, ValidationError> {
    let mut wins = Array2::zeros((models, models));
    for (number, judgement) in judgements.iter().enumerate() {
        let Preference { preferred, other } = *judgement;
        if preferred >= models || other >= models || preferred == other {
            let problem =
                format!("prefers {preferred} to {other} in judgement {number}, of {models} models");
            return Err(problem_of("preferences", problem));
        }
        wins[(preferred, other)] += 1.0;
    }
    Ok(wins)
}

/// Strengths of models by pairwise preferences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BradleyTerry {
    /// ln π of each model; their sum is 0.
    pub log_strengths: Vec<f64>,
    /// Standard error of each by the information of the judgements.
    pub errors: Vec<f64>,
}

impl BradleyTerry {
    /// π_i / (π_i + π_j): the probability that the first is preferred to the second.
    ///
    /// # Panics
    /// If there is no model of a number.
    pub fn probability(&self, first: usize, second: usize) -> f64 {
        1.0 / (1.0 + (self.log_strengths[second] - self.log_strengths[first]).exp())
    }
}

/// The strengths π of greatest likelihood where i is preferred to j with the probability
/// π_i / (π_i + π_j) (Bradley and Terry 1952), by the iterations
///
/// π_i ← W_i / Σ_j n_ij / (π_i + π_j)
///
/// (Zermelo 1929; Hunter 2004), with the W_i preferences for i and the n_ij judgements between i
/// and j. Undecided judgements may count ½ on either side.
///
/// # Shapes
/// `wins`: `[models, models]`, row preferred to column; the diagonal is ignored.
///
/// # Errors
/// Fewer than two models, counts below 0 or not finite, or models that fall into two groups of
/// which one was never preferred to the other: the strengths have no finite ratio.
pub fn bradley_terry(wins: ArrayView2<'_, f64>) -> Result<BradleyTerry, ValidationError> {
    let models = wins.nrows();
    if models < 2 || wins.ncols() != models {
        return Err(ValidationError::Shape {
            found_events: models,
            found_values: wins.ncols(),
            events: models.max(2),
            values: models.max(2),
        });
    }
    if let Some(((i, j), count)) =
        wins.indexed_iter().find(|(_, count)| !(count.is_finite() && **count >= 0.0))
    {
        return Err(problem_of("preferences", format!("has count {count} of {i} over {j}")));
    }
    for beats in [&|i, j| wins[(i, j)] > 0.0, &|i, j| wins[(j, i)] > 0.0]
        as [&dyn Fn(usize, usize) -> bool; 2]
    {
        if let Some(apart) = not_reached(models, beats) {
            let problem = format!(
                "has models without finite strengths: model {apart} and model 0 are in two groups, \
                 of which one was never preferred to the other"
            );
            return Err(problem_of("preferences", problem));
        }
    }
    let total: Vec<f64> =
        (0..models).map(|i| (0..models).filter(|&j| j != i).map(|j| wins[(i, j)]).sum()).collect();
    let judged = |i: usize, j: usize| wins[(i, j)] + wins[(j, i)];
    let mut strengths = vec![1.0; models];
    for _ in 0..MAXIMUM_ITERATIONS {
        let mut next: Vec<f64> = (0..models)
            .map(|i| {
                let sum: f64 = (0..models)
                    .filter(|&j| j != i)
                    .map(|j| judged(i, j) / (strengths[i] + strengths[j]))
                    .sum();
                total[i] / sum
            })
            .collect();
        let mean_log = next.iter().map(|p: &f64| p.ln()).sum::<f64>() / models as f64;
        for strength in &mut next {
            *strength /= mean_log.exp();
        }
        let change = |(next, last): (&f64, &f64)| (next / last - 1.0).abs();
        let greatest = next.iter().zip(&strengths).map(change).fold(0.0, f64::max);
        strengths = next;
        if greatest <= TOLERANCE {
            break;
        }
    }
    let mut log_strengths: Vec<f64> = strengths.iter().map(|strength| strength.ln()).collect();
    let mean = log_strengths.iter().sum::<f64>() / models as f64;
    for log_strength in &mut log_strengths {
        *log_strength -= mean;
    }
    let errors = errors(models, &strengths, judged)?;
    Ok(BradleyTerry { log_strengths, errors })
}

/// A model that cannot be reached from model 0 along `edge`s.
fn not_reached(models: usize, edge: &dyn Fn(usize, usize) -> bool) -> Option<usize> {
    let mut reached = vec![false; models];
    reached[0] = true;
    let mut next = vec![0];
    while let Some(from) = next.pop() {
        for (to, reached) in reached.iter_mut().enumerate() {
            if !*reached && from != to && edge(from, to) {
                *reached = true;
                next.push(to);
            }
        }
    }
    reached.iter().position(|reached| !reached)
}

/// The roots of the diagonal of the pseudo-inverse of the information matrix of ln π. Its null
/// space is the common factor of all strengths: (I + J/m)⁻¹ − J/m, with J all ones.
fn errors(
    models: usize,
    strengths: &[f64],
    judged: impl Fn(usize, usize) -> f64,
) -> Result<Vec<f64>, ValidationError> {
    let share = 1.0 / models as f64;
    let mut information = vec![share; models * models];
    for i in 0..models {
        for j in (0..models).filter(|&j| j != i) {
            let sum = strengths[i] + strengths[j];
            let term = judged(i, j) * strengths[i] * strengths[j] / (sum * sum);
            information[i * models + i] += term;
            information[i * models + j] -= term;
        }
    }
    let factor = Cholesky::of(information, models).ok_or_else(|| {
        problem_of("preferences", "has too little information for errors".to_owned())
    })?;
    Ok((0..models)
        .map(|i| {
            let mut unit = vec![0.0; models];
            unit[i] = 1.0;
            (factor.solve(&unit)[i] - share).max(0.0).sqrt()
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn two_models_have_the_odds_as_their_ratio() {
        let found = bradley_terry(arr2(&[[0.0, 30.0], [10.0, 0.0]]).view()).expect("connected");
        approx::assert_relative_eq!(found.probability(0, 1), 0.75, max_relative = 1e-13);
        let half = 3f64.ln() / 2.0;
        approx::assert_relative_eq!(found.log_strengths[0], half, max_relative = 1e-13);
        // The variance of the logarithm of the odds is 1 / (40 · ¾ · ¼); half of it on each side.
        let error = (1.0 / 7.5_f64).sqrt() / 2.0;
        approx::assert_relative_eq!(found.errors[1], error, max_relative = 1e-12);
    }

    #[test]
    fn expected_counts_give_the_strengths_back() {
        let strengths = [1.0, 2.0, 0.5, 4.0];
        let wins = Array2::from_shape_fn((4, 4), |(i, j)| {
            // Models 0 and 3 never meet.
            let met = if i + j == 3 && i * j == 0 { 0.0 } else { 100.0 };
            met * strengths[i] / (strengths[i] + strengths[j])
        });
        let found = bradley_terry(wins.view()).expect("connected");
        for (i, j) in [(0, 1), (1, 2), (3, 0), (3, 2)] {
            let expected = strengths[i] / (strengths[i] + strengths[j]);
            approx::assert_relative_eq!(found.probability(i, j), expected, max_relative = 1e-11);
        }
        assert!(found.log_strengths.iter().sum::<f64>().abs() < 1e-13);
    }

    #[test]
    fn models_without_a_finite_ratio_are_refused() {
        let never = arr2(&[[0.0, 3.0, 3.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]);
        let refused = bradley_terry(never.view()).expect_err("infinite").to_string();
        assert!(refused.contains("model 1 and model 0 are in two groups"), "{refused}");
        let apart = arr2(&[[0.0, 0.0], [0.0, 0.0]]);
        assert!(bradley_terry(apart.view()).is_err());
        assert!(bradley_terry(arr2(&[[0.0, -1.0], [1.0, 0.0]]).view()).is_err());
        assert!(bradley_terry(arr2(&[[0.0]]).view()).is_err());
    }

    #[test]
    fn judgements_are_counted() {
        let judgements = [(0, 1), (0, 1), (2, 0)];
        let judgements = judgements.map(|(preferred, other)| Preference { preferred, other });
        let wins = preference_counts(&judgements, 3).expect("valid");
        assert_eq!(wins, arr2(&[[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]));
        assert!(preference_counts(&judgements, 2).is_err());
        assert!(preference_counts(&[Preference { preferred: 1, other: 1 }], 2).is_err());
    }
}
