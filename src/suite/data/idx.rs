use std::path::Path;

use super::DataError;
use super::compressed::unpacked;
use crate::files;

/// Bytes with a shape, from a file in the IDX format of MNIST: two zeros, the type, the number of
/// axes, the size of each axis as 32-bit big-endian integers, then the values, the last axis
/// running fastest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdxArray {
    pub shape: Vec<usize>,
    pub values: Vec<u8>,
}

const EXPECTED: &str = "an IDX file of bytes";
const UNSIGNED_BYTE: u8 = 0x08;
/// Names of the format's other types.
const OTHER_TYPES: [(u8, &str); 5] = [
    (0x09, "signed bytes"),
    (0x0b, "16-bit integers"),
    (0x0c, "32-bit integers"),
    (0x0d, "32-bit floats"),
    (0x0e, "64-bit floats"),
];

impl IdxArray {
    /// Reads a file, which may be gzipped.
    ///
    /// # Errors
    /// No file; one that is cut off, longer than its shape says, damaged, or of a type other than
    /// bytes.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        Self::from_bytes(path, files::read(path)?)
    }

    /// The same of a file's content; `path` is for messages.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, DataError> {
        let bytes = unpacked(path, bytes, EXPECTED)?;
        Self::parse(&bytes).map_err(|problem| DataError::format(path, EXPECTED, problem))
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let (magic, rest) = bytes
            .split_first_chunk::<4>()
            .ok_or_else(|| format!("it has {} bytes, expected 4 at least", bytes.len()))?;
        let &[0, 0, kind, axes] = magic else {
            return Err(format!("it begins with {magic:02x?}, expected two zeros"));
        };
        if kind != UNSIGNED_BYTE {
            let known = OTHER_TYPES.iter().find(|(number, _)| *number == kind);
            let name = known.map_or("an unknown type", |(_, name)| name);
            return Err(format!("it holds {name} (0x{kind:02x}), expected bytes (0x08)"));
        }
        if axes == 0 {
            return Err("it has no axes".to_owned());
        }
        let axes = usize::from(axes);
        if rest.len() < 4 * axes {
            return Err(format!("it is cut off within the sizes of its {axes} axes"));
        }
        let (sizes, values) = rest.split_at(4 * axes);
        let (sizes, _) = sizes.as_chunks::<4>();
        let shape: Vec<usize> =
            sizes.iter().map(|size| u32::from_be_bytes(*size) as usize).collect();
        let count = shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
        if count != Some(values.len()) {
            return Err(format!(
                "it has {} values, expected those of shape {shape:?}",
                values.len()
            ));
        }
        Ok(Self { shape, values: values.to_vec() })
    }
}

/// A file of this format.
#[cfg(test)]
pub(in crate::suite) fn idx_bytes(shape: &[usize], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, UNSIGNED_BYTE, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|&size| (size as u32).to_be_bytes()));
    bytes.extend(values);
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::compressed::gzipped;
    use super::*;

    fn parse(bytes: Vec<u8>) -> Result<IdxArray, String> {
        IdxArray::from_bytes(Path::new("x-ubyte"), bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn shape_and_values_are_read_packed_or_not() {
        let bytes = idx_bytes(&[2, 1, 3], &[1, 2, 3, 4, 5, 255]);
        let expected = IdxArray { shape: vec![2, 1, 3], values: vec![1, 2, 3, 4, 5, 255] };
        assert_eq!(parse(gzipped(&bytes)), Ok(expected.clone()));
        assert_eq!(parse(bytes), Ok(expected));
        assert_eq!(parse(idx_bytes(&[0, 28, 28], &[])).map(|found| found.values), Ok(vec![]));
    }

    #[test]
    fn what_is_no_idx_file_says_why() {
        let cases: [(Vec<u8>, &str); 8] = [
            (vec![], "it has 0 bytes, expected 4 at least"),
            (vec![0, 0, 8], "it has 3 bytes, expected 4 at least"),
            (b"PK\x03\x04".to_vec(), "it begins with [50, 4b, 03, 04], expected two zeros"),
            (vec![0, 0, 0x0d, 1], "it holds 32-bit floats (0x0d), expected bytes (0x08)"),
            (vec![0, 0, 8, 0], "it has no axes"),
            (vec![0, 0, 8, 3, 0, 0], "it is cut off within the sizes of its 3 axes"),
            (idx_bytes(&[2, 2], &[1, 2, 3]), "it has 3 values, expected those of shape [2, 2]"),
            (
                idx_bytes(&[4_000_000_000; 3], &[1]),
                "it has 1 values, expected those of shape [4000000000, 4000000000, 4000000000]",
            ),
        ];
        for (bytes, problem) in cases {
            let expected = format!("`x-ubyte` is not an IDX file of bytes: {problem}");
            assert_eq!(parse(bytes), Err(expected));
        }
    }
}
