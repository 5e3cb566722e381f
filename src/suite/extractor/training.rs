use super::classifier::{Classifier, Extractor, ExtractorDescription, FORMAT_VERSION};
use crate::compute::{Tensor, cpu, matrix, to_host};
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{Optimiser, OptimiserSettings, Schedule};
use crate::nn::{
    ConvolutionSettings, DenseSettings, Initialisation, LayerSettings, Pass, ReshapeSettings,
    tracked,
};
use crate::random::{Purpose, Streams, Uniforms};
use crate::suite::cross_entropy::{cross_entropy, one_hot};
use crate::suite::data::ImageSet;

/// How our own classifier is trained: the same for all data sets, so that the name and the data say
/// what it is.
const SEED: u64 = 1;
const BATCH: usize = 64;
const LEARNING_RATE: f64 = 2e-3;
/// Features that it measures in.
const FEATURES: usize = 64;
/// Images are shifted at random by up to this part of their size, at least a pixel, against
/// over-training.
const SHIFT_PART: usize = 12;
/// Up to this side, the first convolution keeps all places.
const SMALL_SIDE: usize = 16;

/// The networks of our own classifier: two or three convolutions of 3 × 3, the last ones with a
/// stride of 2, then 64 features.
pub(super) fn own_description(
    name: &str,
    shape: [usize; 3],
    classes: usize,
) -> ExtractorDescription {
    let is_small = shape[1].max(shape[2]) <= SMALL_SIDE;
    let convolution = |outputs, stride| {
        LayerSettings::Convolution2d(ConvolutionSettings {
            outputs,
            kernel: vec![3, 3],
            stride: vec![stride, stride],
            padding: vec![1, 1],
            initialisation: Initialisation::He,
            bias: true,
            spectral_norm: false,
        })
    };
    let dense = |outputs, initialisation| {
        LayerSettings::Dense(DenseSettings {
            outputs,
            initialisation,
            bias: true,
            spectral_norm: false,
        })
    };
    ExtractorDescription {
        format_version: FORMAT_VERSION,
        name: format!("own CNN on {name}, not Inception"),
        shape: shape.to_vec(),
        trunk: vec![
            LayerSettings::Reshape(ReshapeSettings { shape: shape.to_vec() }),
            convolution(16, if is_small { 1 } else { 2 }),
            LayerSettings::Relu,
            convolution(32, 2),
            LayerSettings::Relu,
            dense(FEATURES, Initialisation::He),
            LayerSettings::Relu,
        ],
        head: vec![dense(classes, Initialisation::Glorot)],
        accuracy: None,
    }
}

/// Steps of a training.
pub(super) fn steps(images: usize) -> u64 {
    if images < 2_000 { 1_200 } else { 3_000 }
}

/// Trains our own classifier on labelled images by cross entropy, and measures the share of others
/// that it finds the class of.
///
/// # Panics
/// If the images are without labels, or there are none.
pub(super) fn train(
    mut description: ExtractorDescription,
    train: &ImageSet,
    test: &ImageSet,
    steps: u64,
) -> Extractor {
    let labels = train.labels.as_ref().expect("a classifier learns from labelled images");
    let [_, classes] = description.widths().expect("our own layers fit");
    let device = cpu();
    let initial = Streams::new(SEED, Purpose::Initialisation);
    let mut network = Classifier::new(&description, &mut initial.normals(0));
    let settings = OptimiserSettings::Adam {
        learning_rate: Schedule::Constant(LEARNING_RATE),
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
    };
    let mut optimiser = Optimiser::new(settings);
    let batches = Streams::new(SEED, Purpose::CriticBatch);
    for step in 0..steps {
        let mut random = batches.uniforms(step);
        let chosen: Vec<usize> = (0..BATCH).map(|_| random.index(train.len())).collect();
        let mut pixels = Vec::with_capacity(BATCH * train.pixels.ncols());
        for &image in &chosen {
            let row = train.pixels.row(image);
            shifted(
                row.as_slice().expect("rows are contiguous"),
                train.shape,
                &mut random,
                &mut pixels,
            );
        }
        let wanted = one_hot(classes, chosen.iter().map(|&image| labels[image]));
        let wanted = matrix(wanted, BATCH, classes, &device);
        let images = matrix(pixels, BATCH, train.pixels.ncols(), &device);
        let in_graph = tracked(&network);
        let mut pass = Pass::training(None, batches.uniforms(steps + step));
        let [_, logits] = in_graph.forward(Tensor::from_inner(images), &mut pass);
        let gradients = cross_entropy(logits, &wanted).backward();
        let gradients = ParameterGradients::of(&in_graph, &gradients);
        // To 0 along a straight line.
        let rate = LEARNING_RATE * (1.0 - step as f64 / steps as f64);
        optimiser.step(&mut network, gradients, rate);
    }
    description.accuracy = accuracy(&network, test);
    Extractor::new(description, network)
}

