//! (Transposed) convolutions on the CPU as one product of matrices.
//!
//! The values under the kernel are gathered, row by row, into a matrix: one row for each channel and
//! place in the kernel, one column for each position of the kernel and event. Events are the
//! fastest axis, so that a row is copied at once, and the product has the whole batch in it. The
//! transposed convolution scatters the rows of a product back. burn differentiates both: the
//! gradient of a gather is a scatter, and that of a product two products.

use burn::tensor::{IndexingUpdateOp, Int, TensorData};

use super::convolve::Sliding;
use super::layer::feature_count;
use crate::compute::{Device, Tensor};

/// Gathered values of a batch up to which this is done: they are kept for the gradients. Kernels
/// that overlap much, and large images, have more.
const MOST_GATHERED: usize = 1 << 25;
/// With fewer events, rows are too short to be copied.
const FEWEST_EVENTS: usize = 4;

impl Sliding {
    /// Whether a batch is better gathered.
    pub(super) fn is_gathered(&self, events: usize) -> bool {
        events >= FEWEST_EVENTS && self.rows() * self.positions() * events <= MOST_GATHERED
    }

    /// Rows of the gathered matrix: wide channels × places in the kernel.
    fn rows(&self) -> usize {
        self.wide[0] * feature_count(&self.kernel)
    }

    fn positions(&self) -> usize {
        feature_count(&self.narrow[1..])
    }

    /// For each row and position, the feature of the wide side that is under the kernel; where that
    /// is in the padding, the number of features.
    fn places(&self) -> Vec<i32> {
        let axes = self.kernel.len();
        let outside = feature_count(&self.wide) as i32;
        let mut places = Vec::with_capacity(self.rows() * self.positions());
        for channel in 0..self.wide[0] {
            for in_kernel in 0..feature_count(&self.kernel) {
                let offset = coordinates(in_kernel, &self.kernel);
                for position in 0..self.positions() {
                    let at = coordinates(position, &self.narrow[1..]);
                    let mut place = channel;
                    let mut is_inside = true;
                    for axis in 0..axes {
                        let padded = at[axis] * self.stride[axis] + offset[axis];
                        let size = self.wide[axis + 1];
                        is_inside &=
                            (self.padding[axis]..self.padding[axis] + size).contains(&padded);
                        place = place * size + padded.wrapping_sub(self.padding[axis]);
                    }
                    places.push(if is_inside { place as i32 } else { outside });
                }
            }
        }
        places
    }

    fn indices(&self, device: &Device) -> burn::tensor::Tensor<crate::compute::Backend, 1, Int> {
        let places = self.places.get_or_init(|| self.places());
        let size = places.len();
        burn::tensor::Tensor::from_data(TensorData::new(places.clone(), [size]), device)
    }

    /// From the wide to the narrow side.
    ///
    /// # Shapes
    /// As [`Sliding::convolve`] with the events last.
    pub(super) fn convolve_gathered(
        &self,
        x: Tensor<2>,
        weight: Tensor<1>,
        bias: Option<Tensor<1>>,
    ) -> Tensor<2> {
        let events = x.dims()[1];
        let device = x.device();
        // [wide features + 1, events]; the last row is the padding.
        let x = if self.padding.iter().any(|padding| *padding > 0) {
            Tensor::cat(vec![x, Tensor::zeros([1, events], &device)], 0)
        } else {
            x
        };
        let gathered = x.select(0, self.indices(&device));
        let (channels, columns) = (self.narrow[0], self.positions() * events);
        let weight = weight.reshape([channels, self.rows()]);
        // [narrow channels, positions × events]
        let mut y = weight.matmul(gathered.reshape([self.rows(), columns]));
        if let Some(bias) = bias {
            y = y + bias.unsqueeze_dim(1);
        }
        y.reshape([feature_count(&self.narrow), events])
    }

    /// From the narrow to the wide side.
    ///
    /// # Shapes
    /// As [`Sliding::transpose`] with the events last.
    pub(super) fn transpose_gathered(
        &self,
        x: Tensor<2>,
        weight: Tensor<1>,
        bias: Option<Tensor<1>>,
    ) -> Tensor<2> {
        let events = x.dims()[1];
        let device = x.device();
        let (channels, columns) = (self.narrow[0], self.positions() * events);
        let weight = weight.reshape([channels, self.rows()]).transpose();
        let x = x.reshape([channels, columns]);
        let rows = weight.matmul(x).reshape([self.rows() * self.positions(), events]);
        let features = feature_count(&self.wide);
        let mut y = Tensor::<2>::zeros([features + 1, events], &device)
            .select_assign(0, self.indices(&device), rows, IndexingUpdateOp::Add)
            .narrow(0, 0, features);
        if let Some(bias) = bias {
            let channels = self.wide[0];
            let by_channel = y.reshape([channels, features / channels * events]);
            y = (by_channel + bias.unsqueeze_dim(1)).reshape([features, events]);
        }
        y
    }
}

