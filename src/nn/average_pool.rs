use serde::{Deserialize, Serialize};

use super::blocks::Blocks;
use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::{Operation, PoolOperation};
use super::pad::Frame;
use super::parameter::Parameter;
use super::shapes::{axes_of, positive_per_axis};
use crate::compute::Tensor;

/// The mean of each block of `kernel` places. What is left over at the high end of an axis is
/// dropped.
///
/// # Shapes
/// `[channels, (depth,) rows, columns]` to the same with ⌊size / kernel⌋ places on each axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AveragePoolSettings {
    /// `[(depth,) rows, columns]`
    pub kernel: Vec<usize>,
}

#[derive(Debug, Clone)]
struct AveragePool {
    blocks: Blocks,
    /// What is left over, if anything is.
    rest: Option<Frame>,
    shape: Vec<usize>,
}

impl Blueprint for AveragePoolSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        let kernel = positive_per_axis("kernel", &self.kernel, axes_of(input)?, 1)?;
        let mut shape = input.to_vec();
        for (size, &kernel) in shape[1..].iter_mut().zip(&kernel) {
            *size /= kernel;
        }
        if shape.contains(&0) {
            return Err(format!(
                "has `kernel` = {kernel:?} on features of shape {input:?}, expected a kernel that \
                 fits inside"
            ));
        }
        Ok(shape)
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let shape = self.output_shape(input, site.labels).expect("the shapes were found to fit");
        let kernel = positive_per_axis("kernel", &self.kernel, input.len() - 1, 1)
            .expect("the shapes were found to fit");
        let used: Vec<usize> = shape[1..].iter().zip(&kernel).map(|(n, k)| n * k).collect();
        let high: Vec<usize> = input[1..].iter().zip(&used).map(|(n, used)| n - used).collect();
        let inner = [&[input[0]], used.as_slice()].concat();
        let rest =
            high.iter().any(|&n| n > 0).then(|| Frame::new(&inner, &vec![0; high.len()], &high));
        Box::new(AveragePool { blocks: Blocks::new(&shape, &kernel), rest, shape })
    }
}

impl Layer for AveragePool {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        let x = match &self.rest {
            Some(rest) => rest.crop(x),
            None => x,
        };
        self.blocks.sum(x) / self.blocks.places() as f64
    }

    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        (self.forward(x, pass), Trace::default())
    }

    /// An equal share to each place of a block.
    fn vjp(&self, _: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let shared = self.blocks.repeat(cotangent / self.blocks.places() as f64);
        match &self.rest {
            Some(rest) => rest.pad(shared),
            None => shared,
        }
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        let Blocks { count: output, size: kernel } = self.blocks;
        let input = match &self.rest {
            Some(rest) => rest.outer(),
            None => self.blocks.tiled(),
        };
        vec![Operation::AveragePool(PoolOperation { input, output, kernel })]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
