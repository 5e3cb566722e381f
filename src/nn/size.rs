//! How large a network is, from its settings alone: what a model file declares is held against
//! what it contains before anything is allocated.

use super::layer::{Blueprint, feature_count};
use super::layer_norm::Affine;
use super::layer_settings::LayerSettings;
use super::recurrent::RecurrentKind;

/// More layers than this, with every repetition counted, are a mistake in the settings.
const MOST_LAYERS: usize = 100_000;

/// # Errors
/// Too many layers, as a fragment of a sentence.
pub fn check_layer_count(layers: &[LayerSettings]) -> Result<(), String> {
    if layer_count(layers) <= MOST_LAYERS {
        Ok(())
    } else {
        Err(format!("has more than {MOST_LAYERS} layers, each repetition counted"))
    }
}

/// Layers and branches, those inside others and every repetition included.
fn layer_count(layers: &[LayerSettings]) -> usize {
    layers.iter().fold(0, |count: usize, layer| count.saturating_add(layer.layer_count()))
}

/// Numbers in all parameters and buffers of layers whose shapes were found to fit by
/// [`super::output_shape`].
///
/// # Panics
/// If they were not.
pub fn parameter_count(layers: &[LayerSettings], input: &[usize], labels: usize) -> usize {
    let mut shape = input.to_vec();
    let mut count: usize = 0;
    for layer in layers {
        count = count.saturating_add(layer.parameter_count(&shape, labels));
        shape = layer.output_shape(&shape, labels).expect("the shapes were found to fit");
    }
    count
}

impl LayerSettings {
    fn layer_count(&self) -> usize {
        let inside = match self {
            Self::Branches(branches) => branches
                .branch
                .iter()
                .map(|branch| layer_count(&branch.layer).saturating_add(1))
                .fold(0, usize::saturating_add),
            Self::PerStep(per_step) => layer_count(&per_step.layer),
            Self::Repeat(repeat) => layer_count(&repeat.layer).saturating_mul(repeat.times),
            Self::Residual(residual) => {
                layer_count(&residual.layer).saturating_add(layer_count(&residual.shortcut))
            }
            _ => 0,
        };
        inside.saturating_add(1)
    }

    /// Numbers in its parameters and buffers, behind features of this shape.
    fn parameter_count(&self, input: &[usize], labels: usize) -> usize {
        let features = feature_count(input);
        match self {
            Self::Dense(dense) => {
                weights(features, dense.outputs, dense.spectral_norm)
                    + bias(dense.bias, dense.outputs)
            }
            Self::Convolution2d(settings) | Self::Convolution3d(settings) => {
                let places = feature_count(&settings.kernel);
                weights(input[0] * places, settings.outputs, settings.spectral_norm)
                    + bias(settings.bias, settings.outputs)
            }
            Self::TransposedConvolution2d(settings) | Self::TransposedConvolution3d(settings) => {
                let places = feature_count(&settings.kernel);
                weights(input[0] * places, settings.outputs, settings.spectral_norm)
                    + bias(settings.bias, settings.outputs)
            }
            // Scale, shift, running mean and running variance.
            Self::BatchNorm(_) => 4 * input[0],
            Self::LayerNorm(settings) => match settings.affine {
                Affine::Feature => 2 * features,
                Affine::Channel => 2 * input[0],
            },
            Self::Swish(settings) => {
                if settings.per_channel {
                    input[0]
                } else {
                    1
                }
            }
            Self::Concatenate(settings) => {
                settings.embedding.map_or(0, |width| labels * width + width)
            }
            Self::Projection(settings) => {
                weights(features, 1, settings.spectral_norm)
                    + 1
                    + weights(labels, features, settings.spectral_norm)
            }
            Self::Branches(branches) => branches
                .branch
                .iter()
                .map(|branch| parameter_count(&branch.layer, input, labels))
                .fold(0, usize::saturating_add),
            Self::Gru(settings) => settings.parameter_count(RecurrentKind::Gru, input[1]),
            Self::Lstm(settings) => settings.parameter_count(RecurrentKind::Lstm, input[1]),
            Self::PerStep(per_step) => parameter_count(&per_step.layer, &input[1..], labels),
            Self::Repeat(repeat) => {
                (0..repeat.times)
                    .fold((0, input.to_vec()), |(count, shape): (usize, _), _| {
                        let inside = parameter_count(&repeat.layer, &shape, labels);
                        let behind = super::output_shape(&repeat.layer, &shape, labels);
                        (
                            count.saturating_add(inside),
                            behind.expect("the shapes were found to fit"),
                        )
                    })
                    .0
            }
            Self::Residual(residual) => parameter_count(&residual.layer, input, labels)
                .saturating_add(parameter_count(&residual.shortcut, input, labels)),
            Self::AveragePool(_)
            | Self::Crop(_)
            | Self::Dropout(_)
            | Self::Gated(_)
            | Self::Gelu
            | Self::LeakyRelu { .. }
            | Self::Maxout(_)
            | Self::MinibatchDeviation(_)
            | Self::Pad(_)
            | Self::PixelNorm(_)
            | Self::Relu
            | Self::Reshape(_)
            | Self::Sigmoid
            | Self::Silu
            | Self::Softmax(_)
            | Self::Tanh
            | Self::Upsample(_) => 0,
        }
    }
}

