use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::{DataError, ImageSet, ImageSplit};
use crate::files::{self, FileError};

const EXPECTED: &str = "a PNG image that can be learned from";
/// Bytes that one image may take in memory, against damaged headers.
const LARGEST: usize = 1 << 28;

/// Reads the PNG images of a folder, all of one size, grey or in colours.
///
/// If there are images in its sub-folders, each of these is a class, by their sorted names; in
/// folders `train` and `test`, the images to learn from and those to judge by. Without `test`, one
/// image of five is held out.
///
/// # Errors
/// A folder without images, one image that is damaged, has another size than the first, or is
/// partly transparent.
pub(super) fn read_png_folder(folder: &Path) -> Result<ImageSplit, DataError> {
    let (train, test) = (folder.join("train"), folder.join("test"));
    if train.is_dir() && test.is_dir() {
        let (names, train) = read_set(&train)?;
        let (other_names, test_set) = read_set(&test)?;
        if names != other_names || train.shape != test_set.shape {
            let problem = format!(
                "its images have shape {:?} and classes {}, those of `train` {:?} and {}",
                test_set.shape,
                other_names.join(", "),
                train.shape,
                names.join(", ")
            );
            return Err(DataError::format(&test, "like `train` beside it", problem));
        }
        return Ok(ImageSplit { train, test: test_set });
    }
    read_set(folder).map(|(_, set)| set.split())
}

