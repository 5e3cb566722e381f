use serde::{Deserialize, Serialize};

use super::activation::{Activation, Elementwise};
use super::condition::ConcatenateSettings;
use super::dense::DenseSettings;
use super::layer::{Blueprint, Layer, Site};
use super::reshape::ReshapeSettings;
use super::residual::ResidualSettings;

/// A layer in the settings: `{ kind = "dense", outputs = 200 }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LayerSettings {
    Concatenate(ConcatenateSettings),
    Dense(DenseSettings),
    Gelu,
    /// x for x > 0, slope · x else.
    LeakyRelu {
        #[serde(default = "leaky_slope")]
        slope: f64,
    },
    Relu,
    Reshape(ReshapeSettings),
    Residual(ResidualSettings),
    Sigmoid,
    Silu,
    Tanh,
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
            Self::Concatenate(_) => "concatenate",
            Self::Dense(_) => "dense",
            Self::Gelu => "gelu",
            Self::LeakyRelu { .. } => "leaky-relu",
            Self::Relu => "relu",
            Self::Reshape(_) => "reshape",
            Self::Residual(_) => "residual",
            Self::Sigmoid => "sigmoid",
            Self::Silu => "silu",
            Self::Tanh => "tanh",
        }
    }

    /// Whether it, or a layer inside, brings in the conditions.
    pub fn uses_conditions(&self) -> bool {
        match self {
            Self::Concatenate(_) => true,
            Self::Residual(residual) => {
                residual.layer.iter().chain(&residual.shortcut).any(Self::uses_conditions)
            }
            _ => false,
        }
    }

    /// Calls `use_it` with the blueprint.
    fn with<T>(&self, use_it: impl FnOnce(&dyn Blueprint) -> T) -> T {
        match self {
            Self::Concatenate(settings) => use_it(settings),
            Self::Dense(settings) => use_it(settings),
            Self::Gelu => use_it(&Elementwise::Gelu),
            Self::LeakyRelu { slope } => use_it(&Elementwise::Rectifier { slope: *slope }),
            Self::Relu => use_it(&Elementwise::Rectifier { slope: 0.0 }),
            Self::Reshape(settings) => use_it(settings),
            Self::Residual(settings) => use_it(settings),
            Self::Sigmoid => use_it(&Elementwise::Sigmoid),
            Self::Silu => use_it(&Elementwise::Silu),
            Self::Tanh => use_it(&Elementwise::Tanh),
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
