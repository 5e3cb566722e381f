//! The file `NAME.sha256` beside an output, as `sha256sum -c` reads it.

use std::path::{Path, PathBuf};

use super::{FileError, read, write_atomically};

/// `OUTPUT.sha256`.
pub fn checksum_path(output: &Path) -> PathBuf {
    beside(output, ".sha256")
}

/// The path with something after its name.
pub(crate) fn beside(output: &Path, suffix: &str) -> PathBuf {
    let mut path = output.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Writes `OUTPUT.sha256`, or replaces it: the hash, two spaces and the name without its folder.
///
/// # Errors
/// As [`write_atomically`].
pub fn write_checksum(output: &Path, sha256: &str) -> Result<(), FileError> {
    let line = format!("{sha256}  {}\n", name(output));
    write_atomically(&checksum_path(output), line.as_bytes(), true)
}

/// The hash that `OUTPUT.sha256` has for `output`; nothing if there is no such file.
///
/// # Errors
/// The file cannot be read, or is no checksum of a file of this name: [`FileError::Checksum`].
pub fn read_checksum(output: &Path) -> Result<Option<String>, FileError> {
    let path = checksum_path(output);
    let bytes = match read(&path) {
        Ok(bytes) => bytes,
        Err(FileError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let text = String::from_utf8_lossy(&bytes);
    // `sha256sum` puts an asterisk before the names of binary files.
    let hash = text.lines().find_map(|line| {
        let (hash, named) = line.split_once(' ')?;
        let named = named.strip_prefix([' ', '*'])?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_hash && named == name(output)).then(|| hash.to_ascii_lowercase())
    });
    match hash {
        Some(hash) => Ok(Some(hash)),
        None => Err(FileError::Checksum { path, name: name(output) }),
    }
}

fn name(output: &Path) -> String {
    output.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::sha256;

    #[test]
    fn what_was_written_is_read_and_what_is_no_checksum_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.h5");
        write_atomically(&output, b"events", false).unwrap();
        assert_eq!(read_checksum(&output).unwrap(), None);
        let hash = sha256([output.as_path()]).unwrap();
        write_checksum(&output, &hash).unwrap();
        assert_eq!(read_checksum(&output).unwrap(), Some(hash.clone()));
        let as_binary = format!("{} *out.h5\n", hash.to_uppercase());
        for (text, expected) in [
            (as_binary, Some(hash.clone())),
            (format!("{hash}  other.h5\n"), None),
            (format!("{}  out.h5\n", &hash[1..]), None),
            (String::new(), None),
        ] {
            write_atomically(&checksum_path(&output), text.as_bytes(), true).unwrap();
            assert_eq!(read_checksum(&output).ok().flatten(), expected, "{text}");
        }
    }
}
