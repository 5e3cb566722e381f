use ndarray::{Array2, ArrayView2, Axis, concatenate};
use statrs::distribution::{ContinuousCDF, Normal};

use super::labelled::Labelled;
use super::logistic_regression::{LogisticRegression, LogisticSettings};
use crate::ValidationError;
use crate::classifier::Scores;
use crate::random::{Purpose, generator, permutation};

/// A classifier two-sample test (Lopez-Paz and Oquab, arXiv:1610.06545): whether a classifier tells
/// two samples apart on events it was not trained with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassifierTwoSampleTest {
    /// Share of the test events whose sample is told: ½ for one distribution.
    pub accuracy: f64,
    /// √(1 / 4n), the deviation of the accuracy for one distribution and n test events.
    pub null_deviation: f64,
    /// Probability of a greater accuracy for one distribution, by the normal limit N(½, 1/4n).
    pub p_value: f64,
    pub test_events: usize,
}

impl ClassifierTwoSampleTest {
    fn of(accuracy: f64, test_events: usize) -> Self {
        let null_deviation = 0.5 / (test_events as f64).sqrt();
        let p_value = Normal::standard().sf((accuracy - 0.5) / null_deviation);
        Self { accuracy, null_deviation, p_value, test_events }
    }
}

/// The test for a classifier's logits of test events: an event is taken for generated above
/// `threshold` (0 for logits). The limit holds for classes of equal size.
///
/// ```
/// use validation::classifier::Scores;
/// use validation::metrics::classification::c2st_of_scores;
/// let scores = Scores { negative: vec![-1.0, 2.0], positive: vec![1.0, 3.0], weights: None };
/// let found = c2st_of_scores(&scores, 0.0)?;
/// assert_eq!((found.accuracy, found.null_deviation), (0.75, 0.25));
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// An empty class, or weights: their accuracy has another limit.
pub fn c2st_of_scores(
    scores: &Scores,
    threshold: f64,
) -> Result<ClassifierTwoSampleTest, ValidationError> {
    let fewest = scores.negative.len().min(scores.positive.len());
    if fewest == 0 {
        return Err(ValidationError::TooFewEvents {
            purpose: "a class of the classifier two-sample test".to_owned(),
            found: 0,
            needed: 1,
        });
    }
    if scores.weights.is_some() {
        return Err(ValidationError::Sample {
            label: "scores".to_owned(),
            problem: "has weights, and the accuracy of weighted events has no binomial limit"
                .to_owned(),
        });
    }
    let right = scores.negative.iter().filter(|score| **score <= threshold).count()
        + scores.positive.iter().filter(|score| **score > threshold).count();
    let events = scores.negative.len() + scores.positive.len();
    Ok(ClassifierTwoSampleTest::of(right as f64 / events as f64, events))
}

/// The test with [`LogisticRegression`] of standardised features: of each sample as many events
/// are taken at random, half of them to train and half to test. It sees differences of means only;
/// [`train_network`](crate::classifier::train_network) and
/// [`train_trees`](crate::classifier::train_trees) with [`c2st_of_scores`] see more.
///
/// # Shapes
/// `first`, `second`: `[events, features]`
///
/// # Errors
/// Fewer than 4 events in a sample, different numbers of features, or features that are not
/// finite.
pub fn c2st_logistic(
    first: ArrayView2<'_, f64>,
    second: ArrayView2<'_, f64>,
    seed: u64,
) -> Result<ClassifierTwoSampleTest, ValidationError> {
    let events = first.nrows().min(second.nrows());
    if events < 4 {
        return Err(ValidationError::TooFewEvents {
            purpose: "a sample of the classifier two-sample test".to_owned(),
            found: events,
            needed: 4,
        });
    }
    let width = first.ncols();
    if second.ncols() != width {
        return Err(ValidationError::Shape {
            found_events: second.nrows(),
            found_values: second.ncols(),
            events: second.nrows(),
            values: width,
        });
    }
    let mut random = generator(seed, Purpose::ClassifierSplit);
    let orders = [first.nrows(), second.nrows()].map(|count| permutation(count, &mut random));
    let trained_to = events / 2;
    let part = |from: usize, to: usize| -> (Array2<f64>, Vec<usize>) {
        let rows = [
            first.select(Axis(0), &orders[0][from..to]),
            second.select(Axis(0), &orders[1][from..to]),
        ];
        let features = concatenate(Axis(0), &[rows[0].view(), rows[1].view()])
            .expect("both have the columns that were compared before");
        let labels = [vec![0; to - from], vec![1; to - from]].concat();
        (features, labels)
    };
    let (training, test) = (part(0, trained_to), part(trained_to, events));
    fn of<'a>((features, labels): &'a (Array2<f64>, Vec<usize>)) -> Labelled<'a> {
        Labelled { name: "both samples", features: features.view(), labels }
    }
    of(&test).check(width)?;
    let model = LogisticRegression::fit(&of(&training), 2, LogisticSettings::default())?;
    let guesses = model.predict(test.0.view());
    let right = guesses.iter().zip(&test.1).filter(|(guess, label)| guess == label).count();
    Ok(ClassifierTwoSampleTest::of(right as f64 / test.1.len() as f64, test.1.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform;

    #[test]
    fn a_shift_is_seen_and_the_null_is_uniform_enough() {
        let mut random = generator(5, Purpose::ClassifierWeights);
        let mut sample =
            |shift: f64| Array2::from_shape_simple_fn((200, 3), || shift + uniform(&mut random));
        let found = c2st_logistic(sample(0.0).view(), sample(0.3).view(), 1).expect("fits");
        assert!(found.accuracy > 0.7 && found.p_value < 1e-6, "{found:?}");
        assert_eq!(found.test_events, 200);
        let p_values: Vec<f64> = (0..200)
            .map(|seed| {
                c2st_logistic(sample(0.0).view(), sample(0.0).view(), seed).expect("fits").p_value
            })
            .collect();
        let below = |limit: f64| p_values.iter().filter(|p| **p < limit).count();
        // Of 200: 20 ± 4 and 100 ± 7, within four deviations and the steps of a count.
        assert!((4..=37).contains(&below(0.1)), "{}", below(0.1));
        assert!((72..=128).contains(&below(0.5)), "{}", below(0.5));
    }

    #[test]
    fn weights_and_too_few_events_are_refused() {
        let few = Array2::zeros((3, 2));
        let error = c2st_logistic(few.view(), few.view(), 1).expect_err("is refused");
        assert_eq!(
            error.to_string(),
            "a sample of the classifier two-sample test has 3 events, needs at least 4"
        );
        let weights = Some((vec![1.0], vec![1.0]));
        let scores = Scores { negative: vec![0.0], positive: vec![1.0], weights };
        assert!(c2st_of_scores(&scores, 0.0).is_err());
    }
}
