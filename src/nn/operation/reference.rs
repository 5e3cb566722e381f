use thiserror::Error;

use super::geometry::{FrameOperation, PoolOperation, SlidingOperation, UpsampleOperation};
use super::operations::{DenseOperation, Operation};
use crate::nn::{Elementwise, feature_count};

/// An operation that is not a function of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("layer `{kind}` depends on the other events of a batch")]
pub struct DependsOnBatch {
    pub kind: &'static str,
}

/// Operations on one event, in 64 bits and without any care for speed: what faster engines and
/// exported models are compared with.
///
/// # Shapes
/// `x`: the features in front of the first operation; `label`: the encoded conditions.
///
/// # Errors
/// An operation that cannot be had for one event.
///
/// # Panics
/// If `x` or `label` has another width than the operations were made for.
pub fn evaluate(
    operations: &[Operation],
    x: &[f64],
    label: &[f64],
) -> Result<Vec<f64>, DependsOnBatch> {
    operations.iter().try_fold(x.to_vec(), |x, operation| step(operation, x, label))
}

fn step(operation: &Operation, x: Vec<f64>, label: &[f64]) -> Result<Vec<f64>, DependsOnBatch> {
    Ok(match operation {
        Operation::Dense(dense) => dense.apply(&x),
        Operation::Elementwise(function) => map(x, |_, x| elementwise(*function, x)),
        Operation::Swish { slope, places } => {
            let slope = |i| f64::from(if slope.len() == 1 { slope[0] } else { slope[i / places] });
            map(x, |i, x| x * sigmoid(x * slope(i)))
        }
        Operation::ChannelAffine { scale, shift, places } => {
            map(x, |i, x| x * f64::from(scale[i / places]) + f64::from(shift[i / places]))
        }
        Operation::LayerNorm { scale, shift, places, epsilon } => {
            let features = x.len() as f64;
            let mean = x.iter().sum::<f64>() / features;
            let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / features;
            let inverse = 1.0 / (variance + epsilon).sqrt();
            map(x, |i, x| {
                (x - mean) * inverse * f64::from(scale[i / places]) + f64::from(shift[i / places])
            })
        }
        Operation::PixelNorm { channels, places, epsilon } => {
            let square = |place: usize| {
                (0..*channels).map(|c| x[c * places + place].powi(2)).sum::<f64>()
                    / *channels as f64
            };
            let inverse: Vec<f64> =
                (0..*places).map(|place| 1.0 / (square(place) + epsilon).sqrt()).collect();
            map(x, |i, x| x * inverse[i % places])
        }
        Operation::Softmax => {
            let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = x.iter().map(|x| (x - largest).exp()).sum();
            map(x, |_, x| (x - largest).exp() / sum)
        }
        Operation::Concatenate { embedding, places, .. } => {
            let beside = embedding.as_ref().map_or_else(|| label.to_vec(), |e| e.apply(label));
            let repeated = beside.into_iter().flat_map(|v| std::iter::repeat_n(v, *places));
            x.into_iter().chain(repeated).collect()
        }
        Operation::Projection { score, embedding } => {
            let along = embedding.apply(label);
            let projected: f64 = x.iter().zip(&along).map(|(x, v)| x * v).sum();
            vec![score.apply(&x)[0] + projected]
        }
        Operation::Convolution(sliding) => sliding.convolve(&x),
        Operation::TransposedConvolution(sliding) => sliding.transpose(&x),
        Operation::AveragePool(pool) => pool.apply(&x),
        Operation::Upsample(upsample) => upsample.apply(&x),
        Operation::Pad(frame) => frame.pad(&x),
        Operation::Crop(frame) => frame.crop(&x),
        Operation::Gated { half, tanh } => (0..*half)
            .map(|i| if *tanh { x[i].tanh() } else { x[i] } * sigmoid(x[half + i]))
            .collect(),
        Operation::Maxout { channels, pieces, places } => (0..channels * places)
            .map(|i| {
                let (channel, place) = (i / places, i % places);
                let piece = |k: usize| x[(channel * pieces + k) * places + place];
                (0..*pieces).map(piece).fold(f64::NEG_INFINITY, f64::max)
            })
            .collect(),
        Operation::Branches(branches) => {
            let outputs: Result<Vec<Vec<f64>>, DependsOnBatch> =
                branches.iter().map(|branch| evaluate(branch, &x, label)).collect();
            outputs?.concat()
        }
        Operation::Residual { body, shortcut } => {
            let y = evaluate(body, &x, label)?;
            let skipped = evaluate(shortcut, &x, label)?;
            map(y, |i, y| y + skipped[i])
        }
        Operation::Recurrent(recurrent) => recurrent.apply(&x),
        Operation::PerStep { features, inside, .. } => {
            let steps: Result<Vec<Vec<f64>>, DependsOnBatch> =
                x.chunks_exact(*features).map(|x| evaluate(inside, x, label)).collect();
            steps?.concat()
        }
        Operation::MinibatchDeviation { .. } => {
            return Err(DependsOnBatch { kind: operation.kind() });
        }
    })
}

