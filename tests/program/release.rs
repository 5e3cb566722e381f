//! What belongs to a release: version, completions, manual pages.

use std::process::Command;

use crate::support::{names, showerforge, text};
use crate::surrogate::path;

#[test]
fn the_version_names_commit_features_and_hdf5() {
    let version = format!("showerforge {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(text(&showerforge(&["-V"]).stdout).trim(), version);
    let long = text(&showerforge(&["--version"]).stdout);
    let lines: Vec<&str> = long.lines().collect();
    assert_eq!(lines[0], version);
    let commit = lines[1].strip_prefix("commit: ").expect(&long);
    assert!(
        commit == "unknown" || commit.chars().take(12).all(|c| c.is_ascii_hexdigit()),
        "{long}"
    );
    assert!(lines[2].starts_with("features: "), "{long}");
    let hdf5 = lines[3].strip_prefix("HDF5: ").expect(&long);
    assert_eq!(hdf5.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{long}");
}

#[test]
fn completions_know_commands_and_options() {
    for shell in ["bash", "zsh", "fish"] {
        let run = showerforge(&["completions", shell]);
        assert_eq!(run.status.code(), Some(0));
        let said = text(&run.stdout);
        assert!(said.contains("generate") && said.contains("first-event"), "{shell}: {said}");
        let Ok(checked) = check(shell, &said) else {
            eprintln!("SKIPPED: no {shell} to read its completions");
            continue;
        };
        assert!(checked.status.success(), "{shell}: {}", text(&checked.stderr));
    }
    assert_eq!(showerforge(&["completions", "csh"]).status.code(), Some(2));
}

/// Whether the shell can read it.
fn check(shell: &str, script: &str) -> std::io::Result<std::process::Output> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), script)?;
    Command::new(shell).arg("-n").arg(file.path()).output()
}

#[test]
fn bash_completes_a_command() {
    let script = text(&showerforge(&["completions", "bash"]).stdout);
    let words = "COMP_WORDS=(showerforge gen) COMP_CWORD=1\n\
                 _showerforge showerforge gen showerforge\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    let run = Command::new("bash").args(["-c", &format!("{script}\n{words}")]).output().unwrap();
    assert_eq!(text(&run.stdout).trim(), "generate", "{}", text(&run.stderr));
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("man1");
    let run = showerforge(&["man", "--output", path(&to)]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let pages = names(&to);
    for page in ["showerforge.1", "showerforge-generate.1", "showerforge-leave-one-out.1"] {
        assert!(pages.iter().any(|name| name == page), "{pages:?}");
    }
    let page = std::fs::read_to_string(to.join("showerforge-generate.1")).unwrap();
    assert!(page.contains(r"\-\-first\-event"), "{page}");
    assert_eq!(showerforge(&["man", "--output", path(&to)]).status.code(), Some(73));
    assert_eq!(showerforge(&["man", "--output", path(&to), "--force"]).status.code(), Some(0));
    let printed = text(&showerforge(&["man"]).stdout);
    assert_eq!(printed, std::fs::read_to_string(to.join("showerforge.1")).unwrap());
}
