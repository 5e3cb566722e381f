//! Damage to an intact file, and checksums made right again after it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hdf5_metno as hdf5;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::bases::Base;
use crate::program::below;
impl Base {
    pub fn of(name: &str, path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let mut chunks = Vec::new();
        let file = hdf5::File::open(path).unwrap();
        for dataset in file.datasets().unwrap() {
            let infos =
                (0..dataset.num_chunks().unwrap_or(0)).filter_map(|i| dataset.chunk_info(i));
            let mut pieces: Vec<_> = infos.map(|info| (info.addr, info.size)).collect();
            pieces.extend(dataset.offset().map(|start| (start, dataset.storage_size())));
            chunks.extend(pieces.iter().map(|&(at, size)| at as usize..(at + size) as usize));
        }
        let is_near_content = |&at: &usize| {
            let near = at.saturating_sub(8)..(at + 9).min(bytes.len());
            bytes[near].iter().any(|&byte| byte != 0)
        };
        let structure = (0..bytes.len())
            .filter(|at| !chunks.iter().any(|chunk| chunk.contains(at)))
            .filter(is_near_content)
            .collect();
        let sums = if bytes[8] < 2 { Vec::new() } else { checksummed_parts(&bytes) };
        Self { name: name.to_owned(), bytes, chunks, structure, sums, is_checksummed: false }
    }

    /// Files end in `.hdf5`, and no two threads write the same.
    pub fn write(&self, folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
        let slug: String = self.name.chars().filter(char::is_ascii_alphanumeric).collect();
        let path = folder.join(format!("{name}-{slug}.hdf5"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).open(&path).unwrap();
        file.write_all(bytes).unwrap();
        path
    }

    /// Damage number `round` of this file: each eighth is a truncation, at places that cover it
    /// evenly; the others are up to four changes of bits, bytes, words or blocks.
    pub fn damaged(&self, random: &mut ChaCha8Rng, round: usize) -> (Vec<u8>, String) {
        let mut bytes = self.bytes.clone();
        if round.is_multiple_of(8) {
            let end = self.structure[(round / 8 * 7919) % self.structure.len()];
            bytes.truncate(end);
            return (bytes, format!("cut after {end} bytes"));
        }
        let mut done = Vec::new();
        for _ in 0..[1, 1, 1, 2, 4][below(random, 5)] {
            let at = match below(random, 10) {
                0 => below(random, bytes.len()),
                _ => self.structure[below(random, self.structure.len())],
            };
            let change = match below(random, 8) {
                0 | 1 => vec![bytes[at] ^ (1 << below(random, 8))],
                2 => vec![[0, 0xff, 1, 0x7f, 0x80][below(random, 5)]],
                3 => vec![below(random, 256) as u8; 1 + below(random, 64)],
                4 => {
                    let from = self.structure[below(random, self.structure.len())];
                    bytes[from..bytes.len().min(from + 32)].to_vec()
                }
                _ => word(random, bytes.len()),
            };
            let change = &change[..change.len().min(bytes.len() - at)];
            bytes[at..at + change.len()].copy_from_slice(change);
            done.push(format!("{change:02x?} at {at}"));
        }
        for part in &self.sums {
            let sum = lookup3(&bytes[part.clone()]);
            bytes[part.end..part.end + 4].copy_from_slice(&sum.to_le_bytes());
        }
        (bytes, done.join(", "))
    }
}

/// A number of 2, 4 or 8 bytes of the kind that breaks readers.
pub fn word(random: &mut ChaCha8Rng, file_bytes: usize) -> Vec<u8> {
    let value = match below(random, 8) {
        0 => 0,
        1 => u64::MAX,
        2 => 1 << below(random, 64),
        3 => (1 << below(random, 64)) - 1,
        4 => below(random, file_bytes) as u64,
        5 => (below(random, file_bytes) & !7) as u64,
        6 => file_bytes as u64 + below(random, 32) as u64 - 16,
        _ => random.next_u64(),
    };
    value.to_le_bytes()[..[2, 4, 8][below(random, 3)]].to_vec()
}

/// The parts of a file in the format of HDF5 1.8 and later that a checksum follows: the superblock,
/// and what starts with a known signature and ends where the checksum fits.
pub fn checksummed_parts(bytes: &[u8]) -> Vec<Range<usize>> {
    const SIGNATURES: [&[u8; 4]; 15] = [
        b"OHDR", b"OCHK", b"FRHP", b"FHDB", b"FHIB", b"FSHD", b"BTHD", b"BTIN", b"BTLF", b"EAHD",
        b"EAIB", b"EASB", b"EADB", b"FAHD", b"FADB",
    ];
    let superblock = 0..44;
    let mut parts = Vec::from([superblock]);
    for (start, window) in bytes.windows(4).enumerate() {
        if SIGNATURES.iter().any(|signature| *signature == window) {
            let ends = start + 8..bytes.len().saturating_sub(3).min(start + 2100);
            let fits =
                |&end: &usize| lookup3(&bytes[start..end]).to_le_bytes() == bytes[end..end + 4];
            parts.extend(ends.into_iter().find(fits).map(|end| start..end));
        }
    }
    parts
}

/// Bob Jenkins's hash, the checksum of HDF5's metadata
/// (<https://burtleburtle.net/bob/c/lookup3.c>, `hashlittle`).
pub fn lookup3(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let [mut a, mut b, mut c] = [start; 3];
    let mut rest = bytes;
    let word = |bytes: &[u8], index: usize| {
        let mut word = [0; 4];
        let from = bytes.len().min(4 * index);
        let part = &bytes[from..bytes.len().min(from + 4)];
        word[..part.len()].copy_from_slice(part);
        u32::from_le_bytes(word)
    };
    while rest.len() > 12 {
        a = a.wrapping_add(word(rest, 0));
        b = b.wrapping_add(word(rest, 1));
        c = c.wrapping_add(word(rest, 2));
        for (shift, turn) in [(4, 0), (6, 1), (8, 2), (16, 0), (19, 1), (4, 2)] {
            let (x, y, z) = match turn {
                0 => (&mut a, &mut c, b),
                1 => (&mut b, &mut a, c),
                _ => (&mut c, &mut b, a),
            };
            *x = x.wrapping_sub(*y) ^ y.rotate_left(shift);
            *y = y.wrapping_add(z);
        }
        rest = &rest[12..];
    }
    if rest.is_empty() {
        return c;
    }
    a = a.wrapping_add(word(rest, 0));
    b = b.wrapping_add(word(rest, 1));
    c = c.wrapping_add(word(rest, 2));
    for (shift, turn) in [(14, 0), (11, 1), (25, 2), (16, 0), (4, 1), (14, 2), (24, 0)] {
        let (x, y) = match turn {
            0 => (&mut c, b),
            1 => (&mut a, c),
            _ => (&mut b, a),
        };
        *x = (*x ^ y).wrapping_sub(y.rotate_left(shift));
    }
    c
}

#[test]
fn lookup3_is_bob_jenkinss() {
    // Golden numbers of lookup3.c's own driver5().
    assert_eq!(lookup3(b""), 0xdead_beef);
    assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
}
