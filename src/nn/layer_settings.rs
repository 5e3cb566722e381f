use serde::{Deserialize, Serialize};

use super::activation::{Activation, Elementwise};
use super::average_pool::AveragePoolSettings;
use super::batch_norm::BatchNormSettings;
use super::branches::BranchesSettings;
use super::condition::ConcatenateSettings;
use super::convolution::{ConvolutionBlueprint, ConvolutionSettings};
use super::dense::DenseSettings;
use super::dropout::DropoutSettings;
use super::gated::GatedSettings;
use super::layer::{Blueprint, Layer, Site};
use super::layer_norm::LayerNormSettings;
use super::maxout::MaxoutSettings;
use super::minibatch_deviation::MinibatchDeviationSettings;
use super::pad::{FrameBlueprint, FrameSettings};
use super::per_step::PerStepSettings;
use super::pixel_norm::PixelNormSettings;
use super::projection::ProjectionSettings;
use super::recurrent::{RecurrentBlueprint, RecurrentKind, RecurrentSettings};
use super::repeat::RepeatSettings;
use super::reshape::ReshapeSettings;
use super::residual::ResidualSettings;
use super::softmax::SoftmaxSettings;
use super::swish::SwishSettings;
use super::transposed_convolution::{
    TransposedConvolutionBlueprint, TransposedConvolutionSettings,
};
use super::upsample::UpsampleSettings;

/// A layer in the settings: `{ kind = "dense", outputs = 200 }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LayerSettings {
    AveragePool(AveragePoolSettings),
    BatchNorm(BatchNormSettings),
    Branches(BranchesSettings),
    Concatenate(ConcatenateSettings),
    #[serde(rename = "convolution-2d")]
    Convolution2d(ConvolutionSettings),
    #[serde(rename = "convolution-3d")]
    Convolution3d(ConvolutionSettings),
    Crop(FrameSettings),
    Dense(DenseSettings),
    Dropout(DropoutSettings),
    Gated(GatedSettings),
    Gelu,
    Gru(RecurrentSettings),
    LayerNorm(LayerNormSettings),
    /// x for x > 0, slope · x else.
    LeakyRelu {
        #[serde(default = "leaky_slope")]
        slope: f64,
    },
    Lstm(RecurrentSettings),
    Maxout(MaxoutSettings),
    MinibatchDeviation(MinibatchDeviationSettings),
    Pad(FrameSettings),
    PerStep(PerStepSettings),
    PixelNorm(PixelNormSettings),
    Projection(ProjectionSettings),
    Relu,
    Repeat(RepeatSettings),
    Reshape(ReshapeSettings),
    Residual(ResidualSettings),
    Sigmoid,
    Silu,
    Softmax(SoftmaxSettings),
    Swish(SwishSettings),
    Tanh,
    #[serde(rename = "transposed-convolution-2d")]
    TransposedConvolution2d(TransposedConvolutionSettings),
    #[serde(rename = "transposed-convolution-3d")]
    TransposedConvolution3d(TransposedConvolutionSettings),
    Upsample(UpsampleSettings),
}

fn leaky_slope() -> f64 {
    0.2
}

impl LayerSettings {
    pub fn activation(activation: Activation) -> Self {
        match activation {
            Activation::Relu => Self::Relu,
            Activation::LeakyRelu => Self::LeakyRelu { slope: leaky_slope() },
            Activation::Silu => Self::Silu,
            Activation::Gelu => Self::Gelu,
            Activation::Tanh => Self::Tanh,
            Activation::Sigmoid => Self::Sigmoid,
        }
    }

