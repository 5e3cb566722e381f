//! Which features give generated events away.

use ndarray::{Array2, Axis, concatenate, s};

use super::delong::{Placements, error_of};
use super::features::FeatureGroup;
use super::roc::Scores;
use super::split::Part;
use super::trained::TrainedClassifier;
use crate::random::{Purpose, generator, permutation};
use crate::{Progress, ValidationError};

/// Events of each class that all features are tried with, once.
const SCREENED_EVENTS: usize = 500;
/// Events of each class, and times, that the foremost features are tried with.
const MEASURED_EVENTS: usize = 2000;
const SHUFFLES: u32 = 4;
/// How many are the foremost.
const MEASURED: usize = 20;

/// What a feature, or a group of features, has to do with a classifier's success.
#[derive(Debug, Clone, PartialEq)]
pub struct Giveaway {
    /// Name of the feature or group.
    pub feature: String,
    /// AUC of the feature's value as the score, whichever side is greater: ½ to 1. It misses what
    /// only more features together tell, and a difference of widths. `None` for a group.
    pub auc_alone: Option<f64>,
    /// How much smaller the classifier's AUC is where the feature has the value of another event
    /// (permutation importance; Breiman, Machine Learning 45 (2001) 5). Features that tell the
    /// same can stand in for each other, and then each has little.
    pub importance: f64,
    /// Standard error, from the number of test events and from the shuffling.
    pub importance_error: f64,
}

impl TrainedClassifier {
    /// The importance of each group of features for this classifier, the most important first.
    ///
    /// The values of a group are shuffled together among test events of both classes. Every group
    /// is tried with up to 500 + 500 events; the 20 foremost are measured with up to 2000 + 2000
    /// events and four orders. The error is DeLong's of the difference of two AUCs on the same
    /// events.
    ///
    /// # Errors
    /// Results that cannot be read from the device.
    ///
    /// # Panics
    /// If a group has a column that the features have not.
    pub fn giveaways(
        &self,
        groups: &[FeatureGroup],
        stage: &str,
        progress: &dyn Progress,
    ) -> Result<Vec<Giveaway>, ValidationError> {
        let measured = groups.len().min(MEASURED);
        let steps = groups.len() + measured;
        let mut events = TestEvents::first(SCREENED_EVENTS, self)?;
        let mut found = Vec::with_capacity(groups.len());
        for (number, group) in groups.iter().enumerate() {
            progress.step(stage, number, steps);
            found.push((number, events.importance(number, group, 1, self)?));
        }
        let by_importance =
            |a: &(usize, Importance), b: &(usize, Importance)| b.1.drop.total_cmp(&a.1.drop);
        found.sort_by(by_importance);
        events = TestEvents::first(MEASURED_EVENTS, self)?;
        for (step, (number, importance)) in found.iter_mut().take(measured).enumerate() {
            progress.step(stage, groups.len() + step, steps);
            *importance = events.importance(*number, &groups[*number], SHUFFLES, self)?;
        }
        progress.step(stage, steps, steps);
        found.sort_by(by_importance);
        let giveaway = |(number, importance): (usize, Importance)| Giveaway {
            feature: groups[number].name.clone(),
            auc_alone: self.auc_alone(&groups[number]),
            importance: importance.drop,
            importance_error: importance.error,
        };
        Ok(found.into_iter().map(giveaway).collect())
    }

    /// Of all test events.
    fn auc_alone(&self, group: &FeatureGroup) -> Option<f64> {
        let [column] = group.columns[..] else { return None };
        let values: Vec<f64> = self.test.inputs.column(column).iter().map(|&v| v.into()).collect();
        let auc = self.test.scored(&values).area_under_curve();
        Some(auc.max(1.0 - auc))
    }
}

struct Importance {
    drop: f64,
    error: f64,
}

/// Some of the test events, with what the classifier says of them.
struct TestEvents {
    part: Part,
    scores: Scores,
    placements: Option<Placements>,
}

impl TestEvents {
    /// The first events of each class: they are in random order.
    fn first(most: usize, trained: &TrainedClassifier) -> Result<Self, ValidationError> {
        let all = &trained.test;
        let positives = all.inputs.nrows() - all.negatives;
        let (n, m) = (all.negatives.min(most), positives.min(most));
        let ends = [0..n, all.negatives..all.negatives + m];
        let rows = ends.clone().map(|rows| all.inputs.slice(s![rows, ..]));
        let inputs = concatenate(Axis(0), &rows).expect("both are rows of the same features");
        let weights = all.weights.as_ref().map(|weights| {
            let [first, second] = ends.map(|rows| &weights[rows]);
            [first, second].concat()
        });
        let part = Part { inputs, negatives: n, weights };
        let scores = part.scored(&trained.judge.scores(part.inputs.view())?);
        let placements = scores.placements();
        Ok(Self { part, scores, placements })
    }

