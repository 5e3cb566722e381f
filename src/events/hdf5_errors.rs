//! From the HDF5 library's error stack to one sentence.

use std::path::Path;

use hdf5_metno as hdf5;

use super::EventsError;
use crate::files::FileError;

/// The error for a failed read.
pub(super) fn reading(
    path: &Path,
    action: &'static str,
) -> impl FnOnce(hdf5::Error) -> EventsError + use<> {
    let path = path.to_owned();
    move |error| EventsError::Hdf5 { path, action, reason: reason(&error), writing: false }
}

/// Another program has the file open for writing.
pub(super) fn is_locked(error: &hdf5::Error) -> bool {
    error
        .stack()
        .is_some_and(|stack| stack.iter().any(|f| f.desc().contains("unable to lock file")))
}

/// The error for values that cannot be decoded, in a file whose structure is good.
pub(super) fn damaged(
    path: &Path,
    dataset: &str,
) -> impl FnOnce(hdf5::Error) -> EventsError + use<> {
    let (path, dataset) = (path.to_owned(), dataset.to_owned());
    move |error| EventsError::Damaged { path, dataset, reason: reason(&error) }
}

/// The error for a failed write: a full disk is told apart.
pub(crate) fn writing(
    path: &Path,
    action: &'static str,
) -> impl FnOnce(hdf5::Error) -> EventsError + use<> {
    let path = path.to_owned();
    move |error| {
        let errno = system_error(&error);
        if errno.is_some_and(|errno| crate::files::is_disk_full(errno.kind())) {
            FileError::DiskFull { path }.into()
        } else {
            EventsError::Hdf5 { path, action, reason: reason(&error), writing: true }
        }
    }
}

/// The innermost message of the stack: the cause, not the call that ended in it.
pub(super) fn reason(error: &hdf5::Error) -> String {
    let innermost = error.stack().and_then(|stack| Some(stack.last()?.desc().to_owned()));
    innermost.unwrap_or_else(|| error.to_string())
}

/// How much is left of a truncated file: HDF5 has `…: eof = 6804, …, stored_eof = 13608`.
pub(super) fn sizes(error: &hdf5::Error) -> String {
    let reason = reason(error);
    let size = |name: &str| {
        let (_, after) = reason.split_once(name)?;
        after.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
    };
    match (size(" eof = "), size("stored_eof = ")) {
        (Some(found), Some(expected)) => format!("{found} of {expected} bytes are left"),
        _ => reason,
    }
}

/// The operating system's error, which HDF5 has only as text: `…, errno = 28, …`.
fn system_error(error: &hdf5::Error) -> Option<std::io::Error> {
    let stack = error.stack()?;
    stack.iter().find_map(|frame| {
        let (_, after) = frame.desc().split_once("errno = ")?;
        let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok().map(std::io::Error::from_raw_os_error)
    })
}
