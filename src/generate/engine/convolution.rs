use super::kernels::{self, Columns, PANEL, Shape};
use super::matrix::{Matrix, Scratch};
use super::packed::Then;
use crate::nn::{SlidingOperation, feature_count};
use crate::simd::Level;

/// A (transposed) convolution of one event at a time, as products of matrices whose columns are 32
/// positions of the kernel.
///
/// Weights stay `[narrow channels, wide channels × kernel]` and play the part of the rows; what lies
/// under the kernel is copied into a panel, run by run.
#[derive(Debug, Clone)]
pub struct Convolution {
    is_transposed: bool,
    /// Forwards `[narrow channels, 1 + wide channels × kernel]`, the bias in front; transposed
    /// `[wide channels × kernel, narrow channels]`.
    weight: Vec<f32>,
    /// Of the wide channels; transposed only.
    bias: Vec<f32>,
    narrow: usize,
    wide: usize,
    positions: usize,
    /// Places of a channel of the wide side.
    wide_places: usize,
    /// The same with the padding.
    padded_places: usize,
    /// Where each row of the wide side's grid stands, plain and padded, and how long it is.
    lines: Vec<(usize, usize)>,
    line: usize,
    /// Place of the padded grid at each position.
    base: Vec<u32>,
    /// What each place of the kernel adds to it.
    offsets: Vec<u32>,
    /// For each panel of positions, runs of neighbours: first lane, length.
    runs: Vec<Vec<(usize, usize)>>,
    has_padding: bool,
}

const NO_SHIFT: [f32; PANEL] = [0.0; PANEL];
const NO_SCALE: [f32; PANEL] = [1.0; PANEL];

impl Convolution {
    pub fn new(operation: &SlidingOperation, is_transposed: bool) -> Self {
        let axes = operation.kernel.len();
        let kernel = feature_count(&operation.kernel);
        let padded: Vec<usize> =
            (0..axes).map(|a| operation.wide[a + 1] + 2 * operation.padding[a]).collect();
        // Steps of the padded grid.
        let steps: Vec<usize> = (0..axes).map(|a| feature_count(&padded[a + 1..])).collect();
        let along = |shape: &[usize], factor: &dyn Fn(usize) -> usize| -> Vec<usize> {
            let place = |mut number: usize| {
                let mut place = 0;
                for axis in (0..shape.len()).rev() {
                    place += number % shape[axis] * factor(axis);
                    number /= shape[axis];
                }
                place
            };
            (0..feature_count(shape)).map(place).collect()
        };
        let base = along(&operation.narrow[1..], &|axis| operation.stride[axis] * steps[axis]);
        let offsets = along(&operation.kernel, &|axis| steps[axis]);
        let frame: usize = (0..axes).map(|axis| operation.padding[axis] * steps[axis]).sum();
        let line = operation.wide[axes];
        let grid = along(&operation.wide[1..axes], &|axis| steps[axis]);
        let lines = (0..).step_by(line).zip(grid.iter().map(|place| place + frame)).collect();
        let (narrow, wide) = (operation.narrow[0], operation.wide[0]);
        let weight = if is_transposed {
            let at = |row: usize, column: usize| operation.weight[column * wide * kernel + row];
            (0..wide * kernel).flat_map(|row| (0..narrow).map(move |c| at(row, c))).collect()
        } else {
            let rows = operation.weight.chunks_exact(wide * kernel).zip(&operation.bias);
            rows.flat_map(|(row, bias)| std::iter::once(bias).chain(row)).copied().collect()
        };
        let runs = base.chunks(PANEL).map(runs).collect();
        let small = |places: Vec<usize>| places.into_iter().map(|place| place as u32).collect();
        Self {
            is_transposed,
            weight,
            bias: if is_transposed { operation.bias.clone() } else { Vec::new() },
            narrow,
            wide,
            positions: feature_count(&operation.narrow[1..]),
            wide_places: feature_count(&operation.wide[1..]),
            padded_places: feature_count(&padded),
            lines,
            line,
            base: small(base),
            offsets: small(offsets),
            runs,
            has_padding: operation.padding.iter().any(|padding| *padding > 0),
        }
    }

    pub fn output_width(&self) -> usize {
        if self.is_transposed { self.wide * self.wide_places } else { self.narrow * self.positions }
    }

    /// Numbers that are held for one event beside its in- and output.
    pub fn room(&self) -> usize {
        self.wide * self.padded_places + PANEL * (1 + self.wide * self.offsets.len() + self.narrow)
    }

    pub fn run(&self, level: Level, x: &Matrix, then: Then, scratch: &mut Scratch) -> Matrix {
        let mut y = scratch.take(x.rows(), self.output_width());
        for row in 0..x.rows() {
            if self.is_transposed {
                self.transpose(level, x.row(row), then, y.row_mut(row), scratch);
            } else {
                self.convolve(level, x.row(row), then, y.row_mut(row), scratch);
            }
        }
        y
    }

