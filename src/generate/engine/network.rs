use super::convolution::Convolution;
use super::matrix::{Matrix, Scratch};
use super::packed::{Packed, Precision, Then, padded};
use super::recurrent::CompiledRecurrent;
use super::rowwise::{Apply, Gate, Normalise, ScaleAndShift, Softmax, Swish};
use crate::nn::{
    DenseOperation, DependsOnBatch, Elementwise, FrameOperation, Operation, PoolOperation,
    UpsampleOperation, feature_count,
};
use crate::simd::Level;

/// A trained network in the form in which it is computed: weights packed, batch norms folded into
/// the products beside them, activations done where the products leave their results.
#[derive(Debug, Clone)]
pub struct CompiledNetwork {
    steps: Vec<Step>,
    output: usize,
}

#[derive(Debug, Clone)]
enum Step {
    Dense {
        packed: Packed,
        then: Then,
    },
    Convolution {
        convolution: Box<Convolution>,
        then: Then,
    },
    Elementwise(Elementwise),
    Swish {
        slopes: Vec<f32>,
    },
    Affine {
        scale: Vec<f32>,
        shift: Vec<f32>,
    },
    LayerNorm {
        scale: Vec<f32>,
        shift: Vec<f32>,
        epsilon: f32,
    },
    PixelNorm {
        channels: usize,
        places: usize,
        epsilon: f32,
    },
    Softmax,
    Concatenate {
        embedding: Option<Packed>,
        places: usize,
        width: usize,
    },
    Projection {
        score: Packed,
        embedding: Packed,
    },
    /// y_i = x_j for the j of each i, 0 where there is none.
    Move(Vec<Option<u32>>),
    AveragePool(PoolOperation),
    Gated {
        half: usize,
        tanh: bool,
    },
    Maxout {
        channels: usize,
        pieces: usize,
        places: usize,
    },
    Recurrent(Box<CompiledRecurrent>),
    EachAlone {
        steps: usize,
        features: usize,
        inside: CompiledNetwork,
    },
    Branches(Vec<CompiledNetwork>),
    Residual {
        body: CompiledNetwork,
        shortcut: CompiledNetwork,
    },
}

impl CompiledNetwork {
    /// # Errors
    /// An operation that is not a function of one event.
    pub fn new(
        operations: &[Operation],
        input: usize,
        precision: Precision,
    ) -> Result<Self, DependsOnBatch> {
        let folded = fold(operations);
        let mut steps: Vec<Step> = Vec::new();
        let mut width = input;
        for operation in &folded {
            if let Operation::Elementwise(Elementwise::Rectifier { slope }) = operation
                && let Some(Step::Dense { then, .. } | Step::Convolution { then, .. }) =
                    steps.last_mut()
                && *then == Then::Nothing
            {
                *then = Then::Rectify(*slope as f32);
                continue;
            }
            steps.push(Step::new(operation, width, precision)?);
            width = operation.output_width(width);
        }
        Ok(Self { steps, output: width })
    }

    /// Features behind it.
    pub fn output(&self) -> usize {
        self.output
    }

    /// Bytes of the packed weights.
    pub fn bytes(&self) -> usize {
        let of = |step: &Step| match step {
            Step::Dense { packed, .. } => packed.bytes(),
            Step::Concatenate { embedding: Some(packed), .. } => packed.bytes(),
            Step::Recurrent(recurrent) => recurrent.bytes(),
            Step::EachAlone { inside, .. } => inside.bytes(),
            Step::Branches(parts) => parts.iter().map(Self::bytes).sum(),
            Step::Residual { body, shortcut } => body.bytes() + shortcut.bytes(),
            _ => 0,
        };
        self.steps.iter().map(of).sum()
    }

    /// The most numbers that a step holds for one event.
    pub fn widest(&self) -> usize {
        let of = |step: &Step| match step {
            Step::Dense { packed, .. } => padded(packed.outputs()),
            Step::Convolution { convolution, .. } => {
                convolution.output_width() + convolution.room()
            }
            Step::Move(places) => places.len(),
            Step::Recurrent(recurrent) => recurrent.widest(),
            // Every step has a row of its own, filled up to a panel.
            Step::EachAlone { steps, features, inside } => {
                steps * padded(inside.widest().max(*features))
            }
            Step::Branches(parts) => parts.iter().map(Self::widest).max().unwrap_or(0),
            Step::Residual { body, shortcut } => body.widest().max(shortcut.widest()),
            _ => 0,
        };
        self.steps.iter().map(of).max().unwrap_or(0).max(self.output)
    }

