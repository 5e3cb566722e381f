use std::path::Path;

use ndarray::Array2;
use proptest::prelude::*;
use showerforge::ExitCode;
use showerforge::events::{EventFile, EventWriter, Events, EventsError, Provenance, WriteOptions};
use showerforge::files::FileError;

use crate::support::{calorimeter, fixture, names, photons, showerforge, showers, text};

fn provenance() -> Provenance {
    Provenance {
        generator: None,
        seed: Some(u64::MAX),
        first_event: Some(1000),
        events: None,
        model_sha256: Some("00ff".to_owned()),
        more: vec![("note".to_owned(), "η = 0.2 \"quoted\"\nsecond line".to_owned())],
    }
}

/// Writes events in blocks of the given sizes; the last block takes what is left.
fn write(path: &Path, events: &Events, blocks: &[usize], options: WriteOptions) {
    let detector = calorimeter(events.values.ncols());
    let mut writer = EventWriter::create(path, &detector, false, &provenance(), options).unwrap();
    let mut start = 0;
    for &size in blocks.iter().chain([&usize::MAX]) {
        let end = start + size.min(events.len() - start);
        writer.append(&events.select(&(start..end).collect::<Vec<_>>())).unwrap();
        start = end;
    }
    assert_eq!(writer.finish().unwrap(), events.len());
}

fn open(path: &Path, voxels: usize) -> EventFile {
    EventFile::open(path, &calorimeter(voxels)).unwrap()
}

fn some_showers(events: usize, voxels: usize) -> Events {
    let energies: Vec<f64> = (0..events).map(|event| 256.0 + event as f64).collect();
    showers(
        &energies,
        Array2::from_shape_fn((events, voxels), |(event, voxel)| {
            if (event + voxel) % 3 == 0 { (event * voxel) as f32 / 7.0 } else { 0.0 }
        }),
    )
}

