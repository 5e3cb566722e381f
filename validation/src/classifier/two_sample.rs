use ndarray::{Array2, ArrayView2, Axis, concatenate};

use super::calibration::{IsotonicCalibration, jensen_shannon_divergence};
use super::encoding::Encoder;
use super::network::{self, Labelled};
use super::roc::{area_under_curve, roc_curve};
use super::settings::ValidClassifierSettings;
use crate::random::{Purpose, generator, permutation};
use crate::{Progress, ValidationError};

/// Fewest events of each sample that a classifier is trained for.
const FEWEST_EVENTS: usize = 50;
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
/// # Shapes
/// `reference`: `[n, features]`, `generated`: `[m, features]`, finite.
///
/// # Errors
/// Different numbers of features, less than 50 events in a sample, or a training that diverges.
pub fn classify(
    reference: ArrayView2<'_, f32>,
    generated: ArrayView2<'_, f32>,
    settings: &ValidClassifierSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<Classification, ValidationError> {
    if reference.ncols() != generated.ncols() {
        return Err(ValidationError::Shape {
            found_events: generated.nrows(),
            found_voxels: generated.ncols(),
            events: generated.nrows(),
            voxels: reference.ncols(),
        });
    }
    let events = reference.nrows().min(generated.nrows()).min(settings.maximum_events_per_sample);
    if events < FEWEST_EVENTS {
        return Err(ValidationError::TooFewEvents {
            purpose: format!("a sample of the classifier on {stage}"),
            found: events,
            needed: FEWEST_EVENTS,
        });
    }
    let mut random = generator(settings.seed, Purpose::ClassifierSplit);
    let of_reference = permutation(reference.nrows(), &mut random);
    let of_generated = permutation(generated.nrows(), &mut random);
    let part = |from: usize, to: usize| {
        let negative = reference.select(Axis(0), &of_reference[from..to]);
        let positive = generated.select(Axis(0), &of_generated[from..to]);
        stacked(&negative, &positive)
    };
    let (trained_to, held_out_to) = (events * 6 / 10, events * 8 / 10);
    let training = part(0, trained_to);
    let encoder = Encoder::fit(training.view(), settings.encoding);
    let labelled = |inputs: &Array2<f32>| Labelled {
        inputs: encoder.encode(inputs.view()),
        negatives: inputs.nrows() / 2,
    };
    let held_out = labelled(&part(trained_to, held_out_to));
    let test = labelled(&part(held_out_to, events));

    let trained = network::train(&labelled(&training), &held_out, settings, stage, progress)?;
    let (held_out_negative, held_out_positive) = trained.scores(&held_out)?;
    let (negative, positive) = trained.scores(&test)?;
    let calibration = IsotonicCalibration::fit(&held_out_negative, &held_out_positive);
    Ok(Classification {
        auc: area_under_curve(&negative, &positive),
        jsd: jensen_shannon_divergence(calibration.cross_entropy(&negative, &positive)),
        roc: roc_curve(&negative, &positive, ROC_POINTS),
        feature_count: reference.ncols(),
        training_events: training.nrows(),
        test_events: negative.len() + positive.len(),
        best_epoch: trained.best_epoch,
    })
}

fn stacked(first: &Array2<f32>, second: &Array2<f32>) -> Array2<f32> {
    concatenate(Axis(0), &[first.view(), second.view()])
        .expect("both parts have the columns that were compared before")
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
        classify(first.view(), second.view(), &quick(), "test", &Silent).expect("trains")
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

    #[test]
    fn too_few_events_are_refused() {
        let few = Array2::zeros((49, 4));
        let error = classify(few.view(), few.view(), &quick(), "test", &Silent);
        assert_eq!(
            error.expect_err("is refused").to_string(),
            "a sample of the classifier on test has 49 events, needs at least 50"
        );
    }
}
