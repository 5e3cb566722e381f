use ndarray::{Array2, ArrayView2, Zip};

use super::{check_pair, image_error};
use crate::ValidationError;

/// Pixels along each side of the window.
pub const SSIM_WINDOW: usize = 11;
const SIGMA: f64 = 1.5;
const K1: f64 = 0.01;
const K2: f64 = 0.03;

/// The structural similarity (Wang et al. 2004, IEEE Trans. Image Process. 13, 600): the mean of
///
/// (2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂))
///
/// with C₁ = (0.01 R)², C₂ = (0.03 R)². Means and covariances are weighted with a Gaussian of
/// σ = 1.5 pixels over 11 × 11 pixels, covariances are not corrected for their bias, and windows
/// lie wholly inside of the image. 1 for equal images.
///
/// # Shapes
/// Both images are `[rows, columns]`, at least 11 × 11.
///
/// # Errors
/// As those of [`super::psnr`], and images smaller than the window.
pub fn ssim(
    reference: ArrayView2<'_, f64>,
    image: ArrayView2<'_, f64>,
    data_range: f64,
) -> Result<f64, ValidationError> {
    Ok(similarity(reference, image, data_range)?.whole)
}

/// The mean of the similarity, and of its part that does not see the mean brightness,
/// (2 σ_xy + C₂) / (σ_x² + σ_y² + C₂).
pub(super) struct Similarity {
    pub whole: f64,
    pub structure: f64,
}

pub(super) fn similarity(
    reference: ArrayView2<'_, f64>,
    image: ArrayView2<'_, f64>,
    data_range: f64,
) -> Result<Similarity, ValidationError> {
    check_pair(reference, image, data_range)?;
    let (rows, columns) = reference.dim();
    if rows < SSIM_WINDOW || columns < SSIM_WINDOW {
        return Err(image_error(format!(
            "have shape [{rows}, {columns}], expected at least the window of {SSIM_WINDOW} x \
             {SSIM_WINDOW} pixels"
        )));
    }
    let (c1, c2) = ((K1 * data_range).powi(2), (K2 * data_range).powi(2));
    let mean_x = blurred(reference);
    let mean_y = blurred(image);
    let mean_xx = blurred((&reference * &reference).view());
    let mean_yy = blurred((&image * &image).view());
    let mean_xy = blurred((&reference * &image).view());
    let (mut whole, mut structure) = (0.0, 0.0);
    let means = Zip::from(&mean_x).and(&mean_y);
    means.and(&mean_xx).and(&mean_yy).and(&mean_xy).for_each(|x, y, xx, yy, xy| {
        let variances = (xx - x * x) + (yy - y * y);
        let of_structure = (2.0 * (xy - x * y) + c2) / (variances + c2);
        structure += of_structure;
        whole += of_structure * (2.0 * x * y + c1) / (x * x + y * y + c1);
    });
    let windows = mean_x.len() as f64;
    Ok(Similarity { whole: whole / windows, structure: structure / windows })
}

/// Weighted means over all windows inside of the image.
fn blurred(image: ArrayView2<'_, f64>) -> Array2<f64> {
    let kernel = kernel();
    let (rows, columns) = image.dim();
    let (rows_left, columns_left) = (rows + 1 - SSIM_WINDOW, columns + 1 - SSIM_WINDOW);
    let along_column = Array2::from_shape_fn((rows_left, columns), |(y, x)| {
        kernel.iter().enumerate().map(|(step, weight)| weight * image[[y + step, x]]).sum::<f64>()
    });
    Array2::from_shape_fn((rows_left, columns_left), |(y, x)| {
        let weighted = kernel.iter().enumerate();
        weighted.map(|(step, weight)| weight * along_column[[y, x + step]]).sum::<f64>()
    })
}

fn kernel() -> [f64; SSIM_WINDOW] {
    let middle = (SSIM_WINDOW / 2) as f64;
    let weights: [f64; SSIM_WINDOW] = std::array::from_fn(|step| {
        let distance = (step as f64 - middle) / SIGMA;
        (-0.5 * distance * distance).exp()
    });
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_constant_images_only_the_brightness_is_seen() {
        let (a, b) = (Array2::from_elem((12, 12), 1.0), Array2::from_elem((12, 12), 2.0));
        let found = similarity(a.view(), b.view(), 10.0).expect("fits");
        approx::assert_relative_eq!(found.structure, 1.0, epsilon = 1e-9);
        approx::assert_relative_eq!(found.whole, (4.0 + 0.01) / (5.0 + 0.01), epsilon = 1e-9);
    }
}