    /// # Shapes
    /// `x`: `[events, input features]`, `label`: `[events, labels]`; the result:
    /// `[events, output features]`.
    pub fn run(&self, level: Level, x: Matrix, label: &Matrix, scratch: &mut Scratch) -> Matrix {
        self.steps.iter().fold(x, |x, step| step.run(level, x, label, scratch))
    }
}

impl Step {
    fn new(
        operation: &Operation,
        input: usize,
        precision: Precision,
    ) -> Result<Self, DependsOnBatch> {
        let pack = |dense: &DenseOperation, precision| {
            Packed::new(dense.inputs, dense.outputs, &dense.weight, &dense.bias, precision)
        };
        let spread = |values: &[f32], places: usize| -> Vec<f32> {
            values.iter().flat_map(|value| std::iter::repeat_n(*value, places)).collect()
        };
        let network = |operations: &[Operation]| CompiledNetwork::new(operations, input, precision);
        Ok(match operation {
            Operation::Dense(dense) => {
                Self::Dense { packed: pack(dense, precision), then: Then::Nothing }
            }
            Operation::Convolution(sliding) => Self::Convolution {
                convolution: Box::new(Convolution::new(sliding, false)),
                then: Then::Nothing,
            },
            Operation::TransposedConvolution(sliding) => Self::Convolution {
                convolution: Box::new(Convolution::new(sliding, true)),
                then: Then::Nothing,
            },
            Operation::Elementwise(function) => Self::Elementwise(*function),
            Operation::Swish { slope, .. } if slope.len() == 1 => {
                Self::Swish { slopes: slope.clone() }
            }
            Operation::Swish { slope, places } => Self::Swish { slopes: spread(slope, *places) },
            Operation::ChannelAffine { scale, shift, places } => {
                Self::Affine { scale: spread(scale, *places), shift: spread(shift, *places) }
            }
            Operation::LayerNorm { scale, shift, places, epsilon } => Self::LayerNorm {
                scale: spread(scale, *places),
                shift: spread(shift, *places),
                epsilon: *epsilon as f32,
            },
            Operation::PixelNorm { channels, places, epsilon } => {
                Self::PixelNorm { channels: *channels, places: *places, epsilon: *epsilon as f32 }
            }
            Operation::Softmax => Self::Softmax,
            Operation::Concatenate { embedding, width, places, .. } => Self::Concatenate {
                embedding: embedding.as_ref().map(|dense| pack(dense, Precision::F32)),
                places: *places,
                width: *width,
            },
            Operation::Projection { score, embedding } => Self::Projection {
                score: pack(score, Precision::F32),
                embedding: pack(embedding, Precision::F32),
            },
            Operation::AveragePool(pool) => Self::AveragePool(*pool),
            Operation::Upsample(upsample) => Self::Move(upsampled(upsample)),
            Operation::Pad(frame) => {
                let mut places = vec![None; feature_count(&frame.outer())];
                (0..).zip(inside(frame)).for_each(|(i, place)| places[place] = Some(i));
                Self::Move(places)
            }
            Operation::Crop(frame) => {
                Self::Move(inside(frame).into_iter().map(|place| Some(place as u32)).collect())
            }
            Operation::Gated { half, tanh } => Self::Gated { half: *half, tanh: *tanh },
            Operation::Maxout { channels, pieces, places } => {
                Self::Maxout { channels: *channels, pieces: *pieces, places: *places }
            }
            Operation::Branches(branches) => {
                let branches = branches.iter().map(|branch| network(branch));
                Self::Branches(branches.collect::<Result<_, _>>()?)
            }
            Operation::Residual { body, shortcut } => {
                Self::Residual { body: network(body)?, shortcut: network(shortcut)? }
            }
            Operation::Recurrent(recurrent) => {
                Self::Recurrent(Box::new(CompiledRecurrent::new(recurrent, precision)))
            }
            Operation::PerStep { steps, features, inside } => Self::EachAlone {
                steps: *steps,
                features: *features,
                inside: CompiledNetwork::new(inside, *features, precision)?,
            },
            Operation::MinibatchDeviation { .. } => {
                return Err(DependsOnBatch { kind: operation.kind() });
            }
        })
    }

