use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::Operation;
use super::parameter::Parameter;
use super::shapes::Channels;
use crate::compute::Tensor;

/// Layer normalisation (arXiv:1607.06450): y = γ (x − μ) / √(σ² + ε) + β, μ and σ² the mean and
/// the biased variance over all features of an event, γ and β trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerNormSettings {
    /// ε, 1e-5 by default.
    #[serde(default = "epsilon")]
    pub epsilon: f64,
    /// What has a γ and a β of its own.
    #[serde(default)]
    pub affine: Affine,
}

/// What has a scale and a shift of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Affine {
    /// Every feature, so every place of every channel.
    #[default]
    Feature,
    Channel,
}

fn epsilon() -> f64 {
    1e-5
}

pub(super) fn check_epsilon(epsilon: f64) -> Result<(), String> {
    if epsilon > 0.0 && epsilon.is_finite() {
        Ok(())
    } else {
        Err(format!("has `epsilon` = {epsilon}, expected a number above 0"))
    }
}

#[derive(Debug, Clone)]
struct LayerNorm {
    scale: Parameter,
    shift: Parameter,
    epsilon: f64,
    /// What γ and β are spread over.
    channels: Channels,
    shape: Vec<usize>,
}

impl Blueprint for LayerNormSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        check_epsilon(self.epsilon)?;
        Ok(input.to_vec())
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let Channels { count, places } = Channels::of(input);
        let channels = match self.affine {
            Affine::Feature => Channels { count: count * places, places: 1 },
            Affine::Channel => Channels { count, places },
        };
        let shape = [1, channels.count];
        Box::new(LayerNorm {
            scale: Parameter::new(vec![1.0; channels.count], &shape, site.device),
            shift: Parameter::new(vec![0.0; channels.count], &shape, site.device),
            epsilon: self.epsilon,
            channels,
            shape: input.to_vec(),
        })
    }
}

impl Layer for LayerNorm {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        self.forward_with_trace(x, pass).0
    }

    /// The trace is x̂ = (x − μ) / √(σ² + ε) and 1/√(σ² + ε), `[events, 1]`.
    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let mean = x.clone().mean_dim(1);
        let centred = x - mean;
        let variance = centred.clone().square().mean_dim(1);
        let inverse = (variance + self.epsilon).sqrt().recip();
        let normal = centred * inverse.clone();
        let y = normal.clone() * self.channels.spread(self.scale.tensor())
            + self.channels.spread(self.shift.tensor());
        (y, Trace::of(vec![normal, inverse]))
    }

    /// With h = γ g and means over the features,
    /// gₓ = (h − ⟨h⟩ − x̂ ⟨h x̂⟩) / √(σ² + ε).
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let [normal, inverse] = [trace.tensors[0].clone(), trace.tensors[1].clone()];
        let scaled = cotangent * self.channels.spread(self.scale.tensor());
        let mean = scaled.clone().mean_dim(1);
        let along = (scaled.clone() * normal.clone()).mean_dim(1);
        (scaled - mean - normal * along) * inverse
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        visit("scale", &mut self.scale);
        visit("shift", &mut self.shift);
    }

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::LayerNorm {
            scale: self.scale.to_host(),
            shift: self.shift.to_host(),
            places: self.channels.places,
            epsilon: self.epsilon,
        }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
