use std::fs;

use hdf5_metno as hdf5;
use ndarray::{Array2, s};
use proptest::prelude::*;

use super::super::{ChunkedWriter, Compression, WriteValue, events_per_chunk};
use super::{NAME, compression, in_folder, open, read, rows, write};

fn round_trip<T: WriteValue + Into<f64> + PartialEq>(value: impl Fn(usize) -> T) {
    for (gzip_level, shuffle) in [(0, false), (1, false), (4, true), (9, false), (0, true)] {
        for row_shape in [&[][..], &[5], &[3, 2, 4]] {
            let row_len = row_shape.iter().product();
            let rows = Array2::from_shape_fn((23, row_len), |(event, i)| value(event * 31 + i));
            in_folder(|path| {
                let blocks = [rows.slice(s![..10, ..]), rows.slice(s![10.., ..])];
                write(path, row_shape, compression(gzip_level, shuffle, 7), &blocks);
                assert_eq!(read(path, 0..23), rows.mapv(Into::into));
                assert_eq!(read(path, 6..15), rows.slice(s![6..15, ..]).mapv(Into::into));
                let reader = open(path).unwrap();
                assert_eq!(reader.is_parallel(), gzip_level > 0);
                assert_eq!(reader.chunk_events(), Some(7));
                assert_eq!(reader.shape()[1..], *row_shape);
            });
        }
    }
}

#[test]
fn every_type_and_shape_comes_back() {
    round_trip(|i| i as f32 * 0.37 - 50.0);
    round_trip(|i| i as f64 * 1e-300);
    round_trip(|i| i as u8);
    round_trip(|i| i as i8);
    round_trip(|i| i as i32 * -100_003);
}

#[test]
fn integers_of_64_bits_come_back() {
    let rows = Array2::from_shape_fn((9, 2), |(event, i)| (event as i64 - 4) << (i * 40));
    in_folder(|path| {
        write(path, &[2], compression(4, false, 4), &[rows.view()]);
        assert_eq!(read(path, 0..9), rows.mapv(|value| value as f64));
    });
}

