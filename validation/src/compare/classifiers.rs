use super::floor::Floor;
use super::inputs::Inputs;
use crate::classifier::{FeatureSet, Features, SampleFeatures, classify};
use crate::report::model::{ClassifierResult, WithFloor};
use crate::{Progress, ValidationError};

impl Inputs<'_> {
    /// The classifiers of the settings with their floors, and notes on those that could not be
    /// trained because there are too few events, or do without some.
    pub(super) fn classifiers(
        &self,
        progress: &dyn Progress,
    ) -> Result<(Vec<ClassifierResult>, Vec<String>), ValidationError> {
        let (mut results, mut notes) = (Vec::new(), Vec::new());
        for &features in self.settings.classifiers.feature_sets() {
            if !features.exists(self.detector) {
                notes.push(format!(
                    "There is no classifier on {} features: those of a table are its columns, \
                     which are the high-level features too.",
                    features.name()
                ));
                continue;
            }
            match self.classifier(features, progress) {
                Ok((result, left_out)) => {
                    notes.extend(left_out);
                    results.push(result);
                }
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

    /// The classifier, and a note if memory limited its events.
    fn classifier(
        &self,
        features: FeatureSet,
        progress: &dyn Progress,
    ) -> Result<(ClassifierResult, Option<String>), ValidationError> {
        let settings = self.settings.classifier.check()?;
        let of = |sample| SampleFeatures::of(features, sample, |_| true);
        let train = |first: &dyn Features, second: &dyn Features, stage: &str| {
            classify(first, second, &settings, stage, progress)
        };
        let name = features.name();
        let (reference, generated) = (of(self.reference), of(self.generated));
        let found = train(&reference, &generated, &format!("{name} features"))?;
        let stage = format!("{name} features (floor)");
        let floor = self.floors.classifier(name, || match (self.floor, self.second) {
            (Floor::Halves(halves), _) => halves
                .first()
                .map(|in_first| {
                    let half = |first: bool| {
                        SampleFeatures::of(features, self.reference, |e| in_first[e] == first)
                    };
                    train(&half(true), &half(false), &stage)
                })
                .transpose(),
            (Floor::SecondReference, Some(second)) => {
                train(&reference, &of(second), &stage).map(Some)
            }
            (Floor::SecondReference, None) => Ok(None),
        })?;
        let (floor_auc, floor_jsd) = floor.map_or((0.5, 0.0), |floor| (floor.auc, floor.jsd));
        let note = self.memory_note(name, [&reference, &generated], found.left_out_for_memory);
        let result = ClassifierResult {
            kind: "network".to_owned(),
            features: name.to_owned(),
            feature_count: found.feature_count,
            training_events: found.training_events,
            test_events: found.test_events,
            auc: WithFloor::plain(found.auc, floor_auc),
            jsd: WithFloor::plain(found.jsd, floor_jsd),
            seeds: 1,
            roc: found.roc,
            giveaways: Vec::new(),
            description: format!("{}; kept epoch {}", settings.description(), found.best_epoch),
        };
        Ok((result, note))
    }

    /// What to say where memory, and not the settings, decided how many events a classifier saw.
    fn memory_note(
        &self,
        name: &str,
        samples: [&SampleFeatures<'_>; 2],
        left_out: usize,
    ) -> Option<String> {
        let most = self.settings.classifier.maximum_events_per_sample;
        let wanted = self.reference.events().min(self.generated.events()).min(most);
        let available = samples.iter().map(|sample| sample.events()).min().unwrap_or(0).min(most);
        let used = available.saturating_sub(left_out);
        (used < wanted).then(|| {
            format!(
                "The classifier on {name} features uses {used} events of each sample, not \
                 {wanted}: their {} values each take too much memory.",
                samples[0].width()
            )
        })
    }
}
