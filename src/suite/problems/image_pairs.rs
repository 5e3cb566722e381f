//! Images of two kinds, where the one follows from the other by a known function: the truth that a
//! translation is measured by.

use ndarray::{Array2, Array3, ArrayView2, Axis};
use validation::metrics::images::{SSIM_WINDOW, psnr, ssim};

use crate::events::Events;
use crate::suite::{Measures, ProblemData, SuiteError};

/// A function from images to images of the same size, with values in −1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// −b(x): blurred with the weights (1, 2, 1)/4 along both axes, and inverted.
    BlurredInverted,
    /// −x, one row down and one column to the right, around the edges.
    InvertedShifted,
    /// Turned by 90° to the left.
    Turned,
}

impl Truth {
    /// # Shapes
    /// `[rows, columns]`, square for [`Self::Turned`].
    pub fn of(self, image: ArrayView2<'_, f32>) -> Array2<f32> {
        let (rows, columns) = image.dim();
        match self {
            Self::BlurredInverted => -blurred(image),
            Self::InvertedShifted => Array2::from_shape_fn((rows, columns), |(row, column)| {
                -image[[(row + rows - 1) % rows, (column + columns - 1) % columns]]
            }),
            Self::Turned => Array2::from_shape_fn((columns, rows), |(row, column)| {
                image[[column, columns - 1 - row]]
            }),
        }
    }
}

/// With the pixels at the edge repeated outside.
fn blurred(image: ArrayView2<'_, f32>) -> Array2<f32> {
    Array2::from_shape_fn(image.dim(), |(row, column)| {
        let mut sum = 0.0;
        for (dy, wy) in [(-1, 1.0), (0, 2.0), (1, 1.0)] {
            for (dx, wx) in [(-1, 1.0), (0, 2.0), (1, 1.0)] {
                sum += wy * wx * clamped(image, row, dy, column, dx);
            }
        }
        sum / 16.0
    })
}

/// The pixel so many rows and columns away, or that at the edge.
fn clamped(image: ArrayView2<'_, f32>, row: usize, dy: isize, column: usize, dx: isize) -> f32 {
    let at = |place: usize, by: isize, size: usize| place.saturating_add_signed(by).min(size - 1);
    image[[at(row, dy, image.nrows()), at(column, dx, image.ncols())]]
}

/// 1 where the gradient is steep, −1 elsewhere: Sobel's operator,
/// g² = g_x² + g_y² with g_x = ((1, 2, 1)ᵀ ⊗ (−1, 0, 1)) ⋆ x / 4, and |g| > `threshold`.
pub(super) fn edges(image: ArrayView2<'_, f32>, threshold: f32) -> Array2<f32> {
    Array2::from_shape_fn(image.dim(), |(row, column)| {
        let at = |dy, dx| clamped(image, row, dy, column, dx);
        let mut g = [0.0; 2];
        for (along, weight) in [(-1, 1.0), (0, 2.0), (1, 1.0)] {
            g[0] += weight * (at(along, 1) - at(along, -1)) / 4.0;
            g[1] += weight * (at(1, along) - at(-1, along)) / 4.0;
        }
        if g[0] * g[0] + g[1] * g[1] > threshold * threshold { 1.0 } else { -1.0 }
    })
}

