use ndarray::{Array2, ArrayView2};

use super::ssim::{SSIM_WINDOW, similarity};
use crate::ValidationError;

/// Exponents of the five scales, finest first.
pub const MS_SSIM_WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/// The multi-scale structural similarity (Wang, Simoncelli and Bovik 2003, Asilomar Conf. 37,
/// 1398):
///
/// Π_j (structure_j)^{w_j} · (similarity_M)^{w_M},   j = 1 … M − 1
///
/// where scale j + 1 is scale j averaged over 2 × 2 pixels (a last odd row or column is dropped),
/// and [`super::ssim`] is taken whole on the coarsest scale only. A negative mean counts as 0.
///
/// There are five scales where the coarsest still holds a window, of 176 pixels or more; of smaller
/// images as many as do ([`ms_ssim_scales`]), with the first weights over their sum.
///
/// # Shapes
/// Both images are `[rows, columns]`, at least 11 × 11.
///
/// # Errors
/// As those of [`super::ssim`].
pub fn ms_ssim(
    reference: ArrayView2<'_, f64>,
    image: ArrayView2<'_, f64>,
    data_range: f64,
) -> Result<f64, ValidationError> {
    let scales = ms_ssim_scales(reference.nrows(), reference.ncols()).max(1);
    let weights = &MS_SSIM_WEIGHTS[..scales];
    let sum: f64 = if scales == MS_SSIM_WEIGHTS.len() { 1.0 } else { weights.iter().sum() };
    let (mut reference, mut image) = (reference.to_owned(), image.to_owned());
    let mut product = 1.0;
    for (scale, weight) in weights.iter().enumerate() {
        let found = similarity(reference.view(), image.view(), data_range)?;
        let last = scale + 1 == scales;
        let part: f64 = if last { found.whole } else { found.structure };
        product *= part.max(0.0).powf(weight / sum);
        if !last {
            (reference, image) = (halved(&reference), halved(&image));
        }
    }
    Ok(product)
}

/// Scales of an image: 1 to 5, 0 if it is smaller than the window.
pub fn ms_ssim_scales(rows: usize, columns: usize) -> usize {
    let shorter = rows.min(columns);
    (0..MS_SSIM_WEIGHTS.len()).take_while(|scale| shorter >> scale >= SSIM_WINDOW).count()
}

fn halved(image: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((image.nrows() / 2, image.ncols() / 2), |(y, x)| {
        let (y, x) = (2 * y, 2 * x);
        0.25 * (image[[y, x]] + image[[y, x + 1]] + image[[y + 1, x]] + image[[y + 1, x + 1]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_hold_a_window() {
        let found = [(10, 500), (11, 500), (32, 32), (175, 175), (176, 176), (9000, 9000)]
            .map(|(rows, columns)| ms_ssim_scales(rows, columns));
        assert_eq!(found, [0, 1, 2, 4, 5, 5]);
    }

    #[test]
    fn weights_of_all_scales_are_as_published() {
        approx::assert_relative_eq!(MS_SSIM_WEIGHTS.iter().sum::<f64>(), 1.0001, epsilon = 1e-12);
    }
}
