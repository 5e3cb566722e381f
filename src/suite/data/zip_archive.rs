use std::path::{Path, PathBuf};

use libdeflater::crc32;

use super::DataError;
use super::compressed::inflated;
use crate::files;

/// The members of a zip archive that is read whole: NumPy's `.npz` files and Python's wheels.
///
/// Members may be stored or deflated; sizes come from the central directory, ZIP64 included, and
/// every member's CRC-32 is checked.
#[derive(Debug)]
pub(super) struct ZipArchive {
    path: PathBuf,
    bytes: Vec<u8>,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    name: String,
    method: u16,
    is_encrypted: bool,
    crc32: u32,
    compressed: u64,
    length: u64,
    offset: u64,
}

const EXPECTED: &str = "a zip archive";
const CUT_OFF: &str = "it is cut off or damaged";
const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const END_LENGTH: usize = 22;
/// The comment behind the end is this long at most.
const LONGEST_COMMENT: usize = 65_535;
const DIRECTORY_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const ZIP64_END_SIGNATURE: [u8; 4] = *b"PK\x06\x06";
const ZIP64_LOCATOR_LENGTH: usize = 20;
const ZIP64_EXTRA: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// A size that stands in the ZIP64 extra field.
const IN_EXTRA: u64 = 0xffff_ffff;

/// Little-endian numbers at places that may lie outside.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn at<const N: usize>(&self, offset: usize) -> Result<[u8; N], String> {
        let end = offset.checked_add(N).ok_or(CUT_OFF)?;
        let bytes = self.0.get(offset..end).ok_or(CUT_OFF)?;
        Ok(bytes.try_into().expect("as many bytes were taken"))
    }

    fn u16(&self, offset: usize) -> Result<u16, String> {
        self.at(offset).map(u16::from_le_bytes)
    }

    fn u32(&self, offset: usize) -> Result<u32, String> {
        self.at(offset).map(u32::from_le_bytes)
    }

    fn u64(&self, offset: usize) -> Result<u64, String> {
        self.at(offset).map(u64::from_le_bytes)
    }
}