/// What a function of images makes of each.
///
/// # Shapes
/// `images`: `[images, rows, columns]`; the result `[images, rows × columns]`.
pub(super) fn each(
    images: &Array3<f32>,
    function: impl Fn(ArrayView2<'_, f32>) -> Array2<f32>,
) -> Array2<f32> {
    let (count, rows, columns) = images.dim();
    let values = images.outer_iter().flat_map(|image| function(image).into_iter()).collect();
    Array2::from_shape_vec((count, rows * columns), values).expect("images of the same size")
}

/// Measures of translated images against the truth, the first of which belongs to the first test
/// event and so on, around:
///
/// - `l1`: mean |image − truth| over all pixels,
/// - `identity-l1`: the same of the input in place of the translated image,
/// - `times-below-identity`: the second over the first,
/// - `other-l1`: the same of the truth of another event, which looks right and is wrong,
/// - `times-below-other`: that over the first,
/// - `psnr` in dB from the mean squared difference, `ssim` the mean over the images, where they are
///   large enough for its window.
///
/// # Errors
/// Samples of other inputs than those of the test events, and values that are not finite.
pub(super) fn measures(
    problem: &str,
    data: &ProblemData,
    samples: &Events,
) -> Result<Measures, SuiteError> {
    const DATA_RANGE: f64 = 2.0;
    let test = &data.test;
    let rows: Vec<usize> = (0..samples.len()).map(|row| row % test.len().max(1)).collect();
    let inputs = test.conditions.select(Axis(0), &rows);
    if samples.conditions != inputs {
        return Err(SuiteError::Samples {
            problem: problem.to_owned(),
            reason: "are not made from the images of the test events".to_owned(),
        });
    }
    let truth = test.values.select(Axis(0), &rows).mapv(f64::from);
    let others: Vec<usize> = rows.iter().map(|row| (row + 1) % test.len()).collect();
    let others = test.values.select(Axis(0), &others).mapv(f64::from);
    let made = samples.values.mapv(f64::from);
    let l1 = |images: &Array2<f64>| (images - &truth).mapv(f64::abs).mean().unwrap_or(f64::NAN);
    let (found, identity, other) = (l1(&made), l1(&inputs), l1(&others));
    let mut measures = Measures::from([
        ("l1", found),
        ("identity-l1", identity),
        ("times-below-identity", identity / found),
        ("other-l1", other),
        ("times-below-other", other / found),
        ("psnr", psnr(truth.view(), made.view(), DATA_RANGE)?),
    ]);
    let [channels, height, width] = *data.shape else { return Ok(measures) };
    if height.min(width) >= SSIM_WINDOW {
        let mut sum = 0.0;
        let places = height * width;
        for (truth, made) in truth.rows().into_iter().zip(made.rows()) {
            for channel in 0..channels {
                let image = |values: ndarray::ArrayView1<'_, f64>| {
                    let start = channel * places;
                    Array2::from_shape_fn((height, width), |(y, x)| values[start + y * width + x])
                };
                sum += ssim(image(truth).view(), image(made).view(), DATA_RANGE)?;
            }
        }
        measures.set("ssim", sum / (truth.nrows() * channels) as f64);
    }
    Ok(measures)
}

/// The L1 alone.
pub(super) fn quick_measures(data: &ProblemData, samples: &Events) -> Measures {
    let sum: f64 = samples
        .values
        .rows()
        .into_iter()
        .zip((0..data.test.len()).cycle())
        .flat_map(|(made, row)| {
            made.into_iter().zip(data.test.values.row(row)).map(|(a, b)| f64::from((a - b).abs()))
        })
        .sum();
    Measures::from([("l1", sum / samples.values.len().max(1) as f64)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn truths_by_hand() {
        let image = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]];
        assert_eq!(
            Truth::Turned.of(image.view()),
            array![[3.0, 6.0, 9.0], [2.0, 5.0, 8.0], [1.0, 4.0, 7.0]]
        );
        assert_eq!(
            Truth::InvertedShifted.of(image.view()),
            array![[-9.0, -7.0, -8.0], [-3.0, -1.0, -2.0], [-6.0, -4.0, -5.0]]
        );
        let mut point = Array2::zeros((3, 3));
        point[[1, 1]] = 16.0;
        assert_eq!(
            Truth::BlurredInverted.of(point.view()),
            array![[-1.0, -2.0, -1.0], [-2.0, -4.0, -2.0], [-1.0, -2.0, -1.0]]
        );
        let flat = Array2::from_elem((4, 5), 0.5);
        assert_eq!(Truth::BlurredInverted.of(flat.view()), -flat);
    }

    #[test]
    fn edges_are_where_an_image_changes() {
        let image = Array2::from_shape_fn((4, 6), |(_, x)| if x < 3 { -1.0 } else { 1.0 });
        let found = edges(image.view(), 0.5);
        for ((_, x), value) in found.indexed_iter() {
            assert_eq!(*value, if x == 2 || x == 3 { 1.0 } else { -1.0 });
        }
    }
}
