//! PNG files (ISO/IEC 15948): with a palette where the colours are few, else of true colours.

use std::collections::BTreeMap;

use libdeflater::{CompressionLvl, Compressor, crc32};

use super::colours::Colour;

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
/// Colours that a palette has room for.
const PALETTE: usize = 256;
const INDEXED: u8 = 3;
const TRUE_COLOUR: u8 = 2;
/// Effort of the compressor, of 12.
const LEVEL: i32 = 9;

/// A picture of `width` × `height` pixels, row by row, as a file.
pub fn encode(width: usize, height: usize, pixels: &[Colour]) -> Vec<u8> {
    let mut palette = BTreeMap::new();
    for colour in pixels {
        if palette.len() > PALETTE {
            break;
        }
        palette.insert(*colour, 0_u8);
    }
    let mut file = SIGNATURE.to_vec();
    if palette.len() > PALETTE {
        let lines = pixels.chunks(width.max(1)).map(|line| line.as_flattened().to_vec());
        header(&mut file, (width, height), 8, TRUE_COLOUR);
        chunk(&mut file, *b"IDAT", &compressed(lines));
    } else {
        for (number, index) in palette.values_mut().enumerate() {
            *index = u8::try_from(number).expect("a palette has 256 colours at most");
        }
        let bits = match palette.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        };
        let colours: Vec<u8> = palette.keys().flatten().copied().collect();
        let lines = pixels.chunks(width.max(1)).map(|line| packed(line, &palette, bits));
        header(&mut file, (width, height), bits, INDEXED);
        chunk(&mut file, *b"PLTE", &colours);
        chunk(&mut file, *b"IDAT", &compressed(lines));
    }
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn header(file: &mut Vec<u8>, (width, height): (usize, usize), bits: u8, kind: u8) {
    let size = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX).to_be_bytes();
    let mut content = [size(width), size(height)].concat();
    content.extend([bits, kind, 0, 0, 0]);
    chunk(file, *b"IHDR", &content);
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).expect("pictures of a page are small");
    let start = file.len() + 4;
    file.extend(length.to_be_bytes());
    file.extend(name);
    file.extend(content);
    let checksum = crc32(&file[start..]);
    file.extend(checksum.to_be_bytes());
}

/// Indices of a row's colours, the first in the highest bits of a byte.
fn packed(line: &[Colour], palette: &BTreeMap<Colour, u8>, bits: u8) -> Vec<u8> {
    let each = usize::from(8 / bits);
    let byte = |group: &[Colour]| {
        let indices = group.iter().enumerate();
        indices.fold(0, |byte, (place, colour)| {
            byte | palette[colour] << (8 - bits * (u8::try_from(place).unwrap_or(0) + 1))
        })
    };
    line.chunks(each).map(byte).collect()
}

/// Rows without a filter, each after the number that says so.
fn compressed(lines: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let raw: Vec<u8> = lines.flat_map(|line| std::iter::once(0).chain(line)).collect();
    let level = CompressionLvl::new(LEVEL).expect("a level of the library");
    let mut compressor = Compressor::new(level);
    let mut out = vec![0; compressor.zlib_compress_bound(raw.len())];
    let written = compressor.zlib_compress(&raw, &mut out).expect("the bound is large enough");
    out.truncate(written);
    out
}

#[cfg(test)]
mod tests {
    use libdeflater::Decompressor;

    use super::*;

    /// Bits, colour type, palette and rows of a file of one IDAT chunk, its checksums compared.
    fn decoded(file: &[u8], row_bytes: usize, rows: usize) -> (u8, u8, Vec<u8>, Vec<Vec<u8>>) {
        assert_eq!(file[..8], SIGNATURE);
        let (mut at, mut chunks) = (8, BTreeMap::new());
        while at < file.len() {
            let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
            let length = number(at) as usize;
            let name = String::from_utf8(file[at + 4..at + 8].to_vec()).unwrap();
            assert_eq!(number(at + 8 + length), crc32(&file[at + 4..at + 8 + length]), "{name}");
            chunks.insert(name, file[at + 8..at + 8 + length].to_vec());
            at += 12 + length;
        }
        let mut raw = vec![0; rows * (row_bytes + 1)];
        let size = Decompressor::new().zlib_decompress(&chunks["IDAT"], &mut raw).unwrap();
        assert_eq!(size, raw.len());
        let rows = raw.chunks(row_bytes + 1).map(|row| row[1..].to_vec()).collect();
        let palette = chunks.get("PLTE").cloned().unwrap_or_default();
        (chunks["IHDR"][8], chunks["IHDR"][9], palette, rows)
    }

    #[test]
    fn few_colours_make_a_palette_of_few_bits() {
        let (white, black) = ([255; 3], [0; 3]);
        let file = encode(3, 2, &[white, black, white, black, black, white]);
        let (bits, kind, palette, rows) = decoded(&file, 1, 2);
        assert_eq!((bits, kind, palette), (1, INDEXED, vec![0, 0, 0, 255, 255, 255]));
        assert_eq!(rows, [[0b1010_0000], [0b0010_0000]]);
        let greys: Vec<Colour> = (0..9).map(|grey| [grey; 3]).collect();
        let (bits, _, _, rows) = decoded(&encode(3, 3, &greys), 2, 3);
        assert_eq!((bits, &rows[2]), (4, &vec![0x67, 0x80]));
    }

    #[test]
    fn many_colours_are_true_colours() {
        let pixels: Vec<Colour> = (0..=256_u16).map(|n| [0, (n >> 8) as u8, n as u8]).collect();
        let (bits, kind, _, rows) = decoded(&encode(257, 1, &pixels), 771, 1);
        assert_eq!((bits, kind), (8, TRUE_COLOUR));
        assert_eq!(rows[0][765..], [0, 0, 255, 0, 1, 0]);
        let (bits, kind, ..) = decoded(&encode(256, 1, &pixels[..256]), 256, 1);
        assert_eq!((bits, kind), (8, INDEXED));
    }
}
