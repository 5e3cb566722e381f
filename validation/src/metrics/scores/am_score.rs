use super::class_probabilities::check_shares;
use super::{ClassProbabilities, kullback_leibler, negative_entropy};
use crate::ValidationError;
use crate::metrics::checks::problem_of;

/// The AM score,
///
/// KL(p_train(y) ‖ p(y)) + E_x H(y|x)
///
/// in nats (Zhou et al., arXiv:1703.02000): 0 at best, where each event is of one class for certain
/// and the classes have the shares they have in training. Unlike the mode score's, its divergence
/// starts from the training events, so that a class without generated events is what costs.
///
/// 0 · ln 0 counts as 0.
///
/// # Shapes
/// `training_shares`: `[classes]`, the distribution of the training events' labels.
///
/// # Errors
/// Shares that are no distribution over the classes, or a class of the training events that has
/// probability 0 in every generated event: the divergence is infinite, see
/// [`ClassProbabilities::smoothed`].
pub fn am_score(
    probabilities: &ClassProbabilities,
    training_shares: &[f64],
) -> Result<f64, ValidationError> {
    check_shares(training_shares, probabilities)?;
    let marginal = probabilities.marginal();
    let divergence = kullback_leibler(training_shares, &marginal).map_err(|class| {
        let problem = format!("has nothing of class {class} of training: divergence is infinite");
        problem_of(probabilities.label(), problem)
    })?;
    let events = probabilities.events() as f64;
    Ok(divergence - negative_entropy(probabilities.view().iter().copied()) / events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn certain_events_in_the_training_shares_have_0() {
        let values = arr2(&[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]);
        let probabilities = ClassProbabilities::new("x", values.view()).expect("valid");
        assert!(am_score(&probabilities, &[0.25, 0.75]).expect("finite").abs() < 1e-15);
        // ½ ln(½ / ¼) + ½ ln(½ / ¾)
        let found = am_score(&probabilities, &[0.5, 0.5]).expect("finite");
        let expected = 0.5 * 2f64.ln() + 0.5 * (2.0_f64 / 3.0).ln();
        approx::assert_relative_eq!(found, expected, max_relative = 1e-14);
    }

    #[test]
    fn unsure_events_add_their_entropy_and_a_lost_class_is_refused() {
        let values = arr2(&[[0.5, 0.5, 0.0]]);
        let probabilities = ClassProbabilities::new("x", values.view()).expect("valid");
        let found = am_score(&probabilities, &[0.5, 0.5, 0.0]).expect("finite");
        approx::assert_relative_eq!(found, 2f64.ln(), max_relative = 1e-14);
        let refused = am_score(&probabilities, &[0.4, 0.4, 0.2]).expect_err("infinite");
        assert!(refused.to_string().contains("nothing of class 2"));
    }
}
