//! Settings of systems with a training loop of their own.

use serde::de::DeserializeOwned;

use crate::suite::{Protocol, RunOptions, SuiteError, merged};

/// The settings that come with the program, `defaults` in TOML, with the changes of a run.
///
/// # Errors
/// Keys that there are not, and values of the wrong kind.
pub(super) fn read<S: DeserializeOwned>(
    name: &str,
    defaults: &str,
    options: &RunOptions,
) -> Result<S, SuiteError> {
    let base: toml::Table = toml::from_str(defaults).expect("the defaults are tested");
    let table = merged(base, options.overrides.clone());
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