fn map(mut x: Vec<f64>, function: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    x.iter_mut().enumerate().for_each(|(i, x)| *x = function(i, *x));
    x
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn elementwise(function: Elementwise, x: f64) -> f64 {
    match function {
        Elementwise::Rectifier { slope } => {
            if x > 0.0 {
                x
            } else {
                slope * x
            }
        }
        Elementwise::Silu => x * sigmoid(x),
        Elementwise::Gelu => 0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2)),
        Elementwise::Tanh => x.tanh(),
        Elementwise::Sigmoid => sigmoid(x),
    }
}

impl DenseOperation {
    fn apply(&self, x: &[f64]) -> Vec<f64> {
        assert_eq!(x.len(), self.inputs, "a dense operation is given its inputs");
        let mut y: Vec<f64> = self.bias.iter().map(|b| f64::from(*b)).collect();
        for (x, row) in x.iter().zip(self.weight.chunks_exact(self.outputs)) {
            y.iter_mut().zip(row).for_each(|(y, w)| *y += x * f64::from(*w));
        }
        y
    }
}

impl SlidingOperation {
    /// Calls `visit` with each pair of features that a weight connects: wide, narrow and weight.
    fn for_each_connection(&self, mut visit: impl FnMut(usize, usize, f64)) {
        let (kernel, positions) = (feature_count(&self.kernel), feature_count(&self.narrow[1..]));
        let places = feature_count(&self.wide[1..]);
        for position in 0..positions {
            let at = coordinates(position, &self.narrow[1..]);
            for in_kernel in 0..kernel {
                let offset = coordinates(in_kernel, &self.kernel);
                let Some(place) = self.place(&at, &offset) else { continue };
                for narrow in 0..self.narrow[0] {
                    for wide in 0..self.wide[0] {
                        let weight =
                            self.weight[(narrow * self.wide[0] + wide) * kernel + in_kernel];
                        visit(
                            wide * places + place,
                            narrow * positions + position,
                            f64::from(weight),
                        );
                    }
                }
            }
        }
    }

    /// The place of the wide side under place `offset` of the kernel at position `at`; none in the
    /// padding.
    fn place(&self, at: &[usize], offset: &[usize]) -> Option<usize> {
        (0..self.kernel.len()).try_fold(0, |place, axis| {
            let padded = at[axis] * self.stride[axis] + offset[axis];
            let size = self.wide[axis + 1];
            let inside = padded.checked_sub(self.padding[axis]).filter(|inside| *inside < size)?;
            Some(place * size + inside)
        })
    }

    fn convolve(&self, x: &[f64]) -> Vec<f64> {
        let mut y = self.biases(&self.narrow);
        self.for_each_connection(|wide, narrow, weight| y[narrow] += weight * x[wide]);
        y
    }

    fn transpose(&self, x: &[f64]) -> Vec<f64> {
        let mut y = self.biases(&self.wide);
        self.for_each_connection(|wide, narrow, weight| y[wide] += weight * x[narrow]);
        y
    }

    fn biases(&self, shape: &[usize]) -> Vec<f64> {
        let places = feature_count(&shape[1..]);
        self.bias.iter().flat_map(|b| std::iter::repeat_n(f64::from(*b), places)).collect()
    }
}

impl PoolOperation {
    fn apply(&self, x: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; feature_count(&self.output)];
        let block = feature_count(&self.kernel) as f64;
        for (i, y) in y.iter_mut().enumerate() {
            let at = coordinates(i, &self.output);
            for in_kernel in 0..feature_count(&self.kernel) {
                let offset = coordinates(in_kernel, &self.kernel);
                let place = |axis: usize| at[axis + 1] * self.kernel[axis] + offset[axis];
                *y += x[number(&[at[0], place(0), place(1), place(2)], &self.input)] / block;
            }
        }
        y
    }
}

impl UpsampleOperation {
    fn apply(&self, x: &[f64]) -> Vec<f64> {
        let output = self.output();
        (0..feature_count(&output))
            .map(|i| {
                let at = coordinates(i, &output);
                let from = |axis: usize| at[axis + 1] / self.factors[axis];
                x[number(&[at[0], from(0), from(1), from(2)], &self.input)]
            })
            .collect()
    }
}

impl FrameOperation {
    /// The number, with the frame, of each feature inside.
    fn inside(&self) -> impl Iterator<Item = usize> {
        let outer = self.outer();
        (0..feature_count(&self.inner)).map(move |i| {
            let mut at = coordinates(i, &self.inner);
            (0..3).for_each(|axis| at[axis + 1] += self.low[axis]);
            number(&at, &outer)
        })
    }

    fn pad(&self, x: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; feature_count(&self.outer())];
        self.inside().zip(x).for_each(|(place, x)| y[place] = *x);
        y
    }

    fn crop(&self, x: &[f64]) -> Vec<f64> {
        self.inside().map(|place| x[place]).collect()
    }
}

/// The coordinates of a number in row-major order.
fn coordinates(mut number: usize, shape: &[usize]) -> Vec<usize> {
    let mut found = vec![0; shape.len()];
    for axis in (0..shape.len()).rev() {
        found[axis] = number % shape[axis];
        number /= shape[axis];
    }
    found
}

/// The number of a place in row-major order.
fn number(coordinates: &[usize], shape: &[usize]) -> usize {
    coordinates.iter().zip(shape).fold(0, |number, (at, size)| number * size + at)
}
