use burn::module::{AutodiffModule, Module, Param};
use burn::nn::Linear;
use burn::optim::{AdamWConfig, GradientsParams, Optimizer};
use burn::tensor::activation::{leaky_relu, log_sigmoid};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use burn::{Dispatch, DispatchDevice};
use ndarray::{ArrayView2, Axis, s};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::settings::{BestEpoch, ValidClassifierSettings};
use super::split::Part;
use crate::random::{Purpose, generator, permutation, uniform};
use crate::{Progress, ValidationError};

const NEGATIVE_SLOPE: f64 = 0.01;
/// Events that are scored at once.
const SCORED_TOGETHER: usize = 4096;

/// A network on one of burn's devices, without and with automatic differentiation.
type Trained = Perceptron<Dispatch>;

/// Linear layers with LeakyReLU between them and one logit at the end.
#[derive(Module, Debug)]
pub(super) struct Perceptron<B: Backend> {
    layers: Vec<Linear<B>>,
}

impl<B: Backend> Perceptron<B> {
    /// Weights and biases uniform in ±1/√inputs.
    fn new(
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
        Self { layers }
    }

    /// # Shapes
    /// `inputs`: `[events, inputs]`; `dropout` gives the mask of a hidden layer's
    /// `[events, width]`; the logits are `[events, 1]`.
    fn logits(
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

/// What training ended with.
pub(super) struct Training {
    network: Trained,
    device: DispatchDevice,
    /// The epoch whose network is kept, from 1.
    pub best_epoch: usize,
}

/// Trains on `training` and keeps the network of the epoch that is best on `held_out`.
///
/// # Errors
/// A loss that is no longer a number, or results that cannot be read from the device.
pub(super) fn train(
    training: &Part,
    held_out: &Part,
    settings: &ValidClassifierSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<Training, ValidationError> {
    let device = DispatchDevice::Flex(Default::default());
    let differentiable = DispatchDevice::autodiff(device.clone());
    let mut random = generator(settings.seed, Purpose::ClassifierWeights);
    let mut network = Perceptron::<Dispatch>::new(
        training.inputs.ncols(),
        settings,
        &mut random,
        &differentiable,
    );
    let mut optimizer = AdamWConfig::new()
        .with_weight_decay(settings.weight_decay as f32)
        .with_epsilon(settings.adam_epsilon as f32)
        .init::<Dispatch, Perceptron<Dispatch>>();

    let events = training.inputs.nrows();
    // Without a last, smaller batch its events come in another epoch.
    let steps = if settings.smaller_last_batch {
        events.div_ceil(settings.batch_size)
    } else {
        (events / settings.batch_size).max(1)
    };
    let total_steps = (steps * settings.maximum_epochs) as f64;
    let mut best = Training { network: network.valid(), device: device.clone(), best_epoch: 0 };
    let mut best_figure = f64::NEG_INFINITY;
    for epoch in 0..settings.maximum_epochs {
        progress.step(stage, epoch, settings.maximum_epochs);
        let mut random = generator(settings.seed, Purpose::ClassifierOrder(epoch as u32));
        let order = permutation(events, &mut random);
        for (step, batch) in order.chunks(settings.batch_size).take(steps).enumerate() {
            let inputs = rows(training.inputs.select(Axis(0), batch).view(), &differentiable);
            let signs: Vec<f32> = batch
                .iter()
                .map(|&event| if event < training.negatives { -1.0 } else { 1.0 })
                .collect();
            let signs = Tensor::<Dispatch, 2>::from_data(
                TensorData::new(signs, [batch.len(), 1]),
                &differentiable,
            );
            let logits = network.logits(inputs, |shape| {
                dropout_mask(shape, settings.dropout, &mut random, &differentiable)
            });
            // Binary cross entropy: −ln σ(±logit), with + for generated events.
            let log_likelihood = log_sigmoid(logits * signs);
            let loss = match &training.weights {
                None => log_likelihood,
                Some(weights) => {
                    let weights = batch.iter().map(|&event| weights[event] as f32).collect();
                    let weights = TensorData::new(weights, [batch.len(), 1]);
                    log_likelihood * Tensor::<Dispatch, 2>::from_data(weights, &differentiable)
                }
            };
            let loss = loss.mean().neg();
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            let done = (epoch * steps + step) as f64 / total_steps;
            let fall = if settings.learning_rate_decay {
                0.5 * (1.0 + (std::f64::consts::PI * done).cos())
            } else {
                1.0
            };
            network = optimizer.step(settings.learning_rate * fall, network, gradients);
        }
        let candidate =
            Training { network: network.valid(), device: device.clone(), best_epoch: epoch + 1 };
        let scores = candidate.scores(held_out.inputs.view())?;
        if scores.iter().any(|score| !score.is_finite()) {
            return Err(ValidationError::ClassifierDiverged {
                features: stage.to_owned(),
                epoch: epoch + 1,
            });
        }
        let scored = held_out.scored(&scores);
        let figure = match settings.best_epoch {
            BestEpoch::Auc => scored.area_under_curve(),
            BestEpoch::Accuracy => scored.accuracy(0.0),
        };
        if figure > best_figure {
            (best, best_figure) = (candidate, figure);
            // Nothing is better than no error.
            if settings.best_epoch == BestEpoch::Accuracy && figure == 1.0 {
                break;
            }
        } else if epoch + 1 - best.best_epoch >= settings.patience {
            break;
        }
    }
    progress.step(stage, settings.maximum_epochs, settings.maximum_epochs);
    Ok(best)
}

impl Training {
    /// The logits of the events.
    ///
    /// # Shapes
    /// `inputs`: `[events, inputs]`
    pub(super) fn scores(&self, inputs: ArrayView2<'_, f32>) -> Result<Vec<f64>, ValidationError> {
        let mut scores = Vec::with_capacity(inputs.nrows());
        for start in (0..inputs.nrows()).step_by(SCORED_TOGETHER) {
            let end = (start + SCORED_TOGETHER).min(inputs.nrows());
            let inputs = rows(inputs.slice(s![start..end, ..]), &self.device);
            let logits = self.network.logits(inputs, |_| None).into_data();
            let logits = logits
                .to_vec::<f32>()
                .map_err(|error| ValidationError::Device { problem: format!("{error:?}") })?;
            scores.extend(logits.into_iter().map(f64::from));
        }
        Ok(scores)
    }
}

/// # Shapes
/// `[events, inputs]`
fn rows(inputs: ArrayView2<'_, f32>, device: &DispatchDevice) -> Tensor<Dispatch, 2> {
    let shape = [inputs.nrows(), inputs.ncols()];
    Tensor::from_data(TensorData::new(inputs.iter().copied().collect(), shape), device)
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
