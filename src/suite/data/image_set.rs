use ndarray::{Array2, Axis};

use crate::random::{Purpose, Streams};

/// Images of one size, by choice with classes.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSet {
    /// `[channels, rows, columns]`
    pub shape: [usize; 3],
    /// From −1, black, to 1.
    ///
    /// # Shapes
    /// `[images, channels × rows × columns]`, row-major.
    pub pixels: Array2<f32>,
    /// The class of each image, from 0.
    pub labels: Option<Vec<usize>>,
}

/// Images to learn from and images to judge by.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSplit {
    pub train: ImageSet,
    pub test: ImageSet,
}

/// One image of so many is held out where nobody has split them.
const HELD_OUT: usize = 5;

impl ImageSet {
    /// From bytes, 0 to `white`.
    ///
    /// # Errors
    /// A shape without pixels, a number of bytes that is no multiple of it, a byte above `white`, or
    /// labels that are not as many, as a fragment of a sentence.
    pub fn from_bytes(
        shape: [usize; 3],
        bytes: &[u8],
        white: u8,
        labels: Option<Vec<usize>>,
    ) -> Result<Self, String> {
        if let Some(byte) = bytes.iter().find(|&&byte| byte > white) {
            return Err(format!("it has pixel {byte}, expected 0 to {white}"));
        }
        let half = f32::from(white) / 2.0;
        let values: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / half - 1.0).collect();
        Self::from_values(shape, values, labels)
    }

    /// From values of −1 to 1.
    ///
    /// # Errors
    /// As [`Self::from_bytes`].
    pub fn from_values(
        shape: [usize; 3],
        values: Vec<f32>,
        labels: Option<Vec<usize>>,
    ) -> Result<Self, String> {
        let pixels: usize = shape.iter().product();
        if pixels == 0 {
            return Err(format!("it has images of shape {shape:?}, without pixels"));
        }
        if !values.len().is_multiple_of(pixels) {
            return Err(format!("it has {} pixels, expected a multiple of {pixels}", values.len()));
        }
        let images = values.len() / pixels;
        if let Some(labels) = labels.as_ref().filter(|labels| labels.len() != images) {
            return Err(format!("it has {} labels, expected {images}, one an image", labels.len()));
        }
        let pixels = Array2::from_shape_vec((images, pixels), values).expect("a multiple of it");
        Ok(Self { shape, pixels, labels })
    }

    pub fn len(&self) -> usize {
        self.pixels.nrows()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Classes from 0 to the largest label; none without labels.
    pub fn classes(&self) -> Option<usize> {
        self.labels.as_ref().map(|labels| labels.iter().max().map_or(0, |&label| label + 1))
    }

    /// The images of these numbers, in this order.
    #[must_use]
    pub fn select(&self, images: &[usize]) -> Self {
        Self {
            shape: self.shape,
            pixels: self.pixels.select(Axis(0), images),
            labels: self
                .labels
                .as_ref()
                .map(|labels| images.iter().map(|&image| labels[image]).collect()),
        }
    }

    /// Holds out one image of five, at random but always the same ones.
    pub fn split(&self) -> ImageSplit {
        const SEED: u64 = 0;
        let mut order: Vec<usize> = (0..self.len()).collect();
        let mut random = Streams::new(SEED, Purpose::Shuffle).uniforms(0);
        for last in (1..order.len()).rev() {
            order.swap(last, random.index(last + 1));
        }
        let (mut test, mut train) = (order[..self.len() / HELD_OUT].to_vec(), order);
        train.drain(..test.len());
        test.sort_unstable();
        train.sort_unstable();
        ImageSplit { train: self.select(&train), test: self.select(&test) }
    }

    /// The images with another number of rows and columns: each new pixel is the mean of the old
    /// ones below it, by area.
    ///
    /// # Panics
    /// If a new side is 0.
    #[must_use]
    pub fn resampled(&self, rows: usize, columns: usize) -> Self {
        let [channels, old_rows, old_columns] = self.shape;
        let (down, across) = (shares(old_rows, rows), shares(old_columns, columns));
        let mut pixels = Array2::zeros((self.len(), channels * rows * columns));
        for (old, mut new) in self.pixels.rows().into_iter().zip(pixels.rows_mut()) {
            for channel in 0..channels {
                for (row, vertical) in down.iter().enumerate() {
                    for (column, horizontal) in across.iter().enumerate() {
                        let mut sum = 0.0;
                        for &(i, height) in vertical {
                            for &(j, width) in horizontal {
                                let place = (channel * old_rows + i) * old_columns + j;
                                sum += height * width * old[place];
                            }
                        }
                        new[(channel * rows + row) * columns + column] = sum;
                    }
                }
            }
        }
        Self { shape: [channels, rows, columns], pixels, labels: self.labels.clone() }
    }
}

