//! An output that exists already: is it the one that a job would make?

use std::path::Path;

use detectors::Detector;

use super::error::GenerationError;
use crate::events::{EventFile, GENERATOR, LayoutChoice, Provenance};
use crate::files::{FileError, read_checksum, sha256, write_checksum};

/// Whether `output` exists, is whole, and was made with these settings. Its checksum, if there is
/// none, is written again.
///
/// # Errors
/// It was made with other settings, or is broken.
pub(super) fn is_made(
    output: &Path,
    wanted: &Provenance,
    detector: &Detector,
) -> Result<bool, GenerationError> {
    // What is no file, as a folder or a device, is refused by whoever creates the output.
    if !output.is_file() {
        return Ok(false);
    }
    let broken = |reason: String| GenerationError::BrokenOutput { path: output.to_owned(), reason };
    let native = LayoutChoice::Named("native".to_owned());
    let file = EventFile::open_as(output, detector, &native).map_err(|e| broken(e.to_string()))?;
    let found = file.provenance().map_err(|error| broken(error.to_string()))?;
    let wanted = wanted.attributes(detector);
    let differences = differences(&found, &wanted);
    let (other_version, other): (Vec<_>, Vec<_>) =
        differences.into_iter().partition(|difference| difference.name == GENERATOR);
    if !other.is_empty() {
        return Err(GenerationError::OtherSettings {
            path: output.to_owned(),
            differences: other.iter().map(Difference::text).collect::<Vec<_>>().join("; "),
        });
    }
    let events = wanted.iter().find(|(name, _)| name == "events").map(|(_, events)| events);
    if events.is_none_or(|events| *events != file.len().to_string()) {
        let told = events.map_or("", String::as_str);
        return Err(broken(format!("it has {} events, its attribute says {told}", file.len())));
    }
    let hash = sha256([output])?;
    match read_checksum(output) {
        Ok(Some(known)) if known == hash => {}
        Ok(Some(known)) => {
            return Err(broken(format!("its SHA-256 is {hash}, `.sha256` says {known}")));
        }
        Ok(None) => write_checksum(output, &hash)?,
        Err(error @ FileError::Checksum { .. }) => return Err(broken(error.to_string())),
        Err(error) => return Err(error.into()),
    }
    for difference in other_version {
        tracing::warn!("`{}` was made by another version: {}", output.display(), difference.text());
    }
    Ok(true)
}

/// An attribute that two files, or a file and a job, do not have alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub name: String,
    pub found: Option<String>,
    pub wanted: Option<String>,
}

impl Difference {
    fn text(&self) -> String {
        let value = |value: &Option<String>| match value {
            Some(value) => format!("`{value}`"),
            None => "not there".to_owned(),
        };
        format!("`{}` is {}, wanted {}", self.name, value(&self.found), value(&self.wanted))
    }
}

/// Both are sorted by name.
pub(super) fn differences(
    found: &[(String, String)],
    wanted: &[(String, String)],
) -> Vec<Difference> {
    let value = |attributes: &[(String, String)], name: &str| {
        let known = attributes.iter().find(|(known, _)| known == name);
        known.map(|(_, value)| value.clone())
    };
    let mut names: Vec<&String> = found.iter().chain(wanted).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let compared = names.into_iter().map(|name| Difference {
        name: name.clone(),
        found: value(found, name),
        wanted: value(wanted, name),
    });
    compared.filter(|difference| difference.found != difference.wanted).collect()
}
