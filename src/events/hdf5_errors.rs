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

/// The error for a failed write: a full disk is told apart.
pub(super) fn writing(
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

/// The operating system's error, which HDF5 has only as text: `…, errno = 28, …`.
fn system_error(error: &hdf5::Error) -> Option<std::io::Error> {
    let stack = error.stack()?;
    stack.iter().find_map(|frame| {
        let (_, after) = frame.desc().split_once("errno = ")?;
        let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok().map(std::io::Error::from_raw_os_error)
    })
}
