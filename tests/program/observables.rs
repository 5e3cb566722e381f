use std::path::Path;
use std::process::Command;

use detectors::Detector;
use hdf5_metno as hdf5;
use ndarray::Array2;
use showerforge::events::chunked::ChunkedReader;
use showerforge::events::{EventFile, EventWriter, Events, Provenance, WriteOptions};
use validation::observables::{EventObservables, ObservableKind};

use crate::python::python_with_h5py;
use crate::support::{names, repository, showerforge, text};
use crate::surrogate::path;

const PHOTONS: &str = "data/geant4_photons_valid.hdf5";

fn run(arguments: &[&str]) -> String {
    let output = showerforge(&[&["observables"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn measured(events: &Events, detector: &Detector) -> EventObservables {
    let scales = events.scales(detector);
    EventObservables::compute(detector, events.values.view(), &scales).unwrap()
}

fn column(file: &hdf5::File, name: &str) -> Vec<f64> {
    let reader = ChunkedReader::open(file.dataset(name).unwrap()).unwrap();
    let rows: Array2<f64> = reader.read(0..reader.len()).unwrap();
    assert_eq!(rows.ncols(), 1, "{name} is one number an event");
    rows.into_raw_vec_and_offset().0
}

fn attribute(location: &hdf5::Location, name: &str) -> String {
    location.attr(name).unwrap().read_scalar::<hdf5::types::VarLenUnicode>().unwrap().to_string()
}

/// Weighted tracks: 500 in all, with a weight below 0.
fn weighted_tracks(to: &Path) -> Events {
    let rich = detectors::builtin("rich-pid").unwrap();
    let events = Events {
        conditions: Array2::from_shape_fn((500, 4), |(event, column)| match column {
            0 => 3000.0 + 10.0 * event as f64,
            1 => 2.5,
            2 => 100.0,
            _ => (event % 5) as f64,
        }),
        values: Array2::from_shape_fn((500, 5), |(event, column)| {
            ((event * 31 + column * 17) % 199) as f32 / 7.0 - 14.0
        }),
        weights: Some((0..500).map(|event| f64::from(event % 7) - 1.0).collect()),
    };
    let (origin, options) = (Provenance::default(), WriteOptions::default());
    let mut writer = EventWriter::create(to, &rich, true, &origin, options).unwrap();
    writer.append(&events).unwrap();
    writer.finish().unwrap();
    events
}

#[test]
fn hdf5_has_a_data_set_for_each_observable() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("observables.h5");
    let said = run(&[PHOTONS, "--output", path(&output)]);
    assert!(said.starts_with("36 columns of 3000 events written to"), "{said}");
    let photons = detectors::builtin("calochallenge-photons").unwrap();
    let events =
        EventFile::open(&repository().join(PHOTONS), &photons).unwrap().read_all().unwrap();
    let expected = measured(&events, &photons);

    let file = hdf5::File::open(&output).unwrap();
    assert_eq!(file.member_names().unwrap().len(), 36);
    for (index, kind) in expected.kinds().iter().enumerate() {
        let name = kind.name(&photons);
        assert_eq!(column(&file, &name), expected.column(index), "{name}");
    }
    assert_eq!(column(&file, "incident_energy"), events.conditions.column(0).to_vec());
    let r90 = file.dataset("r90").unwrap();
    assert_eq!(attribute(&r90, "unit"), "mm");
    assert!(attribute(&r90, "description").contains("90 %"));
    assert_eq!(attribute(&file, "detector"), "calochallenge-photons");
    assert_eq!(attribute(&file, "input_files"), "geant4_photons_valid.hdf5");
    assert_eq!(attribute(&file, "input_sha256").len(), 64);
    assert_eq!(file.attr("format_version").unwrap().read_scalar::<u32>().unwrap(), 1);
    file.close().unwrap();

    let again = showerforge(&["observables", PHOTONS, "--output", path(&output)]);
    assert_eq!(again.status.code(), Some(73), "{}", text(&again.stderr));
    run(&[PHOTONS, "--output", path(&output), "--force"]);
    assert_eq!(names(folder.path()), ["observables.h5"]);
}

#[test]
fn csv_and_json_have_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let tracks = folder.path().join("tracks.h5");
    let events = weighted_tracks(&tracks);
    let (csv, json) = (folder.path().join("out.csv"), folder.path().join("out.json"));
    for output in [&csv, &json] {
        run(&[path(&tracks), "--only", "RichDLLk,RichDLL[mp]", "--output", path(output)]);
    }
    let header = ["RichDLLk", "RichDLLp", "P", "ETA", "nTracks", "species", "weights"];
    let text = std::fs::read_to_string(&csv).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next().unwrap(), header.join(","));
    let rows: Vec<Vec<f64>> =
        lines.map(|line| line.split(',').map(|n| n.parse().unwrap()).collect()).collect();
    assert_eq!(rows.len(), 500);
    let document: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!((&document["events"], &document["detector"]), (&500.into(), &"rich-pid".into()));
    let columns = document["columns"].as_array().unwrap();
    for (index, (name, column)) in header.iter().zip(columns).enumerate() {
        assert_eq!(column["name"], *name);
        let values: Vec<f64> = serde_json::from_value(column["values"].clone()).unwrap();
        let expected: Vec<f64> = match index {
            0 => events.values.column(2).iter().map(|&value| value.into()).collect(),
            1 => events.values.column(3).iter().map(|&value| value.into()).collect(),
            6 => events.weights.clone().unwrap(),
            condition => events.conditions.column(condition - 2).to_vec(),
        };
        assert_eq!(values, expected, "{name}");
        assert!(rows.iter().map(|row| row[index]).eq(expected), "{name}");
    }
    assert_eq!(columns[2]["unit"], "MeV");
    assert_eq!(
        columns[5]["description"],
        "condition species: 0 electron, 1 muon, 2 pion, 3 kaon, 4 proton"
    );
}

#[test]
fn several_files_are_one_table_however_large() {
    let folder = tempfile::tempdir().unwrap();
    // 8 MiB are a block: of 40,500 voxels there are 51 events in one.
    for (name, seed) in [("part_1.h5", "1"), ("part_2.h5", "2")] {
        let file = folder.path().join(name);
        let simulated = showerforge(&[
            "simulate",
            "--detector",
            "calochallenge-electrons-fine",
            "--nevents",
            "70",
            "--energies",
            "1000",
            "--seed",
            seed,
            "--output",
            path(&file),
        ]);
        assert_eq!(simulated.status.code(), Some(0), "{}", text(&simulated.stderr));
    }
    let output = folder.path().join("both.csv");
    let pattern = folder.path().join("part_*.h5");
    run(&[path(&pattern), "--output", path(&output)]);
    let written = std::fs::read_to_string(&output).unwrap();
    let rows: Vec<&str> = written.lines().skip(1).collect();
    assert_eq!(rows.len(), 140);
    let detector = detectors::builtin("calochallenge-electrons-fine").unwrap();
    let second = EventFile::open(&folder.path().join("part_2.h5"), &detector).unwrap();
    let expected = measured(&second.read_all().unwrap(), &detector);
    for (column, found) in rows[139].split(',').take(expected.kinds().len()).enumerate() {
        assert_eq!(found.parse::<f64>().unwrap(), expected.column(column)[69]);
    }
}

#[test]
fn every_observable_of_every_detector_is_listed_and_documented() {
    let documentation = std::fs::read_to_string(repository().join("docs/observables.md")).unwrap();
    for name in detectors::builtin_names() {
        let detector = detectors::builtin(name).unwrap();
        let listed = run(&["--list", "--detector", name]);
        let kinds = ObservableKind::all(&detector);
        assert_eq!(listed.lines().count(), kinds.len());
        for (kind, line) in kinds.iter().zip(listed.lines()) {
            let name = kind.name(&detector);
            assert!(line.starts_with(&name) && line.ends_with(&kind.description(&detector)));
            let documented = match kind.shown_layer(&detector) {
                Some(layer) => format!("{}_l", name.strip_suffix(&format!("_{layer}")).unwrap()),
                None => name,
            };
            assert!(documentation.contains(&format!("`{documented}`")), "{documented}");
        }
    }
    let only = run(&["--list", "--detector", "clic-ecal-25", "--only", "E_1?,depth"]);
    assert_eq!(only.lines().count(), 11, "{only}");
    insta::assert_snapshot!(
        "list_atlas_em_barrel",
        run(&["--list", "--detector", "atlas-em-barrel"])
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = |name: &str| path(&folder.path().join(name)).to_owned();
    let float32 = "tests/fixtures/float32.hdf5";
    for (arguments, code, expected) in [
        (vec![float32, "--output", &output("out.root")], 2, "does not say its format"),
        (vec![float32, "--output", &output("out")], 2, "expected a name that ends in `.h5`"),
        (vec![float32, "--output", &output("o.csv"), "--only", "E_9"], 2, "called `E_9`"),
        (vec![float32], 2, "--output <FILE>"),
        (vec!["--output", &output("o.csv")], 2, "<FILE>"),
        (vec!["--list"], 2, "the detector is not known"),
        (vec![float32, "--output", &output("no/o.csv")], 73, "cannot create output"),
        (vec!["tests/fixtures/missing.hdf5", "--output", &output("o.h5")], 66, "there is no file"),
        (vec!["nothing_*.h5", "--output", &output("o.h5")], 66, "names no files"),
        (vec!["tests/fixtures/nan.hdf5", "--output", &output("o.h5")], 65, "not finite"),
        (vec!["tests/fixtures/negative.hdf5", "--output", &output("o.json")], 65, "negative"),
        (vec!["tests/fixtures/damaged.hdf5", "--output", &output("o.csv")], 65, "damaged"),
        (vec!["tests/fixtures/all_in_gev.hdf5", "--output", &output("o.csv")], 65, "like MeV"),
        (vec!["tests/fixtures/no_events.hdf5", "--output", &output("o.csv")], 65, "no events"),
        (
            vec![float32, "--detector", "calochallenge-pions", "--output", &output("o.csv")],
            65,
            "have 368 values",
        ),
        (
            vec![float32, "--detector", "calochallenge-muons", "--output", &output("o.csv")],
            78,
            "unknown detector",
        ),
    ] {
        let refused = showerforge(&[&["observables"], &arguments[..]].concat());
        let message = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert!(refused.stdout.is_empty());
    }
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}

const READ: &str = r"
import sys, h5py, numpy
with h5py.File(sys.argv[1]) as file:
    assert len(file) == 10, sorted(file)
    for name, column in file.items():
        assert column.shape == (500,) and column.dtype == numpy.float64, column
        assert isinstance(column.attrs['unit'], str) and column.attrs['description'], name
    assert (file['P'][:] == 3000 + 10 * numpy.arange(500)).all()
    assert (file['weights'][:] == numpy.arange(500) % 7 - 1).all()
    k = ((numpy.arange(500) * 31 + 2 * 17) % 199).astype('f4') / numpy.float32(7) - numpy.float32(14)
    assert (file['RichDLLk'][:] == k.astype('f8')).all()
    assert file.attrs['detector'] == 'rich-pid'
";

#[test]
fn the_hdf5_file_opens_in_h5py() {
    let Some(python) = python_with_h5py() else {
        eprintln!("SKIPPED: no Python with h5py; set SHOWERFORGE_TEST_PYTHON to one");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (tracks, output) = (folder.path().join("tracks.h5"), folder.path().join("out.hdf5"));
    weighted_tracks(&tracks);
    run(&[path(&tracks), "--output", path(&output)]);
    let read = Command::new(python).args(["-c", READ]).arg(&output).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}
