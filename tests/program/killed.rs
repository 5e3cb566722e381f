//! A training that is killed at any moment, and taken up, is the one that was not.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use showerforge::random::{Purpose, Streams};

use crate::divergence::diverging;
use crate::support::text;
use crate::surrogate::{SETTINGS, Surrogate, path};

/// Everything that happens in a training happens often.
fn busy(settings: &str) -> String {
    settings
        .replace("iterations = 60", "iterations = 120")
        .replace("log_every = 5", "log_every = 3\nkeep_checkpoints = 2")
        .replace("checkpoint_every = 1000", "checkpoint_every = 7")
        .replace("every = 8", "every = 11")
}

/// The contents of all files under `folder`. The page tells the time, so it differs each time.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let inside = contents(&path);
            found.extend(inside.into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else if name != "progress.html" {
            found.insert(name, std::fs::read(path).unwrap());
        }
    }
    found
}

/// Trains in `killed`, killed at random moments, and once in `whole`; the folders must be equal.
fn assert_kills_change_nothing(settings: &str, folder: &Path, seed: u64) {
    let surrogate = Surrogate::get();
    let config = folder.join("config.toml");
    std::fs::write(&config, settings).unwrap();
    let (whole, killed) = (folder.join("whole"), folder.join("killed"));
    let started = Instant::now();
    let run = surrogate.train_with(&config, &whole, &[]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let duration = started.elapsed();

    let mut moments = Streams::new(seed, Purpose::Selection).uniforms(0);
    let mut kills = 0;
    loop {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("showerforge"));
        command
            .args(["train", path(&config), "--data", path(&surrogate.data())])
            .args(["--valid", path(&surrogate.valid()), "--out", path(&killed)])
            .args(["--device", "cpu"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // Before there is a folder, there is nothing to take up.
        if killed.exists() {
            command.arg("--resume");
        }
        let mut child = command.spawn().unwrap();
        if kills == 8 {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            break;
        }
        let moment = duration.mul_f64(f64::from(0.4 * moments.draw()));
        std::thread::sleep(moment.max(Duration::from_millis(1)));
        child.kill().unwrap();
        // Either it was killed, or it had come to its end.
        let output = child.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), None | Some(0)), "{}", text(&output.stderr));
        kills += 1;
    }
    let (whole, killed) = (contents(&whole), contents(&killed));
    assert_eq!(whole.keys().collect::<Vec<_>>(), killed.keys().collect::<Vec<_>>());
    for (name, bytes) in &whole {
        assert!(*bytes == killed[name], "`{name}` differs");
    }
    assert!(whole.keys().any(|name| name.starts_with("checkpoints/")), "{:?}", whole.keys());
}

#[test]
fn a_training_killed_at_any_moment_ends_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    assert_kills_change_nothing(&busy(SETTINGS), folder.path(), 1);
}

#[test]
fn roll_backs_are_the_same_however_often_the_training_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    assert_kills_change_nothing(&busy(&diverging("roll-back")), folder.path(), 2);
    let log = std::fs::read_to_string(folder.path().join("killed/metrics.jsonl")).unwrap();
    assert!(log.contains(r#"{"event":"roll-back","#), "{log}");
}
