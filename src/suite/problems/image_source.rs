use ndarray::{Array3, Axis, concatenate};

use crate::suite::data::{DataError, ImageSplit, digits, fashion_mnist};
use crate::suite::{DataContext, SuiteError};

/// Images that tasks of translation are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImageSource {
    /// scikit-learn's digits, 8 × 8.
    Digits,
    /// A part of Fashion-MNIST, averaged to 16 × 16.
    Fashion16,
}

/// Training images of Fashion-MNIST that are used.
const FASHION_TRAIN: usize = 4_000;
/// Its test images that are used.
const FASHION_TEST: usize = 500;
const FASHION_SIDE: usize = 16;

impl ImageSource {
    /// Images in −1 to 1, `[images, rows, columns]`, the last [`Self::held_out`] of which are for
    /// tests.
    ///
    /// # Errors
    /// Data that were not fetched, or are damaged.
    pub fn load(self, context: &DataContext) -> Result<Array3<f32>, SuiteError> {
        let ImageSplit { train, test } = match self {
            Self::Digits => digits(),
            Self::Fashion16 => fashion(context)?,
        };
        let [_, rows, columns] = train.shape;
        let all = concatenate(Axis(0), &[train.pixels.view(), test.pixels.view()])
            .expect("both parts have images of the same size");
        let count = all.nrows();
        Ok(all.into_shape_with_order((count, rows, columns)).expect("images of one channel"))
    }

    /// Images for tests.
    pub fn held_out(self) -> usize {
        match self {
            Self::Digits => 359,
            Self::Fashion16 => FASHION_TEST,
        }
    }
}

fn fashion(context: &DataContext) -> Result<ImageSplit, DataError> {
    let ImageSplit { train, test } = fashion_mnist(&context.folder)?;
    let part = |images: &crate::suite::data::ImageSet, count: usize| {
        let chosen: Vec<usize> = (0..count.min(images.len())).collect();
        images.select(&chosen).resampled(FASHION_SIDE, FASHION_SIDE)
    };
    Ok(ImageSplit { train: part(&train, FASHION_TRAIN), test: part(&test, FASHION_TEST) })
}

#[cfg(test)]
mod tests {
    use ndarray::s;

    use super::*;

    #[test]
    fn the_last_digits_are_for_tests() {
        let images = ImageSource::Digits.load(&DataContext::default()).expect("built in");
        assert_eq!(images.dim(), (1797, 8, 8));
        let ImageSplit { test, .. } = digits();
        assert_eq!(test.len(), ImageSource::Digits.held_out());
        let last = images.slice(s![1796, .., ..]);
        assert!(last.iter().eq(test.pixels.row(test.len() - 1)));
        assert!(images.iter().all(|pixel| (-1.0..=1.0).contains(pixel)));
    }
}
