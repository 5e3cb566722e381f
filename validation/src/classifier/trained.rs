//! A trained classifier, and what it says about the events it is tested on.

use std::fmt;

use ndarray::{ArrayView1, ArrayView2, Axis};

use super::calibration::{IsotonicCalibration, jensen_shannon_divergence};
use super::divergence_error::divergence_error;
use super::roc::Scores;
use super::split::{Part, Split};
use crate::ValidationError;

/// Points of the ROC curve in the report.
const ROC_POINTS: usize = 200;

/// What tells generated events from those of the reference.
pub(super) trait Judge {
    /// The logit of each event: greater is likelier generated.
    ///
    /// # Shapes
    /// `features`: `[events, features]`
    ///
    /// # Errors
    /// Results that cannot be read from the device.
    fn scores(&self, features: ArrayView2<'_, f32>) -> Result<Vec<f64>, ValidationError>;
}

/// How well a classifier tells two samples apart, on events it was neither trained nor chosen
/// with.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// Area under the ROC curve: ½ for samples that cannot be told apart, 1 for disjoint ones.
    pub auc: f64,
    /// Standard error of the AUC from the number of test events, by DeLong's method; infinite
    /// where it cannot be told.
    pub auc_error: f64,
    /// Jensen–Shannon divergence in bits, after isotonic calibration on the held-out events.
    pub jsd: f64,
    /// Standard error of the JSD from the number of test events, by bootstrap; infinite where it
    /// cannot be told.
    pub jsd_error: f64,
    /// (false positive rate, true positive rate), at most 200 points.
    pub roc: Vec<(f64, f64)>,
    pub feature_count: usize,
    /// Of both samples together.
    pub training_events: usize,
    pub test_events: usize,
    /// Events of each sample that were not used because their features take too much memory.
    pub left_out_for_memory: usize,
    /// The epoch whose network was kept, or the trees that were kept, from 1.
    pub best_epoch: usize,
}

/// A classifier with the events it is tested on.
pub struct TrainedClassifier {
    pub(super) judge: Box<dyn Judge>,
    /// Features as they are, in no encoding.
    pub(super) test: Part,
    /// Of what is drawn for this classifier.
    pub(super) seed: u64,
    classification: Classification,
}

impl fmt::Debug for TrainedClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrainedClassifier")
            .field("classification", &self.classification)
            .finish_non_exhaustive()
    }
}

/// What [`TrainedClassifier::conclude`] has to know beside the events.
pub(super) struct Conclusion {
    pub training_events: usize,
    pub best_epoch: usize,
    /// Whether AUC and ROC are those of the calibrated probabilities.
    pub calibrated_auc: bool,
    /// Of the bootstrap.
    pub seed: u64,
}

impl TrainedClassifier {
    /// Calibrates on the held-out events and judges those of the test.
    pub(super) fn conclude(
        judge: Box<dyn Judge>,
        split: &Split<'_>,
        of: &Conclusion,
    ) -> Result<Self, ValidationError> {
        let held_out = split.held_out();
        let calibrating = held_out.scored(&judge.scores(held_out.inputs.view())?);
        drop(held_out);
        let test = split.test();
        let scores = test.scored(&judge.scores(test.inputs.view())?);
        // A calibration is a function of the logit's rank but for the straight lines between its
        // steps: CaloChallenge draws them over the probability.
        let as_calibrated = |scores: &Scores| {
            if of.calibrated_auc { scores.map(probability) } else { scores.clone() }
        };
        let calibration = IsotonicCalibration::fit_scored(&as_calibrated(&calibrating));
        let to_calibrate = as_calibrated(&scores);
        let judged = if of.calibrated_auc {
            to_calibrate.map(|score| calibration.probability(score))
        } else {
            scores
        };
        let classification = Classification {
            auc: judged.area_under_curve(),
            auc_error: judged.area_under_curve_error(),
            jsd: jensen_shannon_divergence(calibration.cross_entropy_of(&to_calibrate)),
            jsd_error: divergence_error(&calibration, &to_calibrate, of.seed),
            roc: judged.roc_curve(ROC_POINTS),
            feature_count: split.width(),
            training_events: of.training_events,
            test_events: test.inputs.nrows(),
            left_out_for_memory: split.left_out_for_memory,
            best_epoch: of.best_epoch,
        };
        Ok(Self { judge, test, seed: of.seed, classification })
    }

    pub fn classification(&self) -> &Classification {
        &self.classification
    }

    /// The AUC on some of the test events and its error, by DeLong's method; `None` with less than
    /// `fewest` events of a class. `chosen` is told the features of an event.
    ///
    /// # Errors
    /// Results that cannot be read from the device.
    pub fn auc_where(
        &self,
        fewest: usize,
        chosen: impl Fn(ArrayView1<'_, f32>) -> bool,
    ) -> Result<Option<(f64, f64)>, ValidationError> {
        let rows: Vec<usize> = (0..self.test.inputs.nrows())
            .filter(|&event| chosen(self.test.inputs.row(event)))
            .collect();
        let negatives = rows.iter().filter(|event| **event < self.test.negatives).count();
        if negatives < fewest || rows.len() - negatives < fewest {
            return Ok(None);
        }
        let weights = self.test.weights.as_ref();
        let part = Part {
            inputs: self.test.inputs.select(Axis(0), &rows),
            negatives,
            weights: weights.map(|all| rows.iter().map(|&event| all[event]).collect()),
        };
        let scores = part.scored(&self.judge.scores(part.inputs.view())?);
        Ok(Some((scores.area_under_curve(), scores.area_under_curve_error())))
    }

    /// The logits of the test events, before any calibration.
    ///
    /// # Errors
    /// Results that cannot be read from the device.
    pub fn test_scores(&self) -> Result<Scores, ValidationError> {
        Ok(self.test.scored(&self.judge.scores(self.test.inputs.view())?))
    }
}

/// σ(logit) = 1 / (1 + e^(−logit)).
fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}
