use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::FileError;

/// SHA-256 of a file's content, in hexadecimal.
///
/// # Errors
/// There is no such file, or it cannot be read.
pub fn sha256_of(path: &Path) -> Result<String, FileError> {
    let mut hasher = Hasher(Sha256::new());
    File::open(path)
        .and_then(|mut file| io::copy(&mut file, &mut hasher))
        .map_err(|source| FileError::reading(path, source))?;
    Ok(hasher.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