fn any_showers() -> impl Strategy<Value = Events> {
    (1usize..40, 1usize..12).prop_flat_map(|(events, voxels)| {
        let energies = prop::collection::vec(1e-3..1e7f64, events);
        let voxel = prop_oneof![Just(0.0f32), 0.0..1e6f32, Just(f32::MIN_POSITIVE)];
        (energies, prop::collection::vec(voxel, events * voxels)).prop_map(
            move |(energies, all)| {
                showers(&energies, Array2::from_shape_vec((events, voxels), all).unwrap())
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_was_written_is_read(
        events in any_showers(),
        chunk_events in 0usize..9,
        gzip_level in 0u8..=9,
        start in 0usize..40,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("showers.hdf5");
        let options = WriteOptions { chunk_events, gzip_level, ..WriteOptions::default() };
        write(&path, &events, &[], options);
        let file = open(&path, events.values.ncols());
        prop_assert_eq!(&file.read_all().unwrap(), &events);
        let start = start.min(events.len() - 1);
        let part = file.read(start..events.len()).unwrap();
        prop_assert_eq!(part.values, events.values.slice(ndarray::s![start.., ..]));
        let streamed: usize = file.blocks().map(|block| file.read(block).unwrap().len()).sum();
        prop_assert_eq!(streamed, events.len());
    }

    #[test]
    fn equal_events_are_equal_bytes_however_they_were_divided(
        events in any_showers(),
        chunk_events in 1usize..9,
        blocks in prop::collection::vec(0usize..7, 0..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let options = WriteOptions { chunk_events, ..WriteOptions::default() };
        let (whole, divided) = (folder.path().join("whole"), folder.path().join("divided"));
        write(&whole, &events, &[], options);
        write(&divided, &events, &blocks, options);
        prop_assert_eq!(std::fs::read(whole).unwrap(), std::fs::read(divided).unwrap());
    }
}

/// Guards against time stamps in the file: HDF5 stores whole seconds.
#[test]
fn the_bytes_do_not_depend_on_when_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    write(&first, &some_showers(50, 20), &[], WriteOptions::default());
    std::thread::sleep(std::time::Duration::from_millis(1100));
    write(&second, &some_showers(50, 20), &[], WriteOptions::default());
    assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
}

#[test]
fn provenance_comes_back_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("showers.hdf5");
    write(&path, &some_showers(3, 4), &[], WriteOptions::default());
    let attributes = open(&path, 4).provenance().unwrap();
    let generator = format!("showerforge {}", env!("CARGO_PKG_VERSION"));
    let expected = [
        ("detector", "row"),
        ("first_event", "1000"),
        ("format_version", "1"),
        ("generator", &generator),
        ("model_sha256", "00ff"),
        ("note", "η = 0.2 \"quoted\"\nsecond line"),
        ("seed", "18446744073709551615"),
        ("unit", "MeV"),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    assert_eq!(attributes, expected);
}

#[test]
fn every_numeric_type_reads_as_the_same_events() {
    let read = |name: &str| {
        let path = fixture(&format!("{name}.hdf5"));
        EventFile::open(&path, &photons()).unwrap().read_all().unwrap()
    };
    let reference = read("float64_flat");
    assert_eq!(reference.conditions.column(0).to_vec()[..2], [256.0, 512.0]);
    assert_eq!(reference.values[[1, 39]], 51.2);
    for name in ["float32", "float64_shuffle", "big_endian"] {
        assert_eq!(read(name), reference, "{name}");
    }
    // 25.6 and 51.2 are not exact in these.
    for (name, tolerance) in [("float16", 0.02), ("integers", 1.0)] {
        let read = read(name);
        assert_eq!(read.conditions, reference.conditions, "{name}");
        let worst = (&read.values - &reference.values).mapv(f32::abs);
        assert!(worst.iter().all(|&difference| difference < tolerance), "{name}");
    }
}

#[test]
fn nothing_is_left_of_a_file_that_was_not_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("showers.hdf5");
    let options = WriteOptions { chunk_events: 2, ..WriteOptions::default() };
    let detector = calorimeter(4);
    let mut writer = EventWriter::create(&path, &detector, false, &provenance(), options).unwrap();
    writer.append(&some_showers(10, 4)).unwrap();
    assert!(!path.exists());
    drop(writer);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn what_no_reader_would_accept_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("showers.hdf5");
    let detector = calorimeter(2);
    let create = || {
        EventWriter::create(&path, &detector, false, &provenance(), WriteOptions::default())
            .unwrap()
    };
    let good = showers(&[256.0], ndarray::array![[1.0, 2.0]]);
    let cases: [(&[f64], Array2<f32>, &str); 6] = [
        (&[256.0], ndarray::array![[1.0, f32::NAN]], "not finite: NaN in event 1, voxel 1"),
        (&[256.0], ndarray::array![[-1.0, 0.0]], "a negative value: -1 in event 1, voxel 0"),
        (&[f64::INFINITY], ndarray::array![[1.0, 0.0]], "not finite: inf in event 1"),
        (&[0.0], ndarray::array![[1.0, 0.0]], "a value of zero, which has no logarithm: 0 in"),
        (&[256.0], ndarray::array![[1.0, 0.0, 0.0]], "values of shape (1, 3)"),
        (&[256.0, 512.0], ndarray::array![[1.0, 0.0]], "conditions of shape (2, 1)"),
    ];
    for (energies, voxels, expected) in cases {
        let mut writer = create();
        writer.append(&good).unwrap();
        let message = writer.append(&showers(energies, voxels)).unwrap_err().to_string();
        assert!(message.contains(expected), "`{message}` should contain `{expected}`");
    }
    let nothing = create().finish().unwrap_err();
    assert!(matches!(nothing, EventsError::NoEvents { .. }), "{nothing}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn an_existing_output_is_kept_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("showers.hdf5");
    write(&path, &some_showers(3, 4), &[], WriteOptions::default());
    let detector = calorimeter(4);
    let refused =
        EventWriter::create(&path, &detector, false, &provenance(), WriteOptions::default());
    assert_eq!(refused.unwrap_err().exit_code(), ExitCode::CannotCreateOutput);
    let force = WriteOptions { force: true, ..WriteOptions::default() };
    write(&path, &some_showers(5, 4), &[], force);
    assert_eq!(open(&path, 4).len(), 5);
    assert_eq!(names(folder.path()), ["showers.hdf5"]);
}

/// Guards against the second of two jobs silently replacing what the first has finished.
#[test]
fn of_two_writers_of_one_output_the_second_to_finish_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("showers.hdf5");
    let detector = calorimeter(4);
    let create = || {
        EventWriter::create(&path, &detector, false, &provenance(), WriteOptions::default())
            .unwrap()
    };
    let (mut first, mut second) = (create(), create());
    second.append(&some_showers(5, 4)).unwrap();
    first.append(&some_showers(3, 4)).unwrap();
    first.finish().unwrap();
    let refused = second.finish().unwrap_err();
    assert!(matches!(refused, EventsError::File(FileError::Exists { .. })), "{refused}");
    assert_eq!(open(&path, 4).len(), 3);
    assert_eq!(names(folder.path()), ["showers.hdf5"]);
}

/// Guards against reading half a file: HDF5 locks what is being written.
#[test]
fn a_file_that_is_being_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("showers.hdf5");
    let _writing = hdf5_metno::File::create(&path).unwrap();
    // The same process may open its own files again, so another one asks.
    let output = showerforge(&["inspect", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(74), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("is locked: another program is still writing it"));
}

#[test]
fn a_range_past_the_end_is_refused() {
    let file = EventFile::open(&fixture("float32.hdf5"), &photons()).unwrap();
    let message = file.read(10..13).unwrap_err().to_string();
    assert!(
        message.starts_with("events 10..13 of ") && message.ends_with("it has 12"),
        "{message}"
    );
}