/// The names of the classes, none if there are none, and the images.
fn read_set(folder: &Path) -> Result<(Vec<String>, ImageSet), DataError> {
    let entries = sorted_entries(folder)?;
    let classes: Vec<&PathBuf> = entries.iter().filter(|path| path.is_dir()).collect();
    let mut paths = images_of(&entries);
    let mut labels = None;
    let mut names = Vec::new();
    if paths.is_empty() {
        let mut found = Vec::new();
        for (class, folder) in classes.iter().enumerate() {
            let images = images_of(&sorted_entries(folder)?);
            found.extend(vec![class; images.len()]);
            paths.extend(images);
            names.push(folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
        labels = Some(found);
    }
    let Some(first) = paths.first() else {
        let problem = "neither it nor a folder in it has any";
        return Err(DataError::format(folder, "a folder with PNG images", problem));
    };
    let (shape, _) = read_image(first)?;
    let mut pixels = Vec::with_capacity(paths.len() * shape.iter().product::<usize>());
    for path in &paths {
        let (found, bytes) = read_image(path)?;
        if found != shape {
            let problem = format!(
                "it has shape {found:?} (channels, rows, columns), that of `{}` {shape:?}",
                first.display()
            );
            return Err(DataError::format(path, "as large as the others", problem));
        }
        pixels.extend(bytes);
    }
    let set = ImageSet::from_bytes(shape, &pixels, u8::MAX, labels);
    Ok((names, set.map_err(|problem| DataError::format(folder, EXPECTED, problem))?))
}

fn images_of(entries: &[PathBuf]) -> Vec<PathBuf> {
    let is_png = |path: &&PathBuf| {
        path.is_file() && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("png"))
    };
    entries.iter().filter(is_png).cloned().collect()
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let reading = |source| FileError::reading(folder, source);
    let mut entries = fs::read_dir(folder)
        .and_then(|entries| {
            entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>()
        })
        .map_err(reading)?;
    entries.sort();
    Ok(entries)
}

/// Shape `[channels, rows, columns]`, and bytes in this order.
fn read_image(path: &Path) -> Result<([usize; 3], Vec<u8>), DataError> {
    let bytes = files::read(path)?;
    decode(&bytes).map_err(|problem| DataError::format(path, EXPECTED, problem))
}

fn decode(bytes: &[u8]) -> Result<([usize; 3], Vec<u8>), String> {
    let broken = |error: png::DecodingError| error.to_string();
    let mut decoder =
        png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: LARGEST });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(broken)?;
    let size = reader.output_buffer_size().filter(|&size| size <= LARGEST);
    let size = size.ok_or_else(|| format!("it is too large, expected {LARGEST} bytes at most"))?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(broken)?;
    reader.finish().map_err(broken)?;
    pixels.truncate(frame.buffer_size());
    let samples = frame.color_type.samples();
    let (rows, columns) = (frame.height as usize, frame.width as usize);
    let has_alpha = samples == 2 || samples == 4;
    let channels = if has_alpha { samples - 1 } else { samples };
    if has_alpha && pixels.chunks(samples).any(|pixel| pixel[channels] != u8::MAX) {
        return Err("it is partly transparent, expected grey or colours alone".to_owned());
    }
    let places = rows * columns;
    let plane = |channel: usize| pixels.chunks(samples).map(move |pixel| pixel[channel]);
    let planes: Vec<u8> = (0..channels).flat_map(plane).collect();
    debug_assert_eq!(planes.len(), channels * places);
    Ok(([channels, rows, columns], planes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::write_atomically;

    fn png_bytes(colour: png::ColorType, columns: u32, rows: u32, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, columns, rows);
        encoder.set_color(colour);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("a valid header");
        writer.write_image_data(pixels).expect("as many pixels");
        writer.finish().expect("written to memory");
        bytes
    }

    fn write(folder: &Path, name: &str, bytes: &[u8]) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_atomically(&path, bytes, true).unwrap();
    }

    #[test]
    fn folders_are_classes_and_colours_are_planes() {
        let folder = tempfile::tempdir().unwrap();
        let red = png_bytes(png::ColorType::Rgb, 2, 1, &[255, 0, 0, 0, 0, 255]);
        let opaque = png_bytes(png::ColorType::Rgba, 2, 1, &[0, 9, 0, 255, 1, 0, 0, 255]);
        write(folder.path(), "train/cats/a.png", &red);
        write(folder.path(), "train/dogs/b.PNG", &opaque);
        write(folder.path(), "train/dogs/notes.txt", b"no image");
        write(folder.path(), "test/cats/c.png", &red);
        write(folder.path(), "test/dogs/d.png", &red);
        let split = read_png_folder(folder.path()).unwrap();
        assert_eq!(split.train.shape, [3, 1, 2]);
        assert_eq!(split.train.labels, Some(vec![0, 1]));
        let first: Vec<f32> = split.train.pixels.row(0).to_vec();
        assert_eq!(first, [1.0, -1.0, -1.0, -1.0, -1.0, 1.0]);
        assert_eq!(split.test.len(), 2);
        fs::remove_dir_all(folder.path().join("test/dogs")).unwrap();
        let text = read_png_folder(folder.path()).expect_err("a class less").to_string();
        assert!(text.contains("classes cats, those of `train` [3, 1, 2] and cats, dogs"), "{text}");
    }

    #[test]
    fn grey_images_without_classes_are_split() {
        let folder = tempfile::tempdir().unwrap();
        for image in 0..10_u8 {
            let bytes = png_bytes(png::ColorType::Grayscale, 1, 2, &[image, 255]);
            write(folder.path(), &format!("{image}.png"), &bytes);
        }
        let split = read_png_folder(folder.path()).unwrap();
        assert_eq!((split.train.len(), split.test.len(), split.train.shape), (8, 2, [1, 2, 1]));
        assert_eq!(split.train.labels, None);
    }

    #[test]
    fn other_sizes_transparency_damage_and_emptiness_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let problem = || read_png_folder(folder.path()).expect_err("refused").to_string();
        assert!(problem().ends_with("neither it nor a folder in it has any"));
        let grey = png_bytes(png::ColorType::Grayscale, 2, 2, &[1, 2, 3, 4]);
        write(folder.path(), "a.png", &grey);
        write(folder.path(), "b.png", &png_bytes(png::ColorType::Grayscale, 1, 1, &[1]));
        assert!(problem().contains("it has shape [1, 1, 1] (channels, rows, columns), that of"));
        let clear = png_bytes(png::ColorType::GrayscaleAlpha, 1, 1, &[1, 7]);
        write(folder.path(), "b.png", &clear);
        assert!(problem().contains("partly transparent"));
        for length in 0..grey.len() {
            write(folder.path(), "b.png", &grey[..length]);
            assert!(problem().contains("b.png` is not a PNG image"), "{length}: {}", problem());
        }
    }
}
