use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

use hdf5_metno as hdf5;
use ndarray::s;

use super::super::{ChunkedError, ChunkedReader};
use super::{NAME, compression, dataset, file, in_folder, open, rows, write};

/// 10 chunks of 20 events each, and where the fourth is.
fn write_and_find(path: &Path) -> (u64, u64) {
    write(path, &[50], compression(4, false, 20), &[rows(200, 50).view()]);
    let dataset = dataset(path);
    let found = (0..10).find_map(|i| dataset.chunk_info(i).filter(|info| info.offset[0] == 60));
    let info = found.unwrap();
    (info.addr, info.size)
}

fn overwrite(path: &Path, at: u64, change: impl Fn(u8) -> u8) {
    let file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[change(byte[0])], at).unwrap();
}

#[test]
fn flipped_bits_are_found_and_the_chunk_named() {
    for place in 0..8 {
        in_folder(|path| {
            let (start, size) = write_and_find(path);
            overwrite(path, start + (size - 1) * place / 7, |byte| byte ^ 0x10);
            let reader = open(path).unwrap();
            let error = reader.read::<f32>(0..200).expect_err("damaged").to_string();
            assert!(error.starts_with("the chunk of event 60 and those after it"), "{error}");
            assert!(reader.read::<f32>(80..200).is_ok());
            assert!(reader.read::<f32>(0..60).is_ok());
        });
    }
}

#[test]
fn of_several_damaged_chunks_the_first_is_named() {
    in_folder(|path| {
        let (start, size) = write_and_find(path);
        for at in (start + size / 2..fs::metadata(path).unwrap().len()).step_by(50) {
            overwrite(path, at, |byte| !byte);
        }
        let error = open(path).unwrap().read::<f32>(0..200).expect_err("damaged").to_string();
        assert!(error.starts_with("the chunk of event 60 "), "{error}");
    });
}

#[test]
fn a_short_file_is_an_error() {
    in_folder(|path| {
        write_and_find(path);
        let length = fs::metadata(path).unwrap().len();
        for left in [length - 1, length / 2, 600, 10] {
            fs::OpenOptions::new().write(true).open(path).unwrap().set_len(left).unwrap();
            let read = file(path)
                .and_then(|file| file.dataset(NAME))
                .map_err(ChunkedError::from)
                .and_then(ChunkedReader::open)
                .and_then(|reader| reader.read::<f32>(0..200));
            assert!(read.is_err(), "{left} bytes left");
        }
    });
}

/// Any one byte changed, anywhere: an error or rows, but no panic and no gigabytes.
#[test]
fn no_byte_makes_it_panic() {
    in_folder(|path| {
        write(path, &[5], compression(4, true, 20), &[rows(60, 5).view()]);
        let good = fs::read(path).unwrap();
        let changed = path.with_extension("changed");
        for at in (0..good.len()).step_by(3) {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << (at % 8) | 0x80;
            #[expect(clippy::disallowed_methods, reason = "a broken file is the point")]
            fs::write(&changed, bytes).unwrap();
            let read = file(&changed)
                .and_then(|file| file.dataset(NAME))
                .map_err(ChunkedError::from)
                .and_then(ChunkedReader::open)
                .and_then(|reader| reader.read::<f32>(0..reader.len()));
            drop(read);
        }
    });
}

#[test]
fn absurd_shapes_are_refused_before_anything_is_allocated() {
    let refused = |make: &dyn Fn(hdf5::DatasetBuilder) -> hdf5::Dataset| {
        in_folder(|path| {
            let file = hdf5::File::create(path).unwrap();
            make(file.new_dataset_builder());
            file.close().unwrap();
            let error = open(path).expect_err("absurd");
            assert!(matches!(error, ChunkedError::Implausible { .. }), "{error}");
        });
    };
    let large = 1usize << 40;
    refused(&|builder| {
        let builder = builder.deflate(4).chunk((100, 100)).empty::<f32>();
        builder.shape((large, 100)).create(NAME).unwrap()
    });
    refused(&|builder| {
        let builder = builder.deflate(4).chunk((100, 100)).empty::<f32>();
        let dataset = builder.shape((large, 100)).create(NAME).unwrap();
        dataset.write_slice(rows(100, 100).view(), s![..100, ..]).unwrap();
        dataset
    });
    refused(&|builder| {
        let builder = builder.chunk((1 << 15, 1 << 14)).deflate(4).empty::<f32>();
        builder.shape((0.., 1 << 14)).create(NAME).unwrap()
    });
    refused(&|builder| builder.empty::<f32>().shape((1 << 30, 1 << 30)).create(NAME).unwrap());
    refused(&|builder| builder.empty::<f32>().shape((large, 100)).create(NAME).unwrap());
}

#[test]
fn shapes_without_rows_are_refused() {
    in_folder(|path| {
        let file = hdf5::File::create(path).unwrap();
        file.new_dataset::<f32>().create("scalar").unwrap();
        file.new_dataset::<f32>().shape((3, 0)).create("empty").unwrap();
        for name in ["scalar", "empty"] {
            let error = ChunkedReader::open(file.dataset(name).unwrap()).expect_err("no rows");
            assert!(matches!(error, ChunkedError::NoRows { .. }), "{error}");
        }
    });
}
