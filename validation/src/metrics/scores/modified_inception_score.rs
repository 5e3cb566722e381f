use ndarray::Axis;
use serde::{Deserialize, Serialize};

use super::class_probabilities::marginal;
use super::{ClassProbabilities, negative_entropy};
use crate::ValidationError;
use crate::metrics::checks::problem_of;

/// The modified Inception score of each class and on average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModifiedInceptionScore {
    /// The mean over the classes that are predicted for an event, each of equal weight.
    pub mean: f64,
    /// Of each class; `None` where no event is predicted to be of it.
    pub classes: Vec<Option<f64>>,
}

/// The modified Inception score m-IS: within each predicted class,
///
/// exp E_i E_j KL(p(y|x_i) ‖ p(y|x_j))
///
/// (Gurumurthy, Sarvadevabhatla and Babu, arXiv:1706.02071), where i and j each go over all events
/// of the class, i = j included. 1 where all events of a class look alike to the classifier, more
/// where it sees variety. An event belongs to its most probable class, the first of equals.
///
/// 0 · ln 0 counts as 0; a class that has probability 0 in one event and more in another of the
/// same predicted class would make the score infinite and is refused: see
/// [`ClassProbabilities::smoothed`].
///
/// # Errors
/// A divergence that would be infinite.
pub fn modified_inception_score(
    probabilities: &ClassProbabilities,
) -> Result<ModifiedInceptionScore, ValidationError> {
    let mut members = vec![Vec::new(); probabilities.classes()];
    for (event, class) in probabilities.predicted_classes().into_iter().enumerate() {
        members[class].push(event);
    }
    let classes = members
        .iter()
        .map(|events| match events.is_empty() {
            true => Ok(None),
            false => mean_divergence(probabilities, events).map(|mean| Some(mean.exp())),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let predicted: Vec<f64> = classes.iter().flatten().copied().collect();
    let mean = predicted.iter().sum::<f64>() / predicted.len() as f64;
    Ok(ModifiedInceptionScore { mean, classes })
}

/// E_i E_j KL = E_i Σ p_i ln p_i − Σ E_i p_i · E_j ln p_j: no loop over pairs.
fn mean_divergence(
    probabilities: &ClassProbabilities,
    events: &[usize],
) -> Result<f64, ValidationError> {
    let values = probabilities.view().select(Axis(0), events);
    let count = events.len() as f64;
    let mut divergence = negative_entropy(values.iter().copied()) / count;
    for ((class, column), mean) in
        values.columns().into_iter().enumerate().zip(marginal(values.view()))
    {
        if mean <= 0.0 {
            continue;
        }
        if let Some(place) = column.iter().position(|&p| p <= 0.0) {
            let event = events[place];
            let problem = format!(
                "has probability 0 of class {class} in event {event} and more in others of its \
                 predicted class: their divergence is infinite"
            );
            return Err(problem_of(probabilities.label(), problem));
        }
        divergence -= mean * column.iter().map(|p| p.ln()).sum::<f64>() / count;
    }
    Ok(divergence)
}

#[cfg(test)]
mod tests {
    use super::super::kullback_leibler;
    use super::*;
    use ndarray::arr2;

    #[test]
    fn it_is_the_mean_over_all_pairs_of_each_predicted_class() {
        let values = arr2(&[[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.6, 0.1, 0.3]]);
        let probabilities = ClassProbabilities::new("x", values.view()).expect("valid");
        let found = modified_inception_score(&probabilities).expect("finite");
        let rows = [[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.6, 0.1, 0.3]];
        let pairs = rows.iter().flat_map(|p| rows.iter().map(move |q| (p, q)));
        let sum: f64 = pairs.map(|(p, q)| kullback_leibler(p, q).expect("finite")).sum();
        let first = found.classes[0].expect("predicted");
        approx::assert_relative_eq!(first, (sum / 9.0).exp(), max_relative = 1e-13);
        approx::assert_relative_eq!(found.classes[1].expect("predicted"), 1.0, epsilon = 1e-14);
        assert_eq!(found.classes[2], None);
        approx::assert_relative_eq!(found.mean, (first + 1.0) / 2.0, max_relative = 1e-13);
    }

    #[test]
    fn an_infinite_divergence_is_refused_and_smoothing_helps() {
        let values = arr2(&[[0.9, 0.1, 0.0], [0.8, 0.0, 0.2], [0.0, 1.0, 0.0]]);
        let probabilities = ClassProbabilities::new("x", values.view()).expect("valid");
        let refused = modified_inception_score(&probabilities).expect_err("infinite").to_string();
        assert!(refused.contains("probability 0 of class 1 in event 1"), "{refused}");
        let smoothed = probabilities.smoothed(1e-6).expect("valid");
        assert!(modified_inception_score(&smoothed).expect("finite").mean > 1.0);
    }
}
