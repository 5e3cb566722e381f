use std::sync::Arc;

use ndarray::{Array2, ArrayView2, Axis, s};
use validation::ValidationError;
use validation::metrics::FeatureMatrix;
use validation::metrics::frechet::frechet_distance;
use validation::metrics::kernels::{KernelDistanceSettings, kernel_distance};
use validation::metrics::modes::{label_coverage, stacked_label};
use validation::metrics::neighbours::{manifold_measures, memorisation, neighbour_test};
use validation::metrics::scores::{
    ClassProbabilities, class_shares, inception_score, informative_mode_score,
};

use crate::events::Events;
use crate::suite::data::ImageSet;
use crate::suite::extractor::Extractor;
use crate::suite::problem::ProblemData;
use crate::suite::system::Measures;

/// What images are measured in.
#[derive(Debug, Clone)]
pub(super) enum Features {
    /// A classifier's.
    Classifier(Arc<Extractor>),
    /// A classifier's of each of several images that are the channels of one.
    Stacked(Arc<Extractor>),
    /// Pixels, averaged by area to few: of images that nobody has labelled.
    Pixels,
}

/// Side of images whose pixels are features.
const PIXEL_SIDE: usize = 8;
/// Images of distances between sets.
const MOST: usize = 10_000;
/// Images of measures by neighbours.
const MOST_NEIGHBOURS: usize = 3_000;
/// Images of the measures that are taken in a training.
const QUICK: usize = 1_000;
const KERNEL_SUBSETS: usize = 50;
const KERNEL_SUBSET_SIZE: usize = 500;
/// k of precision and recall (arXiv:1904.06991), and of density and coverage (arXiv:2002.09797).
const NEIGHBOURS: [usize; 2] = [3, 5];

/// Features of images, and the classes of each of their channels where there is a classifier.
struct Seen {
    features: FeatureMatrix,
    classes: Vec<ClassProbabilities>,
}

impl Features {
    pub fn extractor(&self) -> Option<&Arc<Extractor>> {
        match self {
            Self::Classifier(extractor) | Self::Stacked(extractor) => Some(extractor),
            Self::Pixels => None,
        }
    }

    fn see(
        &self,
        label: &str,
        shape: &[usize],
        images: ArrayView2<'_, f32>,
    ) -> Result<Seen, ValidationError> {
        match self {
            Self::Classifier(extractor) => {
                let found = extractor.extract(label, images)?;
                Ok(Seen { features: found.features, classes: vec![found.probabilities] })
            }
            Self::Stacked(extractor) => {
                let (mut features, mut classes) = (Vec::new(), Vec::new());
                let pixels = images.ncols() / shape[0];
                for channel in images.axis_chunks_iter(Axis(1), pixels) {
                    let found = extractor.extract(label, channel)?;
                    features.push(found.features);
                    classes.push(found.probabilities);
                }
                let views: Vec<_> = features.iter().map(FeatureMatrix::view).collect();
                let joined = ndarray::concatenate(Axis(1), &views).expect("a row an image");
                Ok(Seen { features: FeatureMatrix::new(label, joined.view())?, classes })
            }
            Self::Pixels => {
                let shape = <[usize; 3]>::try_from(shape).expect("images have three axes");
                let set = ImageSet { shape, pixels: images.to_owned(), labels: None };
                let small = set.resampled(shape[1].min(PIXEL_SIDE), shape[2].min(PIXEL_SIDE));
                let features = FeatureMatrix::new(label, small.pixels.view())?;
                Ok(Seen { features, classes: Vec::new() })
            }
        }
    }

    /// All measures of samples against the test images.
    pub fn judge(
        &self,
        data: &ProblemData,
        samples: &Events,
        seed: u64,
    ) -> Result<Measures, ValidationError> {
        let see = |label: &str, events: &Events| self.see(label, &data.shape, events.values.view());
        let of_data = self.see("data", &data.shape, first(&data.test, MOST))?;
        let found = see("samples", samples)?;
        let mut measures = self.of_classes(data, samples, &found.classes)?;
        let (real, fake) = (&of_data.features, &head(&found.features, MOST));
        measures.set("Frechet", frechet_distance(real, fake)?);
        let subset_size = KERNEL_SUBSET_SIZE.min(real.events()).min(fake.events());
        let settings = KernelDistanceSettings { subsets: KERNEL_SUBSETS, subset_size, seed };
        measures.set("KID", kernel_distance(real, fake, &settings)?.mean);
        let (real, fake) = (&head(real, MOST_NEIGHBOURS), &head(fake, MOST_NEIGHBOURS));
        let manifolds = manifold_measures(real, fake, &NEIGHBOURS)?;
        measures.set("precision", manifolds[0].precision);
        measures.set("recall", manifolds[0].recall);
        measures.set("density", manifolds[1].density);
        measures.set("coverage", manifolds[1].coverage);
        measures.set("1-NN accuracy", neighbour_test(real, fake, seed)?.accuracy);
        let trained = self.see("training data", &data.shape, first(&data.train, MOST))?;
        measures.set("nearer than test", memorisation(fake, &trained.features, real)?.nearer);
        Ok(measures)
    }

