//! Simulate, inspect, train, generate, validate: once for every built-in detector, with tiny models.

use std::path::Path;

use detectors::{Detector, Response, builtin, builtin_names};
use showerforge::events::EventFile;

use crate::support::{names, repository, showerforge, text};
use crate::surrogate::path;

/// A surrogate that trains in seconds, of the kind that suits the detector.
fn settings(detector: &Detector) -> String {
    let is_table = matches!(detector.response(), Response::Table(_));
    let codec = if is_table {
        "transform = [{ kind = \"quantile-normal\", n_quantiles = 50 }]"
    } else {
        "voxel_scale = \"square-root\""
    };
    let sums = if is_table { "" } else { SUMS_CRITIC };
    let symmetry = detector.is_azimuthally_symmetric();
    format!(
        r#"
format_version = 2
detector = "{}"
codec = {{ {codec} }}

[generator]
latent = 4
network = {{ hidden = [8], activation = "silu" }}
voxel_noise = "independent"
optimiser = {{ kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }}

[[critic]]
name = "event"
sees = "shower"
network = {{ hidden = [8], activation = "leaky-relu" }}
objective = {{ kind = "relativistic-paired" }}
penalty = [{{ kind = "r1", weight = 0.1 }}, {{ kind = "r2", weight = 0.1 }}]
optimiser = {{ kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }}
{sums}
[training]
iterations = 4
batch_size = 16
critic_steps = 1
average_decay = 0.5
azimuthal_symmetry = {symmetry}

[selection]
every = 2
events = 100
"#,
        detector.name()
    )
}

const SUMS_CRITIC: &str = r#"
[[critic]]
name = "sums"
sees = "layer-energies"
network = { hidden = [8], activation = "silu" }
objective = { kind = "wasserstein" }
penalty = [{ kind = "gradient-penalty", weight = 1.0 }]
optimiser = { kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }
"#;

fn run(arguments: &[&str]) -> String {
    let output = showerforge(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    text(&output.stdout)
}

/// Fewer events of many voxels.
fn events(detector: &Detector) -> usize {
    (6_000_000 / detector.value_count()).clamp(90, 300)
}

fn from_simulation_to_report(detector: &Detector, folder: &Path) {
    let name = detector.name();
    let file = |what: &str| folder.join(format!("{name}-{what}"));
    let (data, valid) = (file("train.h5"), file("valid.h5"));
    let count = events(detector).to_string();
    for (output, seed) in [(&data, "1"), (&valid, "2")] {
        run(&[
            "simulate",
            "--detector",
            name,
            "--nevents",
            &count,
            "--seed",
            seed,
            "--output",
            path(output),
        ]);
    }
    let pictures = file("pictures");
    let described =
        run(&["inspect", path(&data), "--full", "--draw", path(&pictures), "--draw-events", "1"]);
    assert!(described.contains(&format!("of detector `{name}`")), "{described}");
    assert!(described.contains("Nothing odd was found.") || described.contains("Odd"));
    assert!(!names(&pictures).is_empty(), "{name}: events are drawn");

    let config = file("config.toml");
    std::fs::write(&config, settings(detector)).unwrap();
    let out = file("run");
    run(&[
        "train",
        path(&config),
        "--data",
        path(&data),
        "--valid",
        path(&valid),
        "--out",
        path(&out),
        "--device",
        "cpu",
    ]);
    let made = file("made.h5");
    run(&[
        "generate",
        "--model",
        path(&out.join("model.safetensors")),
        "--conditions",
        path(&valid),
        "--seed",
        "3",
        "--output",
        path(&made),
    ]);
    let given = EventFile::open(&valid, detector).unwrap().read_all().unwrap();
    let events = EventFile::open(&made, detector).unwrap();
    assert!(events.check().is_ok(), "{name}: what was generated is good");
    let events = events.read_all().unwrap();
    assert_eq!(events.conditions, given.conditions, "{name}");
    assert!(events.values.iter().any(|value| *value != 0.0), "{name}: something was generated");

    let report = file("report");
    let summary = run(&[
        "validate",
        "--reference",
        path(&valid),
        "--generated",
        path(&made),
        "--output",
        path(&report),
        "--classifiers",
        "none",
    ]);
    assert!(summary.contains("worst separation power"), "{name}: {summary}");
    let html = std::fs::read_to_string(report.join("report.html")).unwrap();
    assert!(html.contains(detector.title()), "{name}");
}

#[test]
fn every_built_in_detector_goes_from_simulation_to_report() {
    let folder = tempfile::tempdir().unwrap();
    for name in builtin_names() {
        from_simulation_to_report(&builtin(name).unwrap(), folder.path());
    }
}

#[test]
fn every_shipped_configuration_is_valid_for_its_detector() {
    let mut detectors = std::collections::BTreeSet::new();
    for name in names(&repository().join("configs")).into_iter().filter(|n| n.ends_with(".toml")) {
        let text = std::fs::read_to_string(repository().join("configs").join(&name)).unwrap();
        let settings = showerforge::settings::CheckedSettings::from_toml(&text);
        detectors.insert(settings.unwrap_or_else(|e| panic!("{name}: {e}")).detector.clone());
    }
    let missing: Vec<&str> = builtin_names().filter(|name| !detectors.contains(*name)).collect();
    assert!(missing.is_empty(), "no configuration for {missing:?}");
}

/// Data set 2's binning file of CaloChallenge, as a user has it.
#[test]
fn a_binning_file_is_a_detector() {
    let folder = tempfile::tempdir().unwrap();
    let xml = folder.path().join("binning.xml");
    std::fs::write(
        &xml,
        r#"<Bins><Bin pid="11" name="electron"><Layer id="0" r_edges="0,5,10,20" n_bin_alpha="4"/>
           <Layer id="1" r_edges="0,5,10,20" n_bin_alpha="8"/></Bin></Bins>"#,
    )
    .unwrap();
    let data = folder.path().join("data.h5");
    let geometry = ["--geometry", path(&xml)];
    let made = ["simulate", "--nevents", "200", "--energies", "1000,2000", "--output", path(&data)];
    run(&[&made[..], &geometry].concat());
    let described = run(&[&["inspect", path(&data)][..], &geometry].concat());
    assert!(described.contains("200 events of 36 voxels, of detector `binning`"), "{described}");
    let toml = run(&[&["detectors", "--readout-threshold-mev", "0.1"][..], &geometry].concat());
    let detector = Detector::from_toml(&toml).unwrap();
    assert_eq!((detector.value_count(), detector.readout_threshold()), (36, 0.1));

    let config = folder.path().join("config.toml");
    std::fs::write(&config, settings(&detector)).unwrap();
    let out = folder.path().join("run");
    let train = ["train", path(&config), "--data", path(&data), "--out", path(&out)];
    run(&[&train[..], &geometry].concat());
    let made = folder.path().join("made.h5");
    let model = out.join("model.safetensors");
    run(&[
        "generate",
        "--model",
        path(&model),
        "--energies",
        "1500",
        "--nevents",
        "20",
        "--output",
        path(&made),
    ]);
    assert_eq!(EventFile::open(&made, &detector).unwrap().len(), 20);
}
