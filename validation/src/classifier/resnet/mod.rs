//! A 3-D convolutional network as classifier of cells, for images, grids and layers of equal shape.

mod layers;
mod network;

use burn::{Dispatch, DispatchDevice};
use detectors::Detector;
use ndarray::ArrayView2;

use self::layers::Start;
use self::network::{Input, ResNet, first_values};
use super::features::Features;
use super::settings::ValidClassifierSettings;
use super::split::Split;
use super::trained::{Conclusion, Judge, TrainedClassifier};
use super::training::{Training, train};
use crate::{Progress, ValidationError};

/// Depth, rows and columns of a detector whose layers all have the same shape (an image has depth
/// 1): the volume that [`train_resnet`] sees. `None` for others and for tables.
///
/// ```
/// let electrons = detectors::builtin("calochallenge-electrons")?;
/// assert_eq!(validation::classifier::cell_volume(&electrons), Some([45, 16, 9]));
/// # Ok::<(), detectors::DetectorError>(())
/// ```
pub fn cell_volume(detector: &Detector) -> Option<[usize; 3]> {
    let (first, others) = detector.layers().split_first()?;
    let (rows, columns) = first.dimensions();
    others.iter().all(|layer| layer.dimensions() == (rows, columns)).then_some([
        1 + others.len(),
        rows,
        columns,
    ])
}

/// Trains CaloChallenge's ResNet-18 (arXiv:2410.21611) on
/// [low-level features](super::FeatureSet::LowLevel) to tell `generated` from `reference`, on the
/// split that the other classifiers of the same seed have, and judges it by the same figures.
///
/// The features are conditions and then the cells of one or more channels of the `volume`: images
/// among the conditions are channels of their own. Of the settings, those of layers, dropout
/// and encoding have no meaning here. Slow without a GPU: see
/// [`ClassifierSettings::resnet`](super::ClassifierSettings::resnet).
///
/// # Errors
/// Features that are not conditions and whole volumes, different numbers of features, less than 50
/// events in a sample, or a training that diverges.
pub fn train_resnet(
    reference: &dyn Features,
    generated: &dyn Features,
    volume: [usize; 3],
    settings: &ValidClassifierSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<TrainedClassifier, ValidationError> {
    let conditions = reference.condition_columns();
    let cells = volume.iter().product::<usize>();
    let in_volumes = reference.width().saturating_sub(conditions);
    if cells == 0 || in_volumes == 0 || !in_volumes.is_multiple_of(cells) {
        return Err(ValidationError::Shape {
            found_events: reference.events(),
            found_values: reference.width(),
            events: reference.events(),
            values: conditions + cells,
        });
    }
    let input = Input { conditions, channels: in_volumes / cells, volume };
    let split = Split::draw(reference, generated, settings.split(), stage)?;
    let (training, held_out) = (split.training(), split.held_out());
    let new = |random: &mut _, device: &DispatchDevice| {
        let mut draw = |role, count| first_values(role, count, random);
        ResNet::<Dispatch>::new(input, &mut Start { draw: &mut draw, device })
    };
    let network = train(new, &training, &held_out, settings, stage, progress)?;
    let conclusion = Conclusion {
        training_events: training.inputs.nrows(),
        best_epoch: network.best_epoch,
        calibrated_auc: settings.calibrated_auc,
        seed: settings.seed,
    };
    drop((training, held_out));
    TrainedClassifier::conclude(Box::new(Volumes(network)), &split, &conclusion)
}

struct Volumes(Training<ResNet<Dispatch>>);

impl Judge for Volumes {
    fn scores(&self, features: ArrayView2<'_, f32>) -> Result<Vec<f64>, ValidationError> {
        self.0.scores(features)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::Silent;
    use crate::classifier::ClassifierSettings;
    use crate::random::{Purpose, generator, uniform};

    #[test]
    fn images_grids_and_equal_layers_have_a_volume() {
        let volume = |name| cell_volume(&detectors::builtin(name).expect("built in"));
        assert_eq!(volume("calochallenge-electrons-fine"), Some([45, 50, 18]));
        assert_eq!(volume("rich-rings"), Some([1, 64, 64]));
        assert_eq!(volume("clic-ecal-25").map(|[depth, ..]| depth), Some(25));
        assert_eq!(volume("calochallenge-photons"), None);
        assert_eq!(volume("rich-pid"), None);
    }

    /// Cells with one that has 4 more, or a square of four that have 1 more each, at any place.
    fn sample(seed: u64, square: bool) -> Array2<f32> {
        let mut random = generator(seed, Purpose::ClassifierWeights);
        let mut cells =
            Array2::from_shape_simple_fn((150, 6 * 6 * 4), || 0.3 * uniform(&mut random) as f32);
        for mut event in cells.rows_mut() {
            let mut below = |bound: f64| (uniform(&mut random) * bound) as usize;
            let corner = 24 * below(6.0) + 4 * below(5.0) + below(3.0);
            if square {
                [0, 1, 4, 5].iter().for_each(|place| event[corner + place] += 1.0);
            } else {
                event[corner] += 4.0;
            }
        }
        cells
    }

    #[test]
    fn a_pattern_that_moves_is_told_from_another() {
        let settings = ClassifierSettings {
            batch_size: 30,
            maximum_epochs: 4,
            ..ClassifierSettings::resnet()
        };
        let settings = settings.check().expect("valid");
        let (first, second) = (sample(1, false), sample(2, true));
        let trained =
            train_resnet(&first.view(), &second.view(), [6, 6, 4], &settings, "test", &Silent);
        let trained = trained.expect("trains");
        let found = trained.classification();
        assert!(found.auc > 0.7, "{} ± {}", found.auc, found.auc_error);
        assert_eq!((found.feature_count, found.training_events), (144, 180));
    }

    #[test]
    fn features_that_are_no_volume_are_refused() {
        let settings = ClassifierSettings::resnet().check().expect("valid");
        let events = Array2::zeros((100, 50));
        let error =
            train_resnet(&events.view(), &events.view(), [3, 4, 4], &settings, "test", &Silent);
        assert_eq!(
            error.expect_err("is refused").to_string(),
            "values have shape [100, 50], expected [100, 48]"
        );
    }
}
