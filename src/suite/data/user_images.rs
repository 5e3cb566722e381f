use std::fs;
use std::path::{Path, PathBuf};

use super::idx::IdxArray;
use super::{DataError, ImageSet, ImageSplit, cifar, npz, png_folder};
use crate::files::FileError;

/// Reads images that a user brings, of whatever kind they are:
///
/// - a folder with `data_batch_1.bin` …: CIFAR-10's binary version;
/// - a folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same with `t10k`,
///   gzipped or not: MNIST's format. Labels and the files to judge by may be missing;
/// - a folder of PNG images, by choice in folders of classes, or in `train` and `test`;
/// - an `.npz` or `.npy` file of NumPy;
/// - one IDX file of images, whose labels stand beside it if its name says `images-idx3`.
///
/// # Errors
/// Nothing there, or files that are damaged or of another kind.
pub fn read_images(path: &Path) -> Result<ImageSplit, DataError> {
    let kind = fs::metadata(path).map_err(|source| FileError::reading(path, source))?;
    if !kind.is_dir() {
        let name = path.to_string_lossy().to_lowercase();
        let is_numpy = name.ends_with(".npz") || name.ends_with(".npy");
        return if is_numpy {
            npz::read_numpy(path)
        } else {
            read_idx(path).map(|set| set.split())
        };
    }
    if cifar::TRAINING_FILES.iter().any(|name| path.join(name).exists()) {
        return cifar::read_folder(path);
    }
    if let Some(train) = idx_in(path, "train-images-idx3-ubyte") {
        return read_idx_folder(path, &train);
    }
    png_folder::read_png_folder(path)
}

/// Images in IDX files to learn from and, if they are there, to judge by.
fn read_idx_folder(folder: &Path, train: &Path) -> Result<ImageSplit, DataError> {
    let train = read_idx(train)?;
    let Some(path) = idx_in(folder, "t10k-images-idx3-ubyte") else { return Ok(train.split()) };
    let test = read_idx(&path)?;
    if test.shape != train.shape || test.labels.is_some() != train.labels.is_some() {
        let problem = format!("it has images of shape {:?}, or labels are missing", test.shape);
        return Err(DataError::format(&path, "like the images to learn from", problem));
    }
    Ok(ImageSplit { train, test })
}

/// The file of this name in a folder, gzipped or not.
fn idx_in(folder: &Path, name: &str) -> Option<PathBuf> {
    let candidates = [name.to_owned(), format!("{name}.gz")];
    candidates.iter().map(|name| folder.join(name)).find(|path| path.exists())
}

/// Images of an IDX file, with the labels of the file beside it, if there is one.
///
/// # Errors
/// Files that are damaged, have other axes, or do not fit together.
pub(super) fn read_idx(path: &Path) -> Result<ImageSet, DataError> {
    const EXPECTED: &str = "an IDX file of images";
    let IdxArray { shape, values } = IdxArray::read(path)?;
    let shape = match *shape.as_slice() {
        [_, rows, columns] => [1, rows, columns],
        [_, channels, rows, columns] => [channels, rows, columns],
        _ => {
            let problem = format!("it has shape {shape:?}, expected [images, rows, columns]");
            return Err(DataError::format(path, EXPECTED, problem));
        }
    };
    let labels = labels_beside(path).map(|labels| read_labels(&labels)).transpose()?;
    ImageSet::from_bytes(shape, &values, u8::MAX, labels)
        .map_err(|problem| DataError::format(path, EXPECTED, problem))
}

fn labels_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let labels = name.replace("images-idx3", "labels-idx1").replace("images.idx3", "labels.idx1");
    if labels == name {
        return None;
    }
    let plain = labels.strip_suffix(".gz").unwrap_or(&labels);
    idx_in(path.parent()?, plain)
}

fn read_labels(path: &Path) -> Result<Vec<usize>, DataError> {
    let IdxArray { shape, values } = IdxArray::read(path)?;
    if shape.len() != 1 {
        let problem = format!("it has shape {shape:?}, expected [images]");
        return Err(DataError::format(path, "an IDX file of labels", problem));
    }
    Ok(values.into_iter().map(usize::from).collect())
}

#[cfg(test)]
mod tests {
    use super::super::compressed::gzipped;
    use super::super::idx::idx_bytes;
    use super::*;
    use crate::files::write_atomically;

    #[test]
    fn idx_folders_are_read_with_labels_and_files_to_judge_by() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            write_atomically(&folder.path().join(name), bytes, true).unwrap();
        };
        let images = idx_bytes(&[5, 1, 2], &[0, 255, 1, 2, 3, 4, 5, 6, 7, 8]);
        write("train-images-idx3-ubyte.gz", &gzipped(&images));
        let split = read_images(folder.path()).unwrap();
        assert_eq!((split.train.len(), split.test.len(), split.train.labels), (4, 1, None));

        write("train-labels-idx1-ubyte.gz", &gzipped(&idx_bytes(&[5], &[4, 3, 2, 1, 0])));
        write("t10k-images-idx3-ubyte", &idx_bytes(&[1, 1, 2], &[0, 0]));
        let text = read_images(folder.path()).expect_err("labels are missing").to_string();
        assert!(text.contains("t10k-images-idx3-ubyte` is not like the images"), "{text}");
        write("t10k-labels-idx1-ubyte", &idx_bytes(&[1], &[2]));
        let split = read_images(folder.path()).unwrap();
        assert_eq!(split.train.labels, Some(vec![4, 3, 2, 1, 0]));
        assert_eq!((split.test.len(), split.test.labels), (1, Some(vec![2])));

        write("train-labels-idx1-ubyte.gz", &idx_bytes(&[4], &[4, 3, 2, 1]));
        let text = read_images(folder.path()).expect_err("a label less").to_string();
        assert!(text.ends_with("it has 4 labels, expected 5, one an image"), "{text}");
        write("train-labels-idx1-ubyte.gz", &idx_bytes(&[5, 1], &[4, 3, 2, 1, 0]));
        let text = read_images(folder.path()).expect_err("two axes").to_string();
        assert!(text.ends_with("it has shape [5, 1], expected [images]"), "{text}");
    }

    #[test]
    fn nothing_there_is_a_missing_input() {
        let error = read_images(Path::new("/nowhere/images")).expect_err("nothing there");
        assert_eq!(error.exit_code(), crate::ExitCode::MissingInput);
        assert_eq!(error.to_string(), "there is no file `/nowhere/images`");
    }
}
