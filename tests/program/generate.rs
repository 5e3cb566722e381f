use std::path::Path;

use assert_cmd::Command;
use showerforge::events::{EventFile, Events};
use showerforge::model::FORMAT_VERSION;

use crate::support::{photons, showerforge, text};
use crate::surrogate::{Surrogate, path};

fn generate(to: &Path, more: &[&str]) -> (i32, String) {
    let model = Surrogate::get().model();
    let mut arguments = vec!["generate", "--model", path(&model), "--output", path(to)];
    arguments.extend(more);
    let run = showerforge(&arguments);
    (run.status.code().unwrap(), text(&run.stderr))
}

fn generated(to: &Path, more: &[&str]) -> Events {
    let (code, message) = generate(to, more);
    assert_eq!(code, 0, "{message}");
    EventFile::open(to, &photons()).unwrap().read_all().unwrap()
}

#[test]
fn any_split_into_jobs_gives_the_same_events() {
    let folder = tempfile::tempdir().unwrap();
    let to = |name: &str| folder.path().join(name);
    let all = ["--energies", "2^8..2^13", "--seed", "3", "--nevents", "200"];
    let whole = generated(&to("whole.h5"), &all);
    // Not at the boundaries of a block of 64.
    for (name, first, events) in [("a", 0, 1), ("b", 1, 69), ("c", 70, 58), ("d", 128, 72)] {
        let (events_text, first_text) = (events.to_string(), first.to_string());
        let part = ["--energies", "2^8..2^13", "--seed", "3", "--nevents", &events_text];
        let part = [&part[..], &["--first-event", &first_text]].concat();
        let part = generated(&to(name), &part);
        let range = first..first + events;
        let conditions = whole.conditions.slice(ndarray::s![range.clone(), ..]);
        assert_eq!(part.conditions, conditions);
        let expected = whole.values.slice(ndarray::s![range, ..]);
        assert!(part.values.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |threads: &str| {
        let to = folder.path().join(threads);
        Command::cargo_bin("showerforge")
            .unwrap()
            .env("RAYON_NUM_THREADS", threads)
            .args(["generate", "--model", path(&Surrogate::get().model()), "--nevents", "300"])
            .args(["--energies", "2^8..2^13", "--output", path(&to)])
            .assert()
            .success();
        std::fs::read(to).unwrap()
    };
    let one = bytes("1");
    assert!(one == bytes("2") && one == bytes("7"));
}

#[test]
fn events_keep_the_readout_threshold_and_differ_by_seed() {
    let folder = tempfile::tempdir().unwrap();
    let of_seed = |seed: &str| {
        let options = ["--energies", "1000,4000", "--nevents", "100", "--seed", seed];
        generated(&folder.path().join(seed), &options)
    };
    let (one, two) = (of_seed("1"), of_seed("2"));
    assert!(one.values.iter().all(|v| *v == 0.0 || (*v >= 1.0 && v.is_finite())));
    assert_eq!(one.conditions.column(0).to_vec()[..3], [1000.0, 4000.0, 1000.0]);
    assert_ne!(one.values, two.values);
}

#[test]
fn conditions_come_from_the_events_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let valid = Surrogate::get().valid();
    let options = ["--conditions", path(&valid), "--first-event", "200"];
    let made = generated(&folder.path().join("made.h5"), &options);
    let given = EventFile::open(&valid, &photons()).unwrap().read_all().unwrap();
    assert_eq!(made.conditions, given.conditions.slice(ndarray::s![200.., ..]));
    let too_many = ["--conditions", path(&valid), "--nevents", "241"];
    let (code, message) = generate(&folder.path().join("more.h5"), &too_many);
    assert_eq!(code, 65);
    assert!(message.contains("have 240 events; events 0 to 240 were asked for"), "{message}");
}

#[test]
fn what_cannot_be_generated_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    for (options, code, expected) in [
        (
            &["--nevents", "5", "--energies", "9000", "--strict"][..],
            65,
            "outside of the 256 to 8192 MeV",
        ),
        (&["--nevents", "0", "--energies", "1000"], 2, "must be at least 1"),
        (
            &["--nevents", "5", "--energies", "1000", "--first-event", "18446744073709551610"],
            2,
            "does not fit 64 bits",
        ),
        (&["--nevents", "5", "--energies", "1000", "--condition", "theta=1"], 2, "no condition"),
        (&["--nevents", "5", "--energies", "warm"], 2, "not a list of energies"),
        (&["--nevents", "5"], 2, "`incident_energy` is not given; give `--energies`"),
        (
            &["--nevents", "5", "--conditions", "tests/fixtures/nan.hdf5", "--energies", "1000"],
            2,
            "cannot be used with",
        ),
        (&["--nevents", "5", "--conditions", "no_such_file"], 66, "there is no file"),
        (&["--nevents", "5", "--energies", "1000", "--device", "cuda:9"], 78, "not available"),
    ] {
        let (found, message) = generate(&to, options);
        assert_eq!(found, code, "{options:?}: {message}");
        assert!(message.contains(expected), "{options:?}: {message}");
    }
    assert!(crate::support::names(folder.path()).is_empty());
    let good = ["--nevents", "5", "--energies", "1000"];
    assert_eq!(generate(&to, &good).0, 0);
    let before = std::fs::read(&to).unwrap();
    let (code, message) = generate(&to, &["--nevents", "9", "--energies", "1000"]);
    assert_eq!(code, 73, "{message}");
    assert!(message.contains("`--force`"), "{message}");
    assert_eq!(std::fs::read(&to).unwrap(), before);
    assert_eq!(generate(&to, &["--nevents", "9", "--energies", "1000", "--force"]).0, 0);
}

