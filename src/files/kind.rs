use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::FileError;

/// What a file is by its first bytes, whatever its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Hdf5,
    /// A model file: 8 bytes of length, then a JSON header.
    Safetensors,
    Root,
    Numpy,
    Zip,
    Gzip,
    Text,
    Empty,
    Unknown,
}

impl FileKind {
    /// # Errors
    /// There is no such file, it is a folder, or it cannot be read.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        let mut start = Vec::new();
        File::open(path)
            .and_then(|file| file.take(512).read_to_end(&mut start))
            .map_err(|source| FileError::reading(path, source))?;
        Ok(Self::of_bytes(&start))
    }

    /// As a phrase that follows "is not an HDF5 file: ".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Hdf5 => "it is HDF5",
            Self::Safetensors => "it is a model file (safetensors)",
            Self::Root => "it is a ROOT file",
            Self::Numpy => "it is a NumPy array",
            Self::Zip => "it is a zip archive",
            Self::Gzip => "it is compressed with gzip",
            Self::Text => "it is text",
            Self::Empty => "it is empty",
            Self::Unknown => "its content is of an unknown kind",
        }
    }

    fn of_bytes(start: &[u8]) -> Self {
        match start {
            [] => Self::Empty,
            [b'\x89', b'H', b'D', b'F', b'\r', b'\n', b'\x1a', b'\n', ..] => Self::Hdf5,
            [_, _, _, _, _, 0, 0, 0, b'{', ..] => Self::Safetensors,
            [b'r', b'o', b'o', b't', 0, ..] => Self::Root,
            [b'\x93', b'N', b'U', b'M', b'P', b'Y', ..] => Self::Numpy,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            [0x1f, 0x8b, ..] => Self::Gzip,
            text if looks_like_text(text) => Self::Text,
            _ => Self::Unknown,
        }
    }
}

fn looks_like_text(start: &[u8]) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    // The last character may be cut in the middle.
    let valid = std::str::from_utf8(start).map_or_else(|error| error.valid_up_to(), str::len);
    valid + 4 > start.len() && !start.iter().any(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_first_bytes() {
        let cases: [(&[u8], FileKind); 9] = [
            (b"", FileKind::Empty),
            (b"\x89HDF\r\n\x1a\n\0\0", FileKind::Hdf5),
            (b"\x10\0\0\0\0\0\0\0{\"a\":1}", FileKind::Safetensors),
            (b"root\0\0\xf6", FileKind::Root),
            (b"\x93NUMPY\x01", FileKind::Numpy),
            (b"PK\x03\x04", FileKind::Zip),
            (b"\x1f\x8b\x08", FileKind::Gzip),
            ("E_tot / MeV, η\n1.0, 0.2".as_bytes(), FileKind::Text),
            (b"\x00\x01\xff\xfe\x80\x80", FileKind::Unknown),
        ];
        for (bytes, kind) in cases {
            assert_eq!(FileKind::of_bytes(bytes), kind, "{bytes:?}");
        }
    }
}
