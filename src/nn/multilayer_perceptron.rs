use super::activation::Activation;
use super::linear::{Initialisation, Linear};
use super::parameter::{Module, Parameter, for_each_in};
use crate::compute::{Device, Tensor};
use crate::random::Normals;

/// Fully connected layers with an activation between them and none after the last.
///
/// With `residual`, a hidden layer as wide as its input adds to it: h ← h + f(h W + b).
#[derive(Debug, Clone)]
pub struct MultilayerPerceptron {
    layers: Vec<Linear>,
    activation: Activation,
    residual: bool,
}

/// What the forward pass left behind for the gradient with respect to the input: f′ at every
/// hidden layer.
#[derive(Debug)]
pub struct Trace {
    slopes: Vec<Tensor<2>>,
}

impl MultilayerPerceptron {
    /// `widths` are those of all layers, from the input to the output.
    pub fn new(
        widths: &[usize],
        activation: Activation,
        residual: bool,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let hidden = match activation {
            Activation::Relu | Activation::LeakyRelu => Initialisation::He,
            Activation::Silu => Initialisation::Glorot,
        };
        let last = widths.len().saturating_sub(2);
        let layers = widths
            .windows(2)
            .enumerate()
            .map(|(i, pair)| {
                let initialisation = if i == last { Initialisation::Glorot } else { hidden };
                Linear::new(pair[0], pair[1], initialisation, normals, device)
            })
            .collect();
        Self { layers, activation, residual }
    }

    /// The same network with another last layer.
    pub fn with_output_layer(mut self, output: Linear) -> Self {
        *self.layers.last_mut().expect("there is at least one layer") = output;
        self
    }

    /// # Shapes
    /// `[events, inputs]` to `[events, outputs]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let (last, hidden) = self.layers.split_last().expect("there is at least one layer");
        let h = hidden.iter().fold(x, |h, layer| {
            let y = self.activation.forward(layer.forward(h.clone()));
            if self.skips(layer) { h + y } else { y }
        });
        last.forward(h)
    }

    /// The output, and what [`Self::input_gradient`] needs.
    pub fn forward_with_trace(&self, x: Tensor<2>) -> (Tensor<2>, Trace) {
        let (last, hidden) = self.layers.split_last().expect("there is at least one layer");
        let mut slopes = Vec::with_capacity(hidden.len());
        let h = hidden.iter().fold(x, |h, layer| {
            let (y, slope) = self.activation.forward_with_derivative(layer.forward(h.clone()));
            slopes.push(slope);
            if self.skips(layer) { h + y } else { y }
        });
        (last.forward(h), Trace { slopes })
    }

    /// ∂(sum of outputs)/∂x for every event, as a graph that can be differentiated once more with
    /// respect to the weights: the layers' own vjp, from the last to the first.
    ///
    /// # Shapes
    /// `[events, inputs]`.
    pub fn input_gradient(&self, trace: &Trace) -> Tensor<2> {
        let (last, hidden) = self.layers.split_last().expect("there is at least one layer");
        let events = trace.slopes.first().map_or(1, |slope| slope.dims()[0]);
        let device = last.device();
        let ones = Tensor::<2>::ones([events, last.outputs()], &device);
        hidden.iter().zip(&trace.slopes).rev().fold(last.vjp(ones), |g, (layer, slope)| {
            let through = layer.vjp(g.clone() * slope.clone());
            if self.skips(layer) { g + through } else { through }
        })
    }

    fn skips(&self, layer: &Linear) -> bool {
        self.residual && layer.inputs() == layer.outputs()
    }
}

impl Module for MultilayerPerceptron {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for (i, layer) in self.layers.iter_mut().enumerate() {
            for_each_in(layer, &format!("layers.{i}"), visit);
        }
    }
}
