use std::path::Path;

use super::FileError;

/// The bytes of a file.
///
/// # Errors
/// [`FileError::Missing`] if there is none, [`FileError::Read`] otherwise.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    std::fs::read(path).map_err(|source| FileError::reading(path, source))
}

/// The text of a UTF-8 file.
///
/// # Errors
/// As [`read`]; text that is not UTF-8 is a [`FileError::Read`].
pub fn read_to_string(path: &Path) -> Result<String, FileError> {
    std::fs::read_to_string(path).map_err(|source| FileError::reading(path, source))
}
