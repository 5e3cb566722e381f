//! The training of a network that gives one logit an event.

use burn::module::AutodiffModule;
use burn::optim::{AdamWConfig, GradientsParams, Optimizer};
use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Tensor, TensorData};
use burn::{Dispatch, DispatchDevice};
use ndarray::{ArrayView2, Axis, s};
use rand_chacha::ChaCha8Rng;

use super::settings::{BestEpoch, ValidClassifierSettings};
use super::split::Part;
use crate::random::{Purpose, generator, permutation};
use crate::{Progress, ValidationError};

/// A network on one of burn's devices, with and without automatic differentiation.
pub(super) trait LogitNetwork: AutodiffModule<Dispatch, InnerModule = Self> {
    /// Events that are scored at once.
    const SCORED_TOGETHER: usize;

    /// # Shapes
    /// `inputs`: `[events, inputs]`; the logits are `[events, 1]`.
    fn training_logits(
        &self,
        inputs: Tensor<Dispatch, 2>,
        random: &mut ChaCha8Rng,
    ) -> Tensor<Dispatch, 2>;

    /// As [`Self::training_logits`], with nothing left to chance or to the other events.
    fn logits(&self, inputs: Tensor<Dispatch, 2>) -> Tensor<Dispatch, 2>;
}

/// What training ended with.
pub(super) struct Training<N> {
    network: N,
    device: DispatchDevice,
    /// The epoch whose network is kept, from 1.
    pub best_epoch: usize,
}

/// Trains a `new` network on `training` and keeps the network of the epoch that is best on `held_out`.
///
/// # Errors
/// A loss that is no longer a number, or results that cannot be read from the device.
pub(super) fn train<N: LogitNetwork>(
    new: impl FnOnce(&mut ChaCha8Rng, &DispatchDevice) -> N,
    training: &Part,
    held_out: &Part,
    settings: &ValidClassifierSettings,
    stage: &str,
    progress: &dyn Progress,
) -> Result<Training<N>, ValidationError> {
    let device = DispatchDevice::Flex(Default::default());
    let differentiable = DispatchDevice::autodiff(device.clone());
    let mut random = generator(settings.seed, Purpose::ClassifierWeights);
    let mut network = new(&mut random, &differentiable);
    let mut optimizer = AdamWConfig::new()
        .with_weight_decay(settings.weight_decay as f32)
        .with_epsilon(settings.adam_epsilon as f32)
        .init::<Dispatch, N>();

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
            let logits = network.training_logits(inputs, &mut random);
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

impl<N: LogitNetwork> Training<N> {
    /// The logits of the events.
    ///
    /// # Shapes
    /// `inputs`: `[events, inputs]`
    pub(super) fn scores(&self, inputs: ArrayView2<'_, f32>) -> Result<Vec<f64>, ValidationError> {
        let mut scores = Vec::with_capacity(inputs.nrows());
        for start in (0..inputs.nrows()).step_by(N::SCORED_TOGETHER) {
            let end = (start + N::SCORED_TOGETHER).min(inputs.nrows());
            let inputs = rows(inputs.slice(s![start..end, ..]), &self.device);
            let logits = self.network.logits(inputs).into_data();
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
