use burn::tensor::activation::{relu, sigmoid};

use crate::compute::Tensor;
use crate::nn::{Activation, Elementwise, Initialisation, Module, Parameter, Site};

/// A critic of dense layers, which knows the derivative of its scores along a change of its
/// weights: as ordinary tensor operations, so that a gradient of that derivative, which is a Hessian
/// times a vector, is a matter of one backward pass.
#[derive(Debug, Clone)]
pub(super) struct DenseCritic {
    layers: Vec<Layer>,
    activation: Elementwise,
}

#[derive(Debug, Clone)]
struct Layer {
    weight: Parameter,
    bias: Parameter,
}

impl DenseCritic {
    pub fn new(
        inputs: usize,
        hidden: &[usize],
        activation: Activation,
        initialisation: Initialisation,
        site: &mut Site<'_>,
    ) -> Self {
        let mut layers = Vec::with_capacity(hidden.len() + 1);
        let mut before = inputs;
        for &outputs in hidden.iter().chain(&[1]) {
            let weights = initialisation.draw(before * outputs, before, outputs, site.normals);
            layers.push(Layer {
                weight: Parameter::new(weights, &[before, outputs], site.device),
                bias: Parameter::new(vec![0.0; outputs], &[outputs], site.device),
            });
            before = outputs;
        }
        Self { layers, activation: activation.function() }
    }

    /// # Shapes
    /// `[events, values]` to `[events, 1]`.
    pub fn scores(&self, mut x: Tensor<2>) -> Tensor<2> {
        let last = self.layers.len() - 1;
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.apply(x);
            if i < last {
                x = self.activation.forward(x);
            }
        }
        x
    }

    /// The scores, and their derivative d/dε at the weights φ + ε v, v being `direction`: with
    /// ẋ = 0 at the input, ȧ = ẋ W + x V + c for a layer a = x W + b and ẋ = f′(a) ȧ behind an
    /// activation.
    ///
    /// # Shapes
    /// `direction`: as the parameters, flat; both results `[events, 1]`.
    pub fn scores_along(
        &self,
        mut x: Tensor<2>,
        direction: &[Tensor<1>],
    ) -> (Tensor<2>, Tensor<2>) {
        let last = self.layers.len() - 1;
        let mut change: Option<Tensor<2>> = None;
        for (i, (layer, direction)) in
            self.layers.iter().zip(direction.chunks_exact(PARAMETERS_OF_A_LAYER)).enumerate()
        {
            let [inputs, outputs] = [layer.weight.shape()[0], layer.weight.shape()[1]];
            let along = direction[0].clone().reshape([inputs, outputs]);
            let by_weights = x.clone().matmul(along) + direction[1].clone().reshape([1, outputs]);
            let by_input = change.map(|change| change.matmul(layer.matrix()));
            let moved = match by_input {
                Some(by_input) => by_input + by_weights,
                None => by_weights,
            };
            x = layer.apply(x);
            if i < last {
                let (y, derivative) = self.activation.forward_with_derivative(x);
                x = y;
                change = Some(moved * derivative);
            } else {
                change = Some(moved);
            }
        }
        (x, change.expect("there is a last layer"))
    }
}

const PARAMETERS_OF_A_LAYER: usize = 2;

impl Layer {
    fn matrix(&self) -> Tensor<2> {
        self.weight.tensor()
    }

    fn apply(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.matrix()) + self.bias.tensor::<1>().unsqueeze()
    }
}

impl Module for DenseCritic {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for (i, layer) in self.layers.iter_mut().enumerate() {
            visit(&format!("layers.{i}.weight"), &mut layer.weight);
            visit(&format!("layers.{i}.bias"), &mut layer.bias);
        }
    }
}

/// What the critic minimises, E softplus(−D(x)) + E softplus(D(G(z))): arXiv:1406.2661 on logits.
pub(super) fn critic_loss(of_real: Tensor<2>, of_fake: Tensor<2>) -> Tensor<1> {
    softplus(-of_real).mean() + softplus(of_fake).mean()
}

/// Its derivative for scores that move: −E σ(−D(x)) Ḋ(x) + E σ(D(G(z))) Ḋ(G(z)).
pub(super) fn critic_loss_along(
    of_real: (Tensor<2>, Tensor<2>),
    of_fake: (Tensor<2>, Tensor<2>),
) -> Tensor<1> {
    (sigmoid(of_fake.0) * of_fake.1).mean() - (sigmoid(-of_real.0) * of_real.1).mean()
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|); −|x| as x − 2 max(x, 0), so that the derivative at 0 is
/// ½ like that of the function, where that of max is 0.
pub(super) fn softplus(x: Tensor<2>) -> Tensor<2> {
    let positive = relu(x.clone());
    positive.clone() + (x - positive * 2.0).exp().log1p()
}
