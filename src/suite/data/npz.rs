use std::path::Path;

use super::npy::{NpyArray, NpyValues};
use super::zip_archive::ZipArchive;
use super::{DataError, ImageSet, ImageSplit};
use crate::files;

const EXPECTED: &str = "a NumPy file of images";
/// Names of images and labels to learn from, and of those to judge by, as they are in use.
const NAMES: [[&str; 4]; 3] = [
    ["x_train", "y_train", "x_test", "y_test"],
    ["train_images", "train_labels", "test_images", "test_labels"],
    ["images", "labels", "test_images", "test_labels"],
];

/// Reads an `.npz` file, with images to learn from (`x_train`, `train_images`, `images`, or the only
/// array) and by choice their labels (`y_train`, `train_labels`, `labels`), images to judge by
/// (`x_test`, `test_images`) and theirs; or an `.npy` file of images. Where there are no images to
/// judge by, one of five is held out.
///
/// Images are `[images, rows, columns]`, `[images, rows, columns, channels]` or `[images, channels,
/// rows, columns]` with one or three channels; bytes, or floats from 0 or −1 to 1.
///
/// # Errors
/// No file, a damaged one, other names or shapes, values out of range.
pub(super) fn read_numpy(path: &Path) -> Result<ImageSplit, DataError> {
    let bytes = files::read(path)?;
    let wrong = |problem: String| DataError::format(path, EXPECTED, problem);
    if !bytes.starts_with(b"PK") {
        let images = NpyArray::parse(&bytes).and_then(|array| images(array, None));
        return images.map_err(wrong).map(|images| images.split());
    }
    let archive = ZipArchive::from_bytes(path, bytes)?;
    let array = |name: &str| -> Result<Option<NpyArray>, DataError> {
        let content = archive.content(&format!("{name}.npy"))?;
        let parsed = content.map(|bytes| NpyArray::parse(&bytes));
        parsed.transpose().map_err(|problem| wrong(format!("array `{name}`: {problem}")))
    };
    let set = |values: &str, labels: &str| -> Result<Option<ImageSet>, DataError> {
        let Some(found) = array(values)? else { return Ok(None) };
        let labels = array(labels)?.map(|array| {
            class_labels(array).map_err(|problem| wrong(format!("array `{labels}`: {problem}")))
        });
        let found = images(found, labels.transpose()?);
        found.map(Some).map_err(|problem| wrong(format!("array `{values}`: {problem}")))
    };
    for [train, train_labels, test, test_labels] in NAMES {
        let Some(train) = set(train, train_labels)? else { continue };
        return match set(test, test_labels)? {
            None => Ok(train.split()),
            Some(test) if test.shape == train.shape => Ok(ImageSplit { train, test }),
            Some(test) => Err(wrong(format!(
                "its images to judge by have shape {:?}, those to learn from {:?}",
                test.shape, train.shape
            ))),
        };
    }
    let names: Vec<&str> = archive.names().filter_map(|name| name.strip_suffix(".npy")).collect();
    if let [name] = names.as_slice() {
        let only = set(name, "")?.expect("it was just listed");
        return Ok(only.split());
    }
    Err(wrong(format!(
        "it has arrays {}, expected `x_train`, `train_images` or `images`",
        names.join(", ")
    )))
}

fn images(array: NpyArray, labels: Option<Vec<usize>>) -> Result<ImageSet, String> {
    let NpyArray { shape, values } = array;
    let is_colour = |channels: usize| channels == 1 || channels == 3;
    let (shape, channels_last) = match *shape.as_slice() {
        [_, rows, columns] => ([1, rows, columns], false),
        [_, rows, columns, channels] if is_colour(channels) => ([channels, rows, columns], true),
        [_, channels, rows, columns] if is_colour(channels) => ([channels, rows, columns], false),
        _ => {
            return Err(format!(
                "it has shape {shape:?}, expected [images, rows, columns], or four axes with 1 or 3 \
                 channels behind the images or at the end"
            ));
        }
    };
    match values {
        NpyValues::Bytes(bytes) => {
            let bytes = if channels_last { channels_first(shape, &bytes) } else { bytes };
            ImageSet::from_bytes(shape, &bytes, u8::MAX, labels)
        }
        NpyValues::Integers(_) => {
            Err("it holds integers, expected bytes (uint8) or floats".to_owned())
        }
        NpyValues::Floats(values) => {
            let values = in_range(&values)?;
            let values = if channels_last { channels_first(shape, &values) } else { values };
            ImageSet::from_values(shape, values, labels)
        }
    }
}

/// `[images, rows, columns, channels]` to `[images, channels, rows, columns]`.
fn channels_first<T: Copy>([channels, rows, columns]: [usize; 3], values: &[T]) -> Vec<T> {
    let places = rows * columns;
    let image = |image: &[T]| -> Vec<T> {
        let pixel = |at: usize| image[at % places * channels + at / places];
        (0..channels * places).map(pixel).collect()
    };
    values.chunks(channels * places).flat_map(image).collect()
}

