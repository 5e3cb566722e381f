//! What a job that was stopped has kept, and how the next run takes it up.
//!
//! Kept events are an ordinary file of events with the attributes of the output that it was to
//! become, beside it under a hidden name. The next run copies its chunks as they are stored, so
//! that the output is that of a run that was not stopped, byte for byte.

use std::path::{Path, PathBuf};

use detectors::Detector;

use super::error::GenerationError;
use super::existing::differences;
use crate::ExitCode;
use crate::events::{EventFile, EventWriter, EventsError, LayoutChoice, Provenance, WriteOptions};

/// `.NAME.resume`, in the folder of the output.
pub fn kept_path(output: &Path) -> PathBuf {
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    output.with_file_name(format!(".{name}.resume"))
}

/// Keeps what was written until now for the next run of the same job.
pub(super) fn keep(writer: EventWriter, output: &Path) -> Result<(), GenerationError> {
    Ok(writer.complete()?.commit_as(&kept_path(output))?)
}

/// Removes what was kept, if anything was.
pub(super) fn forget(output: &Path) {
    let kept = kept_path(output);
    if let Err(error) = fs_err::remove_file(&kept)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!("cannot remove `{}`, which is needed no more: {error}", kept.display());
    }
}

/// A writer for the output, with the events that an earlier run has kept, and their number.
pub(super) fn begin(
    output: &Path,
    detector: &Detector,
    provenance: &Provenance,
    options: WriteOptions,
) -> Result<(EventWriter, u64), GenerationError> {
    let create = || EventWriter::create(output, detector, false, provenance, options);
    let mut writer = create()?;
    let Some(kept) = open(output, detector, provenance)? else { return Ok((writer, 0)) };
    match writer.append_file(&kept, &mut |_| {}) {
        Ok(()) => Ok((writer, kept.len() as u64)),
        Err(error) if error.exit_code() == ExitCode::BadData => {
            remove_broken(output, &error);
            drop(writer);
            Ok((create()?, 0))
        }
        Err(error) => Err(error.into()),
    }
}

/// What was kept for a job of this provenance. A file of other settings is set aside, a broken one
/// removed.
fn open(
    output: &Path,
    detector: &Detector,
    provenance: &Provenance,
) -> Result<Option<EventFile>, GenerationError> {
    let path = kept_path(output);
    if !path.exists() {
        return Ok(None);
    }
    let native = LayoutChoice::Named("native".to_owned());
    let opened = EventFile::open_as(&path, detector, &native)
        .and_then(|file| file.provenance().map(|attributes| (file, attributes)));
    let (file, attributes) = match opened {
        Ok(opened) => opened,
        Err(error @ EventsError::Locked { .. }) => return Err(error.into()),
        Err(error) => {
            remove_broken(output, &error);
            return Ok(None);
        }
    };
    let differences = differences(&attributes, &provenance.attributes(detector));
    if let Some(first) = differences.first() {
        let aside = crate::files::beside(&path, ".other");
        tracing::warn!(
            "`{}` was kept by a job with another `{}` and is not used; it is `{}` now",
            path.display(),
            first.name,
            aside.display()
        );
        fs_err::rename(&path, &aside)
            .map_err(|error| crate::files::FileError::Write { path: aside, source: error })?;
        return Ok(None);
    }
    if provenance.events.is_none_or(|events| file.len() as u64 >= events) {
        remove_broken(output, &format!("it has {} events, all that there are", file.len()));
        return Ok(None);
    }
    Ok(Some(file))
}

fn remove_broken(output: &Path, reason: &dyn std::fmt::Display) {
    let kept = kept_path(output);
    tracing::warn!("`{}` cannot be taken up and is removed: {reason}", kept.display());
    forget(output);
}
