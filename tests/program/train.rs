use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{showerforge, text};
use crate::surrogate::{SETTINGS, Surrogate, path};

const STATE: [&str; 3] = ["checkpoint.safetensors", "model-last.safetensors", "metrics.jsonl"];

fn assert_same_state(a: &Path, b: &Path) {
    for name in STATE.into_iter().chain(["model.safetensors"]) {
        let (a, b) = (std::fs::read(a.join(name)).unwrap(), std::fs::read(b.join(name)).unwrap());
        assert!(a == b, "`{name}` differs");
    }
}

#[test]
fn forty_iterations_at_once_are_twenty_and_twenty_resumed() {
    let (surrogate, folder) = (Surrogate::get(), tempfile::tempdir().unwrap());
    let (once, twice) = (folder.path().join("once"), folder.path().join("twice"));
    let runs = [
        surrogate.train(&once, &["--max-iterations", "40"]),
        surrogate.train(&twice, &["--max-iterations", "20"]),
        surrogate.train(&twice, &["--max-iterations", "40", "--resume"]),
    ];
    for run in runs {
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    }
    assert_same_state(&once, &twice);
}

/// Guards the promise that which events an iteration sees follows from the seed alone.
#[test]
fn a_sample_greater_than_the_memory_is_streamed_and_resumes_alike() {
    let folder = tempfile::tempdir().unwrap();
    for part in 0..8 {
        let to = folder.path().join(format!("part_{part}.h5"));
        let first = (part * 300).to_string();
        let made = showerforge(&[
            "simulate",
            "--detector",
            "calochallenge-photons",
            "--nevents",
            "300",
            "--first-event",
            &first,
            "--output",
            path(&to),
        ]);
        assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    }
    let config = folder.path().join("streamed.toml");
    let small = SETTINGS.replace("critic_steps = 2", "critic_steps = 2\nmemory_mib = 1");
    std::fs::write(&config, small).unwrap();
    let pattern = folder.path().join("part_*.h5");
    let train = |out: &str, more: &[&str]| {
        let out = folder.path().join(out);
        let train = ["-v", "train", path(&config), "--data", path(&pattern), "--out", path(&out)];
        let run = showerforge(&[&train[..], more].concat());
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        assert!(text(&run.stderr).contains("is streamed"), "{}", text(&run.stderr));
    };
    train("once", &["--max-iterations", "30"]);
    train("twice", &["--max-iterations", "13"]);
    train("twice", &["--max-iterations", "30", "--resume"]);
    assert_same_state(&folder.path().join("once"), &folder.path().join("twice"));
}

