//! The jobs of a production: which events they make, under which names, and what they refuse.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use showerforge::events::EventFile;
use showerforge::files::sha256;

use crate::job::{attribute, bytes, command, done, refused, run};
use crate::support::{names, photons, text};
use crate::surrogate::{Surrogate, path};

#[test]
fn tasks_have_names_numbers_and_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let production = format!("{}/new/", path(folder.path()));
    let production = Path::new(&production);
    let options = [
        "--nevents",
        "250",
        "--events-per-task",
        "100",
        "--first-event",
        "1000",
        "--energies",
        "1000,3000",
        "--run",
        "mc1",
    ];
    let task = |variables: &[(&str, &str)], id: &str| {
        command(production, &[&options[..], &["--task-id", id]].concat())
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    };
    for (variable, value, name) in [
        ("SLURM_ARRAY_TASK_ID", "0", "showers_mc1_000001000_100.h5"),
        ("LSB_JOBINDEX", "2", "showers_mc1_000001100_100.h5"),
        ("CONDOR_PROCESS", "2", "showers_mc1_000001200_50.h5"),
    ] {
        let output = task(&[(variable, value)], "auto");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains(&format!("(from {variable})")), "{said}");
        assert!(folder.path().join("new").join(name).exists(), "{name}");
    }
    let last = folder.path().join("new/showers_mc1_000001200_50.h5");
    assert_eq!(
        (attribute(&last, "first_event"), attribute(&last, "events")),
        ("1200".into(), "50".into())
    );
    for (variables, id, expected) in [
        (&[][..], "3", "there is no task 3: 250 events at 100 a task are tasks 0 to 2"),
        (&[], "auto", "no batch system says which task this is"),
        (&[("SLURM_ARRAY_TASK_ID", "1"), ("SGE_TASK_ID", "1")], "auto", "says task 0"),
        (&[("CONDOR_PROCESS", "$(Process)")], "auto", "expected a whole number from 0"),
        (&[], "one", "no number of a task"),
    ] {
        let output = task(variables, id);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn outputs_are_named_by_patterns() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--nevents", "3", "--energies", "1000"];
    done(&folder.path().join("{run}-{first:04}.h5"), &[&options[..], &["--run", "a"]].concat());
    done(folder.path(), &options);
    done(folder.path(), &[&options[..], &["--seed", "2"]].concat());
    let all = names(folder.path());
    let outputs: Vec<&String> = all.iter().filter(|name| name.ends_with(".h5")).collect();
    assert_eq!(outputs.len(), 3, "another seed is another run: {outputs:?}");
    assert_eq!(outputs[0], "a-0000.h5");
    assert!(outputs[1].starts_with("showers_") && outputs[1].ends_with("_000000000_3.h5"));
    for (output, expected) in [
        ("{seed}.h5", "`{seed}` in `{seed}.h5` is not known"),
        ("{task}.h5", "`--task-id` is not given"),
        ("{first.h5", "left open"),
    ] {
        let (code, said) = refused(&folder.path().join(output), &options);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(expected), "{said}");
    }
    let (code, said) = refused(folder.path(), &[&options[..], &["--run", "a/b"]].concat());
    assert!(code == 2 && said.contains("no name for a run"), "{said}");
}

#[test]
fn energies_of_a_range_are_of_the_event_and_not_of_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let energies = |name: &str, more: &[&str]| {
        let to = folder.path().join(name);
        done(&to, &[&["--energy-range", "300..8000"][..], more].concat());
        let file = EventFile::open(&to, &photons()).unwrap();
        file.read_conditions(0..file.len()).unwrap().column(0).to_vec()
    };
    let whole = energies("whole", &["--nevents", "400"]);
    assert_eq!(energies("part", &["--nevents", "30", "--first-event", "100"]), whole[100..130]);
    assert_ne!(energies("seed", &["--nevents", "30", "--seed", "2"]), whole[..30]);
    assert!(whole.iter().all(|energy| (300.0..=8000.0).contains(energy)));
    // Half of them below the geometric mean, within five standard deviations.
    let low = whole.iter().filter(|energy| **energy < (300.0_f64 * 8000.0).sqrt()).count();
    assert!((150..=250).contains(&low), "{low} of 400");
    let linear = folder.path().join("linear");
    done(&linear, &["--energy-range", "300..8000:lin", "--nevents", "5"]);
    assert_eq!(attribute(&linear, "conditions"), "incident_energy=300..8000:lin");
    let bad = [("8000..300", 2), ("0..10", 2), ("300", 2)];
    for (range, code) in bad {
        let options = ["--energy-range", range, "--nevents", "5"];
        assert_eq!(refused(&folder.path().join("bad"), &options).0, code, "{range}");
    }
}

#[test]
fn conditions_that_the_model_does_not_know_are_warned_of_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    let options = ["--nevents", "10", "--energies", "1000,9000,100"];
    let (code, said) = refused(&to, &[&options[..], &["--strict"]].concat());
    assert_eq!(code, 65, "{said}");
    assert!(said.contains("leave out `--strict`"), "{said}");
    assert!(names(folder.path()).is_empty());
    let output = run(&to, &options);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let expected = "`incident_energy` is outside of the 256 to 8192 MeV that the model was trained \
                    on for 6 of 10 events (100 to 9000 MeV asked for)";
    assert!(said.contains(expected), "{said}");
    assert_eq!(said.matches("outside of").count(), 1, "{said}");
    // Only those events count that are asked for.
    let inside = ["--nevents", "1", "--energies", "1000,9000", "--strict"];
    done(&folder.path().join("inside.h5"), &inside);
    let zero = ["--nevents", "1", "--condition", "incident_energy=0"];
    let (code, said) = refused(&folder.path().join("zero.h5"), &zero);
    assert!(code == 65 && said.contains("no logarithm: 0"), "{said}");
}

