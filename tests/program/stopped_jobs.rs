//! A job that is repeated, stopped, killed or run twice at once gives the events of one run.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, kill_process};
use showerforge::events::EventFile;
use showerforge::files::sha256;
use showerforge::generate::kept_path;

use crate::job::{attribute, bytes, command, done, refused, run};
use crate::support::{names, photons, text};

/// Enough to be stopped in the middle: 15 blocks, of which the first is waited for.
const MANY: &str = "60000";

/// Waits until the job has finished its first block, sends it a signal, and waits for its end.
fn stopped(mut child: Child, signal: Signal) -> (Option<i32>, String) {
    let mut said = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    while !said.contains(r#""event":"progress""#) {
        assert!(lines.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }
    kill_process(Pid::from_child(&child), signal).unwrap();
    while lines.read_line(&mut said).unwrap() > 0 {}
    (child.wait().unwrap().code(), said)
}

const RANGE: [&str; 6] = ["--nevents", MANY, "--seed", "5", "--energy-range", "256..8192"];

#[test]
fn a_job_that_is_stopped_again_and_again_ends_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, stopping) = (folder.path().join("whole.h5"), folder.path().join("stopped.h5"));
    done(&whole, &RANGE);
    let with_progress = [&RANGE[..], &["--progress", "json"]].concat();
    let mut kept = 0;
    for signal in [Signal::TERM, Signal::INT, Signal::USR1] {
        let (code, said) = stopped(command(&stopping, &with_progress).spawn().unwrap(), signal);
        assert_eq!(code, Some(75), "{said}");
        assert!(said.contains("the same command goes on from there"), "{said}");
        assert!(!stopping.exists());
        assert_eq!(names(folder.path()).len(), 4, "{:?}", names(folder.path()));
        let now = EventFile::open(&kept_path(&stopping), &photons()).unwrap().len();
        assert!(now > kept, "{now} events after {kept}");
        kept = now;
    }
    let said = done(&stopping, &RANGE);
    assert!(said.contains(&format!("{kept} of them kept from an earlier run")), "{said}");
    assert!(bytes(&whole) == bytes(&stopping));
    let left: Vec<_> = ["", ".json", ".sha256"].map(|end| format!("stopped.h5{end}")).into();
    assert_eq!(names(folder.path())[..3], left, "nothing else is left");
    assert_eq!(names(folder.path()).len(), 6);
}

/// Of a job that has no time to say anything, the next run makes everything again.
#[test]
fn a_job_that_is_killed_leaves_nothing_under_its_name_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, killed) = (folder.path().join("whole.h5"), folder.path().join("killed.h5"));
    let with_progress = [&RANGE[..], &["--progress", "json"]].concat();
    let (code, said) = stopped(command(&killed, &with_progress).spawn().unwrap(), Signal::KILL);
    assert_eq!(code, None, "{said}");
    let left = names(folder.path());
    assert!(left.iter().all(|name| name.starts_with('.')), "{left:?}");
    done(&killed, &RANGE);
    done(&whole, &RANGE);
    assert!(bytes(&whole) == bytes(&killed));
}

#[test]
fn what_was_kept_of_another_job_is_set_aside_and_what_is_broken_removed() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    let few = ["--nevents", "100", "--energies", "1000", "--seed", "2"];
    done(&to, &few);
    let expected = bytes(&to);
    std::fs::remove_file(&to).unwrap();

    let other = folder.path().join("other.h5");
    done(&other, &["--nevents", "100", "--energies", "1000", "--seed", "3"]);
    std::fs::copy(&other, kept_path(&to)).unwrap();
    let output = run(&to, &few);
    let said = text(&output.stderr);
    assert!(said.contains("was kept by a job with another `seed`"), "{said}");
    assert!(bytes(&to) == expected);
    let aside = folder.path().join(".out.h5.resume.other");
    assert!(bytes(&aside) == bytes(&other));

    for broken in [&b"no HDF5"[..], &expected[..expected.len() - 200], &expected] {
        std::fs::remove_file(&to).unwrap();
        std::fs::write(kept_path(&to), broken).unwrap();
        let output = run(&to, &few);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("cannot be taken up and is removed"), "{said}");
        assert!(bytes(&to) == expected && !kept_path(&to).exists());
    }
}