/// The coordinates of a number in row-major order.
fn coordinates(mut number: usize, shape: &[usize]) -> [usize; 3] {
    let mut found = [0; 3];
    for axis in (0..shape.len()).rev() {
        found[axis] = number % shape[axis];
        number /= shape[axis];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};
    use crate::random::{Purpose, Streams};

    fn slidings() -> Vec<Sliding> {
        let of = |wide: &[usize],
                  narrow: &[usize],
                  kernel: &[usize],
                  stride: &[usize],
                  padding: &[usize]| Sliding {
            wide: wide.to_vec(),
            narrow: narrow.to_vec(),
            kernel: kernel.to_vec(),
            stride: stride.to_vec(),
            padding: padding.to_vec(),
            places: Default::default(),
        };
        vec![
            of(&[2, 5, 6], &[3, 3, 5], &[3, 2], &[1, 1], &[0, 0]),
            of(&[3, 7, 5], &[2, 4, 2], &[3, 4], &[2, 3], &[1, 1]),
            // Rows of the wide side that no position of the kernel reaches.
            of(&[1, 6, 6], &[4, 2, 3], &[3, 2], &[3, 2], &[0, 0]),
            of(&[2, 5, 4, 6], &[3, 3, 2, 3], &[3, 3, 2], &[2, 2, 2], &[1, 1, 0]),
        ]
    }

    fn tensor(rows: usize, columns: usize, stream: u64) -> Tensor<2> {
        let mut normals = Streams::new(4, Purpose::Initialisation).normals(stream);
        let values = (0..rows * columns).map(|_| normals.draw()).collect();
        Tensor::from_inner(matrix(values, rows, columns, &cpu())).require_grad()
    }

    /// Output and the gradients of x, weight and bias, by `convolution`.
    fn outcome(
        sliding: &Sliding,
        inputs: usize,
        biases: usize,
        convolution: impl Fn(Tensor<2>, Tensor<1>, Option<Tensor<1>>) -> Tensor<2>,
    ) -> [Vec<f32>; 4] {
        let weights = feature_count(&sliding.weight_shape());
        let x = tensor(5, inputs, 0);
        let weight = tensor(1, weights, 1);
        let bias = tensor(1, biases, 2);
        let y = convolution(
            x.clone(),
            weight.clone().reshape([weights]),
            Some(bias.clone().reshape([biases])),
        );
        let [rows, columns] = y.dims();
        let cotangent = tensor(rows, columns, 3).detach();
        let gradients = (y.clone() * cotangent).sum().backward();
        let of = |t: &Tensor<2>| to_host(t.grad(&gradients).expect("it has a gradient"));
        [to_host(y.inner()), of(&x), of(&weight), of(&bias)]
    }

    fn assert_equal(found: [Vec<f32>; 4], expected: [Vec<f32>; 4]) {
        for (found, expected) in found.iter().zip(&expected) {
            approx::assert_abs_diff_eq!(found.as_slice(), expected.as_slice(), epsilon = 2e-5);
        }
    }

    #[test]
    fn both_directions_are_burns_own_with_all_gradients() {
        for sliding in slidings() {
            let (wide, narrow) = (feature_count(&sliding.wide), feature_count(&sliding.narrow));
            let channels = (sliding.wide[0], sliding.narrow[0]);
            assert_equal(
                outcome(&sliding, wide, channels.1, |x, w, b| {
                    sliding.convolve_gathered(x.transpose(), w, b).transpose()
                }),
                outcome(&sliding, wide, channels.1, |x, w, b| sliding.convolve_by_burn(x, w, b)),
            );
            assert_equal(
                outcome(&sliding, narrow, channels.0, |x, w, b| {
                    sliding.transpose_gathered(x.transpose(), w, b).transpose()
                }),
                outcome(&sliding, narrow, channels.0, |x, w, b| sliding.transpose_by_burn(x, w, b)),
            );
            // In blocks of events.
            assert_equal(
                outcome(&sliding, wide, channels.1, |x, w, b| sliding.convolve(x, w, b, false)),
                outcome(&sliding, wide, channels.1, |x, w, b| sliding.convolve_by_burn(x, w, b)),
            );
            assert_equal(
                outcome(&sliding, narrow, channels.0, |x, w, b| sliding.transpose(x, w, b, false)),
                outcome(&sliding, narrow, channels.0, |x, w, b| sliding.transpose_by_burn(x, w, b)),
            );
        }
    }
}
