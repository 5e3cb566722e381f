use serde::{Deserialize, Serialize};

use crate::nn::{ConcatenateSettings, LayerSettings, NetworkSettings};

/// A change of all layers of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkChange {
    /// Every weight matrix over its largest singular value (arXiv:1802.05957).
    SpectralNorm,
    /// Batch norms are left out: a gradient penalty is one of single events (arXiv:1704.00028).
    NoBatchNorm,
    /// A batch norm behind every convolution but the first, as DCGAN's critic has them
    /// (arXiv:1511.06434).
    BatchNorm,
    /// Conditions are concatenated: to images as constant channels behind a first `reshape`, else at
    /// the input (arXiv:1411.1784).
    Conditions,
}

impl NetworkChange {
    /// The changed network, with all its layers written out.
    ///
    /// # Errors
    /// A network that is neither widths nor layers.
    pub fn of(self, network: &NetworkSettings, outputs: usize) -> Result<NetworkSettings, String> {
        let mut layers = network.layers(outputs)?;
        if self == Self::Conditions && !layers.iter().any(LayerSettings::uses_conditions) {
            let is_reshape = matches!(layers.first(), Some(LayerSettings::Reshape(_)));
            let concatenate = LayerSettings::Concatenate(ConcatenateSettings { embedding: None });
            layers.insert(usize::from(is_reshape), concatenate);
        }
        if self == Self::BatchNorm {
            layers = with_batch_norm(layers);
        }
        Ok(NetworkSettings {
            layer: self.of_layers(layers),
            conditions: network.conditions,
            ..NetworkSettings::default()
        })
    }

    fn of_layers(self, layers: Vec<LayerSettings>) -> Vec<LayerSettings> {
        layers.into_iter().filter_map(|layer| self.of_layer(layer)).collect()
    }

    fn of_layer(self, mut layer: LayerSettings) -> Option<LayerSettings> {
        match (self, &mut layer) {
            (Self::NoBatchNorm, LayerSettings::BatchNorm(_)) => return None,
            (Self::SpectralNorm, LayerSettings::Dense(dense)) => dense.spectral_norm = true,
            (
                Self::SpectralNorm,
                LayerSettings::Convolution2d(convolution)
                | LayerSettings::Convolution3d(convolution),
            ) => convolution.spectral_norm = true,
            (Self::SpectralNorm, LayerSettings::Projection(projection)) => {
                projection.spectral_norm = true;
            }
            (_, LayerSettings::Residual(residual)) => {
                residual.layer = self.of_layers(std::mem::take(&mut residual.layer));
                residual.shortcut = self.of_layers(std::mem::take(&mut residual.shortcut));
            }
            (_, LayerSettings::Repeat(repeat)) => {
                repeat.layer = self.of_layers(std::mem::take(&mut repeat.layer));
            }
            (_, LayerSettings::Branches(branches)) => {
                for branch in &mut branches.branch {
                    branch.layer = self.of_layers(std::mem::take(&mut branch.layer));
                }
            }
            _ => {}
        }
        Some(layer)
    }
}

/// A batch norm with the usual momentum.
pub(super) fn batch_norm() -> LayerSettings {
    LayerSettings::BatchNorm(toml::from_str("").expect("all of its keys have defaults"))
}

/// A batch norm behind every convolution but the first.
pub(super) fn with_batch_norm(layers: Vec<LayerSettings>) -> Vec<LayerSettings> {
    let mut first = true;
    let mut all = Vec::new();
    for layer in layers {
        let is_convolution = matches!(layer, LayerSettings::Convolution2d(_));
        all.push(layer);
        if is_convolution && !std::mem::take(&mut first) {
            all.push(batch_norm());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_norms_come_behind_convolutions_but_the_first() {
        let convolution =
            "{ kind = 'convolution-2d', outputs = 2, kernel = [2, 2] }, { kind = 'relu' }";
        let text = format!(
            "conditions = 'none'\nlayer = [{convolution}, {convolution}, {{ kind = 'dense', outputs = 1 }}]"
        );
        let network: NetworkSettings = toml::from_str(&text).expect("a network");
        let changed = NetworkChange::BatchNorm.of(&network, 1).expect("a network");
        let kinds: Vec<_> = changed.layer.iter().map(LayerSettings::kind).collect();
        let expected = ["convolution-2d", "relu", "convolution-2d", "batch-norm", "relu", "dense"];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn batch_norms_go_and_spectral_norms_come() {
        let text = "layer = [{ kind = 'dense', outputs = 4 }, { kind = 'batch-norm' }, \
                    { kind = 'residual', layer = [{ kind = 'batch-norm' }, { kind = 'relu' }] }]";
        let network: NetworkSettings = toml::from_str(text).expect("a network");
        let without = NetworkChange::NoBatchNorm.of(&network, 4).expect("a network");
        let text = toml::to_string(&without).expect("plain values");
        assert!(!text.contains("batch-norm") && text.contains("relu"), "{text}");
        let normed = NetworkChange::SpectralNorm.of(&network, 4).expect("a network");
        assert!(toml::to_string(&normed).expect("plain values").contains("spectral_norm = true"));
    }

    #[test]
    fn conditions_come_in_as_channels_of_images() {
        let kinds = |text: &str| {
            let network: NetworkSettings = toml::from_str(text).expect("a network");
            let changed = NetworkChange::Conditions.of(&network, 1).expect("a network");
            changed.layer.iter().map(LayerSettings::kind).collect::<Vec<_>>()
        };
        let image = "conditions = 'none'\nlayer = [{ kind = 'reshape', shape = [1, 2, 2] }, { kind = 'relu' }]";
        assert_eq!(kinds(image), ["reshape", "concatenate", "relu"]);
        let dense = "conditions = 'none'\nhidden = [3]\nactivation = 'relu'";
        assert_eq!(kinds(dense), ["concatenate", "dense", "relu", "dense"]);
        let has_them = "layer = [{ kind = 'relu' }, { kind = 'projection' }]";
        assert_eq!(kinds(has_them), ["relu", "projection"]);
    }
}
