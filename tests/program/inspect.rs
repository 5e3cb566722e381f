use std::fmt::Write as _;

use crate::support::{showerforge, text};

/// What must be refused, with the exit code. Names without a dot are of `tests/fixtures`.
const REFUSED: [(&str, i32); 27] = [
    ("all_in_gev", 65),
    ("damaged", 65),
    ("empty_file", 65),
    ("group", 65),
    ("incident_in_gev", 65),
    ("incident_nan", 65),
    ("incident_negative", 65),
    ("incident_zero", 65),
    ("infinite", 65),
    ("lengths", 65),
    ("nan", 65),
    ("negative", 65),
    ("no_energies", 65),
    ("no_events", 65),
    ("no_such_file", 66),
    ("nothing", 65),
    ("showers_in_gev", 65),
    ("showers_in_kev", 65),
    ("text", 65),
    ("text_data", 65),
    ("three_axes", 65),
    ("truncated", 65),
    ("two_energies", 65),
    ("wrong_names", 65),
    ("./tests", 66),
    ("./Cargo.toml", 65),
    ("other_voxels --detector calochallenge-photons", 65),
];

#[test]
fn refused_files() {
    let mut messages = String::new();
    for (what, code) in REFUSED {
        let (name, options) = what.split_once(' ').unwrap_or((what, ""));
        let path = match name.strip_prefix("./") {
            Some(path) => path.to_owned(),
            None => format!("tests/fixtures/{name}.hdf5"),
        };
        let arguments: Vec<&str> =
            ["inspect", &path].into_iter().chain(options.split_whitespace()).collect();
        let output = showerforge(&arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{what}: {message}");
        assert_eq!(message.lines().count(), 1, "one line, and none of HDF5's own: {message}");
        let _ = writeln!(messages, "{what} ({code})\n  {message}");
    }
    insta::assert_snapshot!("refused_files", messages);
}

#[test]
fn an_unknown_detector_is_a_bad_configuration() {
    let output = showerforge(&[
        "inspect",
        "tests/fixtures/float32.hdf5",
        "--detector",
        "calochallenge-muons",
    ]);
    assert_eq!(output.status.code(), Some(78));
    assert!(text(&output.stderr).contains("known detectors are `calochallenge-photons`"));
}

#[test]
fn good_files_of_every_type_are_described() {
    for name in ["float64_flat", "float64_shuffle", "float16", "integers", "big_endian"] {
        let output = showerforge(&["inspect", &format!("tests/fixtures/{name}.hdf5")]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
        assert!(output.stderr.is_empty());
        let described = text(&output.stdout);
        assert!(described.contains("at 2 values of the incident energy"), "{described}");
        assert!(described.contains("Nothing odd was found."), "{described}");
    }
}

#[test]
fn a_file_with_attributes() {
    let output = showerforge(&["inspect", "tests/fixtures/float32.hdf5"]);
    insta::assert_snapshot!("inspect_float32", text(&output.stdout));
}

#[test]
fn a_file_with_oddities() {
    let output = showerforge(&["inspect", "tests/fixtures/odd.hdf5"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("inspect_odd", text(&output.stdout));
}

#[test]
fn a_continuous_spectrum_is_shown_by_octaves() {
    let output = showerforge(&["inspect", "tests/fixtures/continuous.hdf5"]);
    insta::assert_snapshot!("inspect_continuous", text(&output.stdout));
}

#[test]
fn json_is_for_machines() {
    let output = showerforge(&["inspect", "--json", "tests/fixtures/float32.hdf5"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["events"], 12);
    assert_eq!(json["datasets"][1]["shape"], serde_json::json!([12, 368]));
    assert_eq!(json["incident_energies_mev"]["groups"][1]["low_mev"], 512.0);
    assert_eq!(json["problems"], serde_json::json!([]));
    let refused = showerforge(&["inspect", "--json", "tests/fixtures/nan.hdf5"]);
    let json: serde_json::Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(1));
}