    fn run(&self, level: Level, mut x: Matrix, label: &Matrix, scratch: &mut Scratch) -> Matrix {
        let rows = x.rows();
        let y = match self {
            Self::Elementwise(function) => {
                level.run(Apply { function: *function, values: x.all_mut() });
                return x;
            }
            Self::Swish { slopes } => {
                x.rows_mut().for_each(|values| level.run(Swish { slopes, values }));
                return x;
            }
            Self::Affine { scale, shift } => {
                x.rows_mut().for_each(|values| level.run(ScaleAndShift { scale, shift, values }));
                return x;
            }
            Self::LayerNorm { scale, shift, epsilon } => {
                for row in x.rows_mut() {
                    level.run(Normalise { epsilon: *epsilon, values: &mut *row });
                    level.run(ScaleAndShift { scale, shift, values: row });
                }
                return x;
            }
            Self::PixelNorm { channels, places, epsilon } => {
                x.rows_mut().for_each(|row| pixel_norm(row, *channels, *places, *epsilon));
                return x;
            }
            Self::Softmax => {
                x.rows_mut().for_each(|values| level.run(Softmax { values }));
                return x;
            }
            Self::Residual { body, shortcut } => {
                let mut copy = scratch.take(rows, x.width());
                copy.all_mut().copy_from_slice(x.all());
                let mut y = body.run(level, copy, label, scratch);
                let skipped = shortcut.run(level, x, label, scratch);
                for (y, skipped) in y.all_mut().iter_mut().zip(skipped.all()) {
                    *y += skipped;
                }
                scratch.give(skipped);
                return y;
            }
            Self::Dense { packed, then } => product(packed, level, &x, *then, scratch),
            Self::Convolution { convolution, then } => convolution.run(level, &x, *then, scratch),
            Self::Concatenate { embedding, places, width } => {
                let mut y = scratch.take(rows, x.width() + width * places);
                let embedded = |packed| product(packed, level, label, Then::Nothing, scratch);
                let beside = embedding.as_ref().map(embedded);
                let numbers = beside.as_ref().unwrap_or(label);
                for (row, y) in y.rows_mut().enumerate() {
                    let (features, channels) = y.split_at_mut(x.width());
                    features.copy_from_slice(x.row(row));
                    for (channel, number) in channels.chunks_mut(*places).zip(numbers.row(row)) {
                        channel.fill(*number);
                    }
                }
                if let Some(beside) = beside {
                    scratch.give(beside);
                }
                y
            }
            Self::Projection { score, embedding } => {
                let mut y = product(score, level, &x, Then::Nothing, scratch);
                let along = product(embedding, level, label, Then::Nothing, scratch);
                for row in 0..rows {
                    let products = x.row(row).iter().zip(along.row(row)).map(|(x, v)| x * v);
                    y.row_mut(row)[0] += products.sum::<f32>();
                }
                scratch.give(along);
                y
            }
            Self::Move(places) => {
                let mut y = scratch.take(rows, places.len());
                for (row, y) in y.rows_mut().enumerate() {
                    let x = x.row(row);
                    for (y, place) in y.iter_mut().zip(places) {
                        *y = place.map_or(0.0, |place| x[place as usize]);
                    }
                }
                y
            }
            Self::AveragePool(pool) => {
                let mut y = scratch.take(rows, feature_count(&pool.output));
                y.rows_mut().enumerate().for_each(|(row, y)| average(pool, x.row(row), y));
                y
            }
            Self::Gated { half, tanh } => {
                let mut y = scratch.take(rows, *half);
                for (row, y) in y.rows_mut().enumerate() {
                    let (a, b) = x.row(row).split_at(*half);
                    level.run(Gate { tanh: *tanh, a, b, y });
                }
                y
            }
            Self::Maxout { channels, pieces, places } => {
                let mut y = scratch.take(rows, channels * places);
                for (row, y) in y.rows_mut().enumerate() {
                    let groups = x.row(row).chunks_exact(pieces * places);
                    for (y, group) in y.chunks_exact_mut(*places).zip(groups) {
                        y.copy_from_slice(&group[..*places]);
                        for piece in group.chunks_exact(*places).skip(1) {
                            let pairs = y.iter_mut().zip(piece);
                            pairs.for_each(|(y, x)| *y = if *x > *y { *x } else { *y });
                        }
                    }
                }
                y
            }
            Self::Recurrent(recurrent) => recurrent.run(level, &x, scratch),
            Self::EachAlone { steps, features, inside } => {
                let mut by_step = scratch.take(rows * steps, *features);
                let mut told = scratch.take(rows * steps, label.width());
                for number in 0..rows * steps {
                    let (row, step) = (number / steps, number % steps);
                    let part = &x.row(row)[step * features..][..*features];
                    by_step.row_mut(number).copy_from_slice(part);
                    told.row_mut(number).copy_from_slice(label.row(row));
                }
                let made = inside.run(level, by_step, &told, scratch);
                let width = made.width();
                let mut y = scratch.take(rows, steps * width);
                for (number, part) in made.rows_iter().enumerate() {
                    let step = number % steps;
                    y.row_mut(number / steps)[step * width..][..width].copy_from_slice(part);
                }
                scratch.give(told);
                scratch.give(made);
                y
            }
            Self::Branches(branches) => {
                let width = branches.iter().map(CompiledNetwork::output).sum();
                let mut y = scratch.take(rows, width);
                let mut column = 0;
                for branch in branches {
                    let mut copy = scratch.take(rows, x.width());
                    copy.all_mut().copy_from_slice(x.all());
                    let part = branch.run(level, copy, label, scratch);
                    for (row, y) in y.rows_mut().enumerate() {
                        y[column..column + part.width()].copy_from_slice(part.row(row));
                    }
                    column += part.width();
                    scratch.give(part);
                }
                y
            }
        };
        scratch.give(x);
        y
    }
}