/// An image moved by up to a part of its size on each axis, black beyond its edges.
fn shifted(image: &[f32], shape: [usize; 3], random: &mut Uniforms, out: &mut Vec<f32>) {
    let [channels, rows, columns] = shape;
    let mut shift = |side: usize| {
        let most = (side / SHIFT_PART).max(usize::from(side > 4));
        random.index(2 * most + 1) as isize - most as isize
    };
    let (down, across) = (shift(rows), shift(columns));
    for channel in 0..channels {
        for row in 0..rows {
            for column in 0..columns {
                let from = (row.checked_add_signed(-down), column.checked_add_signed(-across));
                out.push(match from {
                    (Some(i), Some(j)) if i < rows && j < columns => {
                        image[(channel * rows + i) * columns + j]
                    }
                    _ => -1.0,
                });
            }
        }
    }
}

fn accuracy(network: &Classifier, test: &ImageSet) -> Option<f64> {
    let labels = test.labels.as_ref().filter(|labels| !labels.is_empty())?;
    let mut right = 0;
    for (block, wanted) in
        test.pixels.axis_chunks_iter(ndarray::Axis(0), 250).zip(labels.chunks(250))
    {
        let values: Vec<f32> = block.iter().copied().collect();
        let x = matrix(values, block.nrows(), block.ncols(), &cpu());
        let [_, logits] = network.forward(x, &mut Pass::evaluation(None));
        let classes = logits.dims()[1];
        let found = to_host(logits);
        let found = found.chunks(classes).map(|row| {
            (0..classes).max_by(|&a, &b| row[a].total_cmp(&row[b])).expect("there are classes")
        });
        right += found.zip(wanted).filter(|(found, wanted)| found == *wanted).count();
    }
    Some(right as f64 / labels.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::data::digits;

    #[test]
    fn our_classifier_learns_the_digits() {
        let data = digits();
        let description = own_description("digits-8x8", data.train.shape, 10);
        assert_eq!(description.widths(), Ok([FEATURES, 10]));
        let learned = train(description, &data.train, &data.test, 200);
        let accuracy = learned.description().accuracy.expect("the test images have labels");
        assert!(accuracy > 0.9, "{accuracy}");
    }

    #[test]
    fn images_are_shifted_whole() {
        let image: Vec<f32> = (0..36).map(|pixel| pixel as f32).collect();
        for stream in 0..20 {
            let mut random = Streams::new(3, Purpose::CriticBatch).uniforms(stream);
            let mut found = Vec::new();
            shifted(&image, [1, 6, 6], &mut random, &mut found);
            assert_eq!(found.len(), 36);
            // Each pixel that is not black has come from the same distance.
            let moves: std::collections::BTreeSet<i64> = found
                .iter()
                .enumerate()
                .filter(|(_, value)| **value >= 0.0)
                .map(|(place, value)| place as i64 - *value as i64)
                .collect();
            assert_eq!(moves.len(), 1, "{found:?}");
            assert!(moves.iter().all(|step| step.abs() <= 7));
        }
    }
}
