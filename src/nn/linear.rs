use super::parameter::{Module, Parameter};
use crate::compute::{Device, Tensor};
use crate::random::Normals;

/// How the weights of a layer begin. Biases begin at 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Initialisation {
    /// Normal with variance 2 / inputs (arXiv:1502.01852), for ReLU-like activations.
    He,
    /// Normal with variance 2 / (inputs + outputs) (Glorot and Bengio, AISTATS 2010).
    Glorot,
    /// Normal with the given standard deviation.
    Normal(f64),
    /// 1 on the diagonal, 0 elsewhere.
    Identity,
}

/// y = x W + b.
///
/// # Shapes
/// x: `[events, inputs]`, W: `[inputs, outputs]`, b: `[outputs]`, y: `[events, outputs]`.
#[derive(Debug, Clone)]
pub struct Linear {
    weight: Parameter,
    bias: Parameter,
}

impl Linear {
    pub fn new(
        inputs: usize,
        outputs: usize,
        initialisation: Initialisation,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let deviation = match initialisation {
            Initialisation::He => (2.0 / inputs as f64).sqrt(),
            Initialisation::Glorot => (2.0 / (inputs + outputs) as f64).sqrt(),
            Initialisation::Normal(deviation) => deviation,
            Initialisation::Identity => 0.0,
        } as f32;
        let weight = match initialisation {
            Initialisation::Identity => {
                let diagonal = |i: usize| if i / outputs == i % outputs { 1.0 } else { 0.0 };
                (0..inputs * outputs).map(diagonal).collect()
            }
            _ => (0..inputs * outputs).map(|_| deviation * normals.draw()).collect(),
        };
        Self {
            weight: Parameter::new(weight, &[inputs, outputs], device),
            bias: Parameter::new(vec![0.0; outputs], &[outputs], device),
        }
    }

    /// Sets the biases, `[outputs]`.
    pub fn with_bias(mut self, bias: Vec<f32>, device: &Device) -> Self {
        self.bias = Parameter::new(bias, self.bias.shape(), device);
        self
    }

    pub fn inputs(&self) -> usize {
        self.weight.shape()[0]
    }

    pub fn outputs(&self) -> usize {
        self.weight.shape()[1]
    }

    /// Where the weights are; a graph's device if they are part of one.
    pub fn device(&self) -> Device {
        self.weight.flat().device()
    }

    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.weight.tensor()) + self.bias.tensor::<1>().unsqueeze()
    }

    /// The cotangent of x from that of y: gₓ = g W ᵀ.
    pub fn vjp(&self, cotangent: Tensor<2>) -> Tensor<2> {
        cotangent.matmul(self.weight.tensor::<2>().transpose())
    }
}

impl Module for Linear {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        visit("weight", &mut self.weight);
        visit("bias", &mut self.bias);
    }
}
