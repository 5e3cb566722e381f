//! Colour maps: a sequential one of even perceived steps, and a diverging one for ratios.

use super::color::Color;

/// Colours at even distances, interpolated linearly.
#[derive(Debug, Clone, Copy)]
pub struct ColorMap {
    stops: &'static [(u8, u8, u8)],
}

/// From dark violet through green to yellow: lightness rises evenly (matplotlib's viridis, by
/// Smith, van der Walt and Firing, sampled at sixteenths).
pub const SEQUENTIAL: ColorMap = ColorMap {
    stops: &[
        (68, 1, 84),
        (72, 24, 106),
        (71, 45, 123),
        (66, 64, 134),
        (59, 82, 139),
        (51, 99, 141),
        (44, 114, 142),
        (38, 130, 142),
        (33, 145, 140),
        (31, 160, 136),
        (40, 174, 128),
        (63, 188, 115),
        (94, 201, 98),
        (132, 212, 75),
        (173, 220, 48),
        (216, 226, 25),
        (253, 231, 37),
    ],
};

/// From blue through white to orange.
pub const DIVERGING: ColorMap = ColorMap {
    stops: &[
        (0, 68, 136),
        (58, 121, 178),
        (126, 172, 212),
        (192, 217, 236),
        (247, 247, 247),
        (250, 214, 178),
        (239, 163, 104),
        (208, 108, 36),
        (146, 60, 0),
    ],
};

impl ColorMap {
    /// The colour at `position` between 0 and 1; what is beyond has the end's colour.
    #[must_use]
    pub fn at(&self, position: f64) -> Color {
        let last = self.stops.len() - 1;
        let place = position.clamp(0.0, 1.0) * f64::from(u32::try_from(last).unwrap_or(1));
        let below = self.stops.iter().enumerate().rev().find_map(|(index, _)| {
            let index_f64 = f64::from(u32::try_from(index).unwrap_or(0));
            (index_f64 <= place).then_some((index, place - index_f64))
        });
        let (index, share) = below.unwrap_or((0, 0.0));
        let (from, to) = (self.stops[index], self.stops[(index + 1).min(last)]);
        let mix = |from: u8, to: u8| {
            let value = f64::from(from) + share * (f64::from(to) - f64::from(from));
            byte(value)
        };
        Color {
            red: mix(from.0, to.0),
            green: mix(from.1, to.1),
            blue: mix(from.2, to.2),
            opacity: 1.0,
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 to 255")]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lightness(color: Color) -> f64 {
        color.luminance()
    }

    #[test]
    fn the_sequential_map_gets_lighter_all_the_way() {
        let shades: Vec<_> =
            (0..=100).map(|n| lightness(SEQUENTIAL.at(f64::from(n) / 100.0))).collect();
        assert!(shades.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn ends_and_what_is_beyond() {
        assert_eq!(SEQUENTIAL.at(0.0), SEQUENTIAL.at(-3.0));
        assert_eq!((DIVERGING.at(0.5).red, DIVERGING.at(0.5).blue), (247, 247));
        assert_eq!(DIVERGING.at(1.0), DIVERGING.at(f64::INFINITY));
    }
}
