use serde::{Deserialize, Serialize};

use super::activation::Activation;
use super::condition::ConcatenateSettings;
use super::dense::DenseSettings;
use super::initialisation::Initialisation;
use super::layer_settings::LayerSettings;
use super::residual::ResidualSettings;

/// A network in the settings: either the widths of dense hidden layers, or all of its layers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSettings {
    /// Widths of dense hidden layers; an output layer of the right width follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<usize>,
    /// Between the hidden layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// Hidden layers as wide as their input add to it.
    #[serde(default, skip_serializing_if = "super::dense::is_false")]
    pub residual: bool,
    /// Where conditions come in that no layer brings in.
    #[serde(default, skip_serializing_if = "is_default")]
    pub conditions: ConditionUse,
    /// All layers, from the input to the output.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layer: Vec<LayerSettings>,
}

/// What a network without a layer for the conditions does with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionUse {
    /// They are concatenated at the input.
    #[default]
    AtInput,
    /// It does not get to know them.
    None,
}

fn is_default(conditions: &ConditionUse) -> bool {
    *conditions == ConditionUse::default()
}

impl NetworkSettings {
    /// All layers of a network with so many outputs.
    ///
    /// # Errors
    /// If neither or both forms are given.
    pub fn layers(&self, outputs: usize) -> Result<Vec<LayerSettings>, String> {
        if !self.layer.is_empty() {
            if !self.hidden.is_empty() || self.activation.is_some() || self.residual {
                return Err("`hidden`, `activation` and `residual` beside `layer`, expected just \
                            one of the two forms"
                    .to_owned());
            }
            let mut layers = self.layer.clone();
            if self.conditions == ConditionUse::AtInput
                && !layers.iter().any(LayerSettings::uses_conditions)
            {
                layers.insert(0, concatenate());
            }
            return Ok(layers);
        }
        if self.hidden.is_empty() {
            return Err("neither `hidden` nor `layer`, expected one of the two".to_owned());
        }
        let activation = self.activation.ok_or("`hidden` without `activation`")?;
        let hidden = match activation {
            Activation::Relu | Activation::LeakyRelu => Initialisation::He,
            _ => Initialisation::Glorot,
        };
        let dense = |outputs, initialisation| {
            LayerSettings::Dense(DenseSettings {
                outputs,
                initialisation,
                bias: true,
                spectral_norm: false,
            })
        };
        let mut layers = match self.conditions {
            ConditionUse::AtInput => vec![concatenate()],
            ConditionUse::None => Vec::new(),
        };
        let mut previous = None;
        for &width in &self.hidden {
            let block = vec![dense(width, hidden), LayerSettings::activation(activation)];
            if self.residual && previous == Some(width) {
                let settings = ResidualSettings { layer: block, shortcut: Vec::new() };
                layers.push(LayerSettings::Residual(settings));
            } else {
                layers.extend(block);
            }
            previous = Some(width);
        }
        layers.push(dense(outputs, Initialisation::Glorot));
        Ok(layers)
    }
}

fn concatenate() -> LayerSettings {
    LayerSettings::Concatenate(ConcatenateSettings { embedding: None })
}
