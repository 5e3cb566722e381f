use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

/// The program, run in the repository's folder so that its messages have stable paths.
pub fn showerforge(arguments: &[&str]) -> Output {
    Command::cargo_bin("showerforge")
        .expect("cargo has built it")
        .current_dir(repository())
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .args(arguments)
        .output()
        .expect("it runs")
}

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn fixture(name: &str) -> PathBuf {
    repository().join("tests/fixtures").join(name)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Names in `folder`, hidden ones too.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("readable")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
