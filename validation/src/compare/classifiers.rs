use detectors::{Condition, ConditionKind, Scale};

use super::conditions::Bin;
use super::floor::Floor;
use super::inputs::Inputs;
use crate::classifier::{
    Classification, FeatureSet, Features, Giveaway, SampleFeatures, TrainedClassifier,
    feature_groups, feature_names, train_network, train_trees,
};
use crate::report::model::{ClassifierResult, ConditionBin, WithFloor};
use crate::{Progress, ValidationError};

/// Features named in the report.
const GIVEAWAYS: usize = 10;
/// Test events of each class that an AUC in a bin of a condition needs.
const FEWEST_IN_BIN: usize = 20;

/// What tells the samples apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Network,
    BoostedTrees,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::BoostedTrees => "boosted-trees",
        }
    }
}

/// What one kind of classifier found of two samples.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    /// Of the first training.
    first: Classification,
    /// With several seeds mean and standard deviation.
    auc: (f64, f64),
    jsd: (f64, f64),
    trainings: usize,
    /// AUC and its error in each bin of the conditions.
    in_bins: Vec<Option<(f64, f64)>>,
    giveaways: Vec<Giveaway>,
}

impl Inputs<'_> {
    /// The classifiers of the settings with their floors, and notes on those that could not be
    /// trained because there are too few events, or do without some. The bins are given the AUCs on
    /// their events.
    pub(super) fn classifiers(
        &self,
        bins: &[Bin],
        per_condition: &mut [ConditionBin],
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
            let trees = self.settings.boosted_trees.as_ref().map(|_| Kind::BoostedTrees);
            for kind in [Kind::Network].into_iter().chain(trees) {
                match self.classifier(kind, features, bins, progress) {
                    Ok((result, in_bins, left_out)) => {
                        if kind == Kind::Network {
                            notes.extend(left_out);
                        }
                        for (bin, auc) in per_condition.iter_mut().zip(in_bins) {
                            if let (Some(auc), Kind::Network) = (auc, kind) {
                                bin.auc.push((features.name().to_owned(), auc));
                            }
                        }
                        results.push(result);
                    }
                    Err(error @ ValidationError::TooFewEvents { .. }) => notes.push(format!(
                        "There is no classifier ({}) on {} features, and the verdict does without \
                         it: {error}.",
                        kind.name(),
                        features.name()
                    )),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok((results, notes))
    }

    /// The classifier, its AUC in each bin, and a note if memory limited its events.
    #[expect(clippy::type_complexity, reason = "three things that are used once")]
    fn classifier(
        &self,
        kind: Kind,
        features: FeatureSet,
        bins: &[Bin],
        progress: &dyn Progress,
    ) -> Result<(ClassifierResult, Vec<Option<WithFloor>>, Option<String>), ValidationError> {
        let of = |sample| SampleFeatures::of(features, sample, |_| true);
        let name = features.name();
        let (reference, generated) = (of(self.reference), of(self.generated));
        let stage = format!("{} on {name} features", kind.name());
        let judge = |first: &dyn Features, second: &dyn Features, stage: &str, explain| {
            self.judge(kind, features, (first, second), bins, explain, stage, progress)
        };
        let found = judge(&reference, &generated, &stage, true)?;
        let stage = format!("{stage} (floor)");
        let floor = self.floors.classifier(&stage, || match (self.floor, self.second) {
            (Floor::Halves(halves), _) => halves
                .first()
                .map(|in_first| {
                    let half = |first: bool| {
                        SampleFeatures::of(features, self.reference, |e| in_first[e] == first)
                    };
                    judge(&half(true), &half(false), &stage, false)
                })
                .transpose(),
            (Floor::SecondReference, Some(second)) => {
                judge(&reference, &of(second), &stage, false).map(Some)
            }
            (Floor::SecondReference, None) => Ok(None),
        });
        // Halves may be too small where the samples themselves are not.
        let floor = match floor {
            Err(ValidationError::TooFewEvents { .. }) => None,
            other => other?,
        };
        let beside = |(value, error): (f64, f64), floor: Option<(f64, f64)>| {
            let (floor, floor_error) = floor.unwrap_or((f64::NAN, f64::NAN));
            WithFloor { value, error, floor, floor_error }
        };
        let in_bins = (0..bins.len()).map(|bin| {
            let of_floor = floor.as_ref().and_then(|floor| floor.in_bins[bin]);
            found.in_bins[bin].map(|auc| beside(auc, of_floor))
        });
        let in_bins = in_bins.collect();
        let note =
            self.memory_note(name, [&reference, &generated], found.first.left_out_for_memory);
        let kept = found.first.best_epoch;
        let description = match kind {
            Kind::Network => {
                format!("{}; kept epoch {kept}", self.settings.classifier.check()?.description())
            }
            Kind::BoostedTrees => {
                let settings = self.settings.boosted_trees.clone().unwrap_or_default().check()?;
                format!("{}; kept {kept} trees", settings.description())
            }
        };
        let giveaways = found.giveaways.into_iter().take(GIVEAWAYS);
        let giveaways = giveaways.map(|one| {
            let alone = one.auc_alone.unwrap_or(f64::NAN);
            (one.feature, alone, one.importance, one.importance_error)
        });
        let result = ClassifierResult {
            kind: kind.name().to_owned(),
            features: name.to_owned(),
            feature_count: found.first.feature_count,
            training_events: found.first.training_events,
            test_events: found.first.test_events,
            auc: beside(found.auc, floor.as_ref().map(|floor| floor.auc)),
            jsd: beside(found.jsd, floor.as_ref().map(|floor| floor.jsd)),
            seeds: found.trainings,
            roc: found.first.roc,
            giveaways: giveaways.collect(),
            description,
        };
        Ok((result, in_bins, note))
    }

    #[expect(clippy::too_many_arguments, reason = "one place trains all kinds")]
    fn judge(
        &self,
        kind: Kind,
        features: FeatureSet,
        (first, second): (&dyn Features, &dyn Features),
        bins: &[Bin],
        explain: bool,
        stage: &str,
        progress: &dyn Progress,
    ) -> Result<Judged, ValidationError> {
        let network = self.settings.classifier.check()?;
        let mut classifications: Vec<Classification> = Vec::new();
        let trained = match kind {
            Kind::Network => train_network(first, second, &network.of_seed(0), stage, progress)?,
            Kind::BoostedTrees => {
                let settings = self.settings.boosted_trees.clone().unwrap_or_default().check()?;
                train_trees(first, second, &settings, stage, progress)?.classifier
            }
        };
        classifications.push(trained.classification().clone());
        if kind == Kind::Network {
            for seed in 1..network.seeds {
                let stage = format!("{stage} ({} of {})", seed + 1, network.seeds);
                let again = train_network(first, second, &network.of_seed(seed), &stage, progress)?;
                classifications.push(again.classification().clone());
            }
        }
        let in_bins = bins
            .iter()
            .map(|bin| self.auc_in_bin(&trained, features, bin))
            .collect::<Result<_, _>>()?;
        let giveaways = if explain {
            let groups = feature_groups(features, self.detector);
            trained.giveaways(&groups, &format!("{stage}: what gave it away"), progress)?
        } else {
            Vec::new()
        };
        let figure = |of: fn(&Classification) -> (f64, f64)| {
            over_trainings(classifications.iter().map(of).collect())
        };
        Ok(Judged {
            auc: figure(|found| (found.auc, found.auc_error)),
            jsd: figure(|found| (found.jsd, found.jsd_error)),
            trainings: classifications.len(),
            first: classifications.swap_remove(0),
            in_bins,
            giveaways,
        })
    }

    /// On the test events in a bin, which are told by the features that are their conditions.
    fn auc_in_bin(
        &self,
        trained: &TrainedClassifier,
        features: FeatureSet,
        bin: &Bin,
    ) -> Result<Option<(f64, f64)>, ValidationError> {
        let names = feature_names(features, self.detector);
        let conditions = self.detector.conditions().iter();
        let Some(condition) = conditions.into_iter().find(|known| known.name == bin.condition)
        else {
            return Ok(None);
        };
        let Some((column, inside)) = bin_of_feature(condition, bin, &names) else {
            return Ok(None);
        };
        trained.auc_where(FEWEST_IN_BIN, |event| inside.contains(&event[column]))
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

/// The feature that tells a condition, and its range in a bin; `None` for an image.
fn bin_of_feature(
    condition: &Condition,
    bin: &Bin,
    names: &[String],
) -> Option<(usize, std::ops::RangeInclusive<f32>)> {
    let position = |name: &str| names.iter().position(|known| known == name);
    match &condition.kind {
        ConditionKind::Category(categories) => {
            let name = categories.get(bin.from as usize)?;
            Some((position(&format!("{} = {name}", condition.name))?, 0.5..=1.5))
        }
        ConditionKind::Number { scale, .. } => {
            let logarithmic = *scale == Scale::Logarithmic;
            let column = if logarithmic {
                position(&format!("log10 {}", condition.name))?
            } else {
                position(&condition.name)?
            };
            let feature = |value: f64| if logarithmic { value.log10() } else { value };
            // Features are rounded to 32 bits.
            let slack = 1e-5 * feature(bin.from).abs().max(feature(bin.to).abs()).max(1e-3);
            Some((column, (feature(bin.from) - slack) as f32..=(feature(bin.to) + slack) as f32))
        }
        ConditionKind::Image(_) => None,
    }
}

/// Of one training with its error, or mean and standard deviation of several.
fn over_trainings(figures: Vec<(f64, f64)>) -> (f64, f64) {
    let count = figures.len() as f64;
    if let [only] = figures[..] {
        return only;
    }
    let mean = figures.iter().map(|(figure, _)| figure).sum::<f64>() / count;
    let squares: f64 = figures.iter().map(|(figure, _)| (figure - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0)).sqrt())
}