#[test]
fn the_same_command_again_finds_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    let options = ["--nevents", "50", "--energies", "1000,2000", "--seed", "4"];
    let first = done(&to, &options);
    assert!(first.contains("events/s, peak memory "), "{first}");
    let (written, checksum) = (bytes(&to), folder.path().join("out.h5.sha256"));
    let record = bytes(&folder.path().join("out.h5.json"));
    let changed = std::fs::metadata(&to).unwrap().modified().unwrap();
    assert_eq!(text(&bytes(&checksum)), format!("{}  out.h5\n", sha256([to.as_path()]).unwrap()));
    std::fs::remove_file(&checksum).unwrap();
    for _ in 0..2 {
        let said = done(&to, &options);
        assert!(said.contains("50 events (0 to 49) are already in"), "{said}");
        assert_eq!(std::fs::metadata(&to).unwrap().modified().unwrap(), changed);
        assert!(checksum.exists(), "the missing checksum is written again");
    }
    assert_eq!(record, bytes(&folder.path().join("out.h5.json")));
    let check =
        Command::new("sha256sum").args(["-c", "out.h5.sha256"]).current_dir(&folder).output();
    if let Ok(check) = check {
        assert!(check.status.success(), "{}", text(&check.stderr));
    }

    for (changed, expected) in [
        (
            ["--nevents", "51", "--energies", "1000,2000", "--seed", "4"],
            "`events` is `50`, wanted `51`",
        ),
        (
            ["--nevents", "50", "--energies", "1000,2001", "--seed", "4"],
            "`conditions` is `incident_energy=1000,2000`, wanted `incident_energy=1000,2001`",
        ),
        (
            ["--nevents", "50", "--energies", "1000,2000", "--seed", "5"],
            "`seed` is `4`, wanted `5`",
        ),
    ] {
        let (code, said) = refused(&to, &changed);
        assert_eq!(code, 73, "{said}");
        assert!(said.contains(expected) && said.contains("`--force`"), "{said}");
    }
    let (code, said) = refused(&to, &[&options[..], &["--first-event", "1"]].concat());
    assert_eq!(code, 73, "{said}");
    assert!(said.contains("`first_event` is `0`, wanted `1`"), "{said}");
    assert!(bytes(&to) == written);
}

#[test]
fn a_broken_output_is_named_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    let options = ["--nevents", "50", "--energies", "1000"];
    done(&to, &options);
    let good = bytes(&to);
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for (broken, expected) in [
        (good[..good.len() - 100].to_vec(), "is not a whole file of these events"),
        (b"text".to_vec(), "it is text"),
        (flipped, "is not a whole file of these events"),
    ] {
        std::fs::write(&to, &broken).unwrap();
        let (code, said) = refused(&to, &options);
        assert_eq!(code, 73, "{said}");
        assert!(said.contains(expected) && said.contains("remove it"), "{said}");
        assert!(bytes(&to) == broken);
    }
    done(&to, &[&options[..], &["--force"]].concat());
    assert!(bytes(&to) == good);
    assert!(done(&to, &options).contains("already in"));
    std::fs::write(folder.path().join("out.h5.sha256"), "0000  out.h5\n").unwrap();
    let (code, said) = refused(&to, &options);
    assert_eq!(code, 73, "{said}");
    assert!(said.contains("is no SHA-256 of `out.h5`"), "{said}");
}

/// Guards against the second of two jobs failing, or writing over what the first has finished.
#[test]
fn of_two_jobs_at_once_both_end_well_and_one_writes() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    let options = ["--nevents", "20000", "--energies", "1000", "--progress", "none"];
    let jobs: Vec<Child> = (0..2).map(|_| command(&to, &options).spawn().unwrap()).collect();
    let mut wrote = 0;
    for job in jobs {
        let output = job.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        wrote += usize::from(text(&output.stdout).contains("written to"));
    }
    assert_eq!(wrote, 1);
    let alone = folder.path().join("alone.h5");
    done(&alone, &options);
    assert!(bytes(&to) == bytes(&alone));
    assert_eq!(names(folder.path()).len(), 6, "{:?}", names(folder.path()));
}

#[test]
fn of_two_jobs_with_other_settings_at_once_one_output_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out.h5");
    let job = |seed: &str| {
        let options = ["--nevents", "20000", "--energies", "1000", "--seed", seed];
        command(&to, &options).spawn().unwrap()
    };
    let codes = [job("1"), job("2")].map(|job| job.wait_with_output().unwrap().status.code());
    assert!(matches!(codes, [Some(0), Some(73)] | [Some(73), Some(0)]), "{codes:?}");
    let winner = attribute(&to, "seed");
    let said = done(&to, &["--nevents", "20000", "--energies", "1000", "--seed", &winner]);
    assert!(said.contains("already in"), "{said}");
}