    /// The name of the kind, as in the settings.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AveragePool(_) => "average-pool",
            Self::BatchNorm(_) => "batch-norm",
            Self::Branches(_) => "branches",
            Self::Concatenate(_) => "concatenate",
            Self::Convolution2d(_) => "convolution-2d",
            Self::Convolution3d(_) => "convolution-3d",
            Self::Crop(_) => "crop",
            Self::Dense(_) => "dense",
            Self::Dropout(_) => "dropout",
            Self::Gated(_) => "gated",
            Self::Gelu => "gelu",
            Self::Gru(_) => "gru",
            Self::LayerNorm(_) => "layer-norm",
            Self::LeakyRelu { .. } => "leaky-relu",
            Self::Lstm(_) => "lstm",
            Self::Maxout(_) => "maxout",
            Self::MinibatchDeviation(_) => "minibatch-deviation",
            Self::Pad(_) => "pad",
            Self::PerStep(_) => "per-step",
            Self::PixelNorm(_) => "pixel-norm",
            Self::Projection(_) => "projection",
            Self::Relu => "relu",
            Self::Repeat(_) => "repeat",
            Self::Reshape(_) => "reshape",
            Self::Residual(_) => "residual",
            Self::Sigmoid => "sigmoid",
            Self::Silu => "silu",
            Self::Softmax(_) => "softmax",
            Self::Swish(_) => "swish",
            Self::Tanh => "tanh",
            Self::TransposedConvolution2d(_) => "transposed-convolution-2d",
            Self::TransposedConvolution3d(_) => "transposed-convolution-3d",
            Self::Upsample(_) => "upsample",
        }
    }

    /// Whether it, or a layer inside, brings in the conditions.
    pub fn uses_conditions(&self) -> bool {
        match self {
            Self::Concatenate(_) | Self::Projection(_) => true,
            Self::Branches(branches) => {
                branches.branch.iter().flat_map(|branch| &branch.layer).any(Self::uses_conditions)
            }
            Self::PerStep(per_step) => per_step.layer.iter().any(Self::uses_conditions),
            Self::Repeat(repeat) => repeat.layer.iter().any(Self::uses_conditions),
            Self::Residual(residual) => {
                residual.layer.iter().chain(&residual.shortcut).any(Self::uses_conditions)
            }
            _ => false,
        }
    }

    /// Calls `use_it` with the blueprint.
    fn with<T>(&self, use_it: impl FnOnce(&dyn Blueprint) -> T) -> T {
        match self {
            Self::AveragePool(settings) => use_it(settings),
            Self::BatchNorm(settings) => use_it(settings),
            Self::Branches(settings) => use_it(settings),
            Self::Concatenate(settings) => use_it(settings),
            Self::Convolution2d(settings) => use_it(&ConvolutionBlueprint { axes: 2, settings }),
            Self::Convolution3d(settings) => use_it(&ConvolutionBlueprint { axes: 3, settings }),
            Self::Crop(settings) => use_it(&FrameBlueprint::Crop(settings)),
            Self::Dense(settings) => use_it(settings),
            Self::Dropout(settings) => use_it(settings),
            Self::Gated(settings) => use_it(settings),
            Self::Gelu => use_it(&Elementwise::Gelu),
            Self::Gru(settings) => {
                use_it(&RecurrentBlueprint { kind: RecurrentKind::Gru, settings })
            }
            Self::LayerNorm(settings) => use_it(settings),
            Self::LeakyRelu { slope } => use_it(&Elementwise::Rectifier { slope: *slope }),
            Self::Lstm(settings) => {
                use_it(&RecurrentBlueprint { kind: RecurrentKind::Lstm, settings })
            }
            Self::Maxout(settings) => use_it(settings),
            Self::MinibatchDeviation(settings) => use_it(settings),
            Self::Pad(settings) => use_it(&FrameBlueprint::Pad(settings)),
            Self::PerStep(settings) => use_it(settings),
            Self::PixelNorm(settings) => use_it(settings),
            Self::Projection(settings) => use_it(settings),
            Self::Relu => use_it(&Elementwise::Rectifier { slope: 0.0 }),
            Self::Repeat(settings) => use_it(settings),
            Self::Reshape(settings) => use_it(settings),
            Self::Residual(settings) => use_it(settings),
            Self::Sigmoid => use_it(&Elementwise::Sigmoid),
            Self::Silu => use_it(&Elementwise::Silu),
            Self::Softmax(settings) => use_it(settings),
            Self::Swish(settings) => use_it(settings),
            Self::Tanh => use_it(&Elementwise::Tanh),
            Self::TransposedConvolution2d(settings) => {
                use_it(&TransposedConvolutionBlueprint { axes: 2, settings })
            }
            Self::TransposedConvolution3d(settings) => {
                use_it(&TransposedConvolutionBlueprint { axes: 3, settings })
            }
            Self::Upsample(settings) => use_it(settings),
        }
    }
}

