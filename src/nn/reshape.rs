use serde::{Deserialize, Serialize};

use super::layer::{Axes, Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::operation::Operation;
use super::parameter::Parameter;
use super::shapes::check_count;
use crate::compute::Tensor;

/// The same features with another shape, row-major: from a dense layer to an image or grid, or
/// back. Without a `shape`, flat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReshapeSettings {
    /// `[channels, rows, columns]`, `[channels, depth, rows, columns]`, or `[steps, features]` for
    /// recurrent layers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shape: Vec<usize>,
}

/// Channels, depth, rows and columns.
const MOST_AXES: usize = 4;

#[derive(Debug, Clone)]
struct Reshape {
    shape: Vec<usize>,
}

impl Blueprint for ReshapeSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        let features = feature_count(input);
        if self.shape.is_empty() {
            return Ok(vec![features]);
        }
        if self.shape.len() > MOST_AXES {
            return Err(format!(
                "has `shape` with {} axes, expected {MOST_AXES} at most",
                self.shape.len()
            ));
        }
        check_count("features behind it", &self.shape)?;
        if feature_count(&self.shape) != features {
            return Err(format!(
                "has `shape` = {:?} with {} features, expected {features}",
                self.shape,
                feature_count(&self.shape)
            ));
        }
        Ok(self.shape.clone())
    }

    fn build(&self, input: &[usize], _site: &mut Site<'_>) -> Box<dyn Layer> {
        let shape =
            if self.shape.is_empty() { vec![feature_count(input)] } else { self.shape.clone() };
        Box::new(Reshape { shape })
    }
}

/// Between layers events are flat, so there is nothing to do.
impl Layer for Reshape {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn axes(&self, _events: usize, _is_cpu: bool) -> Axes {
        Axes::Any
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        x
    }

    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        (x, Trace::default())
    }

    fn vjp(&self, _: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        cotangent
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        Vec::new()
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
