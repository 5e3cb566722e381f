use serde::{Deserialize, Serialize};

use super::initialisation::Initialisation;
use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::parameter::{Module, Parameter};
use crate::compute::{Device, Tensor};
use crate::random::Normals;

/// y = x W + b.
///
/// # Shapes
/// x: `[events, inputs]`, W: `[inputs, outputs]`, b: `[outputs]`, y: `[events, outputs]`.
#[derive(Debug, Clone)]
pub struct Dense {
    weight: Parameter,
    bias: Option<Parameter>,
    shape: [usize; 1],
}

/// A dense layer in the settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenseSettings {
    pub outputs: usize,
    #[serde(default = "glorot")]
    pub initialisation: Initialisation,
    #[serde(default = "yes")]
    pub bias: bool,
}

fn glorot() -> Initialisation {
    Initialisation::Glorot
}

fn yes() -> bool {
    true
}

impl Blueprint for DenseSettings {
    fn output_shape(&self, _input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        if self.outputs == 0 {
            return Err("has `outputs` = 0, expected at least 1".to_owned());
        }
        Ok(vec![self.outputs])
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let inputs = feature_count(input);
        let mut dense =
            Dense::new(inputs, self.outputs, self.initialisation, site.normals, site.device);
        if !self.bias {
            dense.bias = None;
        }
        Box::new(dense)
    }
}

impl Dense {
    pub fn new(
        inputs: usize,
        outputs: usize,
        initialisation: Initialisation,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let weight = initialisation.draw(inputs * outputs, inputs, outputs, normals);
        Self {
            weight: Parameter::new(weight, &[inputs, outputs], device),
            bias: Some(Parameter::new(vec![0.0; outputs], &[outputs], device)),
            shape: [outputs],
        }
    }

    /// Sets the biases, `[outputs]`.
    pub fn with_bias(mut self, bias: Vec<f32>, device: &Device) -> Self {
        self.bias = Some(Parameter::new(bias, &self.shape, device));
        self
    }

    pub fn inputs(&self) -> usize {
        self.weight.shape()[0]
    }

    pub fn outputs(&self) -> usize {
        self.weight.shape()[1]
    }

    /// x W + b.
    pub fn apply(&self, x: Tensor<2>) -> Tensor<2> {
        let y = x.matmul(self.weight.tensor());
        match &self.bias {
            Some(bias) => y + bias.tensor::<1>().unsqueeze(),
            None => y,
        }
    }
}

impl Layer for Dense {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        self.apply(x)
    }

    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        (self.apply(x), Trace::default())
    }

    /// gₓ = g W ᵀ.
    fn vjp(&self, _: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        cotangent.matmul(self.weight.tensor::<2>().transpose())
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        visit("weight", &mut self.weight);
        if let Some(bias) = &mut self.bias {
            visit("bias", bias);
        }
    }

    fn as_dense_mut(&mut self) -> Option<&mut Dense> {
        Some(self)
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

impl Module for Dense {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        Layer::for_each_parameter(self, visit);
    }
}
