//! What is written is read back, by this code and others; damage is told, and nothing is believed.

mod damage;
mod peers;
mod reading;
mod writing;

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use hdf5_metno as hdf5;
use ndarray::{Array2, ArrayView2, s};

use super::{ChunkedError, ChunkedReader, ChunkedWriter, Compression, WriteValue};

const NAME: &str = "rows";

/// Half zeros, as showers are, and nothing that repeats.
fn rows(events: usize, values: usize) -> Array2<f32> {
    Array2::from_shape_fn((events, values), |(event, i)| {
        let mixed = ((event * values + i) as u32).wrapping_mul(2_654_435_761) >> 8;
        if mixed.is_multiple_of(2) { 0.0 } else { mixed as f32 / 1000.0 }
    })
}

fn compression(gzip_level: u8, shuffle: bool, chunk_events: usize) -> Compression {
    Compression { gzip_level, shuffle, chunk_events }
}

fn write<T: WriteValue>(
    path: &Path,
    row_shape: &[usize],
    compression: Compression,
    blocks: &[ArrayView2<'_, T>],
) {
    let file = hdf5::File::create(path).unwrap();
    let mut writer = ChunkedWriter::create(&file, NAME, row_shape, compression).unwrap();
    for block in blocks {
        writer.append(*block).unwrap();
    }
    writer.finish().unwrap();
    file.close().unwrap();
}

/// Waits while a process that another test has just started holds the file: it inherits the lock.
fn file(path: &Path) -> hdf5::Result<hdf5::File> {
    let is_locked = |error: &hdf5::Error| error.to_string().contains("unable to lock file");
    let mut opened = hdf5::File::open(path);
    for _ in 0..200 {
        if !opened.as_ref().is_err_and(is_locked) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        opened = hdf5::File::open(path);
    }
    opened
}

fn dataset(path: &Path) -> hdf5::Dataset {
    file(path).unwrap().dataset(NAME).unwrap()
}

fn open(path: &Path) -> Result<ChunkedReader, ChunkedError> {
    ChunkedReader::open(dataset(path))
}

fn in_folder<R>(run: impl FnOnce(&Path) -> R) -> R {
    let folder = tempfile::tempdir().unwrap();
    run(&folder.path().join("rows.hdf5"))
}

/// Reads with both paths, which must agree.
fn read(path: &Path, events: Range<usize>) -> Array2<f64> {
    let rows: Array2<f64> = open(path).unwrap().read(events.clone()).unwrap();
    let dataset = dataset(path);
    let all = dataset.read_dyn::<f64>().unwrap();
    let shape = (all.shape()[0], rows.ncols());
    let all = all.into_shape_with_order(shape).unwrap();
    assert_eq!(rows, all.slice(s![events, ..]));
    rows
}
