use burn::tensor::activation;
use burn::tensor::backend::Backend as _;
use serde::{Deserialize, Serialize};

use super::layer::{Axes, Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::Operation;
use super::parameter::Parameter;
use crate::compute::{Backend, Tensor};

/// An element-wise activation, with its derivative as tensor operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// x for x > 0, 0.2 x else (the slope of the WGAN-GP literature)
    LeakyRelu,
    /// x · σ(x), also called swish (arXiv:1710.05941)
    Silu,
    /// x · Φ(x), Φ the normal distribution function (arXiv:1606.08415), without approximation.
    Gelu,
    Tanh,
    /// σ(x) = 1 / (1 + e⁻ˣ)
    Sigmoid,
}

/// An activation as a function, with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Elementwise {
    /// x for x > 0, slope · x else; 0 is ReLU's slope.
    Rectifier {
        slope: f64,
    },
    Silu,
    Gelu,
    Tanh,
    Sigmoid,
}

const LEAKY_RELU_SLOPE: f64 = 0.2;

impl Activation {
    pub fn function(self) -> Elementwise {
        match self {
            Self::Relu => Elementwise::Rectifier { slope: 0.0 },
            Self::LeakyRelu => Elementwise::Rectifier { slope: LEAKY_RELU_SLOPE },
            Self::Silu => Elementwise::Silu,
            Self::Gelu => Elementwise::Gelu,
            Self::Tanh => Elementwise::Tanh,
            Self::Sigmoid => Elementwise::Sigmoid,
        }
    }
}

impl Elementwise {
    /// f(x).
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Rectifier { slope: 0.0 } => activation::relu(x),
            Self::Rectifier { slope } => activation::leaky_relu(x, slope),
            Self::Silu => {
                let sigmoid = activation::sigmoid(x.clone());
                x * sigmoid
            }
            Self::Gelu => x.clone() * normal_distribution(x),
            Self::Tanh => x.tanh(),
            Self::Sigmoid => activation::sigmoid(x),
        }
    }

    /// f(x) and f′(x) at once, which costs less than each alone. For the piecewise linear ones the
    /// derivative is a constant of the graph.
    pub fn forward_with_derivative<const D: usize>(self, x: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        match self {
            Self::Rectifier { slope: 0.0 } => {
                let y = activation::relu(x);
                // 0 or 1, in one pass.
                let slope = constant_of(&y, |y| y.sign());
                (y, slope)
            }
            Self::Rectifier { slope } => {
                let slope = slope_mask(&x, slope);
                (x * slope.clone(), slope)
            }
            Self::Silu => {
                let sigmoid = activation::sigmoid(x.clone());
                let y = x * sigmoid.clone();
                // σ (1 + x (1 − σ)) = σ + y (1 − σ)
                let derivative = sigmoid.clone() + y.clone() * (-sigmoid + 1.0);
                (y, derivative)
            }
            Self::Gelu => {
                let share = normal_distribution(x.clone());
                let density = (x.clone().square() * -0.5).exp() * FRAC_1_SQRT_TAU;
                (x.clone() * share.clone(), share + x * density)
            }
            Self::Tanh => {
                let y = x.tanh();
                (y.clone(), -y.square() + 1.0)
            }
            Self::Sigmoid => {
                let y = activation::sigmoid(x);
                (y.clone(), y.clone() * (-y + 1.0))
            }
        }
    }
}

/// 1 / √(2π)
const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// Φ(x), by the error function: burn's GELU is an approximation on some devices.
fn normal_distribution<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    ((x * std::f64::consts::FRAC_1_SQRT_2).erf() + 1.0) * 0.5
}

/// 1 where x > 0, `below` elsewhere; a constant of the graph of x, if it has one.
fn slope_mask<const D: usize>(x: &Tensor<D>, below: f64) -> Tensor<D> {
    constant_of(x, |x| x.greater_elem(0.0).float() * (1.0 - below) + below)
}

/// A function of x as a constant of the graph of x, if it has one.
fn constant_of<const D: usize>(
    x: &Tensor<D>,
    function: impl Fn(Tensor<D>) -> Tensor<D>,
) -> Tensor<D> {
    if Backend::ad_enabled(&x.device()) {
        Tensor::from_inner(function(x.clone().inner()))
    } else {
        function(x.clone())
    }
}

/// An activation as a layer.
#[derive(Debug, Clone)]
struct ElementwiseLayer {
    function: Elementwise,
    shape: Vec<usize>,
}

impl Blueprint for Elementwise {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        Ok(input.to_vec())
    }

    fn build(&self, input: &[usize], _site: &mut Site<'_>) -> Box<dyn Layer> {
        Box::new(ElementwiseLayer { function: *self, shape: input.to_vec() })
    }
}

impl Layer for ElementwiseLayer {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn axes(&self, _events: usize, _is_cpu: bool) -> Axes {
        Axes::Any
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        self.function.forward(x)
    }

    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let (y, derivative) = self.function.forward_with_derivative(x);
        (y, Trace::of(vec![derivative]))
    }

    /// gₓ = g f′(x).
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        cotangent * trace.tensors[0].clone()
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::Elementwise(self.function)]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};

    #[test]
    fn derivatives_are_finite_differences_of_the_forward_pass() {
        let x = [-3.0_f32, -1.2, -0.1, 0.1, 0.7, 2.5];
        let step = 1e-2_f32;
        let at = |offset: f32| matrix(x.iter().map(|v| v + offset).collect(), 1, 6, &cpu());
        let all = [
            Activation::Relu,
            Activation::LeakyRelu,
            Activation::Silu,
            Activation::Gelu,
            Activation::Tanh,
            Activation::Sigmoid,
        ];
        for f in all.map(Activation::function) {
            let (up, down) = (to_host(f.forward(at(step))), to_host(f.forward(at(-step))));
            let (value, derivative) = f.forward_with_derivative(at(0.0));
            let derivative = to_host(derivative);
            for i in 0..x.len() {
                let difference = (up[i] - down[i]) / (2.0 * step);
                approx::assert_abs_diff_eq!(derivative[i], difference, epsilon = 2e-4);
            }
            approx::assert_abs_diff_eq!(
                to_host(value).as_slice(),
                to_host(f.forward(at(0.0))).as_slice(),
                epsilon = 1e-6
            );
        }
    }
}