#[test]
fn the_record_says_what_the_output_must_not() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    done(&to, &["--nevents", "20", "--energies", "1000", "--first-event", "7"]);
    let record: serde_json::Value =
        serde_json::from_slice(&bytes(&folder.path().join("out.h5.json"))).unwrap();
    assert_eq!(record["events"], 20);
    assert_eq!(record["first_event"], 7);
    assert_eq!(record["sha256"], sha256([to.as_path()]).unwrap());
    assert_eq!(record["exit"], 0);
    for key in ["host", "started", "finished", "program", "device"] {
        assert!(record[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {record}");
    }
    for key in ["wall_seconds", "cpu_seconds", "peak_memory_bytes", "threads"] {
        assert!(record[key].as_f64().is_some(), "{key}: {record}");
    }
    assert!(record["command"].as_array().unwrap().iter().any(|word| word == "--first-event"));
    let attributes = EventFile::open(&to, &photons()).unwrap().provenance().unwrap();
    let host = record["host"].as_str().unwrap();
    assert!(attributes.iter().all(|(_, value)| host.len() < 3 || !value.contains(host)));
}

#[test]
fn progress_is_json_for_machines_and_nothing_where_nothing_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--nevents", "9000", "--energies", "1000", "--progress"];
    let said = |how: &str| {
        let output = run(&folder.path().join(how), &[&options[..], &[how]].concat());
        assert_eq!(output.status.code(), Some(0));
        text(&output.stderr)
    };
    let json = said("json");
    let lines: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["event"], &last["done"], &last["total"]),
        (&"progress".into(), &9000.into(), &9000.into())
    );
    assert!(last["events_per_second"].as_f64().unwrap() > 0.0);
    assert_eq!(last["seconds_left"], 0.0);
    assert_eq!(said("none"), "");
}

/// Runs a job in a name space of its own where `folder` is another file system; nothing if that
/// cannot be had here.
fn on_file_system(folder: &Path, options: &str, more: &[&str]) -> Option<Output> {
    let mount = format!("mount -t tmpfs -o {options} tmpfs \"{}\"", path(folder));
    let unshared = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-c", script]);
        command
    };
    if !unshared(&mount).output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no file system can be mounted here");
        return None;
    }
    // What is left, hidden files too, is said on standard output.
    let script = format!("{mount}; \"$0\" \"$@\"; code=$?; ls -A \"{}\"; exit $code", path(folder));
    let output = unshared(&script)
        .arg(assert_cmd::cargo::cargo_bin("showerforge"))
        .args(["generate", "--model", path(&Surrogate::get().model()), "--energies", "1000"])
        .args(["--output", path(&folder.join("out.h5"))])
        .args(more)
        .output();
    Some(output.unwrap())
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--nevents", "5", "--energies", "1000"];
    let (code, said) = refused(&folder.path().join("missing/out.h5"), &options);
    assert!(code == 73 && said.contains("cannot create output"), "{said}");
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let inside = PathBuf::from(format!("{}/", path(&file)));
    assert_eq!(refused(&inside, &options).0, 73);
    let mounted = tempfile::tempdir().unwrap();
    let Some(output) = on_file_system(mounted.path(), "ro", &["--nevents", "5"]) else { return };
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(73), "{said}");
    assert!(said.contains("cannot create output") && said.contains("Read-only"), "{said}");
}

#[test]
fn a_full_disk_ends_with_74_and_leaves_nothing() {
    let mounted = tempfile::tempdir().unwrap();
    let many = ["--nevents", "20000", "--gzip", "0", "--progress", "none"];
    let Some(output) = on_file_system(mounted.path(), "size=200k", &many) else { return };
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert!(said.contains("no space left"), "{said}");
    assert_eq!(text(&output.stdout), "");
}

/// As on a disk that fills up, or over quota: an ignored SIGXFSZ turns the limit into an error.
#[test]
fn a_disk_that_fills_up_ends_with_74_and_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    let output = Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; ulimit -f 200; exec "$0" "$@""#])
        .arg(assert_cmd::cargo::cargo_bin("showerforge"))
        .args(["generate", "--model", path(&Surrogate::get().model()), "--output", path(&to)])
        .args(["--nevents", "20000", "--energies", "1000", "--gzip", "0"])
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert!(said.contains("no space left"), "{said}");
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}

#[test]
fn no_events_and_too_many_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    let last = u64::MAX.to_string();
    for (more, expected) in [
        (&["--nevents", "0"][..], "must be at least 1"),
        (&["--nevents", "0", "--task-id", "0", "--events-per-task", "5"], "must be at least 1"),
        (&["--nevents", "5", "--task-id", "0", "--events-per-task", "0"], "must be at least 1"),
        (&["--nevents", "5", "--first-event", &last], "does not fit 64 bits"),
        (
            &[
                "--nevents",
                &last,
                "--first-event",
                "9",
                "--task-id",
                "1",
                "--events-per-task",
                "18446744073709551610",
            ],
            "does not fit 64 bits",
        ),
        (&["--nevents", "5", "--task-id", "1"], "--events-per-task"),
    ] {
        let (code, said) = refused(&to, &[more, &["--energies", "1000"]].concat());
        assert_eq!(code, 2, "{more:?}: {said}");
        assert!(said.contains(expected), "{more:?}: {said}");
    }
    assert!(names(folder.path()).is_empty());
}