#[test]
fn a_signal_saves_exits_with_75_and_resuming_changes_nothing() {
    let (surrogate, folder) = (Surrogate::get(), tempfile::tempdir().unwrap());
    let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
    let config = folder.path().join("long.toml");
    std::fs::write(&config, SETTINGS.replace("iterations = 60", "iterations = 1000000")).unwrap();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("showerforge"))
        .args(["train", path(&config), "--data", path(&surrogate.data())])
        .args(["--valid", path(&surrogate.valid()), "--out", path(&stopped), "--device", "cpu"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let log = stopped.join("metrics.jsonl");
    while std::fs::read_to_string(&log).unwrap_or_default().lines().count() < 3 {
        assert!(child.try_wait().unwrap().is_none(), "the training ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    for more in ["--resume", "--force"] {
        let second = surrogate.train_with(&config, &stopped, &[more]);
        assert_eq!(second.status.code(), Some(73));
        assert!(text(&second.stderr).contains("another training is running"));
    }
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(75));

    let inspected =
        showerforge::gan::training::CheckpointHeader::read(&stopped.join("checkpoint.safetensors"));
    let reached = inspected.unwrap().0.iteration;
    let end = (reached + 10).to_string();
    let resumed = surrogate.train_with(&config, &stopped, &["--max-iterations", &end, "--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    let run = surrogate.train_with(&config, &whole, &["--max-iterations", &end]);
    assert_eq!(run.status.code(), Some(0));
    assert_same_state(&whole, &stopped);
}

#[test]
fn every_term_is_logged() {
    let surrogate = Surrogate::get();
    let log = surrogate.model().with_file_name("metrics.jsonl");
    let log = std::fs::read_to_string(log).unwrap();
    let last: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(last["iteration"], 10);
    let critics = last["critics"].as_array().unwrap();
    assert_eq!(critics.len(), 3);
    for critic in critics {
        let number = |key: &str| critic[key].as_f64().unwrap_or_else(|| panic!("{key}"));
        let penalties = critic["penalties"].as_array().unwrap();
        let of = |key: &str| {
            let values = penalties.iter().map(|penalty| penalty[key].as_f64().unwrap());
            values.collect::<Vec<f64>>()
        };
        let (values, weights) = (of("value"), of("weight"));
        assert!(values.iter().chain(&weights).all(|&value| value > 0.0), "{critic}");
        let weighted = values.iter().zip(&weights).map(|(value, weight)| value * weight);
        let sum = number("objective") + weighted.sum::<f64>();
        approx::assert_relative_eq!(number("loss"), sum, epsilon = 1e-5, max_relative = 1e-5);
        assert!(number("generator_loss").is_finite());
    }
    let kinds = |critic: usize| {
        let penalties = critics[critic]["penalties"].as_array().unwrap();
        penalties.iter().map(|penalty| penalty["kind"].as_str().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(
        [kinds(0), kinds(1), kinds(2)],
        [vec!["gradient-penalty"], vec!["r1", "r2"], vec!["gradient-penalty"]]
    );
    let selected: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| !line["selection"].is_null())
        .collect();
    assert_eq!(selected.len(), 1);
    assert_eq!(selected[0]["iteration"], 8);
    assert!(selected[0]["selection"]["total_chi2_per_ndf"].as_f64().unwrap() > 0.0);
}

#[test]
fn bad_settings_are_refused_before_anything_starts() {
    let (surrogate, folder) = (Surrogate::get(), tempfile::tempdir().unwrap());
    let cases = [
        ("batch_size = 32", "batch_size = 1", "`training.batch_size` is 1, expected at least 2"),
        ("latent = 8", "latent = 8\nlatnt = 3", "unknown field `latnt`"),
        (
            "minimum = 256.0",
            "minimum = -1.0",
            "`conditions.incident_energy.minimum` is -1, expected 256",
        ),
        ("incident_energy =", "theta =", "names of numbers: `incident_energy`"),
        (
            "codec = {",
            "codec = { transform = [{ kind = \"power\", exponent = 0.5 }],",
            "just one of the two",
        ),
        ("codec = { voxel_scale = \"square-root\" }", "codec = {}", "`codec` is empty"),
        (
            "detector = \"calochallenge-photons\"\nconditions = { incident_energy = { minimum = 256.0, maximum = 8192.0 } }",
            "detector = \"calochallenge-electrons-fine\"",
            "`independent` or `none` for",
        ),
        ("beta1 = 0.5", "beta1 = 1.5", "`generator.optimiser`: beta1: 1.5, expected 0 to 0.9999"),
        ("learning_rate = 1e-3", "learning_rate = nan", "learning_rate: the value NaN, expected"),
        ("photons\"", "muons\"", "unknown detector `calochallenge-muons`"),
        ("name = \"total-energy\"", "name = \"shower\"", "a name used only once"),
        ("format_version = 2", "format_version = 3", "`format_version` is 3, expected 2"),
        // Keys of an old format are not called unknown.
        (
            "format_version = 2",
            "format_version = 1\nhidden = [8]",
            "`format_version` is 1, expected 2",
        ),
        ("hidden = [8]", "hidden = []", "neither `hidden` nor `layer`"),
        ("\"relu\"", "\"relux\"", "unknown variant `relux`"),
        ("iterations = 60", "", "missing field `iterations`"),
    ];
    for (from, to, expected) in cases {
        let config = folder.path().join("bad.toml");
        assert!(SETTINGS.contains(from), "{from}");
        std::fs::write(&config, SETTINGS.replacen(from, to, 1)).unwrap();
        let out = folder.path().join("out");
        let run = surrogate.train_with(&config, &out, &[]);
        let message = text(&run.stderr);
        assert_eq!(run.status.code(), Some(78), "{to}: {message}");
        assert!(message.contains(expected), "`{message}` should contain `{expected}`");
        assert!(!out.exists(), "{to}: nothing was started");
    }
}

#[test]
fn outputs_and_checkpoints_are_not_mixed_up() {
    let (surrogate, folder) = (Surrogate::get(), tempfile::tempdir().unwrap());
    let out = folder.path().join("run");
    let run = |more: &[&str]| {
        let run = surrogate.train(&out, more);
        (run.status.code().unwrap(), text(&run.stderr))
    };
    let (code, message) = run(&["--resume"]);
    assert_eq!(code, 66, "{message}");
    assert!(message.contains("nothing to resume"), "{message}");
    assert_eq!(run(&["--max-iterations", "2"]).0, 0);
    let (code, message) = run(&["--max-iterations", "2"]);
    assert_eq!(code, 73, "{message}");
    assert!(message.contains("`--resume`") && message.contains("`--force`"), "{message}");
    let (code, message) = run(&["--resume", "--seed", "5"]);
    assert_eq!(code, 78, "{message}");
    assert!(message.contains("its seed differs"), "{message}");
    let checkpoint = out.join("checkpoint.safetensors");
    let bytes = std::fs::read(&checkpoint).unwrap();
    std::fs::write(&checkpoint, &bytes[..bytes.len() / 2]).unwrap();
    let (code, message) = run(&["--resume"]);
    assert_eq!(code, 65, "{message}");
    assert!(message.contains("cut off"), "{message}");
    assert_eq!(run(&["--max-iterations", "2", "--force"]).0, 0);
}

#[test]
fn data_that_does_not_fit_is_refused() {
    let (surrogate, folder) = (Surrogate::get(), tempfile::tempdir().unwrap());
    let out = folder.path().join("run");
    for (fixture, code, expected) in [
        ("nan", 65, "NaN in event 7, voxel 11"),
        ("other_voxels", 65, "voxels"),
        ("showers_in_gev", 65, "GeV"),
        ("no_such_file", 66, "there is no file"),
        ("truncated", 65, "truncated"),
    ] {
        let data = format!("tests/fixtures/{fixture}.hdf5");
        let config = surrogate.config();
        let run = showerforge(&["train", path(&config), "--data", &data, "--out", path(&out)]);
        let message = text(&run.stderr);
        assert_eq!(run.status.code(), Some(code), "{fixture}: {message}");
        assert!(message.contains(expected), "{fixture}: `{message}`");
        assert!(!out.exists(), "{fixture}: nothing was started");
    }
    // 256 and 512 MeV events for a surrogate of 1 to 8 GeV.
    let config = folder.path().join("range.toml");
    std::fs::write(&config, SETTINGS.replace("minimum = 256.0", "minimum = 1000.0")).unwrap();
    let run = surrogate.train_with(&config, &out, &[]);
    assert_eq!(run.status.code(), Some(65));
    assert!(text(&run.stderr).contains("outside the 1000 to 8192 MeV"), "{}", text(&run.stderr));
}
