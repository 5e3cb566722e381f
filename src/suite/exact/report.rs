use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::check::{Comparison, ExactCheck, ExactResult};
use crate::files::{FileError, write_atomically};

/// The outcome of several checks, as it is written to `exact.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExactReport {
    pub format_version: u32,
    /// Of this program.
    pub version: String,
    /// Whether all comparisons of all checks agree.
    pub passed: bool,
    pub seconds: f64,
    pub checks: Vec<CheckReport>,
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    pub name: &'static str,
    pub title: &'static str,
    pub formula: &'static str,
    pub source: &'static str,
    pub passed: bool,
    pub seconds: f64,
    pub values: Vec<Comparison>,
    /// Why there are no values.
    pub error: Option<String>,
    /// The name of the figure's file.
    pub figure: Option<String>,
    /// The figure itself, an SVG document.
    #[serde(skip)]
    pub svg: Option<String>,
}

/// Runs all checks.
pub fn run_all() -> ExactReport {
    run(&super::checks())
}

/// Runs `checks` one after the other. A check that cannot be computed has an error and does not
/// pass.
pub fn run(checks: &[ExactCheck]) -> ExactReport {
    let started = Instant::now();
    let checks: Vec<CheckReport> = checks.iter().map(CheckReport::of).collect();
    ExactReport {
        format_version: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        passed: checks.iter().all(|check| check.passed),
        seconds: started.elapsed().as_secs_f64(),
        checks,
    }
}

impl CheckReport {
    fn of(check: &ExactCheck) -> Self {
        let started = Instant::now();
        let (result, error) = match (check.run)() {
            Ok(result) => (result, None),
            Err(error) => (ExactResult::default(), Some(error.to_string())),
        };
        Self {
            name: check.name,
            title: check.title,
            formula: check.formula,
            source: check.source,
            passed: error.is_none() && result.agrees(),
            seconds: started.elapsed().as_secs_f64(),
            values: result.values,
            error,
            figure: result.figure.as_ref().map(|_| format!("{}.svg", check.name)),
            svg: result.figure,
        }
    }
}

impl ExactReport {
    /// Writes `exact.json` and the figures into `folder`, which is there; the paths.
    ///
    /// # Errors
    /// [`FileError`] of the first file that cannot be written.
    pub fn write(&self, folder: &Path, force: bool) -> Result<Vec<PathBuf>, FileError> {
        let json = serde_json::to_string_pretty(self).expect("the report is plain data");
        let mut written = vec![folder.join("exact.json")];
        write_atomically(&written[0], format!("{json}\n").as_bytes(), force)?;
        for check in &self.checks {
            if let (Some(name), Some(svg)) = (&check.figure, &check.svg) {
                let path = folder.join(name);
                write_atomically(&path, svg.as_bytes(), force)?;
                written.push(path);
            }
        }
        Ok(written)
    }
}

impl fmt::Display for ExactReport {
    /// A table: found, expected and the accepted difference of everything that was compared.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{} ({}, {:.1} s)", check.title, check.name, check.seconds)?;
            if let Some(error) = &check.error {
                writeln!(f, "  failed: {error}")?;
            }
            for value in &check.values {
                let word = if value.agrees() { "ok" } else { "WRONG" };
                writeln!(
                    f,
                    "  {word:5} {:>14} {:>14} ±{:<8} {}",
                    shown(value.found),
                    shown(value.expected),
                    format!("{:.0e}", value.tolerance),
                    value.what
                )?;
            }
        }
        let wrong = self.checks.iter().filter(|check| !check.passed).count();
        let all = self.checks.len();
        writeln!(f, "{} of {all} checks agree, in {:.1} s", all - wrong, self.seconds)
    }
}

/// Seven digits, of whole numbers all.
fn shown(value: f64) -> String {
    let size = value.abs();
    if !(size.is_finite() && value != value.trunc()) {
        return format!("{}", value + 0.0);
    }
    match size {
        1e-3..1e3 => format!("{value:.7}"),
        1e3..1e6 => format!("{value:.3}"),
        _ => format!("{value:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::SuiteError;

    fn one(run: fn() -> Result<ExactResult, SuiteError>) -> ExactReport {
        let check =
            ExactCheck { name: "sum", title: "A sum", formula: "1 + 1 = 2", source: "", run };
        super::run(&[check])
    }

    fn result(found: f64) -> Result<ExactResult, SuiteError> {
        let values = vec![Comparison::new("1 + 1", found, 2.0, 1e-9)];
        Ok(ExactResult { values, figure: Some("<svg/>".to_owned()) })
    }

    #[test]
    fn a_wrong_number_and_an_error_do_not_pass() {
        let right = one(|| result(2.0));
        assert!(right.passed);
        let table = right.to_string();
        let words: Vec<&str> = table.lines().nth(1).expect("a line").split_whitespace().collect();
        assert_eq!(words, ["ok", "2", "2", "±1e-9", "1", "+", "1"]);
        let wrong = one(|| result(2.1));
        assert!(!wrong.passed && !wrong.checks[0].passed);
        assert!(wrong.to_string().contains("WRONG"), "{wrong}");
        assert!(wrong.to_string().contains("0 of 1 checks agree"), "{wrong}");
        let reason = "no sum".to_owned();
        let failed = one(|| Err(SuiteError::NothingToRun { reason: "no sum".to_owned() }));
        assert!(!failed.passed);
        assert!(failed.checks[0].error.as_ref().expect("it failed").contains(&reason));
    }

    #[test]
    fn json_and_figures_are_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let report = one(|| result(2.0));
        let written = report.write(folder.path(), false).expect("it can be written");
        assert_eq!(written, [folder.path().join("exact.json"), folder.path().join("sum.svg")]);
        let json = crate::files::read_to_string(&written[0]).expect("it is there");
        let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(json["checks"][0]["values"][0]["expected"], 2.0);
        assert_eq!(json["checks"][0]["figure"], "sum.svg");
        assert!(json["checks"][0].get("svg").is_none());
        assert!(report.write(folder.path(), false).is_err(), "files are there already");
    }
}