/// then(x W + b)
pub(super) fn product(
    packed: &Packed,
    level: Level,
    x: &Matrix,
    then: Then,
    scratch: &mut Scratch,
) -> Matrix {
    let mut y = scratch.take(x.rows(), packed.outputs());
    let stride = y.stride();
    packed.multiply(level, (x.all(), x.stride()), x.rows(), (y.all_mut(), stride), then);
    y
}

/// Operations with batch norms taken into the weights beside them, in 64 bits.
fn fold(operations: &[Operation]) -> Vec<Operation> {
    let mut folded: Vec<Operation> = Vec::with_capacity(operations.len());
    for operation in operations {
        let taken = match (folded.last_mut(), operation) {
            (Some(Operation::Dense(dense)), Operation::ChannelAffine { scale, shift, places }) => {
                let of = |values: &[f32], output: usize| f64::from(values[output / places]);
                for (i, weight) in dense.weight.iter_mut().enumerate() {
                    *weight = (f64::from(*weight) * of(scale, i % dense.outputs)) as f32;
                }
                for (i, bias) in dense.bias.iter_mut().enumerate() {
                    *bias = (f64::from(*bias) * of(scale, i) + of(shift, i)) as f32;
                }
                true
            }
            (
                Some(Operation::Convolution(sliding)),
                Operation::ChannelAffine { scale, shift, places },
            ) if *places == feature_count(&sliding.narrow[1..]) => {
                let row = sliding.weight.len() / sliding.narrow[0];
                for (weights, scale) in sliding.weight.chunks_exact_mut(row).zip(scale) {
                    weights
                        .iter_mut()
                        .for_each(|w| *w = (f64::from(*w) * f64::from(*scale)) as f32);
                }
                scale_bias(&mut sliding.bias, scale, shift);
                true
            }
            (
                Some(Operation::TransposedConvolution(sliding)),
                Operation::ChannelAffine { scale, shift, places },
            ) if *places == feature_count(&sliding.wide[1..]) => {
                let kernel = feature_count(&sliding.kernel);
                for (i, weights) in sliding.weight.chunks_exact_mut(kernel).enumerate() {
                    let scale = f64::from(scale[i % sliding.wide[0]]);
                    weights.iter_mut().for_each(|w| *w = (f64::from(*w) * scale) as f32);
                }
                scale_bias(&mut sliding.bias, scale, shift);
                true
            }
            _ => false,
        };
        if taken {
            continue;
        }
        // A batch norm behind an activation goes into the product that follows.
        if let Operation::Dense(dense) = operation
            && let Some(Operation::ChannelAffine { scale, shift, places }) = folded.last()
        {
            let mut dense = dense.clone();
            let mut bias: Vec<f64> = dense.bias.iter().map(|b| f64::from(*b)).collect();
            for (input, row) in dense.weight.chunks_exact_mut(dense.outputs).enumerate() {
                let (scale, shift) =
                    (f64::from(scale[input / places]), f64::from(shift[input / places]));
                for (weight, bias) in row.iter_mut().zip(&mut bias) {
                    *bias += shift * f64::from(*weight);
                    *weight = (f64::from(*weight) * scale) as f32;
                }
            }
            dense.bias = bias.into_iter().map(|b| b as f32).collect();
            folded.pop();
            folded.push(Operation::Dense(dense));
            continue;
        }
        folded.push(operation.clone());
    }
    folded
}