/// Weights, and with spectral normalisation its two singular vectors.
fn weights(inputs: usize, outputs: usize, spectral_norm: bool) -> usize {
    inputs * outputs + if spectral_norm { inputs + outputs } else { 0 }
}

fn bias(is_there: bool, outputs: usize) -> usize {
    if is_there { outputs } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu;
    use crate::nn::{Module, Network, Site};
    use crate::random::{Purpose, Streams};

    fn layers(text: &str) -> Vec<LayerSettings> {
        #[derive(serde::Deserialize)]
        struct Layers {
            layer: Vec<LayerSettings>,
        }
        toml::from_str::<Layers>(text).expect("layers").layer
    }

    /// Numbers in a network that is built.
    fn built(layers: &[LayerSettings], input: &[usize], labels: usize) -> usize {
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let mut site = Site { labels, normals: &mut normals, device: &cpu() };
        let mut count = 0;
        Network::build(layers, input, &mut site).for_each_parameter(&mut |_, parameter| {
            count += feature_count(parameter.shape());
        });
        count
    }

    #[test]
    fn every_kind_of_layer_has_as_many_parameters_as_counted() {
        let image = "layer = [
            { kind = \"concatenate\", embedding = 3 },
            { kind = \"dense\", outputs = 60, spectral_norm = true },
            { kind = \"swish\", per_channel = true },
            { kind = \"reshape\", shape = [3, 4, 5] },
            { kind = \"batch-norm\" },
            { kind = \"convolution-2d\", outputs = 4, kernel = [3, 2], spectral_norm = true },
            { kind = \"layer-norm\", affine = \"channel\" },
            { kind = \"transposed-convolution-2d\", outputs = 2, kernel = [3, 2], stride = [2, 1], spectral_norm = true, bias = false },
            { kind = \"layer-norm\" },
            { kind = \"swish\" },
            { kind = \"reshape\" },
            { kind = \"repeat\", times = 3, layer = [{ kind = \"dense\", outputs = 7 }, { kind = \"relu\" }] },
            { kind = \"residual\", layer = [{ kind = \"dense\", outputs = 8, bias = false }], shortcut = [{ kind = \"dense\", outputs = 8 }] },
            { kind = \"branches\", branch = [{ layer = [{ kind = \"dense\", outputs = 2 }] }, { layer = [] }] },
            { kind = \"projection\", spectral_norm = true },
        ]";
        let grid = "layer = [
            { kind = \"reshape\", shape = [2, 2, 2, 2] },
            { kind = \"transposed-convolution-3d\", outputs = 3, kernel = [2, 2, 1] },
            { kind = \"convolution-3d\", outputs = 2, kernel = [1, 2, 1], bias = false },
        ]";
        let series = "layer = [
            { kind = \"reshape\", shape = [4, 3] },
            { kind = \"per-step\", layer = [{ kind = \"concatenate\" }, { kind = \"dense\", outputs = 5 }] },
            { kind = \"gru\", hidden = 7 },
            { kind = \"lstm\", hidden = 6, bidirectional = true },
            { kind = \"lstm\", hidden = 2 },
        ]";
        for (text, input, labels) in [(image, 6, 2), (grid, 16, 1), (series, 12, 2)] {
            let layers = layers(text);
            super::super::output_shape(&layers, &[input], labels).expect("shapes that fit");
            let expected = built(&layers, &[input], labels);
            assert!(expected > 0);
            assert_eq!(parameter_count(&layers, &[input], labels), expected);
        }
    }

    #[test]
    fn repetitions_of_repetitions_are_too_many() {
        let twice =
            |inside: &str| format!("{{ kind = \"repeat\", times = 10000, layer = [{inside}] }}");
        let many = layers(&format!("layer = [{}]", twice(&twice("{ kind = \"relu\" }"))));
        let problem = check_layer_count(&many).expect_err("10⁸ layers");
        assert_eq!(problem, "has more than 100000 layers, each repetition counted");
        let few = layers(&format!("layer = [{}]", twice("{ kind = \"relu\" }")));
        assert_eq!(check_layer_count(&few), Ok(()));
    }
}
