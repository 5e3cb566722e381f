use burn::Dispatch;
use burn::DispatchDevice;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::activation::leaky_relu;
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::settings::ValidClassifierSettings;
use super::training::LogitNetwork;
use crate::random::uniform;

const NEGATIVE_SLOPE: f64 = 0.01;

/// Linear layers with LeakyReLU between them and one logit at the end.
#[derive(Module, Debug)]
pub(super) struct Perceptron<B: Backend> {
    layers: Vec<Linear<B>>,
    /// Probability that a hidden unit is left out in training.
    dropout: f64,
}

impl<B: Backend> Perceptron<B> {
    /// Weights and biases uniform in ±1/√inputs.
    pub(super) fn new(
        inputs: usize,
        settings: &ValidClassifierSettings,
        random: &mut ChaCha8Rng,
        device: &B::Device,
    ) -> Self {
        let mut layers = Vec::with_capacity(settings.hidden_layers + 1);
        let mut inputs = inputs;
        for layer in 0..=settings.hidden_layers {
            let outputs = if layer < settings.hidden_layers { settings.hidden_width } else { 1 };
            let bound = 1.0 / (inputs as f64).sqrt();
            let mut draw = |count: usize| -> Vec<f32> {
                (0..count).map(|_| ((2.0 * uniform(random) - 1.0) * bound) as f32).collect()
            };
            let weight = TensorData::new(draw(inputs * outputs), [inputs, outputs]);
            let bias = TensorData::new(draw(outputs), [outputs]);
            layers.push(Linear {
                weight: Param::from_tensor(Tensor::from_data(weight, device)),
                bias: Some(Param::from_tensor(Tensor::from_data(bias, device))),
            });
            inputs = outputs;
        }
        Self { layers, dropout: settings.dropout }
    }

    /// # Shapes
    /// `inputs`: `[events, inputs]`; `dropout` gives the mask of a hidden layer's
    /// `[events, width]`; the logits are `[events, 1]`.
    fn forward(
        &self,
        inputs: Tensor<B, 2>,
        mut dropout: impl FnMut([usize; 2]) -> Option<Tensor<B, 2>>,
    ) -> Tensor<B, 2> {
        let last = self.layers.len() - 1;
        let mut values = inputs;
        for (index, layer) in self.layers.iter().enumerate() {
            values = layer.forward(values);
            if index < last {
                values = leaky_relu(values, NEGATIVE_SLOPE);
                if let Some(mask) = dropout(values.dims()) {
                    values = values * mask;
                }
            }
        }
        values
    }
}

impl LogitNetwork for Perceptron<Dispatch> {
    const SCORED_TOGETHER: usize = 4096;

    fn training_logits(
        &self,
        inputs: Tensor<Dispatch, 2>,
        random: &mut ChaCha8Rng,
    ) -> Tensor<Dispatch, 2> {
        let device = inputs.device();
        self.forward(inputs, |shape| dropout_mask(shape, self.dropout, random, &device))
    }

    fn logits(&self, inputs: Tensor<Dispatch, 2>) -> Tensor<Dispatch, 2> {
        self.forward(inputs, |_| None)
    }
}

/// 0 for units that are left out, and for the others what keeps the mean; `None` without dropout.
fn dropout_mask(
    shape: [usize; 2],
    probability: f64,
    random: &mut ChaCha8Rng,
    device: &DispatchDevice,
) -> Option<Tensor<Dispatch, 2>> {
    if probability <= 0.0 {
        return None;
    }
    let left_out_below = (probability * 65_536.0) as u16;
    let kept = 1.0 / (1.0 - f32::from(left_out_below) / 65_536.0);
    let units = shape[0] * shape[1];
    let mut mask = Vec::with_capacity(units + 3);
    while mask.len() < units {
        let drawn = random.next_u64();
        for quarter in 0..4 {
            let drawn = (drawn >> (16 * quarter)) as u16;
            mask.push(if drawn < left_out_below { 0.0 } else { kept });
        }
    }
    mask.truncate(units);
    Some(Tensor::from_data(TensorData::new(mask, shape), device))
}
