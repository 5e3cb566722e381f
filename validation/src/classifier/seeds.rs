//! The spread of a classifier's figures over trainings.

use super::features::Features;
use super::settings::ValidClassifierSettings;
use super::trained::Classification;
use super::two_sample::classify;
use crate::{Progress, ValidationError};

/// A figure over several trainings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverSeeds {
    pub mean: f64,
    /// The standard deviation over the trainings (with n − 1), which is what CaloChallenge
    /// publishes beside the mean: it has both what another training and what other test events
    /// change. Of one training, the error from the number of its test events.
    pub error: f64,
}

impl OverSeeds {
    /// Of the figure of each training with its error.
    fn of(figures: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let count = figures.clone().count() as f64;
        let mean = figures.clone().map(|(figure, _)| figure).sum::<f64>() / count;
        if count < 2.0 {
            return Self { mean, error: figures.map(|(_, error)| error).sum() };
        }
        let squares: f64 = figures.map(|(figure, _)| (figure - mean).powi(2)).sum();
        Self { mean, error: (squares / (count - 1.0)).sqrt() }
    }
}

/// What trainings with several seeds found.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassificationOverSeeds {
    pub auc: OverSeeds,
    pub jsd: OverSeeds,
    /// In the order of their seeds; at least one.
    pub trainings: Vec<Classification>,
}

/// [`classify`] with [`ClassifierSettings::seeds`](super::ClassifierSettings::seeds) seeds. Each
/// training has its own split of the events, first weights and order.
///
/// # Errors
/// As [`classify`].
pub fn classify_seeds(
    reference: &dyn Features,
    generated: &dyn Features,
    settings: &ValidClassifierSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<ClassificationOverSeeds, ValidationError> {
    let mut trainings = Vec::with_capacity(settings.seeds);
    for number in 0..settings.seeds {
        let stage = if settings.seeds == 1 {
            stage.to_owned()
        } else {
            format!("{stage} ({} of {})", number + 1, settings.seeds)
        };
        let of_seed = settings.of_seed(number);
        trainings.push(classify(reference, generated, &of_seed, &stage, progress)?);
    }
    Ok(ClassificationOverSeeds {
        auc: OverSeeds::of(trainings.iter().map(|found| (found.auc, found.auc_error))),
        jsd: OverSeeds::of(trainings.iter().map(|found| (found.jsd, found.jsd_error))),
        trainings,
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::Silent;
    use crate::classifier::ClassifierSettings;
    use crate::random::{Purpose, generator, uniform};

    #[test]
    fn a_figure_has_a_spread_or_the_error_of_its_one_training() {
        let one = OverSeeds::of([(0.7, 0.02)].into_iter());
        assert_eq!(one, OverSeeds { mean: 0.7, error: 0.02 });
        let two = OverSeeds::of([(0.75, 9.0), (0.25, 9.0)].into_iter());
        assert_eq!(two, OverSeeds { mean: 0.5, error: 0.125_f64.sqrt() });
    }

    #[test]
    fn trainings_differ_and_the_first_is_that_of_one_seed() {
        let sample = |seed| {
            let mut random = generator(seed, Purpose::ClassifierWeights);
            Array2::from_shape_simple_fn((600, 3), || uniform(&mut random) as f32)
        };
        let (reference, generated) = (sample(1), sample(2) + 0.1);
        let settings = |seeds| {
            ClassifierSettings { hidden_width: 16, maximum_epochs: 4, seeds, ..Default::default() }
                .check()
                .expect("valid")
        };
        let (first, second) = (reference.view(), generated.view());
        let run = |seeds| {
            classify_seeds(&first, &second, &settings(seeds), "test", &Silent).expect("trains")
        };
        let (one, three) = (run(1), run(3));
        assert_eq!(three.trainings.len(), 3);
        assert_eq!(one.trainings[0], three.trainings[0]);
        assert_ne!(three.trainings[0].auc, three.trainings[1].auc);
        assert_eq!(one.auc.error, one.trainings[0].auc_error);
        // 120 + 120 test events: 0.035 from their number alone.
        assert!(three.auc.error > 0.002 && three.auc.error < 0.15, "{}", three.auc.error);
    }
}