#[test]
fn files_that_are_no_models_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(Surrogate::get().model()).unwrap();
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect(from);
        let mut changed = bytes.clone();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        changed
    };
    let version = |number: u64| format!(r#"\"format_version\":{number},"#);
    let newer = replaced(&version(FORMAT_VERSION), &version(7));
    let older = replaced(&version(FORMAT_VERSION), &version(1));
    let renamed = replaced(
        "generator.network.layers.1.bias",
        "generator.network.layers.1.bias".replace("bias", "boas").as_str(),
    );
    let mut not_finite = bytes.clone();
    let end = not_finite.len();
    not_finite[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("older", older, "format version 1, this version of showerforge reads 3; use the"),
        ("newer", newer, "format version 7, this version of showerforge reads 3"),
        ("renamed", renamed, "`generator.network.layers.1.bias` is missing"),
        ("not-finite", not_finite, "not finite"),
        ("cut", bytes[..bytes.len() - 100].to_vec(), "cut off"),
        ("text", b"model".to_vec(), "not a safetensors file"),
        ("empty", Vec::new(), "not a safetensors file"),
    ];
    for (name, content, expected) in cases {
        let model = folder.path().join(name);
        std::fs::write(&model, content).unwrap();
        let to = folder.path().join("out.h5");
        let run = showerforge(&[
            "generate",
            "--model",
            path(&model),
            "--nevents",
            "5",
            "--energies",
            "1000",
            "--output",
            path(&to),
        ]);
        let message = text(&run.stderr);
        assert_eq!(run.status.code(), Some(65), "{name}: {message}");
        assert!(message.contains(expected), "{name}: {message}");
    }
}

#[test]
fn a_model_describes_itself() {
    let model = Surrogate::get().model();
    let run = showerforge(&["inspect", path(&model)]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let described = text(&run.stdout);
    for expected in [
        "calochallenge-photons",
        "368 voxels in 5 layers",
        "256 to 8192 MeV",
        "8 iterations on cpu, seed 1",
        "400 events of train.hdf5",
        "batch_size = 32",
    ] {
        assert!(described.contains(expected), "`{described}` should contain `{expected}`");
    }
    let json = showerforge(&["inspect", path(&model), "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["training"]["iteration"], 8);
}
