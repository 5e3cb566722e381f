use ndarray::{ArrayView2, s};

use super::{check_pair, image_error};
use crate::ValidationError;

/// The difference in sharpness, in dB:
///
/// 10 log₁₀(R² / mean |(∇_i + ∇_j) I − (∇_i + ∇_j) I'|)
///
/// with ∇_i I = |I_{i,j} − I_{i−1,j}| and ∇_j I = |I_{i,j} − I_{i,j−1}| (Mathieu et al.,
/// arXiv:1511.05440), over the pixels that have both neighbours; infinite for equal gradients.
///
/// # Shapes
/// Both images are `[rows, columns]`, at least 2 × 2.
///
/// # Errors
/// As those of [`super::psnr`], and images of one row or column.
pub fn sharpness_difference(
    reference: ArrayView2<'_, f64>,
    image: ArrayView2<'_, f64>,
    data_range: f64,
) -> Result<f64, ValidationError> {
    check_pair(reference, image, data_range)?;
    let (rows, columns) = reference.dim();
    if rows < 2 || columns < 2 {
        let problem = format!("have shape [{rows}, {columns}], expected at least 2 x 2 pixels");
        return Err(image_error(problem));
    }
    let gradient = |image: ArrayView2<'_, f64>| {
        let inner = image.slice(s![1.., 1..]);
        let above = image.slice(s![..rows - 1, 1..]);
        let left = image.slice(s![1.., ..columns - 1]);
        (&inner - &above).mapv(f64::abs) + (&inner - &left).mapv(f64::abs)
    };
    let differences = (gradient(reference) - gradient(image)).mapv(f64::abs);
    let mean = differences.sum() / differences.len() as f64;
    Ok(10.0 * (data_range * data_range / mean).log10())
}
