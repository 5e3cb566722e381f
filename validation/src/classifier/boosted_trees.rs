//! Gradient-boosted trees, a second opinion beside the network: they fail in other ways.

use forust_ml::gradientbooster::ImportanceMethod;
use forust_ml::sampler::SampleMethod;
use forust_ml::{GradientBooster, Matrix};
use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use super::features::Features;
use super::split::{Part, Split};
use super::trained::{Classification, Conclusion, Judge, TrainedClassifier};
use super::tree_settings::ValidTreeSettings;
use crate::tests::kolmogorov_smirnov;
use crate::{Progress, ValidationError};

/// Events of each class that features are chosen by.
const EVENTS_TO_CHOOSE: usize = 2000;

/// Boosted trees with what they made of the features.
#[derive(Debug)]
pub struct TrainedTrees {
    pub classifier: TrainedClassifier,
    /// Of the loss that all splits save, the share of each feature's splits; all 0 without splits.
    ///
    /// # Shapes
    /// `[features]`
    pub gain_shares: Vec<f64>,
    /// Features that the trees may use: less than all where some are constant or there are more
    /// than [`TreeSettings::maximum_features`](super::TreeSettings::maximum_features).
    pub used_features: usize,
}

/// Trains gradient-boosted trees (Friedman, Annals of Statistics 29 (2001) 1189) with logistic loss
/// to tell `generated` from `reference`, on the split of the events that a network of the same seed
/// has, and judges them by the same figures. [`Classification::best_epoch`] is the number of trees.
///
/// With weights, both classes weigh the same in the loss. Events of negative weight are left out
/// of the training, for a leaf's value need not exist with them, but not of the figures.
///
/// # Errors
/// Different numbers of features, less than 50 events in a sample, or no event of positive weight
/// in a class.
pub fn train_trees(
    reference: &dyn Features,
    generated: &dyn Features,
    settings: &ValidTreeSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<TrainedTrees, ValidationError> {
    let split = Split::draw(reference, generated, settings.split(), stage)?;
    let always = reference.condition_columns();
    let training = split.training();
    let training_events = training.inputs.nrows();
    progress.step(stage, 0, 1);
    let columns = chosen(&training, always, settings.maximum_features);
    let trees = Trees::grow(&training, &split.held_out(), columns, settings, stage)?;
    drop(training);
    let gain_shares = trees.gain_shares(split.width());
    let conclusion = Conclusion {
        training_events,
        best_epoch: trees.booster.as_ref().map_or(0, |booster| booster.trees.len()),
        calibrated_auc: false,
        seed: settings.seed,
    };
    let used_features = trees.columns.len();
    let classifier = TrainedClassifier::conclude(Box::new(trees), &split, &conclusion)?;
    progress.step(stage, 1, 1);
    Ok(TrainedTrees { classifier, gain_shares, used_features })
}

/// [`train_trees`] for its figures alone.
///
/// # Errors
/// As [`train_trees`].
pub fn classify_with_trees(
    reference: &dyn Features,
    generated: &dyn Features,
    settings: &ValidTreeSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<Classification, ValidationError> {
    let trained = train_trees(reference, generated, settings, stage, progress)?;
    Ok(trained.classifier.classification().clone())
}

struct Trees {
    /// Those of the features that the trees may use, rising.
    columns: Vec<usize>,
    /// `None` where no feature varies.
    booster: Option<GradientBooster>,
}

/// Some events as the trees take them.
struct Table {
    /// `[columns][events]`
    values: Vec<f64>,
    labels: Vec<f64>,
    weights: Vec<f64>,
}

impl Table {
    /// The events of positive weight.
    fn of(part: &Part, columns: &[usize], stage: &str) -> Result<Self, ValidationError> {
        let weight = |event: usize| part.weights.as_ref().map_or(1.0, |weights| weights[event]);
        let events: Vec<usize> =
            (0..part.inputs.nrows()).filter(|&event| weight(event) > 0.0).collect();
        let labels: Vec<f64> =
            events.iter().map(|&e| f64::from(u8::from(e >= part.negatives))).collect();
        for (class, label) in [("reference", 0.0), ("generated", 1.0)] {
            if !labels.contains(&label) {
                return Err(ValidationError::TooFewEvents {
                    purpose: format!("the {class} of positive weight in {stage}"),
                    found: 0,
                    needed: 1,
                });
            }
        }
        let values = in_columns(part.inputs.view(), columns, &events);
        let weights = events.iter().map(|&event| weight(event)).collect();
        Ok(Self { values, labels, weights })
    }

    fn matrix(&self, columns: &[usize]) -> Matrix<'_, f64> {
        Matrix::new(&self.values, self.labels.len(), columns.len())
    }
}

/// # Shapes
/// `[columns][events]`, as 64-bit numbers
fn in_columns(inputs: ArrayView2<'_, f32>, columns: &[usize], events: &[usize]) -> Vec<f64> {
    // A cache line has 16 values of an event.
    let block = |columns: &[usize]| {
        let mut values = vec![0.0; columns.len() * events.len()];
        for (row, &event) in events.iter().enumerate() {
            for (place, &column) in columns.iter().enumerate() {
                values[place * events.len() + row] = f64::from(inputs[[event, column]]);
            }
        }
        values
    };
    columns.par_chunks(16).flat_map_iter(block).collect()
}

impl Trees {
    fn grow(
        training: &Part,
        held_out: &Part,
        columns: Vec<usize>,
        settings: &ValidTreeSettings,
        stage: &str,
    ) -> Result<Self, ValidationError> {
        let training = Table::of(training, &columns, stage)?;
        let held_out = Table::of(held_out, &columns, stage)?;
        if columns.is_empty() {
            return Ok(Self { columns, booster: None });
        }
        let share = settings.features_per_tree as f64 / columns.len() as f64;
        let sampling =
            if settings.event_share < 1.0 { SampleMethod::Random } else { SampleMethod::None };
        let mut booster = GradientBooster::default()
            .set_iterations(settings.maximum_trees)
            .set_max_depth(settings.maximum_depth)
            .set_learning_rate(settings.learning_rate as f32)
            .set_nbins(settings.bins as u16)
            .set_min_leaf_weight(settings.leaf_weight as f32)
            .set_l2(settings.l2 as f32)
            .set_base_score(0.0)
            .set_initialize_base_score(false)
            .set_sample_method(sampling)
            .set_subsample(settings.event_share as f32)
            .set_colsample_bytree(share.min(1.0))
            .set_early_stopping_rounds(Some(settings.patience))
            .set_seed(settings.seed);
        let watched = (held_out.matrix(&columns), &held_out.labels[..], &held_out.weights[..]);
        booster
            .fit(
                &training.matrix(&columns),
                &training.labels,
                &training.weights,
                Some(vec![watched]),
            )
            .map_err(|error| ValidationError::Trees {
                features: stage.to_owned(),
                problem: error.to_string(),
            })?;
        // Those after the best would count in the gains.
        let best = booster.prediction_iteration.unwrap_or(booster.trees.len());
        booster.trees.truncate(best);
        Ok(Self { columns, booster: Some(booster) })
    }

    fn gain_shares(&self, features: usize) -> Vec<f64> {
        let mut shares = vec![0.0; features];
        if let Some(booster) = &self.booster {
            let gains = booster.calculate_feature_importance(ImportanceMethod::TotalGain, false);
            for (column, gain) in gains {
                shares[self.columns[column]] = f64::from(gain);
            }
        }
        let total: f64 = shares.iter().sum();
        if total > 0.0 {
            shares.iter_mut().for_each(|share| *share /= total);
        }
        shares
    }
}

impl Judge for Trees {
    fn scores(&self, features: ArrayView2<'_, f32>) -> Result<Vec<f64>, ValidationError> {
        let Some(booster) = &self.booster else { return Ok(vec![0.0; features.nrows()]) };
        let events: Vec<usize> = (0..features.nrows()).collect();
        let values = in_columns(features, &self.columns, &events);
        Ok(booster.predict(&Matrix::new(&values, events.len(), self.columns.len()), true))
    }
}

/// The columns that are not the same for all events; of too many, the first `always`, and those
/// whose Kolmogorov–Smirnov distance between the classes is greatest, without their weights.
fn chosen(training: &Part, always: usize, most: usize) -> Vec<usize> {
    let inputs = &training.inputs;
    let weighed = |event: usize| training.weights.as_ref().is_none_or(|w| w[event] > 0.0);
    let varies = |column: &usize| {
        let column = inputs.column(*column);
        let values = column.iter().enumerate().filter(|(event, _)| weighed(*event));
        let mut values = values.map(|(_, value)| *value);
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    let mut columns: Vec<usize> = (0..inputs.ncols()).into_par_iter().filter(varies).collect();
    if columns.len() <= most {
        return columns;
    }
    let (first, second) = inputs.view().split_at(Axis(0), training.negatives);
    let distance = |column: usize| -> f64 {
        let of = |class: ArrayView2<'_, f32>| -> Vec<f64> {
            class.column(column).iter().take(EVENTS_TO_CHOOSE).map(|&v| f64::from(v)).collect()
        };
        if column < always {
            return f64::INFINITY;
        }
        kolmogorov_smirnov(&of(first), &of(second)).distance
    };
    let mut distances: Vec<(f64, usize)> =
        columns.into_par_iter().map(|column| (distance(column), column)).collect();
    distances.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    columns = distances.into_iter().take(most).map(|(_, column)| column).collect();
    columns.sort_unstable();
    columns
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::Silent;
    use crate::classifier::TreeSettings;
    use crate::random::{Purpose, generator, uniform};

    /// Uniform numbers; of the generated, the third and the fourth are correlated.
    fn sample(seed: u64, generated: bool, columns: usize) -> Array2<f32> {
        let mut random = generator(seed, Purpose::ClassifierWeights);
        let mut values =
            Array2::from_shape_simple_fn((1500, columns), || uniform(&mut random) as f32);
        if generated {
            for mut event in values.rows_mut() {
                event[3] = 0.5 * (event[2] + event[3]);
            }
        }
        values
    }

    fn run(first: &Array2<f32>, second: &Array2<f32>, settings: &TreeSettings) -> TrainedTrees {
        let settings = settings.check().expect("valid");
        train_trees(&first.view(), &second.view(), &settings, "test", &Silent).expect("trains")
    }

    #[test]
    fn trees_see_a_correlation_and_nothing_where_there_is_nothing() {
        let settings = TreeSettings::default();
        let found = run(&sample(1, false, 6), &sample(2, true, 6), &settings);
        let classification = found.classifier.classification();
        assert!(classification.auc > 0.7, "{classification:?}");
        let pair = found.gain_shares[2] + found.gain_shares[3];
        assert!(pair > 0.7, "{:?}", found.gain_shares);
        approx::assert_abs_diff_eq!(found.gain_shares.iter().sum::<f64>(), 1.0, epsilon = 1e-9);
        assert!((1..300).contains(&classification.best_epoch), "{classification:?}");
        let same = run(&sample(1, false, 6), &sample(2, false, 6), &settings);
        let same = same.classifier.classification();
        assert!((same.auc - 0.5).abs() < 4.0 * same.auc_error, "{same:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_trees() {
        let (first, second) = (sample(1, false, 6), sample(2, true, 6));
        let settings = |seed| TreeSettings { features_per_tree: 3, seed, ..Default::default() };
        let (one, again) = (run(&first, &second, &settings(1)), run(&first, &second, &settings(1)));
        assert_eq!(one.classifier.classification(), again.classifier.classification());
        assert_eq!(one.gain_shares, again.gain_shares);
        let other = run(&first, &second, &settings(2));
        assert_ne!(one.gain_shares, other.gain_shares);
    }

    #[test]
    fn of_many_features_those_that_differ_are_used() {
        let settings = TreeSettings { maximum_features: 10, ..Default::default() };
        let mut reference = sample(1, false, 60);
        reference.column_mut(5).fill(7.0);
        let mut generated = sample(2, false, 60);
        generated.column_mut(5).fill(7.0);
        generated.column_mut(40).mapv_inplace(|value| value + 0.3);
        let found = run(&reference, &generated, &settings);
        assert_eq!(found.used_features, 10);
        assert!(found.gain_shares[40] > 0.6, "{:?}", found.gain_shares);
        assert!(found.classifier.classification().auc > 0.7);
    }

    #[test]
    fn constant_features_tell_nothing() {
        let constant = Array2::from_elem((200, 3), 1.0);
        let found = run(&constant, &constant, &TreeSettings::default());
        let classification = found.classifier.classification();
        assert_eq!((found.used_features, classification.auc), (0, 0.5));
        assert_eq!(classification.best_epoch, 0);
    }

    #[test]
    fn too_few_events_are_refused() {
        let few = Array2::zeros((49, 4));
        let settings = TreeSettings::default().check().expect("valid");
        let error = train_trees(&few.view(), &few.view(), &settings, "test", &Silent);
        assert_eq!(
            error.expect_err("is refused").to_string(),
            "a sample of the classifier on test has 49 events, needs at least 50"
        );
    }
}