    fn importance(
        &mut self,
        number: usize,
        group: &FeatureGroup,
        shuffles: u32,
        trained: &TrainedClassifier,
    ) -> Result<Importance, ValidationError> {
        let Some(placements) = &self.placements else {
            return Ok(Importance { drop: 0.0, error: f64::INFINITY });
        };
        let own: Array2<f32> = self.part.inputs.select(Axis(1), &group.columns);
        let purpose = Purpose::ClassifierShuffle(number as u32);
        let mut random = generator(trained.seed, purpose);
        let (mut shuffled, mut area) = (Vec::with_capacity(shuffles as usize), 0.0);
        for _ in 0..shuffles {
            let order = permutation(own.nrows(), &mut random);
            for (from, &column) in group.columns.iter().enumerate() {
                for (row, &other) in order.iter().enumerate() {
                    self.part.inputs[[row, column]] = own[[other, from]];
                }
            }
            let scores = trained.judge.scores(self.part.inputs.view())?;
            let scores = self.part.scored(&scores);
            area += scores.area_under_curve() / f64::from(shuffles);
            shuffled.extend(scores.placements());
        }
        for (from, &column) in group.columns.iter().enumerate() {
            self.part.inputs.column_mut(column).assign(&own.column(from));
        }
        Ok(Importance {
            drop: self.scores.area_under_curve() - area,
            error: error_of(&placements.less_mean_of(&shuffled), &self.scores),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use crate::classifier::{ClassifierSettings, train_network};
    use crate::random::uniform;

    fn sample(seed: u64) -> Array2<f32> {
        let mut random = generator(seed, Purpose::ClassifierWeights);
        Array2::from_shape_simple_fn((2000, 5), || {
            (0..3).map(|_| uniform(&mut random) as f32).sum::<f32>()
        })
    }

    fn groups() -> Vec<FeatureGroup> {
        let group = |name: &str, columns: &[usize]| FeatureGroup {
            name: name.to_owned(),
            columns: columns.to_vec(),
        };
        vec![
            group("first", &[0]),
            group("shifted", &[1]),
            group("wider", &[2]),
            group("others", &[3, 4]),
        ]
    }

    fn trained() -> TrainedClassifier {
        let reference = sample(1);
        let mut generated = sample(2);
        generated.column_mut(1).mapv_inplace(|value| value + 0.8);
        generated.column_mut(2).mapv_inplace(|value| 1.5 + 1.6 * (value - 1.5));
        let settings = ClassifierSettings {
            hidden_width: 32,
            batch_size: 128,
            maximum_epochs: 12,
            ..Default::default()
        };
        let settings = settings.check().expect("valid");
        let (first, second) = (reference.view(), generated.view());
        train_network(&first, &second, &settings, "test", &Silent).expect("trains")
    }

    #[test]
    fn the_features_that_differ_are_found() {
        let trained = trained();
        let before = trained.test.inputs.clone();
        let found = trained.giveaways(&groups(), "test", &Silent).expect("scores");
        assert_eq!(trained.test.inputs, before);
        let names: Vec<&str> = found.iter().map(|one| one.feature.as_str()).collect();
        assert_eq!(names[..2], ["shifted", "wider"]);
        for one in &found[..2] {
            assert!(one.importance > 5.0 * one.importance_error, "{one:?}");
        }
        for one in &found[2..] {
            assert!(one.importance.abs() < 0.01 + 3.0 * one.importance_error, "{one:?}");
        }
        // A wider feature does not show in its rank alone.
        let alone: Vec<Option<f64>> = found.iter().map(|one| one.auc_alone).collect();
        assert!(alone[0] > Some(0.8) && alone[1] < Some(0.56), "{alone:?}");
        let group = found.iter().find(|one| one.feature == "others").expect("is there");
        assert_eq!(group.auc_alone, None);
    }

    #[test]
    fn the_same_seed_gives_the_same_importance_and_shuffling_all_leaves_nothing() {
        let trained = trained();
        let everything = FeatureGroup { name: "all".to_owned(), columns: vec![0, 1, 2, 3, 4] };
        let run = || {
            let groups = [everything.clone()];
            trained.giveaways(&groups, "test", &Silent).expect("scores").remove(0)
        };
        let all = run();
        assert_eq!(all, run());
        let auc = trained.classification().auc;
        assert!((auc - 0.5 - all.importance).abs() < 3.0 * all.importance_error, "{all:?} {auc}");
    }
}
