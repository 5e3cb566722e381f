use super::class_probabilities::check_shares;
use super::{ClassProbabilities, kullback_leibler, negative_entropy};
use crate::ValidationError;
use crate::metrics::checks::problem_of;

/// The mode score as it is written (Che et al., arXiv:1612.02136),
///
/// exp(E_x KL(p(y|x) ‖ p_train(y)) − KL(p(y) ‖ p_train(y))).
///
/// The shares of the training events cancel: E KL(p(y|x) ‖ q) − KL(p(y) ‖ q) = E KL(p(y|x) ‖ p(y))
/// for any q, so that this is [`inception_score`](super::inception_score) to the last digits and
/// tells nothing about `training_shares`. See [`informative_mode_score`].
///
/// # Shapes
/// `training_shares`: `[classes]`, the distribution of the training events' labels.
///
/// # Errors
/// Shares that are no distribution over the classes, or 0 in a class that the generated events
/// have: both divergences are infinite.
pub fn literal_mode_score(
    probabilities: &ClassProbabilities,
    training_shares: &[f64],
) -> Result<f64, ValidationError> {
    check_shares(training_shares, probabilities)?;
    let mut divergence = 0.0;
    for event in probabilities.view().outer_iter() {
        let event = event.to_vec();
        divergence += kullback_leibler(&event, training_shares)
            .map_err(|class| not_in_training(probabilities, class))?;
    }
    divergence /= probabilities.events() as f64;
    Ok((divergence - marginal_divergence(probabilities, training_shares)?).exp())
}

/// The mode score that sees missing and excess classes,
///
/// exp(E_x KL(p(y|x) ‖ p(y)) − KL(p(y) ‖ p_train(y))),
///
/// the Inception score divided by exp KL(p(y) ‖ p_train(y)): the variant in common use since Xu et
/// al., arXiv:1806.07755.
///
/// # Shapes
/// `training_shares`: `[classes]`, the distribution of the training events' labels.
///
/// # Errors
/// Shares that are no distribution over the classes, or 0 in a class that the generated events
/// have: the divergence is infinite.
pub fn informative_mode_score(
    probabilities: &ClassProbabilities,
    training_shares: &[f64],
) -> Result<f64, ValidationError> {
    check_shares(training_shares, probabilities)?;
    let certain =
        negative_entropy(probabilities.view().iter().copied()) / probabilities.events() as f64;
    let divergence = certain - negative_entropy(probabilities.marginal());
    Ok((divergence - marginal_divergence(probabilities, training_shares)?).exp())
}

/// KL(p(y) ‖ p_train(y)).
fn marginal_divergence(
    probabilities: &ClassProbabilities,
    training_shares: &[f64],
) -> Result<f64, ValidationError> {
    kullback_leibler(&probabilities.marginal(), training_shares)
        .map_err(|class| not_in_training(probabilities, class))
}

fn not_in_training(probabilities: &ClassProbabilities, class: usize) -> ValidationError {
    let problem = format!("has class {class}, which no training event has: divergence is infinite");
    problem_of(probabilities.label(), problem)
}

#[cfg(test)]
mod tests {
    use super::super::inception_score;
    use super::*;
    use crate::random::{Purpose, generator, uniform};
    use ndarray::{Array2, arr2};

    /// Random probabilities, of which some are 0.
    fn probabilities(seed: u64) -> ClassProbabilities {
        let mut random = generator(seed, Purpose::ScoreSplits);
        let mut values = Array2::from_shape_fn((200, 6), |(event, class)| {
            let drawn = uniform(&mut random);
            if (event + class) % 5 == 0 { 0.0 } else { drawn * drawn }
        });
        for mut row in values.outer_iter_mut() {
            let sum = row.sum();
            row /= sum;
        }
        ClassProbabilities::new("x", values.view()).expect("valid")
    }

    #[test]
    fn the_literal_mode_score_is_the_inception_score_whatever_the_training_shares() {
        for (seed, shares) in [
            (1, [1.0 / 6.0; 6]),
            (2, [0.5, 0.1, 0.1, 0.1, 0.1, 0.1]),
            (3, [0.999, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002]),
        ] {
            let probabilities = probabilities(seed);
            let literal = literal_mode_score(&probabilities, &shares).expect("finite");
            let score = inception_score(&probabilities);
            approx::assert_relative_eq!(literal, score, max_relative = 1e-12);
        }
    }

    #[test]
    fn the_informative_mode_score_falls_where_classes_are_missing() {
        let uniform = [0.25; 4];
        let all = ClassProbabilities::new("all", Array2::<f64>::eye(4).view()).expect("valid");
        let two = arr2(&[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]);
        let two = ClassProbabilities::new("two", two.view()).expect("valid");
        let score = |of| informative_mode_score(of, &uniform).expect("finite");
        approx::assert_relative_eq!(score(&all), 4.0, max_relative = 1e-14);
        // An Inception score of 2, and KL((1/2, 1/2, 0, 0) ‖ uniform) = ln 2.
        approx::assert_relative_eq!(score(&two), 1.0, max_relative = 1e-14);
    }

    #[test]
    fn a_class_without_training_events_is_refused() {
        let probabilities = probabilities(4);
        let shares = [0.2, 0.2, 0.2, 0.2, 0.2, 0.0];
        assert!(literal_mode_score(&probabilities, &shares).is_err());
        let refused = informative_mode_score(&probabilities, &shares).expect_err("infinite");
        assert!(refused.to_string().contains("has class 5, which no training event has"));
        assert!(informative_mode_score(&probabilities, &shares[..5]).is_err());
        assert!(informative_mode_score(&probabilities, &[0.2; 6]).is_err());
    }
}