impl Blueprint for LayerSettings {
    fn output_shape(&self, input: &[usize], labels: usize) -> Result<Vec<usize>, String> {
        self.with(|blueprint| blueprint.output_shape(input, labels))
            .map_err(|problem| format!("layer `{}` {problem}", self.kind()))
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        self.with(|blueprint| blueprint.build(input, site))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The problem of a layer behind such features, with one condition.
    fn problem(layer: &str, input: &[usize]) -> String {
        let layer: LayerSettings = toml::from_str(layer).expect(layer);
        layer.output_shape(input, 1).expect_err("shapes that do not fit")
    }

    #[test]
    fn layers_that_cannot_stand_where_they_do_say_why() {
        let image = [3, 5, 4];
        let convolution =
            |kind: &str, rest: &str| format!("kind = \"{kind}\"\noutputs = 2\n{rest}");
        let cases = [
            (
                convolution("convolution-2d", "kernel = [6, 3]"),
                "layer `convolution-2d` has `kernel` = [6, 3] and `padding` = [0, 0] on features of \
                 shape [3, 5, 4], expected a kernel that fits inside",
            ),
            (
                convolution("convolution-2d", "kernel = [3]"),
                "layer `convolution-2d` has `kernel` = [3], expected 2 numbers, one for each axis",
            ),
            (
                convolution("convolution-2d", "kernel = []"),
                "layer `convolution-2d` has `kernel` = [], expected 2 numbers, one for each axis",
            ),
            (
                convolution("convolution-2d", "kernel = [3, 3]\nstride = [1, 0]"),
                "layer `convolution-2d` has `stride` = [1, 0], expected at least 1 on each axis",
            ),
            (
                convolution("convolution-2d", "kernel = [3, 3]\ninitialisation = { kind = \"identity\" }"),
                "layer `convolution-2d` has `initialisation` of kind `identity`, which is for dense \
                 layers",
            ),
            (
                convolution("convolution-3d", "kernel = [3, 3, 3]"),
                "layer `convolution-3d` stands behind features of shape [3, 5, 4], expected \
                 [channels, depth, rows, columns]",
            ),
            (
                convolution("transposed-convolution-2d", "kernel = [3, 3]\noutput_padding = [1, 0]"),
                "layer `transposed-convolution-2d` has `output_padding` = [1, 0], expected less \
                 than `stride` = [1, 1] on each axis",
            ),
            (
                convolution("transposed-convolution-2d", "kernel = [1, 1]\npadding = [0, 2]"),
                "layer `transposed-convolution-2d` has `padding` = [0, 2], which leaves nothing of \
                 features of shape [3, 5, 4]",
            ),
            (
                convolution("convolution-2d", "kernel = [100000, 100000]"),
                "layer `convolution-2d` has more than 268435456 weights",
            ),
            (
                convolution("convolution-2d", "kernel = [1, 1]\npadding = [0, 9000000000000000000]"),
                "layer `convolution-2d` has `padding` with 9000000000000000000, expected 268435456 \
                 at most",
            ),
            (
                "kind = \"dense\"\noutputs = 9000000000000000000".to_owned(),
                "layer `dense` has more than 268435456 weights",
            ),
            (
                "kind = \"reshape\"\nshape = [4294967296, 4294967296, 60]".to_owned(),
                "layer `reshape` has more than 268435456 features behind it",
            ),
            (
                "kind = \"repeat\"\ntimes = 0\nlayer = [{ kind = \"relu\" }]".to_owned(),
                "layer `repeat` has `times` = 0, expected 1 to 10000",
            ),
            (
                "kind = \"repeat\"\ntimes = 9\nlayer = [{ kind = \"upsample\", factors = [99, 99] }]"
                    .to_owned(),
                "layer `repeat` 1: layer `upsample` has more than 268435456 features behind it",
            ),
            (
                "kind = \"average-pool\"\nkernel = [6, 1]".to_owned(),
                "layer `average-pool` has `kernel` = [6, 1] on features of shape [3, 5, 4], expected \
                 a kernel that fits inside",
            ),
            (
                "kind = \"crop\"\nlow = [2, 2]".to_owned(),
                "layer `crop` has `low` = [2, 2] and `high` = [2, 2], which leaves nothing of \
                 features of shape [3, 5, 4]",
            ),
            (
                "kind = \"gated\"".to_owned(),
                "layer `gated` stands behind features of shape [3, 5, 4], expected an even number of \
                 channels to be halved",
            ),
            (
                "kind = \"maxout\"\npieces = 2".to_owned(),
                "layer `maxout` has `pieces` = 2 on features of shape [3, 5, 4], expected a divisor \
                 of the channels",
            ),
            (
                "kind = \"batch-norm\"\nmomentum = 1.5".to_owned(),
                "layer `batch-norm` has `momentum` = 1.5, expected 0 to 1",
            ),
            (
                "kind = \"layer-norm\"\nepsilon = 0.0".to_owned(),
                "layer `layer-norm` has `epsilon` = 0, expected a number above 0",
            ),
            (
                "kind = \"gru\"\nhidden = 4".to_owned(),
                "layer `gru` stands behind features of shape [3, 5, 4], expected [steps, features]; \
                 a layer `reshape` makes them",
            ),
            (
                "kind = \"repeat\"\ntimes = 2\nlayer = [{ kind = \"upsample\", factors = [2, 2, 2] }]"
                    .to_owned(),
                "layer `repeat` 0: layer `upsample` has `factors` = [2, 2, 2], expected 2 \
                 numbers, one for each axis",
            ),
        ];
        for (layer, expected) in cases {
            assert_eq!(problem(&layer, &image), expected);
        }
        assert_eq!(
            problem("kind = \"pad\"\nlow = [1]", &[12]),
            "layer `pad` stands behind features of shape [12], expected [channels, rows, columns] or \
             [channels, depth, rows, columns]; a layer `reshape` makes them"
        );
        for (layer, expected) in [
            ("kind = \"lstm\"\nhidden = 0", "layer `lstm` has `hidden` = 0, expected at least 1"),
            (
                "kind = \"gru\"\nhidden = 9000000000000000000",
                "layer `gru` has more than 268435456 weights",
            ),
            ("kind = \"per-step\"\nlayer = []", "layer `per-step` has no layers inside"),
            (
                "kind = \"per-step\"\nlayer = [{ kind = \"dense\", outputs = 0 }]",
                "layer `per-step` 0: layer `dense` has `outputs` = 0, expected at least 1",
            ),
        ] {
            assert_eq!(problem(layer, &[24, 5]), expected);
        }
        let projection: LayerSettings =
            toml::from_str("kind = \"projection\"").expect("projection");
        assert_eq!(
            projection.output_shape(&[12], 0),
            Err("layer `projection` stands in a network without conditions".to_owned())
        );
    }

    #[test]
    fn unknown_keys_are_refused() {
        for kind in ["pixel-norm", "softmax", "minibatch-deviation", "batch-norm"] {
            let settings = format!("kind = \"{kind}\"\nmomentun = 0.1");
            let problem = toml::from_str::<LayerSettings>(&settings).expect_err(kind).to_string();
            assert!(problem.contains("unknown field `momentun`"), "{problem}");
        }
    }
}
