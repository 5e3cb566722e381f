//! PNG files: with a palette where the colours are few, else of true colours.

use std::collections::BTreeMap;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

use super::colours::Colour;

/// Colours that a palette has room for.
const PALETTE: usize = 256;

/// A picture of `width` × `height` pixels, row by row, as a file.
pub fn encode(width: usize, height: usize, pixels: &[Colour]) -> Vec<u8> {
    let mut palette = BTreeMap::new();
    for colour in pixels {
        if palette.len() > PALETTE {
            break;
        }
        palette.insert(*colour, 0_u8);
    }
    let mut file = Vec::new();
    let size = |pixels: usize| u32::try_from(pixels).expect("pictures of a page are small");
    let mut encoder = Encoder::new(&mut file, size(width), size(height));
    encoder.set_compression(Compression::High);
    // Rows of drawings repeat as they are.
    encoder.set_filter(Filter::NoFilter);
    let written = if palette.len() > PALETTE {
        encoder.set_color(ColorType::Rgb);
        write(encoder, pixels.as_flattened())
    } else {
        for (number, index) in palette.values_mut().enumerate() {
            *index = u8::try_from(number).expect("a palette has 256 colours at most");
        }
        let (depth, bits) = match palette.len() {
            0..=2 => (BitDepth::One, 1),
            3..=4 => (BitDepth::Two, 2),
            5..=16 => (BitDepth::Four, 4),
            _ => (BitDepth::Eight, 8),
        };
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(depth);
        encoder.set_palette(palette.keys().flatten().copied().collect::<Vec<u8>>());
        let lines = pixels.chunks(width.max(1)).map(|line| packed(line, &palette, bits));
        write(encoder, &lines.collect::<Vec<_>>().concat())
    };
    written.expect("the pixels fill the picture, and memory takes what is written");
    file
}

fn write(encoder: Encoder<'_, &mut Vec<u8>>, data: &[u8]) -> Result<(), EncodingError> {
    let mut writer = encoder.write_header()?;
    writer.write_image_data(data)?;
    writer.finish()
}

/// Indices of a row's colours, the first in the highest bits of a byte.
fn packed(line: &[Colour], palette: &BTreeMap<Colour, u8>, bits: usize) -> Vec<u8> {
    let byte = |group: &[Colour]| {
        let indices = group.iter().enumerate();
        indices.fold(0, |byte, (place, colour)| byte | palette[colour] << (8 - bits * (place + 1)))
    };
    line.chunks(8 / bits).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use png::{Decoder, Transformations};

    use super::*;

    /// Bits of a pixel as they are stored, and all pixels.
    fn decoded(file: &[u8]) -> (usize, Vec<u8>) {
        let mut decoder = Decoder::new(Cursor::new(file));
        decoder.set_transformations(Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let bits = reader.info().bits_per_pixel();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        (bits, pixels)
    }

    #[test]
    fn pictures_come_back_with_as_few_bits_as_their_colours_need() {
        for (colours, bits) in [(1, 1), (2, 1), (3, 2), (16, 4), (17, 8), (256, 8), (257, 24)] {
            // Rows that do not fill their last byte.
            let pixels: Vec<Colour> = (0..257 * 3)
                .map(|n| [7, (n % colours / 16) as u8, (n % colours % 16) as u8])
                .collect();
            let file = encode(257, 3, &pixels);
            assert_eq!(decoded(&file), (bits, pixels.concat()), "{colours} colours");
        }
    }
}