/// For each of `new` equal parts of an axis, the old places below it and their shares.
fn shares(old: usize, new: usize) -> Vec<Vec<(usize, f32)>> {
    assert!(new > 0, "an image has pixels");
    let size = old as f64 / new as f64;
    let part = |part: usize| {
        let (low, high) = (part as f64 * size, (part + 1) as f64 * size);
        let places = low.floor() as usize..(high.ceil() as usize).min(old);
        let share = |place: usize| {
            let overlap = high.min((place + 1) as f64) - low.max(place as f64);
            (place, (overlap / size) as f32)
        };
        places.map(share).filter(|&(_, share)| share > 1e-6).collect()
    };
    (0..new).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(images: usize, shape: [usize; 3]) -> ImageSet {
        let pixels: usize = shape.iter().product();
        let values = (0..images * pixels).map(|value| value as f32).collect();
        ImageSet::from_values(shape, values, Some((0..images).collect())).expect("valid")
    }

    #[test]
    fn bytes_become_minus_one_to_one() {
        let set = ImageSet::from_bytes([1, 1, 3], &[0, 8, 16], 16, None).expect("valid");
        assert_eq!(set.pixels.as_slice(), Some(&[-1.0, 0.0, 1.0][..]));
        let refused = |shape, bytes: &[u8], labels| {
            ImageSet::from_bytes(shape, bytes, 16, labels).expect_err("refused")
        };
        assert_eq!(refused([1, 1, 1], &[17], None), "it has pixel 17, expected 0 to 16");
        assert_eq!(refused([1, 2, 1], &[1; 3], None), "it has 3 pixels, expected a multiple of 2");
        let few = refused([1, 1, 1], &[1; 3], Some(vec![0]));
        assert_eq!(few, "it has 1 labels, expected 3, one an image");
        assert!(refused([1, 0, 2], &[], None).contains("without pixels"));
    }

    #[test]
    fn a_split_keeps_every_image_once() {
        let set = numbered(23, [1, 1, 1]);
        let ImageSplit { train, test } = set.split();
        assert_eq!((train.len(), test.len()), (19, 4));
        let mut all: Vec<usize> =
            [&train, &test].iter().flat_map(|set| set.labels.clone().expect("labels")).collect();
        all.sort_unstable();
        assert_eq!(all, (0..23).collect::<Vec<_>>());
        assert_eq!(set.split(), ImageSplit { train, test });
        assert_eq!(set.classes(), Some(23));
    }

    #[test]
    fn areas_are_averaged() {
        // 3 x 2 pixels to 2 x 1: rows (0, 1), (2, 3), (4, 5) with weights 2/3 and 1/3.
        let small = numbered(1, [1, 3, 2]).resampled(2, 1);
        assert_eq!(small.shape, [1, 2, 1]);
        let expected = [(0.5 * 2.0 + 2.5) / 3.0, (2.5 + 4.5 * 2.0) / 3.0];
        approx::assert_relative_eq!(
            small.pixels.as_slice().unwrap(),
            &expected[..],
            epsilon = 1e-6
        );
        let constant = ImageSet::from_values([3, 28, 28], vec![0.3; 3 * 784], None).unwrap();
        let small = constant.resampled(16, 16);
        assert!(small.pixels.iter().all(|pixel| (pixel - 0.3).abs() < 1e-6));
        let same = numbered(2, [2, 4, 4]);
        assert_eq!(same.resampled(4, 4), same);
    }
}
