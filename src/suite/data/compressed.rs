//! Compressed bytes in memory: gzip files, and the streams inside zip archives.

use std::path::Path;

use libdeflater::{DecompressionError, Decompressor};

use super::DataError;

/// No deflate stream becomes longer than this many times its own length.
const LARGEST_RATIO: usize = 1032;
/// What is read whole into memory at most.
const LARGEST: usize = 1 << 32;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Header and trailer of a gzip member.
const GZIP_FRAME: usize = 18;

/// The content of a file, unpacked if it is gzip by its first bytes.
///
/// # Errors
/// A gzip file that is cut off or damaged (its CRC-32 is checked), or that has several members.
pub(super) fn unpacked(
    path: &Path,
    bytes: Vec<u8>,
    expected: &'static str,
) -> Result<Vec<u8>, DataError> {
    if !bytes.starts_with(&GZIP_MAGIC) {
        return Ok(bytes);
    }
    let problem = |problem: &str| DataError::format(path, expected, problem);
    if bytes.len() < GZIP_FRAME {
        return Err(problem("the gzip file is cut off"));
    }
    let (_, length) = bytes.split_at(bytes.len() - 4);
    let length = u32::from_le_bytes(length.try_into().expect("split off four bytes")) as usize;
    check_length(length, bytes.len()).map_err(|text| problem(&text))?;
    let mut content = vec![0; length];
    match Decompressor::new().gzip_decompress(&bytes, &mut content) {
        Ok(written) if written == length => Ok(content),
        Ok(_) | Err(DecompressionError::InsufficientSpace) => {
            Err(problem("the gzip file is damaged, or has several members, expected one"))
        }
        Err(DecompressionError::BadData) => Err(problem("the gzip file is cut off or damaged")),
    }
}

/// A raw deflate stream of known length.
///
/// # Errors
/// What is wrong with it, as a fragment of a sentence.
pub(super) fn inflated(stream: &[u8], length: usize) -> Result<Vec<u8>, String> {
    check_length(length, stream.len())?;
    let mut content = vec![0; length];
    match Decompressor::new().deflate_decompress(stream, &mut content) {
        Ok(written) if written == length => Ok(content),
        _ => Err("its deflate stream is damaged".to_owned()),
    }
}

/// Before memory is taken for what a damaged file claims to hold.
fn check_length(length: usize, compressed: usize) -> Result<(), String> {
    if length > LARGEST {
        return Err(format!(
            "{length} bytes are too many to be unpacked, expected {LARGEST} at most"
        ));
    }
    if length > compressed.saturating_mul(LARGEST_RATIO) {
        return Err(format!("{compressed} compressed bytes cannot hold {length} bytes"));
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut packed = vec![0; compressor.gzip_compress_bound(content.len())];
    let written = compressor.gzip_compress(content, &mut packed).expect("the bound holds");
    packed.truncate(written);
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        unpacked(Path::new("x.gz"), bytes, "a test").map_err(|error| error.to_string())
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes() {
        assert_eq!(unpack(b"plain".to_vec()).unwrap(), b"plain");
        assert_eq!(unpack(gzipped(b"packed")).unwrap(), b"packed");
        assert_eq!(unpack(gzipped(b"")).unwrap(), b"");
    }

    #[test]
    fn damage_is_named() {
        let whole = gzipped(&[7; 1000]);
        for length in [2, 10, 17, whole.len() - 5, whole.len() - 1] {
            let text = unpack(whole[..length].to_vec()).expect_err("cut off");
            assert!(text.starts_with("`x.gz` is not a test: "), "{text}");
        }
        let mut other = whole.clone();
        other[12] ^= 0x55;
        assert!(unpack(other).expect_err("damaged").contains("damaged"));
        let mut huge = whole;
        let end = huge.len();
        huge[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(unpack(huge).expect_err("too long").contains("cannot hold 4294967295 bytes"));
        let two = [gzipped(b"one"), gzipped(b"more")].concat();
        assert!(unpack(two).expect_err("two members").contains("several members"));
    }
}
