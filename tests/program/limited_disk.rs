//! A disk that fills up while showers are written: the writer must say so, and leave nothing.
//!
//! Each test runs the ignored test `writes_too_much` in a process of its own, where there is little
//! space.

use std::path::Path;
use std::process::{Command, Output};

use ndarray::Array2;
use showerforge::events::{EventWriter, EventsError, Provenance, WriteOptions};
use showerforge::files::{FileError, write_atomically};

use crate::support::{names, photons, showers};

const OUTPUT: &str = "SHOWERFORGE_TEST_OUTPUT";

/// Runs `script`, in which `"$0"` is this test program, on `writes_too_much`.
fn in_a_shell(script: &str, output: &Path) -> Output {
    Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "limited_disk::writes_too_much", "--ignored", "--nocapture"])
        .env(OUTPUT, output)
        .output()
        .unwrap()
}

#[test]
fn a_file_size_limit_ends_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("showers.hdf5");
    // An ignored SIGXFSZ turns the limit into an error of the write, as a full disk does.
    let ran = in_a_shell(r#"trap '' XFSZ; ulimit -f 200; exec "$0" "$@""#, &output);
    let said = String::from_utf8_lossy(&ran.stderr);
    let results = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && results.contains("1 passed"), "{said}{results}");
    assert!(!said.contains("HDF5-DIAG"), "{said}");
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}

#[test]
fn a_full_disk_ends_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("showers.hdf5");
    let mount = format!("mount -t tmpfs -o size=200k tmpfs '{}'", folder.path().display());
    let in_namespace = |inside: &str| {
        format!(r#"exec unshare --mount --map-root-user sh -c '{inside}' "$0" "$@""#)
    };
    let mount = mount.replace('\'', "\"");
    let possible = in_a_shell(&in_namespace(&format!("{mount} && touch \"${OUTPUT}\"")), &output);
    if !possible.status.success() {
        eprintln!("SKIPPED: no small file system can be mounted here");
        return;
    }
    let inside =
        format!(r#"{mount} && "$0" "$@" && test -z "$(ls -A "{}")""#, folder.path().display());
    let ran = in_a_shell(&in_namespace(&inside), &output);
    let said = String::from_utf8_lossy(&ran.stderr);
    let results = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && results.contains("1 passed"), "{said}{results}");
    assert!(!said.contains("HDF5-DIAG"), "{said}");
}

#[test]
#[ignore = "fills a disk: run by the other tests of this file, where there is little space"]
fn writes_too_much() {
    let Some(output) = std::env::var_os(OUTPUT) else { return };
    let output = Path::new(&output);
    let full = write_showers(output).expect_err("there is little space");
    assert!(matches!(full, EventsError::File(FileError::DiskFull { .. })), "{full:?}");
    assert_eq!(full.exit_code().number(), 74);
    let full = write_atomically(output, &vec![1; 4 << 20], false).expect_err("little space");
    assert!(matches!(full, FileError::DiskFull { .. }), "{full:?}");
}

fn write_showers(output: &Path) -> Result<usize, EventsError> {
    let options = WriteOptions { gzip_level: 0, ..WriteOptions::default() };
    let mut writer =
        EventWriter::create(output, &photons(), false, &Provenance::default(), options)?;
    for block in 0..20 {
        // Numbers that cannot be compressed away, and more than the writer holds back.
        let voxels = Array2::from_shape_fn((2000, 368), |(i, j)| (block * i * j) as f32);
        writer.append(&showers(&[256.0; 2000], voxels))?;
    }
    writer.finish()
}
