use std::io::{self, Write as _};
use std::path::PathBuf;

use crate::files::FileError;

/// Prints a result to standard output.
///
/// # Errors
/// Standard output cannot be written. A reader that has left, as `head` does, is no error.
pub fn print(text: &str) -> Result<(), FileError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(FileError::writing(&PathBuf::from("standard output"), error))
        }
        _ => Ok(()),
    }
}
