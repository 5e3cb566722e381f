//! Tells the program which commit it was built from: `SHOWERFORGE_COMMIT` if that is set, else what
//! git says, else `unknown`, as in an archive of the sources.

use std::path::Path;
use std::process::Command;

/// What the library is made of. A commit that changes nothing of it builds nothing anew.
const SOURCES: [&str; 7] =
    ["build.rs", "Cargo.toml", "Cargo.lock", "src", "configs", "detectors", "validation"];

fn main() {
    println!("cargo::rerun-if-env-changed=SHOWERFORGE_COMMIT");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let named = std::env::var("SHOWERFORGE_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = named.or_else(commit).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=SHOWERFORGE_COMMIT={commit}");
}

/// The commit, with `-modified` if the sources are not as it has them.
fn commit() -> Option<String> {
    let folder = std::env::var("CARGO_MANIFEST_DIR").ok()?;
    // An archive unpacked within another project's checkout has no commit of its own.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != Path::new(&folder).canonicalize().ok()? {
        return None;
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changes = git(&[&["status", "--porcelain", "--"][..], &SOURCES].concat())?;
    Some(if changes.is_empty() { commit } else { format!("{commit}-modified") })
}

fn git(arguments: &[&str]) -> Option<String> {
    let run = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(run.stdout).ok()?;
    run.status.success().then(|| text.trim().to_owned())
}
