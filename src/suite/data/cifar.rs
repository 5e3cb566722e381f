use std::path::{Path, PathBuf};

use super::{DataError, ImageSet, ImageSplit};
use crate::files;

const EXPECTED: &str = "a file of CIFAR-10's binary version";
const SHAPE: [usize; 3] = [3, 32, 32];
/// A label, then 1,024 red, 1,024 green and 1,024 blue bytes.
const RECORD: usize = 1 + 3 * 32 * 32;
const CLASSES: u8 = 10;
/// Files of 10,000 images each.
pub(super) const TRAINING_FILES: [&str; 5] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
];
const TEST_FILE: &str = "test_batch.bin";

/// Reads the folder `cifar-10-batches-bin`; it may lack some of the files to learn from. Without
/// `test_batch.bin`, one image of five is held out.
///
/// # Errors
/// No file to learn from, or one that is cut off or damaged.
pub(super) fn read_folder(folder: &Path) -> Result<ImageSplit, DataError> {
    let paths: Vec<PathBuf> =
        TRAINING_FILES.iter().map(|name| folder.join(name)).filter(|path| path.exists()).collect();
    let train = read_files(&paths)?;
    let test = folder.join(TEST_FILE);
    if test.exists() {
        Ok(ImageSplit { train, test: read_files(&[test])? })
    } else {
        Ok(train.split())
    }
}

fn read_files(paths: &[PathBuf]) -> Result<ImageSet, DataError> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for path in paths {
        let bytes = files::read(path)?;
        let wrong = |problem: String| Err(DataError::format(path, EXPECTED, problem));
        if bytes.is_empty() || bytes.len() % RECORD != 0 {
            let found = bytes.len();
            return wrong(format!("it has {found} bytes, expected a multiple of {RECORD}"));
        }
        for (number, record) in bytes.chunks(RECORD).enumerate() {
            if record[0] >= CLASSES {
                let found = record[0];
                return wrong(format!("image {number} has class {found}, expected 0 to 9"));
            }
            labels.push(usize::from(record[0]));
            pixels.extend_from_slice(&record[1..]);
        }
    }
    let set = ImageSet::from_bytes(SHAPE, &pixels, u8::MAX, Some(labels));
    Ok(set.expect("records are whole images"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::write_atomically;

    fn records(labels: &[u8]) -> Vec<u8> {
        labels
            .iter()
            .flat_map(|&label| [vec![label], vec![label * 20; RECORD - 1]].concat())
            .collect()
    }

    #[test]
    fn batches_are_joined_and_the_test_file_judges() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            write_atomically(&folder.path().join(name), bytes, true).unwrap();
        };
        write(TRAINING_FILES[0], &records(&[1, 2]));
        write(TRAINING_FILES[3], &records(&[9]));
        write(TEST_FILE, &records(&[5]));
        let split = read_folder(folder.path()).unwrap();
        assert_eq!(split.train.labels, Some(vec![1, 2, 9]));
        assert_eq!((split.train.shape, split.test.labels), (SHAPE, Some(vec![5])));
        assert_eq!(split.train.pixels[(2, 3071)], 180.0 / 127.5 - 1.0);

        write(TEST_FILE, &records(&[5])[..3000]);
        let cut_off = read_folder(folder.path()).expect_err("cut off").to_string();
        assert!(cut_off.ends_with("it has 3000 bytes, expected a multiple of 3073"), "{cut_off}");
        write(TEST_FILE, b"");
        assert!(read_folder(folder.path()).is_err());
        write(TEST_FILE, &records(&[5, 10]));
        let other = read_folder(folder.path()).expect_err("class 10").to_string();
        assert!(other.ends_with("image 1 has class 10, expected 0 to 9"), "{other}");
    }
}
