use ndarray::{Array2, ArrayView2, Axis};

use crate::compute::{Device, Tensor, matrix, to_host};
use crate::random::Uniforms;
use crate::suite::SuiteError;

/// Images that batches are drawn from, with replacement.
#[derive(Debug, Clone)]
pub(in crate::suite::systems) struct Batches {
    /// `[images, values]`
    images: Array2<f32>,
}

impl Batches {
    /// # Errors
    /// No images.
    pub fn new(images: Array2<f32>, problem: &str) -> Result<Self, SuiteError> {
        if images.nrows() == 0 {
            let reason = "there are no images to train on".to_owned();
            return Err(SuiteError::NoData { problem: problem.to_owned(), reason });
        }
        Ok(Self { images })
    }

    pub fn draw_rows(&self, size: usize, uniforms: &mut Uniforms) -> Vec<usize> {
        (0..size).map(|_| uniforms.index(self.images.nrows())).collect()
    }

    /// # Shapes
    /// `[rows, values]`.
    pub fn tensor(&self, rows: &[usize], device: &Device) -> Tensor<2> {
        rows_of(self.images.select(Axis(0), rows).view(), device)
    }

    /// A batch of images that are drawn one by one.
    pub fn draw(&self, size: usize, uniforms: &mut Uniforms, device: &Device) -> Tensor<2> {
        self.tensor(&self.draw_rows(size, uniforms), device)
    }
}

/// Host values as a tensor, `[rows, columns]`.
pub(in crate::suite::systems) fn rows_of(
    values: ArrayView2<'_, f32>,
    device: &Device,
) -> Tensor<2> {
    let (rows, columns) = values.dim();
    matrix(values.iter().copied().collect(), rows, columns, device)
}

/// The shape of images that fill `columns` values: as many channels as fit on the places of `like`,
/// `[channels, rows, columns]`.
///
/// # Errors
/// No whole number of channels.
pub(in crate::suite::systems) fn image_shape(
    columns: usize,
    like: &[usize],
) -> Result<[usize; 3], String> {
    let [_, rows, width] = *like else {
        return Err(format!(
            "its events have the shape {like:?}, expected [channels, rows, columns]"
        ));
    };
    let places = rows * width;
    if columns == 0 || !columns.is_multiple_of(places) {
        return Err(format!(
            "its conditions have {columns} columns, expected an image on {rows} x {width} places"
        ));
    }
    Ok([columns / places, rows, width])
}

/// Images go through a generator in blocks of this many: a block has random numbers of its own.
const BLOCK: usize = 64;

/// What `forward` makes of all rows, block by block; it is given the number of the block.
///
/// # Shapes
/// `inputs`: `[images, values]`.
pub(in crate::suite::systems) fn generate_in_blocks(
    inputs: ArrayView2<'_, f64>,
    outputs: usize,
    device: &Device,
    forward: impl Fn(Tensor<2>, u64) -> Tensor<2>,
) -> Array2<f32> {
    let mut values = Vec::with_capacity(inputs.nrows() * outputs);
    for (number, block) in (0..).zip(inputs.axis_chunks_iter(Axis(0), BLOCK)) {
        let block = block.mapv(|value| value as f32);
        values.extend(to_host(forward(rows_of(block.view(), device), number)));
    }
    Array2::from_shape_vec((inputs.nrows(), outputs), values)
        .expect("the generator gives as many values as the image has")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu;

    #[test]
    fn conditions_are_images_of_the_same_size() {
        assert_eq!(image_shape(64, &[3, 8, 8]), Ok([1, 8, 8]));
        assert_eq!(image_shape(192, &[1, 8, 8]), Ok([3, 8, 8]));
        assert!(image_shape(1, &[1, 8, 8]).expect_err("a label").contains("1 columns"));
        assert!(image_shape(4, &[2]).expect_err("points").contains("[2]"));
    }

    #[test]
    fn blocks_are_numbered_and_joined() {
        let inputs = Array2::from_shape_fn((150, 2), |(row, _)| row as f64);
        let made = generate_in_blocks(inputs.view(), 2, &cpu(), |x, number| x + number as f64);
        assert_eq!(made.dim(), (150, 2));
        assert_eq!((made[[63, 0]], made[[64, 1]], made[[149, 0]]), (63.0, 65.0, 151.0));
    }
}
