use std::path::Path;

use hdf5_metno as hdf5;
use hdf5_metno::types::H5Type;
use ndarray::{Array2, s};

use super::super::ChunkedError;
use super::{NAME, compression, in_folder, open, read, rows, write};

fn make(path: &Path, make: impl FnOnce(&hdf5::File)) {
    let file = hdf5::File::create(path).unwrap();
    make(&file);
    file.close().unwrap();
}

/// A data set as HDF5 writes it, of any shape and chunks.
fn library<T: H5Type>(
    path: &Path,
    shape: &[usize],
    chunk: &[usize],
    filters: impl Fn(hdf5::DatasetBuilder) -> hdf5::DatasetBuilder,
    value: impl Fn(usize) -> T,
) {
    make(path, |file| {
        let data = ndarray::ArrayD::from_shape_vec(
            shape,
            (0..shape.iter().product()).map(value).collect(),
        );
        let builder = filters(file.new_dataset_builder().chunk(chunk));
        builder.with_data(&data.unwrap()).create(NAME).unwrap();
    });
}

#[test]
fn chunks_of_any_shape_are_read() {
    let shapes: [(&[usize], &[usize]); 9] = [
        (&[50], &[7]),
        (&[50, 23], &[50, 23]),
        (&[50, 23], &[7, 23]),
        (&[50, 23], &[7, 5]),
        (&[50, 23], &[50, 1]),
        (&[11, 6, 5, 4], &[3, 6, 5, 4]),
        (&[11, 6, 5, 4], &[3, 4, 5, 4]),
        (&[11, 6, 5, 4], &[3, 6, 2, 4]),
        (&[11, 6, 5, 4], &[2, 4, 3, 3]),
    ];
    for (shape, chunk) in shapes {
        in_folder(|path| {
            let filters = |builder: hdf5::DatasetBuilder| builder.shuffle().deflate(3);
            library(path, shape, chunk, filters, |i| i as i16 - 600);
            assert!(open(path).unwrap().is_parallel());
            let len = shape[0];
            read(path, 0..len);
            read(path, 0..0);
            for events in [0..1, 3..4, 2..9, 5..len, len - 1..len] {
                read(path, events);
            }
        });
    }
}

#[test]
fn every_type_is_read() {
    fn check<T: H5Type>(value: impl Fn(usize) -> T + Copy) {
        in_folder(|path| {
            library(path, &[30, 7], &[4, 7], |builder| builder.deflate(1), value);
            assert!(open(path).unwrap().is_parallel());
            let wide = read(path, 3..30);
            let narrow: Array2<f32> = open(path).unwrap().read(3..30).unwrap();
            assert_eq!(narrow, wide.mapv(|value| value as f32));
        });
    }
    check(|i| i as f32 * 0.3);
    check(|i| i as f64 * 0.3);
    check(|i| i as i8);
    check(|i| i as i16 * -30);
    check(|i| i as i32 * -30_000);
    check(|i| i as i64 * -3_000_000_000);
    check(|i| i as u8);
    check(|i| i as u16 * 300);
    check(|i| i as u32 * 20_000_000);
    check(|i| i as u64 * 80_000_000_000_000_000);
}

#[test]
fn chunks_with_a_fletcher32_sum_are_read_and_the_sum_is_checked() {
    let value = |i: usize| i as f32;
    in_folder(|path| {
        library(path, &[30, 7], &[4, 7], |builder| builder.deflate(3).fletcher32(), value);
        assert!(open(path).unwrap().is_parallel());
        read(path, 3..30);
        library(path, &[30, 7], &[4, 7], |builder| builder.fletcher32(), value);
        assert!(open(path).unwrap().is_parallel());
        read(path, 3..30);
        // 7.0 is a value of the first chunk; without gzip it stands in the file as it is.
        let mut bytes = std::fs::read(path).unwrap();
        let seven = 7f32.to_le_bytes();
        let at = bytes.windows(4).rposition(|window| window == seven).unwrap();
        bytes[at] ^= 1;
        #[expect(clippy::disallowed_methods, reason = "a broken file is the point")]
        std::fs::write(path, bytes).unwrap();
        let damaged = open(path).unwrap().read::<f32>(0..30);
        assert!(matches!(damaged, Err(ChunkedError::DamagedChunk { .. })), "{damaged:?}");
    });
}

#[test]
fn what_hdf5_has_to_read_is_read() {
    let value = |i: usize| i as f32;
    in_folder(|path| {
        library(path, &[30, 7], &[30, 7], |builder| builder.no_chunk(), value);
        assert!(!open(path).unwrap().is_parallel());
        assert_eq!(open(path).unwrap().chunk_events(), None);
        read(path, 3..30);
    });
}

#[test]
fn chunks_that_were_never_written_have_the_fill_value() {
    for gzip in [true, false] {
        in_folder(|path| {
            make(path, |file| {
                let builder = file.new_dataset::<f32>().chunk((4, 3)).fill_value(2.5f32);
                let builder = if gzip { builder.deflate(4) } else { builder };
                let dataset = builder.shape((20, 6)).create(NAME).unwrap();
                dataset.write_slice(rows(3, 2).view(), s![9..12, 2..4]).unwrap();
            });
            assert_eq!(open(path).unwrap().is_parallel(), gzip);
            let rows = read(path, 1..20);
            assert_eq!(rows[[0, 0]], 2.5);
            assert_eq!(rows.iter().filter(|&&value| value != 2.5).count(), 6);
        });
    }
}

#[test]
fn a_range_past_the_end_is_refused() {
    in_folder(|path| {
        write(path, &[5], compression(4, false, 7), &[rows(10, 5).view()]);
        let read = |events| open(path).unwrap().read::<f32>(events).map(|_| ());
        let error = read(3..11).expect_err("past the end").to_string();
        assert_eq!(error, "events 3..11 do not exist: there are 10");
        #[expect(clippy::reversed_empty_ranges, reason = "that is the point")]
        let backwards = 5..3;
        assert!(read(backwards).is_err());
        assert!(read(10..10).is_ok());
    });
}

#[test]
fn types_that_are_no_numbers_are_refused() {
    in_folder(|path| {
        library(path, &[4, 2], &[4, 2], |builder| builder, |i| i % 2 == 0);
        let error = open(path).expect_err("booleans").to_string();
        assert_eq!(error, "type `bool`, expected integers or floats");
    });
}
