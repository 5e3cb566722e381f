use burn::tensor::activation;
use serde::{Deserialize, Serialize};

use crate::compute::Tensor;

/// An element-wise activation, with its derivative as tensor operations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// x for x > 0, 0.2 x else (the slope of the WGAN-GP literature)
    LeakyRelu,
    /// x · σ(x), also called swish (arXiv:1710.05941)
    Silu,
}

const LEAKY_RELU_SLOPE: f64 = 0.2;

impl Activation {
    /// f(x).
    pub fn forward(self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Relu => activation::relu(x),
            Self::LeakyRelu => activation::leaky_relu(x, LEAKY_RELU_SLOPE),
            Self::Silu => {
                let sigmoid = activation::sigmoid(x.clone());
                x * sigmoid
            }
        }
    }

    /// f′(x). For the piecewise linear ones it is a constant of the graph.
    pub fn derivative(self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Relu => slope_mask(x, 0.0),
            Self::LeakyRelu => slope_mask(x, LEAKY_RELU_SLOPE),
            Self::Silu => {
                let sigmoid = activation::sigmoid(x.clone());
                sigmoid.clone() * (x * (-sigmoid + 1.0) + 1.0)
            }
        }
    }

    /// f(x) and f′(x) at once, which costs less than each alone.
    pub fn forward_with_derivative(self, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        match self {
            Self::Relu | Self::LeakyRelu => {
                let slope = self.derivative(x.clone());
                (x * slope.clone(), slope)
            }
            Self::Silu => {
                let sigmoid = activation::sigmoid(x.clone());
                let y = x * sigmoid.clone();
                // σ (1 + x (1 − σ)) = σ + y (1 − σ)
                let derivative = sigmoid.clone() + y.clone() * (-sigmoid + 1.0);
                (y, derivative)
            }
        }
    }
}

/// 1 where x > 0, `below` elsewhere; outside of any graph.
fn slope_mask(x: Tensor<2>, below: f64) -> Tensor<2> {
    let x = x.detach();
    let positive = x.clone().greater_elem(0.0);
    (x.zeros_like() + below).mask_fill(positive, 1.0)
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
        for f in [Activation::Relu, Activation::LeakyRelu, Activation::Silu] {
            let (up, down) = (to_host(f.forward(at(step))), to_host(f.forward(at(-step))));
            let derivative = to_host(f.derivative(at(0.0)));
            let (value, same_derivative) = f.forward_with_derivative(at(0.0));
            for i in 0..x.len() {
                let difference = (up[i] - down[i]) / (2.0 * step);
                approx::assert_abs_diff_eq!(derivative[i], difference, epsilon = 2e-4);
            }
            approx::assert_abs_diff_eq!(
                to_host(value).as_slice(),
                to_host(f.forward(at(0.0))).as_slice(),
                epsilon = 1e-6
            );
            approx::assert_abs_diff_eq!(
                to_host(same_derivative).as_slice(),
                derivative.as_slice(),
                epsilon = 1e-6
            );
        }
    }
}