    /// The distance, and the classes found, of not too many images.
    pub fn judge_quickly(
        &self,
        data: &ProblemData,
        samples: &Events,
    ) -> Result<Measures, ValidationError> {
        let real = self.see("data", &data.shape, first(&data.test, QUICK))?;
        let rows: Vec<usize> = (0..samples.len().min(QUICK)).collect();
        let samples = samples.select(&rows);
        let fake = self.see("samples", &data.shape, samples.values.view())?;
        let mut measures = self.of_classes(data, &samples, &fake.classes)?;
        measures.set("Frechet", frechet_distance(&real.features, &fake.features)?);
        Ok(measures)
    }

    fn of_classes(
        &self,
        data: &ProblemData,
        samples: &Events,
        classes: &[ClassProbabilities],
    ) -> Result<Measures, ValidationError> {
        let mut measures = Measures::default();
        match (self, classes) {
            (Self::Stacked(_), classes) => {
                let digits: Vec<Vec<usize>> =
                    classes.iter().map(ClassProbabilities::predicted_classes).collect();
                let label = |image: usize| {
                    stacked_label(&digits.iter().map(|digits| digits[image]).collect::<Vec<_>>())
                };
                let labels: Vec<usize> = (0..samples.len()).map(label).collect();
                let all = 10_usize.pow(u32::try_from(classes.len()).expect("few channels"));
                let coverage = label_coverage(&labels, all, None)?;
                let divergence = coverage.divergences.generated_to_expected;
                measures.set("modes", coverage.found as f64);
                measures.set("reverse KL", divergence.unwrap_or(f64::INFINITY));
            }
            (Self::Classifier(_), [probabilities]) => {
                measures.set("IS", inception_score(probabilities));
                let found = probabilities.predicted_classes();
                let Some(real) = labels(&data.train) else { return Ok(measures) };
                // A classifier that a user brings may know other classes than the data have.
                if real.iter().any(|&label| label >= probabilities.classes()) {
                    return Ok(measures);
                }
                let shares = class_shares(&real, probabilities.classes())?;
                if shares.iter().all(|&share| share > 0.0) {
                    measures.set("mode score", informative_mode_score(probabilities, &shares)?);
                }
                let coverage = label_coverage(&found, probabilities.classes(), Some(&shares))?;
                let divergence = coverage.divergences.generated_to_expected;
                measures.set("classes", coverage.found as f64);
                measures.set("class KL", divergence.unwrap_or(f64::INFINITY));
                let wanted = labels(samples).unwrap_or_default();
                let right = found.iter().zip(&wanted).filter(|(found, wanted)| found == wanted);
                measures.set("class accuracy", right.count() as f64 / found.len() as f64);
            }
            _ => {}
        }
        Ok(measures)
    }
}

/// The classes that events were made for, if there are any.
pub(super) fn labels(events: &Events) -> Option<Vec<usize>> {
    let column = events.conditions.columns().into_iter().next()?;
    Some(column.iter().map(|&label| label as usize).collect())
}

fn first(events: &Events, count: usize) -> ArrayView2<'_, f32> {
    events.values.slice(s![..count.min(events.len()), ..])
}

fn head(features: &FeatureMatrix, count: usize) -> FeatureMatrix {
    features.select(&(0..features.events().min(count)).collect::<Vec<_>>())
}

/// Events of images, with their labels as conditions if they are to be known.
pub(super) fn events_of(images: &ImageSet, labelled: bool) -> Events {
    let labels = images.labels.as_ref().filter(|_| labelled);
    let width = usize::from(labels.is_some());
    let labels: Vec<f64> = labels.into_iter().flatten().map(|&label| label as f64).collect();
    Events {
        conditions: Array2::from_shape_vec((images.len(), width), labels).expect("one an image"),
        values: images.pixels.clone(),
        weights: None,
    }
}