    fn convolve(&self, level: Level, x: &[f32], then: Then, y: &mut [f32], scratch: &mut Scratch) {
        let inputs = 1 + self.wide * self.offsets.len();
        let framed = self.has_padding.then(|| self.framed(x, scratch));
        let x = framed.as_ref().map_or(x, |framed| framed.row(0));
        let mut panel = scratch.take(inputs, PANEL);
        panel.row_mut(0).fill(1.0);
        let mut last = scratch.take(self.narrow, PANEL);
        for (number, runs) in self.runs.iter().enumerate() {
            let first = number * PANEL;
            for channel in 0..self.wide {
                let x = &x[channel * self.padded_places..][..self.padded_places];
                for (k, offset) in self.offsets.iter().enumerate() {
                    let to = panel.row_mut(1 + channel * self.offsets.len() + k);
                    for &(lane, length) in runs {
                        let from = (self.base[first + lane] + offset) as usize;
                        to[lane..lane + length].copy_from_slice(&x[from..from + length]);
                    }
                }
            }
            let columns = Columns { bias: &NO_SHIFT, scale: &NO_SCALE };
            let mut shape = Shape {
                inputs,
                rows: self.narrow,
                x_stride: inputs,
                y_stride: self.positions,
                then,
            };
            if first + PANEL <= self.positions {
                let y = &mut y[first..];
                kernels::multiply(level, shape, &self.weight, panel.all(), columns, y);
            } else {
                shape.y_stride = PANEL;
                let y_last = last.all_mut();
                kernels::multiply(level, shape, &self.weight, panel.all(), columns, y_last);
                let count = self.positions - first;
                for (channel, values) in last.rows_iter().enumerate() {
                    let to = &mut y[channel * self.positions + first..][..count];
                    to.copy_from_slice(&values[..count]);
                }
            }
        }
        scratch.give(last);
        scratch.give(panel);
        if let Some(framed) = framed {
            scratch.give(framed);
        }
    }

    fn transpose(&self, level: Level, x: &[f32], then: Then, y: &mut [f32], scratch: &mut Scratch) {
        let kernel = self.offsets.len();
        let mut framed = scratch.take(1, self.wide * self.padded_places);
        framed.row_mut(0).fill(0.0);
        let mut panel = scratch.take(self.narrow, PANEL);
        let mut under = scratch.take(kernel, PANEL);
        for first in (0..self.positions).step_by(PANEL) {
            let count = PANEL.min(self.positions - first);
            for (channel, to) in panel.rows_mut().enumerate() {
                to[..count].copy_from_slice(&x[channel * self.positions + first..][..count]);
            }
            for channel in 0..self.wide {
                let shape = Shape {
                    inputs: self.narrow,
                    rows: kernel,
                    x_stride: self.narrow,
                    y_stride: PANEL,
                    then: Then::Nothing,
                };
                let columns = Columns { bias: &NO_SHIFT, scale: &NO_SCALE };
                let weight = &self.weight[channel * kernel * self.narrow..];
                kernels::multiply(level, shape, weight, panel.all(), columns, under.all_mut());
                let sums = &mut framed.row_mut(0)[channel * self.padded_places..];
                for (offset, values) in self.offsets.iter().zip(under.rows_iter()) {
                    for (base, value) in self.base[first..first + count].iter().zip(values) {
                        sums[(base + offset) as usize] += value;
                    }
                }
            }
        }
        for channel in 0..self.wide {
            let from = &framed.row(0)[channel * self.padded_places..];
            let bias = self.bias[channel];
            for &(plain, padded) in &self.lines {
                let to = &mut y[channel * self.wide_places + plain..][..self.line];
                for (y, x) in to.iter_mut().zip(&from[padded..]) {
                    let sum = x + bias;
                    *y = match then {
                        Then::Rectify(slope) if sum < 0.0 => sum * slope,
                        _ => sum,
                    };
                }
            }
        }
        scratch.give(under);
        scratch.give(panel);
        scratch.give(framed);
    }

    /// The wide side with zeros around each channel.
    fn framed(&self, x: &[f32], scratch: &mut Scratch) -> Matrix {
        let mut framed = scratch.take(1, self.wide * self.padded_places);
        let to = framed.row_mut(0);
        to.fill(0.0);
        for channel in 0..self.wide {
            let to = &mut to[channel * self.padded_places..][..self.padded_places];
            let x = &x[channel * self.wide_places..][..self.wide_places];
            for &(plain, padded) in &self.lines {
                to[padded..padded + self.line].copy_from_slice(&x[plain..plain + self.line]);
            }
        }
        framed
    }
}

/// Runs of neighbouring places: first number, length.
fn runs(places: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (number, place) in places.iter().enumerate() {
        match runs.last_mut() {
            Some((_, length)) if places[number - 1] + 1 == *place => *length += 1,
            _ => runs.push((number, 1)),
        }
    }
    runs
}
