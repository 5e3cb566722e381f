use serde::{Deserialize, Serialize};

use super::blocks::Blocks;
use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::{Operation, UpsampleOperation};
use super::parameter::Parameter;
use super::shapes::{axes_of, positive_per_axis};
use crate::compute::Tensor;

/// Nearest-neighbour upsampling: every place becomes a block of equal ones.
///
/// # Shapes
/// `[channels, (depth,) rows, columns]` to the same with each axis times its factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpsampleSettings {
    /// `[(depth,) rows, columns]`
    pub factors: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Upsample {
    blocks: Blocks,
    shape: Vec<usize>,
}

impl Blueprint for UpsampleSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        let factors = positive_per_axis("factors", &self.factors, axes_of(input)?, 1)?;
        let mut shape = input.to_vec();
        shape[1..].iter_mut().zip(factors).for_each(|(size, factor)| *size *= factor);
        Ok(shape)
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let shape = self.output_shape(input, site.labels).expect("the shapes were found to fit");
        let factors = positive_per_axis("factors", &self.factors, input.len() - 1, 1)
            .expect("the shapes were found to fit");
        Box::new(Upsample { blocks: Blocks::new(input, &factors), shape })
    }
}

impl Layer for Upsample {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        self.blocks.repeat(x)
    }

    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        (self.forward(x, pass), Trace::default())
    }

    /// The sum over each block.
    fn vjp(&self, _: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        self.blocks.sum(cotangent)
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        let Blocks { count: input, size: factors } = self.blocks;
        vec![Operation::Upsample(UpsampleOperation { input, factors })]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
