//! `showerforge export`: the files, the samples beside them, and what is refused.

use std::path::Path;
use std::process::Command;

use showerforge::events::EventFile;

use crate::support::{names, photons, repository, showerforge, text};
use crate::surrogate::path;

const MODEL: &str = "data/models/photons-geant4.safetensors";

fn export(output: &Path, more: &[&str]) -> (i32, String) {
    let mut arguments = vec!["export", "--model", MODEL, "--output", path(output)];
    arguments.extend(more);
    let run = showerforge(&arguments);
    (run.status.code().unwrap(), text(&run.stdout) + &text(&run.stderr))
}

/// Event 12,345 of seed 1 by `generate`, in the samples of `export`, and in ONNX Runtime.
#[test]
fn event_12345_is_the_same_shower() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let (onnx, samples, events) = (file("model.onnx"), file("samples.hdf5"), file("events.hdf5"));
    let which =
        ["--first-event", "12345", "--nevents", "1", "--seed", "1", "--energies", "2^8..2^13"];
    let (code, said) = export(&onnx, &[&["--samples", path(&samples)], &which[..]].concat());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 samples written"), "{said}");
    let arguments = ["generate", "--model", MODEL, "--output", path(&events)];
    let run = showerforge(&[&arguments[..], &which].concat());
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let generated = EventFile::open(&events, &photons()).unwrap().read_all().unwrap();
    let opened = hdf5_metno::File::open(&samples).unwrap();
    let energies = opened.dataset("energies").unwrap().read_2d::<f32>().unwrap();
    assert_eq!(energies, generated.values);
    assert!(energies.iter().any(|energy| *energy > 0.0));
    let conditions = opened.dataset("conditions").unwrap().read_2d::<f64>().unwrap();
    assert_eq!(conditions, generated.conditions);
    assert_eq!(opened.dataset("noise").unwrap().shape(), [1, 64 + 368]);
    drop(opened);

    let Some(python) = python_with_onnxruntime() else {
        eprintln!(
            "SKIPPED: no Python with h5py, onnx and onnxruntime; set SHOWERFORGE_TEST_PYTHON"
        );
        return;
    };
    let script = repository().join("tests/crosscheck/export/onnx_models.py");
    let output = Command::new(python).arg(script).args([&onnx, &samples]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let (of_scale, flipped) = (found[0]["of_scale"].as_f64(), found[0]["flipped"].as_u64());
    assert!(of_scale.unwrap() <= 1e-5 && flipped == Some(0), "{found}");
}

fn python_with_onnxruntime() -> Option<String> {
    let named = std::env::var("SHOWERFORGE_TEST_PYTHON").ok();
    let candidates = named.into_iter().chain(["python3".to_owned(), ".venv/bin/python".to_owned()]);
    candidates.into_iter().find(|python| {
        let import = Command::new(python).args(["-c", "import h5py, onnx, onnxruntime"]).output();
        import.is_ok_and(|output| output.status.success())
    })
}

#[test]
fn equal_models_give_equal_bytes_and_outputs_are_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one.onnx"), folder.path().join("two.onnx"));
    assert_eq!(export(&one, &[]).0, 0);
    assert_eq!(export(&two, &[]).0, 0);
    let bytes = std::fs::read(&one).unwrap();
    assert!(bytes == std::fs::read(&two).unwrap());
    // About as large as the weights.
    assert!((2_100_000..2_400_000).contains(&bytes.len()), "{}", bytes.len());
    let (code, said) = export(&one, &[]);
    assert_eq!(code, 73, "{said}");
    assert_eq!(export(&one, &["--force"]).0, 0);
}

#[test]
fn what_cannot_be_exported_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    for (options, code, expected) in [
        (&["--signature", "ddml"][..], 65, "is no regular grid of energies"),
        (&["--signature", "par04"], 65, "has layers with different cells"),
        (&["--format", "lwtnn"], 65, "shares the energy of each layer"),
        (&["--format", "lwtnn", "--signature", "par04"], 2, "`--signature` is for `--format onnx`"),
        (&["--maximum-energy", "9000"], 2, "`--maximum-energy` is for `--signature par04`"),
        (&["--condition", "theta=0"], 2, "`--condition` is not used with the signature"),
        (&["--energies", "1000"], 2, "--samples"),
        (&["--samples", "s.hdf5"], 2, "`incident_energy` is not given"),
        (&["--format", "lwtnn", "--samples", "s.hdf5"], 2, "`--samples` is for `--format onnx"),
        (&["--model", "Cargo.toml"], 2, "cannot be used multiple times"),
    ] {
        let (found, said) = export(&to, options);
        assert_eq!(found, code, "{options:?}: {said}");
        assert!(said.contains(expected), "{options:?}: {said}");
    }
    let samples = folder.path().join("samples.hdf5");
    let options = ["--samples", path(&samples), "--energies", "9000"];
    let (code, said) = export(&to, &options);
    assert_eq!(code, 65, "{said}");
    assert_eq!(names(folder.path()), ["out"]);
}
