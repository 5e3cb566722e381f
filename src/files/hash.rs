use std::io::Read as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::FileError;

/// SHA-256 of the contents of files, one after the other, in hexadecimal.
///
/// # Errors
/// A file does not exist or cannot be read.
pub fn sha256<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<String, FileError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    for path in paths {
        let reading = |source| FileError::reading(path, source);
        let mut file = std::fs::File::open(path).map_err(reading)?;
        loop {
            match file.read(&mut buffer).map_err(reading)? {
                0 => break,
                read => hash.update(&buffer[..read]),
            }
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nothing_is_the_known_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256([]).expect("no file to fail on"), empty);
    }
}
