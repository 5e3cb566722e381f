//! Settings of systems with a training loop of their own.

use serde::de::DeserializeOwned;

use crate::suite::merge::with_short;
use crate::suite::{Protocol, RunOptions, SuiteError};

/// The settings that come with the program, `defaults` in TOML, with the changes of a run. What
/// stands under `short` in either is for the short protocol only.
///
/// # Errors
/// Keys that there are not, and values of the wrong kind.
pub(super) fn read<S: DeserializeOwned>(
    name: &str,
    defaults: &str,
    options: &RunOptions,
) -> Result<S, SuiteError> {
    read_table(name, base(defaults, None), options)
}

/// As [`read`], with what stands in `defaults` under `problem` for one problem.
///
/// # Errors
/// As [`read`].
pub(super) fn read_for<S: DeserializeOwned>(
    name: &str,
    defaults: &str,
    problem: &str,
    options: &RunOptions,
) -> Result<S, SuiteError> {
    read_table(name, base(defaults, Some(problem)), options)
}

fn base(defaults: &str, problem: Option<&str>) -> Vec<toml::Table> {
    let mut base: toml::Table = toml::from_str(defaults).expect("the defaults are tested");
    let of_problems = base.remove("problem");
    let change = problem.and_then(|problem| of_problems.as_ref()?.get(problem)?.as_table());
    [Some(base), change.cloned()].into_iter().flatten().collect()
}

fn read_table<S: DeserializeOwned>(
    name: &str,
    base: Vec<toml::Table>,
    options: &RunOptions,
) -> Result<S, SuiteError> {
    let changes = base.into_iter().chain([options.overrides.clone()]);
    let table = changes
        .fold(toml::Table::new(), |table, change| with_short(table, change, options.protocol));
    table.try_into().map_err(|error: toml::de::Error| SuiteError::Settings {
        name: name.to_owned(),
        problem: error.message().to_owned(),
    })
}

/// Iterations of a run: those asked for, or the protocol's.
pub(super) fn iterations(options: &RunOptions, short: u64, paper: u64) -> u64 {
    options.iterations.unwrap_or(match options.protocol {
        Protocol::Short => short,
        Protocol::Paper => paper,
    })
}

/// Fails with the key whose value is out of range.
///
/// # Errors
/// If `holds` is false.
pub(super) fn require(name: &str, holds: bool, problem: &str) -> Result<(), SuiteError> {
    if holds {
        Ok(())
    } else {
        Err(SuiteError::Settings { name: name.to_owned(), problem: problem.to_owned() })
    }
}

/// The error of a loss that is not finite.
///
/// # Errors
/// If one of the losses is not.
pub(super) fn all_finite(terms: &[(String, f64)], iteration: u64) -> Result<(), SuiteError> {
    match terms.iter().find(|(_, value)| !value.is_finite()) {
        Some((what, _)) => Err(SuiteError::Diverged { what: format!("`{what}`"), iteration }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_problem::TestProblem;
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Some {
        a: u64,
        b: f64,
    }

    #[test]
    fn changes_of_a_run_come_over_the_defaults_and_unknown_keys_are_named() {
        let options = TestProblem::options(3, "b = 2.5");
        let found: Some = read("some", "a = 1\nb = 1.0", &options).expect("known keys");
        assert_eq!(found, Some { a: 1, b: 2.5 });
        let defaults = "a = 1\nb = 1.0\n[problem.one]\na = 2";
        let found: Some = read_for("some", defaults, "one", &options).expect("known keys");
        assert_eq!(found, Some { a: 2, b: 2.5 });
        let found: Some = read_for("some", defaults, "another", &options).expect("known keys");
        assert_eq!(found, Some { a: 1, b: 2.5 });
        let options = TestProblem::options(3, "c = 2.5");
        let error = read::<Some>("some", "a = 1\nb = 1.0", &options).expect_err("no such key");
        let text = error.to_string();
        assert!(text.starts_with("settings of `some`: unknown field `c`"), "{text}");
    }

    #[test]
    fn the_short_protocol_has_settings_of_its_own() {
        let mut options = TestProblem::options(3, "");
        let defaults = "a = 1\nb = 1.0\n[short]\nb = 0.5";
        let found: Some = read("some", defaults, &options).expect("known keys");
        assert_eq!(found, Some { a: 1, b: 0.5 });
        options.protocol = Protocol::Paper;
        let found: Some = read("some", defaults, &options).expect("known keys");
        assert_eq!(found, Some { a: 1, b: 1.0 });
    }

    #[test]
    fn a_run_has_the_iterations_of_its_protocol_or_its_own() {
        let mut options = TestProblem::options(3, "");
        assert_eq!(iterations(&options, 10, 20), 3);
        options.iterations = None;
        assert_eq!(iterations(&options, 10, 20), 10);
        options.protocol = Protocol::Paper;
        assert_eq!(iterations(&options, 10, 20), 20);
    }

    #[test]
    fn a_loss_that_is_not_finite_is_named() {
        let terms = [("l1".to_owned(), 0.5), ("critic loss".to_owned(), f64::NAN)];
        let error = all_finite(&terms, 7).expect_err("not a number").to_string();
        assert!(error.contains("`critic loss`") && error.contains('7'), "{error}");
    }
}
