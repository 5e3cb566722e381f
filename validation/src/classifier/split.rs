//! Which events a classifier trains on, is watched with, and is tested on.

use ndarray::{Array2, Axis};

use super::features::Features;
use super::roc::Scores;
use crate::ValidationError;
use crate::random::{Purpose, generator, permutation};

/// Fewest events of each sample that a classifier is trained for.
pub(crate) const FEWEST_EVENTS: usize = 50;
/// Memory for the features of both samples.
const MOST_BYTES: usize = 1 << 30;

/// How events are split; the same settings give the same split, whichever classifier uses it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SplitSettings {
    pub seed: u64,
    pub maximum_events_per_sample: usize,
    /// Of the events of each sample; the rest of both is the test.
    pub training_share: f64,
    pub held_out_share: f64,
}

impl SplitSettings {
    /// The numbers of events to train on, and of these with those held out.
    fn ends(&self, events: usize) -> (usize, usize) {
        // 0.6 · 35 must not become 20.
        let part = |share: f64| (events as f64 * share + 1e-6) as usize;
        (part(self.training_share), part(self.training_share + self.held_out_share))
    }

    /// # Errors
    /// [`ValidationError::Setting`] for shares that leave a part empty.
    pub(super) fn check_shares(training: f64, held_out: f64) -> Result<(), ValidationError> {
        let in_range = |share: f64| share > 0.0 && share < 1.0;
        let refused = |name, found: f64, expected| {
            Err(ValidationError::Setting { name, found: found.to_string(), expected })
        };
        if !in_range(training) {
            return refused("training_share", training, "more than 0 and less than 1");
        }
        if !(in_range(held_out) && training + held_out < 1.0 - 1e-6) {
            return refused(
                "held_out_share",
                held_out,
                "more than 0, and with `training_share` less than 1",
            );
        }
        Ok(())
    }
}

/// Events of both classes: first the reference (label 0), then the generated (label 1).
pub(super) struct Part {
    /// `[events, inputs]`
    pub inputs: Array2<f32>,
    /// Events with label 0.
    pub negatives: usize,
    /// `[events]`; `None` where each event counts 1.
    pub weights: Option<Vec<f64>>,
}

impl Part {
    /// The scores of these events with their weights.
    ///
    /// # Shapes
    /// `scores`: `[events]`
    pub(super) fn scored(&self, scores: &[f64]) -> Scores {
        Scores::new(scores, self.negatives, self.weights.as_deref())
    }
}

/// The same number of events of each sample, in random order.
pub(super) struct Split<'a> {
    samples: [&'a dyn Features; 2],
    orders: [Vec<usize>; 2],
    trained_to: usize,
    held_out_to: usize,
    events: usize,
    /// Events of each sample that are not used because their features take too much memory.
    pub left_out_for_memory: usize,
}

impl<'a> Split<'a> {
    /// # Errors
    /// Different numbers of features, or less than 50 events in a sample.
    pub(super) fn draw(
        reference: &'a dyn Features,
        generated: &'a dyn Features,
        settings: SplitSettings,
        stage: &str,
    ) -> Result<Self, ValidationError> {
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
        let wanted = reference.events().min(generated.events());
        let wanted = wanted.min(settings.maximum_events_per_sample);
        let events = wanted.min(in_memory);
        let (trained_to, held_out_to) = settings.ends(events);
        let fewest = trained_to.min(held_out_to - trained_to).min(events - held_out_to);
        if events < FEWEST_EVENTS || fewest == 0 {
            return Err(ValidationError::TooFewEvents {
                purpose: format!("a sample of the classifier on {stage}"),
                found: events,
                needed: FEWEST_EVENTS,
            });
        }
        let mut random = generator(settings.seed, Purpose::ClassifierSplit);
        let orders = [
            permutation(reference.events(), &mut random),
            permutation(generated.events(), &mut random),
        ];
        let left_out_for_memory = wanted - events;
        let samples = [reference, generated];
        Ok(Self { samples, orders, trained_to, held_out_to, events, left_out_for_memory })
    }

    /// Features of an event.
    pub(super) fn width(&self) -> usize {
        self.samples[0].width()
    }

    pub(super) fn training(&self) -> Part {
        self.part(0, self.trained_to)
    }

    pub(super) fn held_out(&self) -> Part {
        self.part(self.trained_to, self.held_out_to)
    }

    pub(super) fn test(&self) -> Part {
        self.part(self.held_out_to, self.events)
    }

    fn part(&self, from: usize, to: usize) -> Part {
        let [reference, generated] = self.samples;
        let [of_reference, of_generated] = &self.orders;
        Part {
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
        }
    }
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

    #[test]
    fn parts_have_their_shares_and_no_event_twice() {
        let sample =
            |from: u16| Array2::from_shape_fn((75, 1), |(event, _)| f32::from(from) + event as f32);
        let (reference, generated) = (sample(0), sample(1000));
        let settings = SplitSettings {
            seed: 1,
            maximum_events_per_sample: 55,
            training_share: 0.6,
            held_out_share: 0.2,
        };
        let (first, second) = (reference.view(), generated.view());
        let split = Split::draw(&first, &second, settings, "test").expect("enough events");
        let parts = [split.training(), split.held_out(), split.test()];
        assert_eq!(parts.each_ref().map(|part| part.negatives), [33, 11, 11]);
        let mut values: Vec<f32> =
            parts.iter().flat_map(|part| part.inputs.iter().copied()).collect();
        assert_eq!(values.iter().filter(|value| **value < 1000.0).count(), 55);
        values.sort_unstable_by(f32::total_cmp);
        values.dedup();
        assert_eq!(values.len(), 110);
    }

    #[test]
    fn shares_that_leave_nothing_to_test_on_are_refused() {
        assert!(SplitSettings::check_shares(0.6, 0.2).is_ok());
        let error = SplitSettings::check_shares(0.6, 0.4).expect_err("is refused");
        assert_eq!(
            error.to_string(),
            "setting `held_out_share` is 0.4, expected more than 0, and with `training_share` \
             less than 1"
        );
        assert!(SplitSettings::check_shares(f64::NAN, 0.2).is_err());
    }
}
