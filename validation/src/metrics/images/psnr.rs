use ndarray::{ArrayView2, Zip};

use super::check_pair;
use crate::ValidationError;

/// The peak signal-to-noise ratio in dB, 10 log₁₀(R² / MSE) with the mean squared difference of
/// the pixels and the data range R; infinite for equal images.
///
/// ```
/// # use ndarray::array;
/// let (a, b) = (array![[0.0, 0.0], [0.0, 0.0]], array![[0.1, -0.1], [0.1, 0.1]]);
/// let found = validation::metrics::images::psnr(a.view(), b.view(), 1.0)?;
/// assert!((found - 20.0).abs() < 1e-12);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Shapes
/// Both images are `[rows, columns]`.
///
/// # Errors
/// Different shapes, no pixels, a pixel that is not finite, or no positive data range.
pub fn psnr(
    reference: ArrayView2<'_, f64>,
    image: ArrayView2<'_, f64>,
    data_range: f64,
) -> Result<f64, ValidationError> {
    check_pair(reference, image, data_range)?;
    let squares = Zip::from(reference).and(image).fold(0.0, |sum, a, b| sum + (a - b) * (a - b));
    let mean = squares / reference.len() as f64;
    Ok(10.0 * (data_range * data_range / mean).log10())
}
