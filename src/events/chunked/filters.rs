//! The shuffle and gzip filters of HDF5, on one chunk.

use hdf5_metno::filters::Filter;
use libdeflater::{CompressionLvl, Compressor, DecompressionError, Decompressor};

use super::chunk_grid::LARGEST_RATIO;

/// Filters that are undone here, in the order in which they were applied: shuffle, then gzip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pipeline {
    shuffle: bool,
    gzip: bool,
    fletcher32: bool,
}

impl Pipeline {
    /// Nothing for any other filter or order.
    pub(super) fn of(filters: &[Filter]) -> Option<Self> {
        let (filters, fletcher32) = match filters {
            [filters @ .., Filter::Fletcher32] => (filters, true),
            filters => (filters, false),
        };
        let (shuffle, gzip) = match filters {
            [] if fletcher32 => (false, false),
            [Filter::Deflate(_)] => (false, true),
            [Filter::Shuffle] => (true, false),
            [Filter::Shuffle, Filter::Deflate(_)] => (true, true),
            _ => return None,
        };
        Some(Self { shuffle, gzip, fletcher32 })
    }

    /// Which filters are left when those in `skipped` are not: HDF5 has a bit for each position.
    fn without(self, skipped: u32) -> Self {
        let gzip_position = u32::from(self.shuffle);
        Self {
            shuffle: self.shuffle && skipped & 1 == 0,
            gzip: self.gzip && skipped >> gzip_position & 1 == 0,
            fletcher32: self.fletcher32
                && skipped >> (gzip_position + u32::from(self.gzip)) & 1 == 0,
        }
    }
}

/// Undoes the filters, chunk after chunk, in buffers it keeps.
pub(super) struct Decoder {
    decompressor: Decompressor,
    inflated: Vec<u8>,
    unshuffled: Vec<u8>,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self { decompressor: Decompressor::new(), inflated: Vec::new(), unshuffled: Vec::new() }
    }

    /// The `length` bytes that `stored` was before the filters.
    ///
    /// # Errors
    /// `stored` cannot have been so many bytes: the reason, for a sentence.
    pub(super) fn decode<'a>(
        &'a mut self,
        stored: &'a [u8],
        pipeline: Pipeline,
        skipped: u32,
        length: usize,
        value_bytes: usize,
    ) -> Result<&'a [u8], String> {
        let pipeline = pipeline.without(skipped);
        let stored = if pipeline.fletcher32 {
            let (stored, sum) =
                stored.split_last_chunk().ok_or("it is shorter than its checksum")?;
            if fletcher32(stored) != u32::from_le_bytes(*sum) {
                return Err("its checksum is wrong".to_owned());
            }
            stored
        } else {
            stored
        };
        let shuffled = if pipeline.gzip {
            let largest = (stored.len() as u64).saturating_mul(LARGEST_RATIO);
            if length as u64 > largest {
                return Err(format!("{} bytes cannot hold {length}", stored.len()));
            }
            self.inflated.resize(length, 0);
            match self.decompressor.zlib_decompress(stored, &mut self.inflated) {
                Ok(found) if found == length => &self.inflated[..],
                Ok(found) => return Err(format!("{found} bytes, expected {length}")),
                Err(DecompressionError::InsufficientSpace) => {
                    return Err(format!("more than the {length} bytes expected"));
                }
                Err(DecompressionError::BadData) => {
                    return Err("its compressed bytes, or their checksum, are wrong".to_owned());
                }
            }
        } else if stored.len() == length {
            stored
        } else {
            return Err(format!("{} bytes, expected {length}", stored.len()));
        };
        if !pipeline.shuffle || value_bytes < 2 {
            return Ok(shuffled);
        }
        self.unshuffled.resize(length, 0);
        unshuffle(shuffled, value_bytes, &mut self.unshuffled);
        Ok(&self.unshuffled)
    }
}

/// Applies the filters.
pub(super) struct Encoder {
    compressor: Compressor,
    shuffle: bool,
    shuffled: Vec<u8>,
    deflated: Vec<u8>,
}

impl Encoder {
    /// `level` is gzip's, 1 to 9.
    pub(super) fn new(level: u8, shuffle: bool) -> Self {
        let compressor = Compressor::new(libdeflate_level(level));
        Self { compressor, shuffle, shuffled: Vec::new(), deflated: Vec::new() }
    }

    pub(super) fn encode(&mut self, raw: &[u8], value_bytes: usize) -> Vec<u8> {
        let raw = if self.shuffle && value_bytes > 1 {
            self.shuffled.resize(raw.len(), 0);
            shuffle(raw, value_bytes, &mut self.shuffled);
            &self.shuffled
        } else {
            raw
        };
        self.deflated.resize(self.compressor.zlib_compress_bound(raw.len()), 0);
        let length = self
            .compressor
            .zlib_compress(raw, &mut self.deflated)
            .expect("the buffer has the size that always suffices");
        self.deflated[..length].to_vec()
    }
}

