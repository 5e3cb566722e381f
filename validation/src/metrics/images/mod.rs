//! Measures of one image beside another, and statistics of a single one.
//!
//! Images are `[rows, columns]`; `data_range` is the span of the values that are possible or that
//! are to count: of maps, the greatest less the least value of the reference.

mod low_level;
mod ms_ssim;
mod psnr;
mod sharpness;
mod ssim;

pub use low_level::{LowLevelStatistics, contrast, filter_kurtosis, random_filters};
pub use ms_ssim::{MS_SSIM_WEIGHTS, ms_ssim, ms_ssim_scales};
pub use psnr::psnr;
pub use sharpness::sharpness_difference;
pub use ssim::{SSIM_WINDOW, ssim};

use ndarray::ArrayView2;

use crate::ValidationError;

fn image_error(problem: String) -> ValidationError {
    ValidationError::Image { problem }
}

/// Whether two images can be compared.
fn check_pair(
    reference: ArrayView2<'_, f64>,
    image: ArrayView2<'_, f64>,
    data_range: f64,
) -> Result<(), ValidationError> {
    let (found, expected) = (image.shape(), reference.shape());
    if found != expected {
        return Err(image_error(format!("have shapes {expected:?} and {found:?}, expected one")));
    }
    if reference.is_empty() {
        return Err(image_error("have no pixels".to_owned()));
    }
    if !(data_range.is_finite() && data_range > 0.0) {
        let problem = format!("have the data range {data_range}, expected a positive number");
        return Err(image_error(problem));
    }
    let bad = reference.iter().chain(image.iter()).find(|pixel| !pixel.is_finite());
    match bad {
        Some(pixel) => Err(image_error(format!("have the pixel {pixel}, expected finite ones"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn images_that_cannot_be_compared_are_refused() {
        let of = |shape| Array2::<f64>::ones(shape);
        for (reference, image, range, expected) in [
            (of((3, 4)), of((4, 3)), 1.0, "images have shapes [3, 4] and [4, 3], expected one"),
            (of((0, 4)), of((0, 4)), 1.0, "images have no pixels"),
            (of((3, 4)), of((3, 4)), 0.0, "images have the data range 0, expected a positive"),
            (of((3, 4)), of((3, 4)) * f64::NAN, 1.0, "images have the pixel NaN, expected finite"),
        ] {
            let error = psnr(reference.view(), image.view(), range).expect_err("is refused");
            assert!(error.to_string().starts_with(expected), "{error}");
        }
        let small = of((10, 32));
        let error = ssim(small.view(), small.view(), 1.0).expect_err("is refused");
        assert!(error.to_string().contains("[10, 32]"), "{error}");
    }

    #[test]
    fn an_image_is_its_own_like() {
        let image = Array2::from_shape_fn((24, 20), |(y, x)| ((7 * x + 3 * y) % 13) as f64);
        let same = image.view();
        assert_eq!(psnr(same, same, 12.0).expect("fits"), f64::INFINITY);
        assert_eq!(sharpness_difference(same, same, 12.0).expect("fits"), f64::INFINITY);
        approx::assert_relative_eq!(ssim(same, same, 12.0).expect("fits"), 1.0, epsilon = 1e-12);
        approx::assert_relative_eq!(ms_ssim(same, same, 12.0).expect("fits"), 1.0, epsilon = 1e-12);
    }
}
