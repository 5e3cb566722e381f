//! `showerforge generate` as a batch system runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use showerforge::events::EventFile;

use crate::support::{photons, text};
use crate::surrogate::{Surrogate, path};

pub fn command(to: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("showerforge"));
    command.args(["generate", "--model", path(&Surrogate::get().model()), "--output", path(to)]);
    // A batch job that runs the tests has variables of its own.
    for variable in
        ["SLURM_ARRAY_TASK_ID", "CONDOR_PROCESS", "PBS_ARRAY_INDEX", "LSB_JOBINDEX", "SGE_TASK_ID"]
    {
        command.env_remove(variable);
    }
    command.args(more).stdout(Stdio::piped()).stderr(Stdio::piped()).env("NO_COLOR", "1");
    command
}

pub fn run(to: &Path, more: &[&str]) -> Output {
    command(to, more).output().unwrap()
}

pub fn done(to: &Path, more: &[&str]) -> String {
    let output = run(to, more);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The exit code and what was said on standard error.
pub fn refused(to: &Path, more: &[&str]) -> (i32, String) {
    let output = run(to, more);
    (output.status.code().unwrap(), text(&output.stderr))
}

pub fn bytes(of: &Path) -> Vec<u8> {
    std::fs::read(of).unwrap()
}

pub fn attribute(of: &Path, name: &str) -> String {
    let attributes = EventFile::open(of, &photons()).unwrap().provenance().unwrap();
    attributes.into_iter().find(|(known, _)| known == name).expect(name).1
}