/// Floats from −1 to 1 as they are, and from 0 to 1 spread over that.
fn in_range(values: &[f64]) -> Result<Vec<f32>, String> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.iter().any(|value| !value.is_finite()) {
        return Err("it has values that are not finite".to_owned());
    }
    if !values.is_empty() && (low < -1.0 || high > 1.0) {
        return Err(format!("it has values from {low} to {high}, expected 0 or −1 to 1"));
    }
    let spread = |value: f64| if low < 0.0 { value } else { 2.0 * value - 1.0 };
    Ok(values.iter().map(|&value| spread(value) as f32).collect())
}

fn class_labels(array: NpyArray) -> Result<Vec<usize>, String> {
    if !matches!(array.shape.as_slice(), [_] | [_, 1]) {
        return Err(format!("it has shape {:?}, expected [images]", array.shape));
    }
    match array.values {
        NpyValues::Bytes(bytes) => Ok(bytes.into_iter().map(usize::from).collect()),
        NpyValues::Integers(numbers) => numbers
            .into_iter()
            .map(|number| {
                let label = usize::try_from(number).ok().filter(|&label| label < MOST_CLASSES);
                label.ok_or_else(|| {
                    format!("it has class {number}, expected 0 to {}", MOST_CLASSES - 1)
                })
            })
            .collect(),
        NpyValues::Floats(_) => Err("it holds floats, expected integers".to_owned()),
    }
}

/// More are a mistake.
const MOST_CLASSES: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::super::npy::npy_bytes;
    use super::super::zip_archive::archive;
    use super::*;
    use crate::files::write_atomically;

    fn read(bytes: &[u8]) -> Result<ImageSplit, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npz");
        write_atomically(&path, bytes, false).unwrap();
        read_numpy(&path)
            .map_err(|error| error.to_string().split_once("images: ").unwrap().1.to_owned())
    }

    fn floats(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn names_of_common_files_are_known() {
        let train = npy_bytes("|u1", &[2, 1, 2], &[0, 255, 255, 0]);
        let train_labels = npy_bytes("<i8", &[2, 1], &[3_i64, 0].map(i64::to_le_bytes).concat());
        let test = npy_bytes("|u1", &[1, 1, 2], &[255, 255]);
        let test_labels = npy_bytes("|u1", &[1], &[2]);
        let members: Vec<(&str, &[u8])> = vec![
            ("x_train.npy", &train),
            ("y_train.npy", &train_labels),
            ("x_test.npy", &test),
            ("y_test.npy", &test_labels),
        ];
        for deflate in [false, true] {
            let split = read(&archive(&members, deflate)).unwrap();
            assert_eq!(split.train.shape, [1, 1, 2]);
            assert_eq!(split.train.pixels.as_slice(), Some(&[-1.0, 1.0, 1.0, -1.0][..]));
            assert_eq!(split.train.labels, Some(vec![3, 0]));
            assert_eq!((split.test.len(), split.test.labels), (1, Some(vec![2])));
        }
    }

    #[test]
    fn channels_may_be_last_and_floats_from_zero() {
        // Two places of three channels.
        let values = [0.0, 0.1, 0.2, 0.5, 0.6, 1.0];
        let array = npy_bytes("<f4", &[1, 1, 2, 3], &floats(&values));
        let split = read(&archive(&[("arr_0.npy", &array)], false)).unwrap();
        assert_eq!(split.train.shape, [3, 1, 2]);
        let expected = [-1.0, 0.0, -0.8, 0.2, -0.6, 1.0];
        let found = split.train.pixels.as_slice().unwrap();
        approx::assert_relative_eq!(found, &expected[..], epsilon = 1e-6);
        let signed = npy_bytes("<f4", &[2, 1, 1], &floats(&[-0.5, 0.5]));
        assert_eq!(read(&signed).unwrap().train.pixels.as_slice(), Some(&[-0.5, 0.5][..]));
    }

    #[test]
    fn what_cannot_be_images_says_why() {
        let refused = |array: Vec<u8>| read(&array).expect_err("refused");
        let flat = npy_bytes("|u1", &[2, 4], &[0; 8]);
        assert!(refused(flat).starts_with("it has shape [2, 4], expected [images, rows, columns]"));
        let large = npy_bytes("<f4", &[1, 1, 2], &floats(&[0.0, 255.0]));
        assert_eq!(refused(large), "it has values from 0 to 255, expected 0 or −1 to 1");
        let wide = npy_bytes("<i8", &[1, 1, 1], &[0; 8]);
        assert!(refused(wide).contains("expected bytes (uint8) or floats"));
        let other = archive(&[("a.npy", b""), ("b.npy", b"")], false);
        assert_eq!(
            refused(other),
            "it has arrays a, b, expected `x_train`, `train_images` or `images`"
        );
        let (images, labels) =
            (npy_bytes("|u1", &[2, 1, 1], &[0; 2]), npy_bytes("|u1", &[1], &[0]));
        let few = archive(&[("images.npy", &images), ("labels.npy", &labels)], false);
        assert_eq!(refused(few), "array `images`: it has 1 labels, expected 2, one an image");
    }
}
