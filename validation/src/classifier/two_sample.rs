use ndarray::{Array2, Axis};

use super::calibration::{IsotonicCalibration, jensen_shannon_divergence};
use super::encoding::Encoder;
use super::features::Features;
use super::network::{self, Part};
use super::settings::ValidClassifierSettings;
use crate::random::{Purpose, generator, permutation};
use crate::{Progress, ValidationError};

/// Fewest events of each sample that a classifier is trained for.
pub(crate) const FEWEST_EVENTS: usize = 50;
/// Memory for the features of both samples.
const MOST_BYTES: usize = 1 << 30;
/// Points of the ROC curve in the report.
const ROC_POINTS: usize = 200;

/// How well a classifier tells two samples apart, on events it was neither trained nor chosen
/// with.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// Area under the ROC curve: ½ for samples that cannot be told apart, 1 for disjoint ones.
    pub auc: f64,
    /// Jensen–Shannon divergence in bits, after isotonic calibration on the held-out events.
    pub jsd: f64,
    /// (false positive rate, true positive rate), at most 200 points.
    pub roc: Vec<(f64, f64)>,
    pub feature_count: usize,
    /// Of both samples together.
    pub training_events: usize,
    pub test_events: usize,
    /// Events of each sample that were not used because their features take too much memory.
    pub left_out_for_memory: usize,
    /// The epoch whose network was kept, from 1.
    pub best_epoch: usize,
}

