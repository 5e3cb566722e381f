//! What a training leaves beside its models: event files, earlier checkpoints, the page.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{names, showerforge, text};
use crate::surrogate::{SETTINGS, Surrogate, path};

pub fn train(settings: &str, folder: &Path, more: &[&str]) -> (i32, String) {
    let config = folder.join("config.toml");
    std::fs::write(&config, settings).unwrap();
    let run = Surrogate::get().train_with(&config, &folder.join("out"), more);
    (run.status.code().unwrap(), text(&run.stderr))
}

pub fn log(folder: &Path) -> Vec<Value> {
    let log = std::fs::read_to_string(folder.join("out/metrics.jsonl")).unwrap();
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn earlier_checkpoints_are_thinned_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let keeps = SETTINGS.replace("log_every = 5", "keep_checkpoints = 2");
    let (code, message) = train(&keeps, folder.path(), &["--checkpoint-every", "3"]);
    assert_eq!(code, 0, "{message}");
    let kept = names(&folder.path().join("out/checkpoints"));
    // Of 20 checkpoints, the last two, and then every second, fourth and eighth.
    let expected = [24, 48, 54, 57, 60].map(|i| format!("checkpoint-{i:09}.safetensors"));
    assert_eq!(kept, expected);
    for name in kept {
        let file = folder.path().join("out/checkpoints").join(&name);
        let header = showerforge::gan::training::CheckpointHeader::read(&file).unwrap().0;
        assert_eq!(name, format!("checkpoint-{:09}.safetensors", header.iteration));
    }
}

#[test]
fn the_best_model_can_be_chosen_by_another_figure() {
    for by in ["separation", "auc-high-level"] {
        let folder = tempfile::tempdir().unwrap();
        let settings = SETTINGS.replace("events = 120", &format!("events = 240\nby = \"{by}\""));
        let (code, message) = train(&settings, folder.path(), &["--max-iterations", "16"]);
        assert_eq!(code, 0, "{message}");
        let log = log(folder.path());
        let figures: Vec<&Value> = log.iter().map(|line| &line["selection"]).collect();
        let figures: Vec<&&Value> = figures.iter().filter(|figures| !figures.is_null()).collect();
        assert_eq!(figures.len(), 2);
        for figures in figures {
            assert_eq!(figures["by"], by);
            let value = figures["value"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&value), "{value}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let unknown = SETTINGS.replace("events = 120", "by = \"beauty\"");
    let (code, message) = train(&unknown, folder.path(), &[]);
    assert!(code == 78 && message.contains("`auc-high-level`"), "{message}");
}

#[test]
fn a_dry_run_says_what_a_training_takes_and_writes_nothing() {
    let surrogate = Surrogate::get();
    let (config, data) = (surrogate.config(), surrogate.data());
    let arguments = ["train", path(&config), "--data", path(&data), "--device", "cpu", "--dry-run"];
    let before = names(config.parent().unwrap());
    let run = showerforge(&arguments);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let said = text(&run.stdout);
    for expected in
        ["generator: ", "critic `shower`: ", "memory:", "ms for an iteration", "for all 60"]
    {
        assert!(said.contains(expected), "`{expected}` in {said}");
    }
    let run = showerforge(&[&arguments[..], &["--json"]].concat());
    let json: Value = serde_json::from_slice(&run.stdout).unwrap();
    let networks = json["networks"].as_array().unwrap();
    let sum: u64 = networks.iter().map(|network| network["parameters"].as_u64().unwrap()).sum();
    assert_eq!((networks.len(), json["parameters"].as_u64()), (4, Some(sum)));
    assert_eq!(json["moment_bytes"], 8 * sum);
    assert!(json["seconds_per_iteration"].as_f64().unwrap() > 0.0);
    assert_eq!(names(config.parent().unwrap()), before);
}

/// Reads event files by hand, and with TensorBoard where Python has it.
const READ_EVENTS: &str = r#"
import glob, os, struct, sys

folder, last = sys.argv[1], int(sys.argv[2])
files = sorted(glob.glob(os.path.join(folder, "events.out.tfevents.*")))
assert len(files) == 2, files
for name in files:
    with open(name, "rb") as file:
        data = file.read()
    at = records = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        at += 12 + length + 4
        records += 1
    assert at == len(data) and records > 1, name
try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
except ImportError:
    print("without tensorboard")
    sys.exit()
events = EventAccumulator(folder)
events.Reload()
tags = events.Tags()["scalars"]
assert "critic loss/shower" in tags and "selection/chi2-per-ndf" in tags, tags
steps = [event.step for event in events.Scalars("critic loss/shower")]
assert steps == sorted(set(steps)) and steps[-1] == last and len(steps) > 5, steps
assert all(event.wall_time > 1.6e9 for event in events.Scalars("critic loss/shower"))
values = {event.step: event.value for event in events.Scalars("learning rate/generator")}
assert abs(values[5] - 1e-3) < 1e-9, values
print("read by tensorboard")
"#;

#[test]
fn event_files_are_those_of_tensorboard() {
    let folder = tempfile::tempdir().unwrap();
    let settings = SETTINGS.replace("log_every = 5", "log_every = 5\ntensorboard = true");
    let (code, message) = train(&settings, folder.path(), &["--max-iterations", "13"]);
    assert_eq!(code, 0, "{message}");
    let (code, message) = train(&settings, folder.path(), &["--resume"]);
    assert_eq!(code, 0, "{message}");
    let named = std::env::var("SHOWERFORGE_TEST_PYTHON").unwrap_or("python3".to_owned());
    let mut command = Command::new(named);
    command.args(["-c", READ_EVENTS]).arg(folder.path().join("out/tensorboard")).arg("60");
    let Ok(output) = command.output() else {
        eprintln!("SKIPPED: no Python; set SHOWERFORGE_TEST_PYTHON to one");
        return;
    };
    assert!(output.status.success(), "{}", text(&output.stderr));
    eprintln!("event files: {}", text(&output.stdout));
}

#[test]
fn the_page_shows_the_training_and_stops_redrawing_at_its_end() {
    let page = Surrogate::get().model().with_file_name("progress.html");
    let page = std::fs::read_to_string(page).unwrap();
    for expected in [
        "10 of 10",
        "const runs = false",
        "shower: losses",
        "total-energy: losses",
        "E_tot / E_inc",
        "E of layer 12 / E_inc",
        "Observables at iteration 8",
    ] {
        assert!(page.contains(expected), "`{expected}`");
    }
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("NaN"));
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    let slots = ["{title}", "{facts}", "{selection}", "{critics}", "{observables}", "{refresh}"];
    assert!(slots.iter().all(|slot| !page.contains(slot)));
}