fn scale_bias(bias: &mut [f32], scale: &[f32], shift: &[f32]) {
    for (bias, (scale, shift)) in bias.iter_mut().zip(scale.iter().zip(shift)) {
        *bias = (f64::from(*bias) * f64::from(*scale) + f64::from(*shift)) as f32;
    }
}

fn pixel_norm(row: &mut [f32], channels: usize, places: usize, epsilon: f32) {
    for place in 0..places {
        let at = |channel: usize| channel * places + place;
        let squares: f32 = (0..channels).map(|channel| row[at(channel)] * row[at(channel)]).sum();
        let inverse = 1.0 / (squares / channels as f32 + epsilon).sqrt();
        (0..channels).for_each(|channel| row[at(channel)] *= inverse);
    }
}

fn average(pool: &PoolOperation, x: &[f32], y: &mut [f32]) {
    let [_, depth, rows, columns] = pool.output;
    let [_, from_depth, from_rows, from_columns] = pool.input;
    let [kernel_depth, kernel_rows, kernel_columns] = pool.kernel;
    let share = 1.0 / (kernel_depth * kernel_rows * kernel_columns) as f32;
    for (number, y) in y.iter_mut().enumerate() {
        let (column, rest) = (number % columns, number / columns);
        let (row, rest) = (rest % rows, rest / rows);
        let (d, channel) = (rest % depth, rest / depth);
        let mut sum = 0.0;
        for k in 0..kernel_depth {
            for l in 0..kernel_rows {
                let plane = channel * from_depth + d * kernel_depth + k;
                let line = plane * from_rows + row * kernel_rows + l;
                let start = line * from_columns + column * kernel_columns;
                sum += x[start..start + kernel_columns].iter().sum::<f32>();
            }
        }
        *y = sum * share;
    }
}

/// For each place behind it, that before it.
fn upsampled(upsample: &UpsampleOperation) -> Vec<Option<u32>> {
    let [_, depth, rows, columns] = upsample.output();
    let [_, from_depth, from_rows, from_columns] = upsample.input;
    let [by_depth, by_rows, by_columns] = upsample.factors;
    let from = |number: usize| {
        let (column, rest) = (number % columns, number / columns);
        let (row, rest) = (rest % rows, rest / rows);
        let (d, channel) = (rest % depth, rest / depth);
        let plane = channel * from_depth + d / by_depth;
        let place = (plane * from_rows + row / by_rows) * from_columns + column / by_columns;
        Some(place as u32)
    };
    (0..feature_count(&upsample.output())).map(from).collect()
}

/// For each place inside of a frame, its number with the frame.
fn inside(frame: &FrameOperation) -> Vec<usize> {
    let [_, depth, rows, columns] = frame.inner;
    let [_, outer_depth, outer_rows, outer_columns] = frame.outer();
    let [low_depth, low_rows, low_columns] = frame.low;
    let place = |number: usize| {
        let (column, rest) = (number % columns, number / columns);
        let (row, rest) = (rest % rows, rest / rows);
        let (d, channel) = (rest % depth, rest / depth);
        let plane = channel * outer_depth + d + low_depth;
        (plane * outer_rows + row + low_rows) * outer_columns + column + low_columns
    };
    (0..feature_count(&frame.inner)).map(place).collect()
}