/// Trains a classifier to tell `generated` (positive) from `reference` (negative).
///
/// Of each sample the same number of events is taken at random, and split into 60 % to train,
/// 20 % held out to choose the epoch and to calibrate, and 20 % to test. The AUC is that of the
/// network's logits; calibration only enters the JSD, since its steps would blunt the AUC.
/// Deterministic for the seed of the settings.
///
/// With weights, both classes weigh the same in the loss, and AUC, ROC and JSD are those of the
/// weighted events. So many events are used that the features of both samples stay within 1 GiB.
///
/// # Errors
/// Different numbers of features, less than 50 events in a sample, or a training that diverges.
pub fn classify(
    reference: &dyn Features,
    generated: &dyn Features,
    settings: &ValidClassifierSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<Classification, ValidationError> {
    let width = reference.width();
    if width != generated.width() {
        return Err(ValidationError::Shape {
            found_events: generated.events(),
            found_values: generated.width(),
            events: generated.events(),
            values: width,
        });
    }
    let in_memory = MOST_BYTES / (2 * width * size_of::<f32>()).max(1);
    let wanted = reference.events().min(generated.events()).min(settings.maximum_events_per_sample);
    let events = wanted.min(in_memory);
    if events < FEWEST_EVENTS {
        return Err(ValidationError::TooFewEvents {
            purpose: format!("a sample of the classifier on {stage}"),
            found: events,
            needed: FEWEST_EVENTS,
        });
    }
    let mut random = generator(settings.seed, Purpose::ClassifierSplit);
    let of_reference = permutation(reference.events(), &mut random);
    let of_generated = permutation(generated.events(), &mut random);
    let part = |from: usize, to: usize| Part {
        inputs: stacked(
            reference.rows(&of_reference[from..to]),
            &generated.rows(&of_generated[from..to]),
        ),
        negatives: to - from,
        weights: stacked_weights(
            reference.weights(&of_reference[from..to]),
            generated.weights(&of_generated[from..to]),
            to - from,
        ),
    };
    let (trained_to, held_out_to) = (events * 6 / 10, events * 8 / 10);
    let mut training = part(0, trained_to);
    let encoder = Encoder::fit(training.inputs.view(), settings.encoding);
    let encoded = |part: &mut Part| part.inputs = encoder.encode(part.inputs.view());
    encoded(&mut training);
    let mut held_out = part(trained_to, held_out_to);
    encoded(&mut held_out);
    let mut test = part(held_out_to, events);
    encoded(&mut test);

    let trained = network::train(&training, &held_out, settings, stage, progress)?;
    let training_events = training.inputs.nrows();
    drop(training);
    let calibrating = held_out.scored(&trained.scores(&held_out)?);
    let scored = test.scored(&trained.scores(&test)?);
    let calibration = IsotonicCalibration::fit_scored(&calibrating);
    Ok(Classification {
        auc: scored.area_under_curve(),
        jsd: jensen_shannon_divergence(calibration.cross_entropy_of(&scored)),
        roc: scored.roc_curve(ROC_POINTS),
        feature_count: width,
        training_events,
        test_events: test.inputs.nrows(),
        left_out_for_memory: wanted - events,
        best_epoch: trained.best_epoch,
    })
}

fn stacked(first: Array2<f32>, second: &Array2<f32>) -> Array2<f32> {
    let mut both = first;
    both.append(Axis(0), second.view())
        .expect("both parts have the columns that were compared before");
    both
}

/// Weights of both classes, those of each class with the mean 1.
fn stacked_weights(
    first: Option<Vec<f64>>,
    second: Option<Vec<f64>>,
    events: usize,
) -> Option<Vec<f64>> {
    if first.is_none() && second.is_none() {
        return None;
    }
    let normalised = |weights: Option<Vec<f64>>| {
        let mut weights = weights.unwrap_or_else(|| vec![1.0; events]);
        let mean = weights.iter().sum::<f64>() / events.max(1) as f64;
        // A part in which negative weights prevail has no class to be normalised to.
        if mean > 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= mean);
        }
        weights
    };
    let mut both = normalised(first);
    both.extend(normalised(second));
    Some(both)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use crate::classifier::ClassifierSettings;
    use crate::random::uniform;

    /// Sums of uniform numbers with a shift in one column.
    fn sample(seed: u64, shift: f64) -> Array2<f32> {
        let mut random = generator(seed, Purpose::ClassifierWeights);
        Array2::from_shape_simple_fn((1500, 4), || {
            (0..3).map(|_| uniform(&mut random)).sum::<f64>() as f32
        }) + ndarray::array![[0.0, 0.0, shift as f32, 0.0]]
    }

    fn quick() -> ValidClassifierSettings {
        ClassifierSettings {
            hidden_width: 32,
            batch_size: 128,
            maximum_epochs: 12,
            ..Default::default()
        }
        .check()
        .expect("valid")
    }

    fn run(first: &Array2<f32>, second: &Array2<f32>) -> Classification {
        classify(&first.view(), &second.view(), &quick(), "test", &Silent).expect("trains")
    }

    #[test]
    fn one_distribution_cannot_be_told_apart_and_a_shifted_one_can() {
        let same = run(&sample(1, 0.0), &sample(2, 0.0));
        // The deviation of the AUC for 300 + 300 test events is 0.024.
        assert!((same.auc - 0.5).abs() < 0.08, "{}", same.auc);
        assert!(same.jsd < 0.05, "{}", same.jsd);
        assert_eq!((same.feature_count, same.training_events, same.test_events), (4, 1800, 600));
        let shifted = run(&sample(1, 0.0), &sample(2, 1.2));
        assert!(shifted.auc > 0.9, "{}", shifted.auc);
        assert!(shifted.jsd > 0.3, "{}", shifted.jsd);
        assert!(shifted.roc.len() <= 200, "{}", shifted.roc.len());
    }

    #[test]
    fn the_same_seed_gives_the_same_result() {
        let (first, second) = (sample(1, 0.0), sample(2, 0.3));
        assert_eq!(run(&first, &second), run(&first, &second));
    }

    /// Events with weights, as those of [`sample`].
    struct Weighted(Array2<f32>, Vec<f64>);

    impl Features for Weighted {
        fn events(&self) -> usize {
            self.0.nrows()
        }

        fn width(&self) -> usize {
            self.0.ncols()
        }

        fn rows(&self, events: &[usize]) -> Array2<f32> {
            self.0.select(Axis(0), events)
        }

        fn weights(&self, events: &[usize]) -> Option<Vec<f64>> {
            Some(events.iter().map(|&event| self.1[event]).collect())
        }
    }

    #[test]
    fn weights_that_take_a_difference_back_leave_nothing_to_tell_apart() {
        let (reference, shifted, same) = (sample(1, 0.0), sample(2, 1.2), sample(3, 0.0));
        // A third of the reference's kind, two thirds shifted; the shifted once with the weight
        // −1 against as many with the weight 1, so that they cancel.
        let mut mixed = same.clone();
        mixed.append(Axis(0), shifted.view()).expect("same columns");
        mixed.append(Axis(0), sample(4, 1.2).view()).expect("same columns");
        let weights = |one: f64, two: f64| [[1.0; 1500], [one; 1500], [two; 1500]].concat();
        let run = |weights| {
            let mixed = Weighted(mixed.clone(), weights);
            classify(&reference.view(), &mixed, &quick(), "test", &Silent).expect("trains")
        };
        let visible = run(weights(1.0, 1.0));
        assert!(visible.auc > 0.75, "{}", visible.auc);
        let hidden = run(weights(0.3, -0.3));
        assert!((hidden.auc - 0.5).abs() < 0.15, "{}", hidden.auc);
        let plain = classify(&reference.view(), &mixed.view(), &quick(), "test", &Silent);
        let equal = run(weights(7.0, 7.0).iter().map(|_| 2.0).collect());
        approx::assert_abs_diff_eq!(equal.auc, plain.expect("trains").auc, epsilon = 0.02);
    }

    #[test]
    fn too_few_events_are_refused() {
        let few = Array2::zeros((49, 4));
        let error = classify(&few.view(), &few.view(), &quick(), "test", &Silent);
        assert_eq!(
            error.expect_err("is refused").to_string(),
            "a sample of the classifier on test has 49 events, needs at least 50"
        );
    }
}
