//! Training of the network that tells two samples apart.

use burn::Dispatch;
use ndarray::ArrayView2;

use super::encoding::Encoder;
use super::features::Features;
use super::network::Perceptron;
use super::settings::ValidClassifierSettings;
use super::split::Split;
use super::trained::{Classification, Conclusion, Judge, TrainedClassifier};
use super::training::{Training, train};
use crate::{Progress, ValidationError};

/// Trains a classifier to tell `generated` (positive) from `reference` (negative).
///
/// Of each sample the same number of events is taken at random, and split into 60 % to train,
/// 20 % held out to choose the epoch and to calibrate, and 20 % to test (by the settings). The AUC
/// is that of the network's logits; calibration only enters the JSD, since its steps would blunt
/// the AUC, unless [`ClassifierSettings::calibrated_auc`] says otherwise. Deterministic for the
/// seed of the settings.
///
/// With weights, both classes weigh the same in the loss, and AUC, ROC and JSD are those of the
/// weighted events. So many events are used that the features of both samples stay within 1 GiB.
///
/// # Errors
/// Different numbers of features, less than 50 events in a sample, or a training that diverges.
///
/// [`ClassifierSettings::calibrated_auc`]: super::ClassifierSettings::calibrated_auc
pub fn classify(
    reference: &dyn Features,
    generated: &dyn Features,
    settings: &ValidClassifierSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<Classification, ValidationError> {
    let trained = train_network(reference, generated, settings, stage, progress)?;
    Ok(trained.classification().clone())
}

/// [`classify`], and keeps the network.
///
/// # Errors
/// As [`classify`].
pub fn train_network(
    reference: &dyn Features,
    generated: &dyn Features,
    settings: &ValidClassifierSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<TrainedClassifier, ValidationError> {
    let split = Split::draw(reference, generated, settings.split(), stage)?;
    let mut training = split.training();
    let encoder = Encoder::fit(training.inputs.view(), settings.encoding);
    training.inputs = encoder.encode(training.inputs.view());
    let mut held_out = split.held_out();
    held_out.inputs = encoder.encode(held_out.inputs.view());
    let inputs = training.inputs.ncols();
    let network = train(
        |random, device| Perceptron::new(inputs, settings, random, device),
        &training,
        &held_out,
        settings,
        stage,
        progress,
    )?;
    let conclusion = Conclusion {
        training_events: training.inputs.nrows(),
        best_epoch: network.best_epoch,
        calibrated_auc: settings.calibrated_auc,
        seed: settings.seed,
    };
    drop((training, held_out));
    TrainedClassifier::conclude(Box::new(EncodedNetwork { encoder, network }), &split, &conclusion)
}

/// A network with what prepares its input.
struct EncodedNetwork {
    encoder: Encoder,
    network: Training<Perceptron<Dispatch>>,
}

impl Judge for EncodedNetwork {
    fn scores(&self, features: ArrayView2<'_, f32>) -> Result<Vec<f64>, ValidationError> {
        self.network.scores(self.encoder.encode(features).view())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis};

    use super::*;
    use crate::Silent;
    use crate::classifier::ClassifierSettings;
    use crate::random::{Purpose, generator, uniform};

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
        approx::assert_relative_eq!(same.auc_error, 0.024, max_relative = 0.1);
        assert!(same.jsd.abs() < 4.0 * same.jsd_error, "{} {}", same.jsd, same.jsd_error);
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
