//! The bundled typeface, and how wide a text is in it.
//!
//! Showerforge Sans is a renamed subset of Liberation Sans (SIL Open Font Licence), whose glyphs are
//! as wide as those of Arial and Helvetica. A figure opened where the bundled font is missing
//! therefore keeps its layout.

use std::sync::LazyLock;

use ttf_parser::Face;

/// The regular weight, as a TrueType file.
pub static REGULAR: &[u8] = include_bytes!("../../../assets/fonts/ShowerforgeSans-Regular.ttf");

/// The bold weight, as a TrueType file.
pub static BOLD: &[u8] = include_bytes!("../../../assets/fonts/ShowerforgeSans-Bold.ttf");

/// The name of the bundled family.
pub const FAMILY: &str = "Showerforge Sans";

/// The bundled family and its replacements, as a CSS `font-family`.
pub const FAMILIES: &str = "Showerforge Sans, Liberation Sans, Arial, Helvetica, sans-serif";

/// Height of a capital letter in units of the font size.
pub const CAP_HEIGHT: f64 = 0.716;

static REGULAR_FACE: LazyLock<Face<'static>> =
    LazyLock::new(|| Face::parse(REGULAR, 0).expect("the bundled font is a TrueType file"));
static BOLD_FACE: LazyLock<Face<'static>> =
    LazyLock::new(|| Face::parse(BOLD, 0).expect("the bundled font is a TrueType file"));

/// Width of a plain text in pixels at a font size in pixels, without kerning.
///
/// A character that the font lacks counts as wide as a digit.
#[must_use]
pub fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    let face: &Face = if bold { &BOLD_FACE } else { &REGULAR_FACE };
    let units = f64::from(face.units_per_em());
    let advance = |character| {
        let glyph = face.glyph_index(character).or_else(|| face.glyph_index('0'));
        glyph.and_then(|glyph| face.glyph_hor_advance(glyph)).map_or(0.0, f64::from)
    };
    text.chars().map(advance).sum::<f64>() / units * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_wide_as_in_arial() {
        // 1139 of 2048 units, the advance of Arial's digits.
        approx::assert_relative_eq!(text_width("07", 20.48, false), 2.0 * 11.39, epsilon = 1e-9);
    }

    #[test]
    fn symbols_of_the_figures_are_in_the_font() {
        for character in "χ²±ηφα√∞−·×≤≥→Δσμ…–".chars() {
            assert!(REGULAR_FACE.glyph_index(character).is_some(), "{character}");
            assert!(BOLD_FACE.glyph_index(character).is_some(), "{character}");
        }
    }
}
