//! The name of an output, from a folder or a pattern.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use thiserror::Error;

#[derive(Debug, Error, PartialEq, Eq)]
pub enum NameError {
    #[error(
        "`{{{placeholder}}}` in `{pattern}` is not known; expected {{run}}, {{first}}, {{events}} or {{task}}, numbers with a width such as {{first:09}}"
    )]
    Placeholder { placeholder: String, pattern: String },

    #[error("a brace in `{pattern}` is left open; a brace itself is written twice")]
    Brace { pattern: String },

    #[error("`{pattern}` names the task, but `--task-id` is not given")]
    NoTask { pattern: String },

    #[error("`{0}` is no name for a run: expected letters, digits, `.`, `_` and `-`")]
    Run(String),
}

/// What a name can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameParts {
    pub run: String,
    pub first_event: u64,
    pub events: u64,
    pub task: Option<u64>,
}

/// The name in a folder.
const IN_A_FOLDER: &str = "showers_{run}_{first:09}_{events}.h5";

/// # Errors
/// The name has other characters than letters, digits, `.`, `_` and `-`, or none.
pub fn check_run(run: &str) -> Result<(), NameError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !run.is_empty() && run.chars().all(plain) {
        Ok(())
    } else {
        Err(NameError::Run(run.to_owned()))
    }
}

/// A short name for a run that has none: equal for all jobs of one production, and different for
/// another model, seed or conditions. The first 8 hexadecimal digits of their SHA-256.
pub fn run_of(model_sha256: &str, seed: u64, conditions: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{model_sha256}\n{seed}\n{conditions}"));
    hash.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The path that `output` means: a folder, which exists or ends in `/`, gets the file
/// `showers_{run}_{first:09}_{events}.h5`; elsewhere placeholders of the file's name are filled in.
///
/// # Errors
/// A placeholder that is not known, or `{task}` where there is none.
pub fn output_path(output: &Path, parts: &NameParts) -> Result<PathBuf, NameError> {
    if is_folder(output) {
        return Ok(output.join(filled(IN_A_FOLDER, parts)?));
    }
    match output.file_name().and_then(|name| name.to_str()) {
        Some(name) if name.contains(['{', '}']) => Ok(output.with_file_name(filled(name, parts)?)),
        _ => Ok(output.to_owned()),
    }
}

/// Whether an output is meant as the folder to write to.
pub fn is_folder(output: &Path) -> bool {
    output.as_os_str().as_encoded_bytes().ends_with(b"/") || output.is_dir()
}

fn filled(pattern: &str, parts: &NameParts) -> Result<String, NameError> {
    let open = || NameError::Brace { pattern: pattern.to_owned() };
    let mut name = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        name.push_str(before);
        if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
            name.push_str(&from[..1]);
            rest = after;
            continue;
        }
        let (placeholder, after) =
            from.strip_prefix('{').and_then(|from| from.split_once('}')).ok_or_else(open)?;
        name.push_str(&value(placeholder, pattern, parts)?);
        rest = after;
    }
    name.push_str(rest);
    Ok(name)
}

fn value(placeholder: &str, pattern: &str, parts: &NameParts) -> Result<String, NameError> {
    let unknown = || NameError::Placeholder {
        placeholder: placeholder.to_owned(),
        pattern: pattern.to_owned(),
    };
    let (name, width) = match placeholder.split_once(':') {
        None => (placeholder, None),
        // A width, with or without a 0 in front, fills up with zeros: names sort as numbers do.
        Some((name, width)) => {
            let width: usize = width.parse().map_err(|_| unknown())?;
            (name, Some(width).filter(|width| *width <= 20))
        }
    };
    let number = match name {
        "run" if width.is_none() && !placeholder.contains(':') => return Ok(parts.run.clone()),
        "first" => parts.first_event,
        // The short name is for those who type it; clap makes a line break of it in help texts.
        "events" | "n" => parts.events,
        "task" => parts.task.ok_or_else(|| NameError::NoTask { pattern: pattern.to_owned() })?,
        _ => return Err(unknown()),
    };
    match (width, placeholder.contains(':')) {
        (Some(width), _) => Ok(format!("{number:0width$}")),
        (None, false) => Ok(number.to_string()),
        (None, true) => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(task: Option<u64>) -> NameParts {
        NameParts { run: "r1".to_owned(), first_event: 3000, events: 500, task }
    }

    fn path(output: &str, task: Option<u64>) -> Result<String, NameError> {
        output_path(Path::new(output), &parts(task)).map(|path| path.display().to_string())
    }

    #[test]
    fn folders_get_a_name_and_patterns_are_filled_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("showers_r1_000003000_500.h5");
        assert_eq!(output_path(folder.path(), &parts(None)), Ok(inside));
        let name = |output: &str| path(output, Some(6)).expect(output);
        assert_eq!(name("new/"), "new/showers_r1_000003000_500.h5");
        assert_eq!(name("out.h5"), "out.h5");
        assert_eq!(name("a/{run}-{task:3}-{first}+{n}.h5"), "a/r1-006-3000+500.h5");
        assert_eq!(name("{{x}}{n:04}"), "{x}0500");
        // Of a folder's name nothing is filled in.
        assert_eq!(name("{run}/x.h5"), "{run}/x.h5");
    }

    #[test]
    fn what_cannot_be_filled_in_is_refused() {
        for pattern in ["{seed}", "{run:3}", "{first:x}", "{first:999}", "{}"] {
            let error = path(pattern, Some(1));
            assert!(matches!(error, Err(NameError::Placeholder { .. })), "{pattern}: {error:?}");
        }
        for pattern in ["{first", "first}", "a{"] {
            assert!(matches!(path(pattern, Some(1)), Err(NameError::Brace { .. })), "{pattern}");
        }
        assert!(matches!(path("{task}", None), Err(NameError::NoTask { .. })));
        for run in ["", "a/b", "a b", "{n}"] {
            assert!(check_run(run).is_err(), "{run}");
        }
        assert_eq!(check_run("mc25_v1.2-a"), Ok(()));
    }

    #[test]
    fn runs_without_a_name_differ_where_their_events_do() {
        let run = run_of("ab", 1, "theta=1");
        assert_eq!(run.len(), 8);
        assert_eq!(run, run_of("ab", 1, "theta=1"));
        assert!(
            [run_of("ac", 1, "theta=1"), run_of("ab", 2, "theta=1"), run_of("ab", 1, "theta=2")]
                .iter()
                .all(|other| *other != run)
        );
    }
}