impl ZipArchive {
    pub fn read(path: &Path) -> Result<Self, DataError> {
        Self::from_bytes(path, files::read(path)?)
    }

    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, DataError> {
        let members =
            directory(&bytes).map_err(|problem| DataError::format(path, EXPECTED, problem))?;
        Ok(Self { path: path.to_owned(), bytes, members })
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// The content of a member; none if there is no such.
    pub fn content(&self, name: &str) -> Result<Option<Vec<u8>>, DataError> {
        let Some(member) = self.members.iter().find(|member| member.name == name) else {
            return Ok(None);
        };
        self.unpack(member).map(Some).map_err(|problem| {
            DataError::format(&self.path, EXPECTED, format!("member `{name}`: {problem}"))
        })
    }

    fn unpack(&self, member: &Member) -> Result<Vec<u8>, String> {
        if member.is_encrypted {
            return Err("it is encrypted".to_owned());
        }
        let numbers = Numbers(&self.bytes);
        let start = usize::try_from(member.offset).map_err(|_| CUT_OFF)?;
        if numbers.at(start)? != LOCAL_SIGNATURE {
            return Err(CUT_OFF.to_owned());
        }
        // Name and extra field of the local header may differ from the directory's.
        let head = start + 30;
        let skipped = usize::from(numbers.u16(start + 26)?) + usize::from(numbers.u16(start + 28)?);
        let size = usize::try_from(member.compressed).map_err(|_| CUT_OFF)?;
        let length = usize::try_from(member.length).map_err(|_| CUT_OFF)?;
        let end = (head + skipped).checked_add(size).ok_or(CUT_OFF)?;
        let stream = self.bytes.get(head + skipped..end).ok_or(CUT_OFF)?;
        let content = match member.method {
            STORED if length == size => stream.to_vec(),
            STORED => return Err(CUT_OFF.to_owned()),
            DEFLATED => inflated(stream, length)?,
            other => {
                return Err(format!(
                    "it is compressed by method {other}, expected stored (0) or deflated (8)"
                ));
            }
        };
        if crc32(&content) != member.crc32 {
            return Err("its CRC-32 does not fit its content".to_owned());
        }
        Ok(content)
    }
}

/// What the central directory at the end of the archive lists.
fn directory(bytes: &[u8]) -> Result<Vec<Member>, String> {
    let numbers = Numbers(bytes);
    let latest = bytes.len().checked_sub(END_LENGTH).ok_or("it is too short")?;
    let earliest = latest.saturating_sub(LONGEST_COMMENT);
    let end = (earliest..=latest)
        .rev()
        .find(|&offset| bytes[offset..].starts_with(&END_SIGNATURE))
        .ok_or("it has no central directory at its end; it may be cut off")?;
    let mut count = u64::from(numbers.u16(end + 10)?);
    let mut offset = u64::from(numbers.u32(end + 16)?);
    if (count == 0xffff || offset == IN_EXTRA) && end >= ZIP64_LOCATOR_LENGTH {
        let at =
            usize::try_from(numbers.u64(end - ZIP64_LOCATOR_LENGTH + 8)?).map_err(|_| CUT_OFF)?;
        if numbers.at(at)? != ZIP64_END_SIGNATURE {
            return Err(CUT_OFF.to_owned());
        }
        count = numbers.u64(at + 32)?;
        offset = numbers.u64(at + 48)?;
    }
    let mut at = usize::try_from(offset).map_err(|_| CUT_OFF)?;
    let mut members = Vec::new();
    for _ in 0..count {
        let (member, next) = entry(&numbers, at)?;
        members.push(member);
        at = next;
    }
    Ok(members)
}

/// One entry of the central directory, and where the next one begins.
fn entry(numbers: &Numbers<'_>, at: usize) -> Result<(Member, usize), String> {
    if numbers.at(at)? != DIRECTORY_SIGNATURE {
        return Err(CUT_OFF.to_owned());
    }
    let [name, extra, comment] = [28, 30, 32].map(|field| numbers.u16(at + field).map(usize::from));
    let (name, extra, comment) = (name?, extra?, comment?);
    let name_at = at + 46;
    let text = numbers.0.get(name_at..name_at + name).ok_or(CUT_OFF)?;
    let mut member = Member {
        name: String::from_utf8_lossy(text).into_owned(),
        is_encrypted: numbers.u16(at + 8)? & 1 == 1,
        method: numbers.u16(at + 10)?,
        crc32: numbers.u32(at + 16)?,
        compressed: u64::from(numbers.u32(at + 20)?),
        length: u64::from(numbers.u32(at + 24)?),
        offset: u64::from(numbers.u32(at + 42)?),
    };
    let extra_at = name_at + name;
    take_large_sizes(&mut member, numbers, extra_at, extra_at + extra)?;
    Ok((member, extra_at + extra + comment))
}

/// Sizes of a ZIP64 extra field, which holds those that do not fit, in this order.
fn take_large_sizes(
    member: &mut Member,
    numbers: &Numbers<'_>,
    mut at: usize,
    end: usize,
) -> Result<(), String> {
    while at + 4 <= end {
        let (kind, size) = (numbers.u16(at)?, usize::from(numbers.u16(at + 2)?));
        if kind == ZIP64_EXTRA {
            let mut field = at + 4;
            for value in [&mut member.length, &mut member.compressed, &mut member.offset] {
                if *value == IN_EXTRA {
                    *value = numbers.u64(field)?;
                    field += 8;
                }
            }
        }
        at += 4 + size;
    }
    Ok(())
}

/// An archive as other programs write it.
#[cfg(test)]
pub(super) fn archive(members: &[(&str, &[u8])], deflate: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut central = Vec::new();
    for (name, content) in members {
        let packed = if deflate {
            let mut compressor =
                libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
            let mut packed = vec![0; compressor.deflate_compress_bound(content.len())];
            let size = compressor.deflate_compress(content, &mut packed).expect("the bound holds");
            packed.truncate(size);
            packed
        } else {
            content.to_vec()
        };
        let offset = bytes.len() as u32;
        let mut fields = vec![20, 0, 0, 0, if deflate { 8 } else { 0 }, 0, 0, 0, 0, 0];
        fields.extend(crc32(content).to_le_bytes());
        fields.extend((packed.len() as u32).to_le_bytes());
        fields.extend((content.len() as u32).to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        bytes.extend(LOCAL_SIGNATURE);
        bytes.extend(&fields);
        bytes.extend(name.as_bytes());
        bytes.extend(&packed);
        central.extend(DIRECTORY_SIGNATURE);
        central.extend([20, 0]);
        central.extend(&fields);
        central.extend([0; 10]);
        central.extend(offset.to_le_bytes());
        central.extend(name.as_bytes());
    }
    let offset = bytes.len() as u32;
    bytes.extend(&central);
    bytes.extend(END_SIGNATURE);
    bytes.extend([0; 4]);
    bytes.extend((members.len() as u16).to_le_bytes().repeat(2));
    bytes.extend((central.len() as u32).to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(bytes: Vec<u8>) -> Result<ZipArchive, String> {
        ZipArchive::from_bytes(Path::new("x.zip"), bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn members_are_read_stored_and_deflated() {
        let long = [3; 5000];
        for deflate in [false, true] {
            let zip = open(archive(&[("a.npy", b"first"), ("b/c", &long)], deflate)).unwrap();
            assert_eq!(zip.names().collect::<Vec<_>>(), ["a.npy", "b/c"]);
            assert_eq!(zip.content("a.npy").unwrap().as_deref(), Some(&b"first"[..]));
            assert_eq!(zip.content("b/c").unwrap().as_deref(), Some(&long[..]));
            assert!(zip.content("d").unwrap().is_none());
        }
    }

    /// Any byte that is cut off or changed gives an error or the whole content, and never a panic.
    #[test]
    fn damage_is_an_error() {
        let whole = archive(&[("a.npy", b"some content"), ("b", b"more")], true);
        for length in 0..whole.len() {
            open(whole[..length].to_vec()).expect_err("cut off");
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 0xff;
            let Ok(zip) = open(damaged) else { continue };
            if let Ok(Some(found)) = zip.content("a.npy") {
                assert_eq!(found, b"some content", "byte {place}");
            }
        }
    }

    #[test]
    fn other_methods_are_named() {
        let mut bytes = archive(&[("a", b"content")], false);
        let central = bytes.windows(4).position(|four| four == DIRECTORY_SIGNATURE).unwrap();
        bytes[central + 10] = 14;
        let text = open(bytes).unwrap().content("a").expect_err("LZMA").to_string();
        assert!(
            text.contains("member `a`: it is compressed by method 14, expected stored"),
            "{text}"
        );
    }
}
