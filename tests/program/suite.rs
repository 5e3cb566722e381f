//! `suite run` and `suite list`: rows, going on, and what is refused.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{names, repository, showerforge, text};

/// One system of a file, which changes a loss and a learning rate.
const OWN: &str = "format_version = 1\nname = \"own\"\ntitle = \"own\"\nsource = \"none\"\n\
                   formula = \"none\"\n[settings.critic]\nobjective = { kind = \"hinge\" }\n\
                   optimiser = { kind = \"sgd\", learning_rate = 0.01 }\n";

fn suite_run(out: &Path, more: &[&str]) -> std::process::Output {
    let out = out.to_str().unwrap();
    let mut arguments = vec!["suite", "run", "--problem", "two-gaussians", "--out", out];
    arguments.extend(more);
    showerforge(&arguments)
}

fn rows(out: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(out.join("rows.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_run_has_a_row_and_is_not_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("suite");
    let own = folder.path().join("own.toml");
    std::fs::write(&own, OWN).unwrap();
    let own = own.to_str().unwrap();
    let arguments = ["--system", "gan", "--system", own, "--iterations", "3", "--seeds", "1"];
    let output = suite_run(&out, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let first = rows(&out);
    assert_eq!(first.len(), 2);
    for (row, system) in first.iter().zip(["gan", "own"]) {
        assert_eq!(row["system"], system);
        assert_eq!(row["problem"], "two-gaussians");
        assert_eq!(row["iterations"], 3);
        assert!(row["error"].is_null());
        assert!(row["measures"]["W1"].as_f64().unwrap() > 0.0);
        assert!(row["floor"]["W1"].as_f64().unwrap() > 0.0);
    }
    assert!(first[1]["settings"].as_str().unwrap().contains("kind = \"hinge\""));
    assert_eq!(first[0]["data"], first[1]["data"]);
    assert_ne!(first[0]["settings_sha256"], first[1]["settings_sha256"]);
    let run = out.join("runs/own--two-gaussians--seed-1");
    assert_eq!(names(&run), ["artefacts.json", "curves.csv", "row.json", "settings.toml"]);
    let curves = std::fs::read_to_string(run.join("curves.csv")).unwrap();
    assert!(curves.starts_with("iteration,seconds,critic loss,generator loss"), "{curves}");
    assert_eq!(curves.lines().count(), 4);

    // Times would differ if anything was done again.
    let output = suite_run(&out, &arguments);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(rows(&out), first);
    // Other settings are another run.
    let output = suite_run(&out, &["--system", "gan", "--iterations", "4", "--seeds", "1"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(rows(&out)[0]["iterations"], 4);
    // So is another number of iterations of a system whose settings do not have it.
    let other = folder.path().join("other");
    for iterations in ["2", "3"] {
        let arguments = ["--system", "unrolled-0", "--iterations", iterations, "--seeds", "1"];
        let output = suite_run(&other, &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(rows(&other)[0]["iterations"].to_string(), iterations);
    }

    let page = folder.path().join("suite.html");
    let arguments = ["suite", "report", out.to_str().unwrap(), "--output", page.to_str().unwrap()];
    let output = showerforge(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("two-gaussians") && page.contains("own"));
}

#[test]
fn a_run_that_fails_has_a_row_that_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.toml");
    std::fs::write(&own, format!("{OWN}[settings.training]\nbatches = 3\n")).unwrap();
    let output = suite_run(folder.path(), &["--system", own.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let rows = rows(folder.path());
    let error = rows[0]["error"].as_str().unwrap();
    assert!(error.contains("unknown field `batches`"), "{error}");
    assert!(text(&output.stderr).contains("1 of 1 runs have failed"));
}

#[test]
fn what_there_is_not_or_does_not_fit_is_a_wrong_command_line() {
    let folder = tempfile::tempdir().unwrap();
    for (system, expected) in [
        ("gun", "there is no system `gun`; `showerforge suite list` shows all"),
        ("cgan", "system `cgan` cannot be trained on `two-gaussians`"),
    ] {
        let output = suite_run(folder.path(), &["--system", system]);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains(expected), "{said}");
    }
    let output = suite_run(folder.path(), &["--tier", "big"]);
    assert!(text(&output.stderr).contains("expected one of exact, toys, images"));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn two_suites_in_one_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(folder.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let output = suite_run(folder.path(), &["--system", "gan", "--iterations", "1"]);
    assert_eq!(output.status.code(), Some(65));
    assert!(text(&output.stderr).contains("another suite is running in this folder"));
}

#[test]
fn a_suite_that_is_stopped_leaves_no_process_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let program = assert_cmd::cargo::cargo_bin("showerforge");
    let arguments = ["suite", "run", "--problem", "two-gaussians", "--system", "gan", "--out", out];
    let mut suite = Command::new(program)
        .current_dir(repository())
        .args(arguments)
        .args(["--iterations", "100000000"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Its handlers are there before its folder is.
    let begun = Instant::now();
    while !folder.path().join(".lock").exists() && begun.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let told = Command::new("kill").arg(suite.id().to_string()).status().unwrap();
    assert!(told.success());
    assert_eq!(suite.wait().unwrap().code(), Some(75));
    assert!(!folder.path().join("rows.jsonl").exists());
}

#[test]
fn the_list_has_systems_with_sources_and_problems_with_measures() {
    let output = showerforge(&["suite", "list", "--json"]);
    let listing: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |kind: &str| listing[kind].as_array().unwrap().clone();
    for system in of("systems") {
        for key in ["title", "formula", "source"] {
            assert_ne!(system[key], "", "{system}");
        }
        assert!(!system["problems"].as_array().unwrap().is_empty(), "{system}");
    }
    for problem in of("problems") {
        assert_ne!(problem["source"], "", "{problem}");
        assert!(!problem["measures"].as_array().unwrap().is_empty(), "{problem}");
    }
}
