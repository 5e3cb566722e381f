use serde::{Deserialize, Serialize};

use super::initialisation::Initialisation;
use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::operation::{DenseOperation, Operation};
use super::parameter::{Module, Parameter};
use super::shapes::check_count;
use super::weight::{OutputAxis, Weight};
use crate::compute::{Device, Tensor, to_host};
use crate::random::Normals;

/// y = x W + b.
///
/// # Shapes
/// x: `[events, inputs]`, W: `[inputs, outputs]`, b: `[outputs]`, y: `[events, outputs]`.
#[derive(Debug, Clone)]
pub struct Dense {
    weight: Weight,
    bias: Option<Parameter>,
    shape: [usize; 1],
}

/// A dense layer in the settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenseSettings {
    pub outputs: usize,
    #[serde(default)]
    pub initialisation: Initialisation,
    #[serde(default = "yes")]
    pub bias: bool,
    /// Divides the weights by their largest singular value (arXiv:1802.05957).
    #[serde(default, skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn is_false(value: &bool) -> bool {
    !value
}

impl Blueprint for DenseSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        if self.outputs == 0 {
            return Err("has `outputs` = 0, expected at least 1".to_owned());
        }
        check_count("weights", &[feature_count(input), self.outputs])?;
        Ok(vec![self.outputs])
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let inputs = feature_count(input);
        let mut dense =
            Dense::new(inputs, self.outputs, self.initialisation, site.normals, site.device);
        if !self.bias {
            dense.bias = None;
        }
        if self.spectral_norm {
            dense.normalise(site.normals, site.device);
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
            weight: Weight::new(Parameter::new(weight, &[inputs, outputs], device)),
            bias: Some(Parameter::new(vec![0.0; outputs], &[outputs], device)),
            shape: [outputs],
        }
    }

    /// Sets the biases, `[outputs]`.
    pub fn with_bias(mut self, bias: Vec<f32>, device: &Device) -> Self {
        self.bias = Some(Parameter::new(bias, &self.shape, device));
        self
    }

    pub(super) fn without_bias(mut self) -> Self {
        self.bias = None;
        self
    }

    pub fn inputs(&self) -> usize {
        self.weight.shape()[0]
    }

    pub fn outputs(&self) -> usize {
        self.weight.shape()[1]
    }

    /// Divides the weights by their largest singular value from now on (arXiv:1802.05957).
    pub fn normalise(&mut self, normals: &mut Normals, device: &Device) {
        self.weight.normalise(OutputAxis::Second, normals, device);
    }

    /// The weights that are used, `[inputs, outputs]`.
    pub(super) fn matrix(&self) -> Tensor<2> {
        self.weight.flat().reshape([self.inputs(), self.outputs()])
    }

    /// x W + b.
    pub fn apply(&self, x: Tensor<2>) -> Tensor<2> {
        self.apply_with(x, self.matrix())
    }

    /// As plain numbers.
    pub fn operation(&self) -> DenseOperation {
        let bias = self.bias.as_ref();
        DenseOperation {
            inputs: self.inputs(),
            outputs: self.outputs(),
            weight: to_host(self.weight.flat()),
            bias: bias.map_or_else(|| vec![0.0; self.outputs()], Parameter::to_host),
        }
    }

    fn apply_with(&self, x: Tensor<2>, matrix: Tensor<2>) -> Tensor<2> {
        let y = x.matmul(matrix);
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
        let matrix = self.matrix();
        (self.apply_with(x, matrix.clone()), Trace::of(vec![matrix]))
    }

    /// gₓ = g Wᵀ, with the weights that are the trace.
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        cotangent.matmul(trace.tensors[0].clone().transpose())
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.weight.for_each_parameter(visit);
        if let Some(bias) = &mut self.bias {
            visit("bias", bias);
        }
    }

    fn before_step(&mut self) {
        self.weight.before_step();
    }

    fn as_dense_mut(&mut self) -> Option<&mut Dense> {
        Some(self)
    }

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::Dense(self.operation())]
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
