use std::path::Path;
use std::time::Duration;

use hdf5_metno as hdf5;

use super::{EventsError, hdf5_errors, structure};
use crate::files::FileKind;

/// So many names at most stand in an error.
const MOST_NAMES: usize = 20;
/// How often and how long to wait for another program's lock: 2 seconds in all.
const LOCK_ATTEMPTS: usize = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// Opens a file whose structure is sound, when no other program is writing it.
pub(super) fn open_hdf5(path: &Path) -> Result<hdf5::File, EventsError> {
    let kind = FileKind::of(path)?;
    structure::check(path)?;
    let mut opened = hdf5::File::open(path);
    // A lock can outlive its writer for a moment, where a process is just starting another.
    for _ in 0..LOCK_ATTEMPTS {
        if !opened.as_ref().is_err_and(hdf5_errors::is_locked) {
            break;
        }
        std::thread::sleep(LOCK_PAUSE);
        opened = hdf5::File::open(path);
    }
    opened.map_err(|error| {
        let path = path.to_owned();
        if hdf5_errors::is_locked(&error) {
            EventsError::Locked { path }
        } else if error.contains_minor(hdf5::MinorErrorCode::Truncated) {
            EventsError::Truncated { path, reason: hdf5_errors::sizes(&error) }
        } else if kind != FileKind::Hdf5 {
            EventsError::NotHdf5 { path, found: kind.describe().to_owned() }
        } else {
            hdf5_errors::reading(&path, "open")(error)
        }
    })
}

/// The names in a file, for an error.
pub(super) fn members(file: &hdf5::File) -> String {
    let names = file.member_names().unwrap_or_default();
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = names
        .iter()
        .take(MOST_NAMES)
        .map(|name| match file.group(name) {
            Ok(_) => format!("`{}` (a group)", name.escape_debug()),
            Err(_) if file.dataset(name).is_err() => {
                format!("`{}` (which cannot be opened)", name.escape_debug())
            }
            Err(_) => format!("`{}`", name.escape_debug()),
        })
        .collect();
    let more = names.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}
