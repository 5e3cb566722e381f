//! Colours with their opacity.

use std::fmt;

/// Red, green and blue from 0 to 255, and the opacity from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Color {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
    pub opacity: f64,
}

impl Color {
    /// From `0xRRGGBB`.
    #[must_use]
    pub const fn opaque(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self { red, green, blue, opacity: 1.0 }
    }

    /// The same colour, more transparent: its opacity times `share`.
    #[must_use]
    pub fn faded(self, share: f64) -> Self {
        Self { opacity: self.opacity * share, ..self }
    }

    /// Relative luminance from 0 (black) to 1 (white), of sRGB (IEC 61966-2-1).
    #[must_use]
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Linear light of sRGB, each from 0 to 1.
    #[must_use]
    pub fn linear(self) -> [f64; 3] {
        [self.red, self.green, self.blue].map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }
}

/// `#rrggbb`, as SVG takes it; the opacity is an attribute of its own.
impl fmt::Display for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_white_and_a_grey_of_known_luminance() {
        assert_eq!(Color::opaque(0x00_00_00).luminance(), 0.0);
        approx::assert_relative_eq!(Color::opaque(0xff_ff_ff).luminance(), 1.0, epsilon = 1e-12);
        // sRGB 119 is 18.4 % grey.
        let grey = Color::opaque(0x77_77_77);
        approx::assert_relative_eq!(grey.luminance(), 0.184_475, epsilon = 1e-6);
        assert_eq!(grey.to_string(), "#777777");
    }
}
