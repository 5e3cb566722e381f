use ndarray::{Array2, Axis};

use super::floor::{Floor, members};
use super::inputs::{Inputs, Measured};
use crate::classifier::{Classification, FeatureSet, classify};
use crate::report::model::{ClassifierResult, WithFloor};
use crate::{Progress, ValidationError};

impl Inputs<'_> {
    /// The classifiers of the settings with their floors, and notes on those that could not be
    /// trained because there are too few events.
    pub(super) fn classifiers(
        &self,
        progress: &dyn Progress,
    ) -> Result<(Vec<ClassifierResult>, Vec<String>), ValidationError> {
        let (mut results, mut notes) = (Vec::new(), Vec::new());
        for &features in self.settings.classifiers.feature_sets() {
            match self.classifier(features, progress) {
                Ok(result) => results.push(result),
                Err(error @ ValidationError::TooFewEvents { .. }) => notes.push(format!(
                    "There is no classifier on {} features, and the verdict does without it: \
                     {error}.",
                    features.name()
                )),
                Err(error) => return Err(error),
            }
        }
        Ok((results, notes))
    }

    fn classifier(
        &self,
        features: FeatureSet,
        progress: &dyn Progress,
    ) -> Result<ClassifierResult, ValidationError> {
        let settings = self.settings.classifier.check()?;
        let of = |measured: &Measured<'_>| {
            features.of(self.detector, measured.sample, &measured.observables)
        };
        let train = |first: &Array2<f32>, second: &Array2<f32>, stage: &str| {
            classify(first.view(), second.view(), &settings, stage, progress)
        };
        let name = features.name();
        let reference = of(&self.reference)?;
        let found = train(&reference, &of(&self.generated)?, &format!("{name} features"))?;
        let stage = format!("{name} features (floor)");
        let floor: Option<Classification> = match (&self.floor, &self.second) {
            (Floor::Halves(halves), _) => halves
                .first()
                .map(|in_first| {
                    let (first, second) = members(in_first);
                    let half = |events: &[usize]| reference.select(Axis(0), events);
                    train(&half(&first), &half(&second), &stage)
                })
                .transpose()?,
            (Floor::SecondReference, Some(second)) => {
                Some(train(&reference, &of(second)?, &stage)?)
            }
            (Floor::SecondReference, None) => None,
        };
        let (floor_auc, floor_jsd) = floor.map_or((0.5, 0.0), |floor| (floor.auc, floor.jsd));
        Ok(ClassifierResult {
            features: name.to_owned(),
            feature_count: found.feature_count,
            training_events: found.training_events,
            test_events: found.test_events,
            auc: WithFloor { value: found.auc, floor: floor_auc },
            jsd: WithFloor { value: found.jsd, floor: floor_jsd },
            roc: found.roc,
            description: format!("{}; kept epoch {}", settings.description(), found.best_epoch),
        })
    }
}