#[test]
fn views_of_any_layout_are_written_in_order() {
    let rows = rows(40, 6);
    in_folder(|path| {
        let wide = Array2::from_shape_fn((40, 12), |(event, i)| rows[[event, i / 2]]);
        let columns = rows.t().as_standard_layout().into_owned();
        let blocks = [wide.slice(s![..20, ..;2]), columns.slice(s![.., 20..]).reversed_axes()];
        write(path, &[6], compression(4, false, 16), &blocks);
        assert_eq!(read(path, 0..40), rows.mapv(f64::from));
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn equal_rows_make_equal_bytes(
        cuts in proptest::collection::vec(0usize..700, 0..12),
        gzip_level in 0u8..=9,
        shuffle: bool,
    ) {
        let rows = rows(700, 9);
        let bytes = |cuts: &[usize]| in_folder(|path| {
            let ends = cuts.iter().copied().chain([700]);
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let blocks: Vec<_> =
                starts.zip(ends).map(|(a, b)| rows.slice(s![a..b, ..])).collect();
            write(path, &[9], compression(gzip_level, shuffle, 3), &blocks);
            fs::read(path).unwrap()
        });
        let mut cuts = cuts;
        cuts.sort_unstable();
        prop_assert!(bytes(&cuts) == bytes(&[]));
    }
}

/// Two data sets in one file, whose batches end at different events.
#[test]
fn equal_bytes_for_data_sets_in_turn() {
    let (energies, voxels) = (rows(900, 1), rows(900, 13));
    let bytes = |block: usize| {
        in_folder(|path| {
            let file = hdf5::File::create(path).unwrap();
            let create = |name, values, chunk_events| {
                let compression = compression(4, false, chunk_events);
                ChunkedWriter::<f32>::create(&file, name, &[values], compression).unwrap()
            };
            let (mut a, mut b) = (create("a", 1, 2), create("b", 13, 3));
            let mut start = 0;
            while start < 900 {
                let to_block_end = block - start % block;
                let end = 900.min(start + to_block_end.min(a.room()).min(b.room()));
                a.append(energies.slice(s![start..end, ..])).unwrap();
                b.append(voxels.slice(s![start..end, ..])).unwrap();
                start = end;
            }
            assert_eq!((a.len(), b.len()), (900, 900));
            a.finish().unwrap();
            b.finish().unwrap();
            file.close().unwrap();
            fs::read(path).unwrap()
        })
    };
    let expected = bytes(900);
    for block in [1, 7, 130, 500] {
        assert!(bytes(block) == expected, "blocks of {block}");
    }
}

/// Chunks that are taken as they are stored, from where they fit, and rows from where they do not.
#[test]
fn rows_of_a_file_give_the_bytes_of_the_same_rows() {
    let all = rows(500, 13);
    let expected = |compression| {
        in_folder(|path| {
            write(path, &[13], compression, &[all.view()]);
            fs::read(path).unwrap()
        })
    };
    let wanted = compression(4, false, 7);
    let others = [(4, false, 7), (4, false, 14), (1, false, 7), (4, true, 7), (0, false, 7)];
    for (level, shuffle, chunk) in others {
        in_folder(|path| {
            write(path, &[13], compression(level, shuffle, chunk), &[all.view()]);
            let source = open(path).unwrap();
            for (begin, block) in [(0, 500), (0, 70), (0, 21), (0, 5), (3, 70), (7, 70), (10, 33)] {
                let copy = in_folder(|path| {
                    let file = hdf5::File::create(path).unwrap();
                    let mut writer =
                        ChunkedWriter::<f32>::create(&file, NAME, &[13], wanted).unwrap();
                    writer.append(all.slice(s![..begin, ..])).unwrap();
                    for start in (begin..500).step_by(block) {
                        let some = all.slice(s![start..500.min(start + block), ..]);
                        writer.append_from(some, &source, start).unwrap();
                    }
                    writer.finish().unwrap();
                    file.close().unwrap();
                    fs::read(path).unwrap()
                });
                let of = format!("{level} {shuffle} {chunk}, from {begin} in blocks of {block}");
                assert!(copy == expected(wanted), "{of}");
            }
        });
    }
}

/// Guards against values being compressed again that need not be: what is stored decides, even if it
/// is not what this program would have made.
#[test]
fn whole_chunks_are_taken_as_they_are_stored() {
    let all = rows(20, 3);
    let other = rows(20, 3).mapv(|value| value + 1.0);
    in_folder(|path| {
        write(path, &[3], compression(4, false, 7), &[other.view()]);
        let source = open(path).unwrap();
        in_folder(|path| {
            let file = hdf5::File::create(path).unwrap();
            let wanted = compression(4, false, 7);
            let mut writer = ChunkedWriter::<f32>::create(&file, NAME, &[3], wanted).unwrap();
            writer.append_from(all.view(), &source, 0).unwrap();
            writer.finish().unwrap();
            file.close().unwrap();
            let read = open(path).unwrap().read::<f32>(0..20).unwrap();
            assert_eq!(read.slice(s![..14, ..]), other.slice(s![..14, ..]));
            assert_eq!(read.slice(s![14.., ..]), all.slice(s![14.., ..]));
        });
    });
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let rows = rows(500, 20);
    let bytes = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        in_folder(|path| {
            pool.install(|| write(path, &[20], compression(6, true, 8), &[rows.view()]));
            fs::read(path).unwrap()
        })
    };
    assert!(bytes(1) == bytes(5));
}

#[test]
fn nothing_appended_is_an_empty_data_set() {
    in_folder(|path| {
        write::<f32>(path, &[5], compression(4, false, 7), &[]);
        let reader = open(path).unwrap();
        assert!(reader.is_empty());
        assert_eq!(reader.read::<f32>(0..0).unwrap().dim(), (0, 5));
    });
}

#[test]
fn settings_that_cannot_be_are_refused() {
    in_folder(|path| {
        let file = hdf5::File::create(path).unwrap();
        let create = |row_shape: &[usize], compression| {
            let made = ChunkedWriter::<f32>::create(&file, NAME, row_shape, compression);
            made.expect_err("refused").to_string()
        };
        assert_eq!(create(&[5], compression(10, false, 7)), "gzip level 10, expected 0 to 9");
        assert_eq!(create(&[5, 0], compression(4, false, 7)), "shape [5, 0] has no rows of values");
        assert!(create(&[1 << 20], compression(4, false, 1 << 10)).contains("4 GiB"));
        assert!(create(&[usize::MAX], compression(4, false, 0)).contains("4 GiB"));
        let mut writer =
            ChunkedWriter::<f32>::create(&file, NAME, &[5], Compression::default()).unwrap();
        let error = writer.append(rows(2, 6).view()).expect_err("refused");
        assert_eq!(error.to_string(), "rows of 6 values, expected 5");
    });
}

#[test]
fn chunks_are_half_a_mebibyte() {
    assert_eq!(events_per_chunk(6480, 4), 20);
    assert_eq!(events_per_chunk(64 * 64, 1), 128);
    assert_eq!(events_per_chunk(1, 1), 1000);
    assert_eq!(events_per_chunk(usize::MAX, 8), 1);
    assert_eq!(events_per_chunk(0, 0), 1000);
}