/// The checksum of HDF5's filter: Fletcher's, of big-endian words of 16 bits.
fn fletcher32(bytes: &[u8]) -> u32 {
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut first, mut second) = (0, 0);
    let (words, odd) = bytes.as_chunks::<2>();
    // As many additions as 32 bits hold.
    for words in words.chunks(360) {
        for &word in words {
            first += u32::from(u16::from_be_bytes(word));
            second += first;
        }
        (first, second) = (fold(first), fold(second));
    }
    if let &[byte] = odd {
        first += u32::from(byte) << 8;
        second += first;
        (first, second) = (fold(first), fold(second));
    }
    fold(second) << 16 | fold(first)
}

fn libdeflate_level(gzip_level: u8) -> CompressionLvl {
    CompressionLvl::new(i32::from(gzip_level)).unwrap_or_default()
}

/// First bytes of all values, then second bytes, and so on; what is left over stays last.
fn shuffle(raw: &[u8], value_bytes: usize, shuffled: &mut [u8]) {
    let values = raw.len() / value_bytes;
    let (whole, rest) = raw.split_at(values * value_bytes);
    let (planes, rest_after) = shuffled.split_at_mut(whole.len());
    for (position, plane) in planes.chunks_exact_mut(values.max(1)).enumerate() {
        for (byte, value) in plane.iter_mut().zip(whole.chunks_exact(value_bytes)) {
            *byte = value[position];
        }
    }
    rest_after.copy_from_slice(rest);
}

fn unshuffle(shuffled: &[u8], value_bytes: usize, raw: &mut [u8]) {
    match value_bytes {
        2 => unshuffle_values::<2>(shuffled, raw),
        4 => unshuffle_values::<4>(shuffled, raw),
        _ => unshuffle_values::<8>(shuffled, raw),
    }
}

/// All at once for a value, so that each cache line is written once.
fn unshuffle_values<const BYTES: usize>(shuffled: &[u8], raw: &mut [u8]) {
    let count = raw.len() / BYTES;
    let planes: [&[u8]; BYTES] =
        std::array::from_fn(|position| &shuffled[position * count..][..count]);
    let (values, rest) = raw.as_chunks_mut::<BYTES>();
    for (index, value) in values.iter_mut().enumerate() {
        *value = std::array::from_fn(|position| planes[position][index]);
    }
    rest.copy_from_slice(&shuffled[BYTES * count..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffle_is_undone() {
        for value_bytes in [2, 4, 8] {
            for length in [0, 1, 7, 64, 67] {
                let raw: Vec<u8> = (0..length).map(|i: usize| (i * 37 % 251) as u8).collect();
                let (mut shuffled, mut back) = (vec![0; length], vec![0; length]);
                shuffle(&raw, value_bytes, &mut shuffled);
                unshuffle(&shuffled, value_bytes, &mut back);
                assert_eq!(back, raw);
            }
        }
    }

    #[test]
    fn shuffle_is_hdf5s() {
        let mut shuffled = [0; 5];
        shuffle(&[1, 2, 3, 4, 5], 2, &mut shuffled);
        assert_eq!(shuffled, [1, 3, 2, 4, 5]);
    }

    #[test]
    fn skipped_filters_are_counted_by_position() {
        let both = Pipeline { shuffle: true, gzip: true, fletcher32: false };
        assert_eq!(both.without(0b10), Pipeline { shuffle: true, gzip: false, fletcher32: false });
        assert_eq!(both.without(0b01), Pipeline { shuffle: false, gzip: true, fletcher32: false });
        let gzip = Pipeline { shuffle: false, gzip: true, fletcher32: false };
        assert_eq!(gzip.without(0b01), Pipeline { shuffle: false, gzip: false, fletcher32: false });
        assert_eq!(gzip.without(0b10), gzip);
    }

    #[test]
    fn a_length_that_does_not_fit_is_refused() {
        let raw = vec![7; 4000];
        let stored = Encoder::new(4, false).encode(&raw, 4);
        let gzip = Pipeline { shuffle: false, gzip: true, fletcher32: false };
        let mut decoder = Decoder::new();
        let mut decode = |length| decoder.decode(&stored, gzip, 0, length, 4).map(<[u8]>::to_vec);
        assert_eq!(decode(4000), Ok(raw));
        assert!(decode(3996).expect_err("too short").contains("more than"));
        assert!(decode(4004).expect_err("too long").contains("4000 bytes, expected 4004"));
        assert!(decode(1 << 40).expect_err("absurd").contains("cannot hold"));
    }
}
