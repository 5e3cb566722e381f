use serde::{Deserialize, Serialize};

use super::layer::{BatchStatistics, Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::Operation;
use super::parameter::Parameter;
use super::shapes::Channels;
use crate::compute::Tensor;

/// Batch normalisation (arXiv:1502.03167): y = γ (x − μ) / √(σ² + ε) + β, γ and β trained, one of
/// each for every channel of an image or grid, or for every one of flat features.
///
/// In training μ and σ² are the mean and the biased variance over events and places of the batch,
/// so that the events of a batch depend on each other. Elsewhere they are the running ones, which
/// each training step moves by running ← (1 − momentum) running + momentum · batch, with the
/// unbiased variance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchNormSettings {
    /// Share of the new batch in the running statistics, 0.1 by default, as in PyTorch. (Keras
    /// calls the share of the old ones momentum: its 0.99 is 0.01 here.)
    #[serde(default = "momentum")]
    pub momentum: f64,
    /// ε, 1e-5 by default.
    #[serde(default = "epsilon")]
    pub epsilon: f64,
}

fn momentum() -> f64 {
    0.1
}

fn epsilon() -> f64 {
    1e-5
}

#[derive(Debug, Clone)]
struct BatchNorm {
    scale: Parameter,
    shift: Parameter,
    running_mean: Parameter,
    running_variance: Parameter,
    momentum: f64,
    epsilon: f64,
    channels: Channels,
    shape: Vec<usize>,
}

impl Blueprint for BatchNormSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(format!("has `momentum` = {}, expected 0 to 1", self.momentum));
        }
        super::layer_norm::check_epsilon(self.epsilon)?;
        Ok(input.to_vec())
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let channels = Channels::of(input);
        let shape = [1, channels.count];
        let all = |value: f32| vec![value; channels.count];
        Box::new(BatchNorm {
            scale: Parameter::new(all(1.0), &shape, site.device),
            shift: Parameter::new(all(0.0), &shape, site.device),
            running_mean: Parameter::buffer(all(0.0), &shape, site.device),
            running_variance: Parameter::buffer(all(1.0), &shape, site.device),
            momentum: self.momentum,
            epsilon: self.epsilon,
            channels,
            shape: input.to_vec(),
        })
    }
}

impl BatchNorm {
    /// The output, x − μ and 1/√(σ² + ε) in `[1, channels]`, with those of the batch.
    fn train(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, [Tensor<2>; 2]) {
        let samples = (x.dims()[0] * self.channels.places) as f64;
        let mean = self.channels.mean(x.clone());
        let centred = x - self.channels.spread(mean.clone());
        let variance = self.channels.mean(centred.clone().square());
        let unbiased = variance.clone() * (samples / (samples - 1.0).max(1.0));
        pass.record([mean.flatten(0, 1), unbiased.flatten(0, 1)]);
        let inverse = (variance + self.epsilon).sqrt().recip();
        let scale = self.scale.tensor::<2>() * inverse.clone();
        let y = centred.clone() * self.channels.spread(scale)
            + self.channels.spread(self.shift.tensor());
        (y, [centred, inverse])
    }

    /// γ / √(σ² + ε) with the running variance, `[1, features]`.
    fn running_scale(&self) -> Tensor<2> {
        let deviation = (self.running_variance.tensor::<2>() + self.epsilon).sqrt();
        self.channels.spread(self.scale.tensor::<2>() / deviation)
    }

    fn evaluate(&self, x: Tensor<2>, scale: Tensor<2>) -> Tensor<2> {
        let mean = self.channels.spread(self.running_mean.tensor());
        // One pass over the batch less than (x − mean) scale + shift.
        let shift = self.channels.spread(self.shift.tensor()) - mean * scale.clone();
        x * scale + shift
    }
}

impl Layer for BatchNorm {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        if pass.is_training() {
            self.train(x, pass).0
        } else {
            self.evaluate(x, self.running_scale())
        }
    }

    /// The trace is x − μ and 1/√(σ² + ε) in training, else what x is multiplied by.
    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        if pass.is_training() {
            let (y, [centred, inverse]) = self.train(x, pass);
            (y, Trace::of(vec![centred, inverse]))
        } else {
            let scale = self.running_scale();
            (self.evaluate(x, scale.clone()), Trace::of(vec![scale]))
        }
    }

    /// In training, with s = 1/√(σ² + ε) and means over the batch,
    /// gₓ = γ s (g − ⟨g⟩ − (x − μ) s² ⟨g (x − μ)⟩), the terms through μ and σ² included.
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let [centred, inverse] = trace.tensors.as_slice() else {
            return cotangent * trace.tensors[0].clone();
        };
        let channels = self.channels;
        let mean = channels.mean(cotangent.clone());
        let along = channels.mean(cotangent.clone() * centred.clone()) * inverse.clone().square();
        let scale = self.scale.tensor::<2>() * inverse.clone();
        (cotangent - channels.spread(mean) - centred.clone() * channels.spread(along))
            * channels.spread(scale)
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        visit("scale", &mut self.scale);
        visit("shift", &mut self.shift);
        visit("running_mean", &mut self.running_mean);
        visit("running_variance", &mut self.running_variance);
    }

    fn absorb(&mut self, statistics: &mut BatchStatistics) {
        let Some([mean, variance]) = statistics.pop_front() else { return };
        let share = self.momentum;
        let moved =
            |running: &Parameter, batch: Tensor<1>| running.flat() * (1.0 - share) + batch * share;
        self.running_mean.set_flat(moved(&self.running_mean, mean));
        self.running_variance.set_flat(moved(&self.running_variance, variance));
    }

    fn mixes_events(&self) -> bool {
        true
    }

    fn operations(&self) -> Vec<Operation> {
        let [scale, shift, mean, variance] =
            [&self.scale, &self.shift, &self.running_mean, &self.running_variance]
                .map(|p| p.to_host().into_iter().map(f64::from).collect::<Vec<f64>>());
        let slope = |c: usize| scale[c] / (variance[c] + self.epsilon).sqrt();
        let channels = 0..self.channels.count;
        vec![Operation::ChannelAffine {
            scale: channels.clone().map(|c| slope(c) as f32).collect(),
            shift: channels.map(|c| (shift[c] - mean[c] * slope(c)) as f32).collect(),
            places: self.channels.places,
        }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
