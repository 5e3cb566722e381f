use burn::tensor::Int;
use burn::tensor::backend::Backend as _;
use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::Operation;
use super::parameter::Parameter;
use super::shapes::Channels;
use crate::compute::{Backend, Tensor, beside, changed_on_host, cpu, is_cpu};
use crate::simd::{Level, Vectorised};

/// Maxout (arXiv:1302.4389): y = max over each group of `pieces` neighbouring channels, or flat
/// features. The gradient goes to the first of equal pieces.
///
/// # Shapes
/// `[channels × pieces, …]` to `[channels, …]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxoutSettings {
    pub pieces: usize,
}

#[derive(Debug, Clone)]
struct Maxout {
    pieces: usize,
    /// Behind the layer.
    channels: Channels,
    shape: Vec<usize>,
}

impl Blueprint for MaxoutSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        if self.pieces == 0 || !input[0].is_multiple_of(self.pieces) {
            return Err(format!(
                "has `pieces` = {} on features of shape {input:?}, expected a divisor of the \
                 channels",
                self.pieces
            ));
        }
        let mut shape = input.to_vec();
        shape[0] /= self.pieces;
        Ok(shape)
    }

    fn build(&self, input: &[usize], _site: &mut Site<'_>) -> Box<dyn Layer> {
        let mut shape = input.to_vec();
        shape[0] /= self.pieces;
        Box::new(Maxout { pieces: self.pieces, channels: Channels::of(&shape), shape })
    }
}

impl Maxout {
    /// `[events × channels, pieces, places]`
    fn groups(&self, x: Tensor<2>) -> Tensor<3> {
        let events = x.dims()[0];
        x.reshape([events * self.channels.count, self.pieces, self.channels.places])
    }

    fn flat(&self, x: Tensor<3>) -> Tensor<2> {
        let [groups, pieces, places] = x.dims();
        let events = groups / self.channels.count;
        x.reshape([events, self.channels.count * pieces * places])
    }

    /// Whether the pieces, of which all but the largest are 0, are summed by a product with ones:
    /// on the CPU gradients of sums along a short axis, and of maxima, go one value at a time.
    fn sums_by_matrix<const D: usize>(&self, x: &Tensor<D>) -> bool {
        self.channels.places == 1 && is_cpu(&x.device())
    }

    /// 1 at the first largest piece, 0 elsewhere; a constant of the graph of x, if it has one.
    fn mask(&self, x: Tensor<3>) -> Tensor<3> {
        let shape = x.dims();
        if is_cpu(&x.device()) {
            let in_graph = Backend::ad_enabled(&x.device());
            let values = if in_graph { x.inner() } else { x };
            let [_, pieces, places] = shape;
            let mask = changed_on_host(values, |values| {
                Level::best().run(Largest { values, pieces, places });
            });
            return if in_graph { Tensor::from_inner(mask) } else { mask };
        }
        let x = x.detach();
        let largest = x.clone().argmax(1).expand(shape);
        let number = burn::tensor::Tensor::<Backend, 1, Int>::arange(
            0..self.pieces as i64,
            &largest.device(),
        );
        let is_largest = number.reshape([1, self.pieces, 1]).expand(shape).equal(largest);
        // From x, so that the mask is on the device of its graph.
        x.zeros_like().mask_fill(is_largest, 1.0)
    }
}

impl Layer for Maxout {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        if self.sums_by_matrix(&x) {
            return self.forward_with_trace(x, pass).0;
        }
        self.flat(self.groups(x).max_dim(1))
    }

    /// The trace is the mask of the largest pieces, `[events, inputs]`.
    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let groups = self.groups(x);
        let mask = self.mask(groups.clone());
        let by_matrix = self.sums_by_matrix(&groups);
        let chosen = groups * mask.clone();
        let y = if by_matrix {
            let [groups, pieces, _] = chosen.dims();
            let ones = beside(&Tensor::<2>::ones([pieces, 1], &cpu()), &chosen);
            chosen.reshape([groups, pieces]).matmul(ones).reshape([groups, 1, 1])
        } else {
            chosen.sum_dim(1)
        };
        let y = self.flat(y);
        (y, Trace::of(vec![self.flat(mask)]))
    }

    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let Channels { count, places } = self.channels;
        let events = cotangent.dims()[0];
        let cotangent = cotangent.reshape([events * count, 1, places]);
        self.flat(cotangent * self.groups(trace.tensors[0].clone()))
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        let Channels { count: channels, places } = self.channels;
        vec![Operation::Maxout { channels, pieces: self.pieces, places }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// Puts 1 in the place of the first largest of each group's pieces, 0 in that of the others.
///
/// # Shapes
/// `values`: `[groups, pieces, places]`.
struct Largest<'a> {
    values: &'a mut [f32],
    pieces: usize,
    places: usize,
}

impl Vectorised for Largest<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for group in self.values.chunks_exact_mut(self.pieces * self.places) {
            for place in 0..self.places {
                let (mut largest, mut at) = (f32::NEG_INFINITY, 0);
                for piece in 0..self.pieces {
                    let value = group[piece * self.places + place];
                    if value > largest {
                        (largest, at) = (value, piece);
                    }
                }
                for piece in 0..self.pieces {
                    group[piece * self.places + place] = if piece == at { 1.0 } else { 0.0 };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};

    #[test]
    fn the_gradient_goes_to_the_first_of_equal_pieces() {
        let shape = vec![2];
        let maxout = Maxout { pieces: 3, channels: Channels::of(&shape), shape };
        let x = matrix(vec![1.0, 4.0, 4.0, -2.0, -2.0, -2.0], 1, 6, &cpu());
        let (y, trace) = maxout.forward_with_trace(x, &mut Pass::evaluation(None));
        assert_eq!(to_host(y), [4.0, -2.0]);
        let cotangent = matrix(vec![5.0, 7.0], 1, 2, &cpu());
        let g = maxout.vjp(&trace, cotangent, &mut LabelCotangent::default());
        assert_eq!(to_host(g), [0.0, 5.0, 0.0, 7.0, 0.0, 0.0]);
    }
}
