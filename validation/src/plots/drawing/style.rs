//! Styles, colours and sizes that all figures share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::color::Color;
use super::marker::Marker;
use super::stroke::{Dash, Stroke};

/// Axes and text.
pub const INK: Color = Color::opaque(0x1a_1a_1a);
/// Secondary text.
pub const FAINT_INK: Color = Color::opaque(0x5a_5a_5a);
/// Reference lines and grids.
pub const GUIDE: Color = Color::opaque(0x8c_8c_8c);
pub const LIGHT_GUIDE: Color = Color::opaque(0xe2_e2_e2);
pub const PAPER: Color = Color::opaque(0xff_ff_ff);
/// Area, outline and error band of the reference sample.
pub const REFERENCE_FILL: Color = Color::opaque(0xd9_d9_d9);
pub const REFERENCE_LINE: Color = Color::opaque(0x6e_6e_6e);
pub const REFERENCE_BAND: Color = Color { opacity: 0.35, ..Color::opaque(0x50_50_50) };
/// A generated sample that is alone in a figure.
pub const GENERATED: Color = Color::opaque(0xc4_4e_00);
/// Cells without a value.
pub const NO_VALUE: Color = Color::opaque(0xee_ee_ee);
/// Within, near and beyond a limit; a symbol or a word always stands beside the colour.
pub const GOOD: Color = Color::opaque(0x00_79_5c);
pub const WARNING: Color = Color::opaque(0xd6_8a_00);
pub const BAD: Color = Color::opaque(0xb3_26_1e);

/// Looks of several series, told apart by colour, dashes and markers.
///
/// The colours are Okabe and Ito's set (Color Universal Design, 2008), darkened where thin lines
/// on white would be too faint.
pub const SERIES: [Series; 6] = [
    Series::new(GENERATED, Dash::Solid, Marker::Circle),
    Series::new(Color::opaque(0x00_62_b0), Dash::Dashed, Marker::Square),
    Series::new(Color::opaque(0x00_96_6d), Dash::DashDot, Marker::TriangleUp),
    Series::new(Color::opaque(0x72_1a_68), Dash::Long, Marker::Diamond),
    Series::new(Color::opaque(0x3f_a9_df), Dash::Dotted, Marker::TriangleDown),
    Series::new(Color::opaque(0x3a_30_00), Dash::DashDotDot, Marker::Plus),
];

/// How one of several series looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Series {
    pub color: Color,
    pub dash: Dash,
    pub marker: Marker,
}

impl Series {
    const fn new(color: Color, dash: Dash, marker: Marker) -> Self {
        Self { color, dash, marker }
    }

    /// The look of the series with this number; after the last the first follows.
    #[must_use]
    pub fn of(index: usize) -> Self {
        SERIES[index % SERIES.len()]
    }

    /// Its line.
    #[must_use]
    pub fn stroke(self, width: f64) -> Stroke {
        Stroke::new(self.color, width).dashed(self.dash)
    }
}

/// Conventions after which figures are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Ticks outside at the left and below, the reference as a grey area, titles above.
    #[default]
    Plain,
    /// Ticks inside on all sides, the reference as points, titles inside at the left.
    AtlasLike,
    /// The same with heavier lines and texts, titles inside at the right.
    LhcbLike,
}

impl Style {
    pub const ALL: [Self; 3] = [Self::Plain, Self::AtlasLike, Self::LhcbLike];

    /// The name that [`Style::from_str`] reads.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::AtlasLike => "atlas-like",
            Self::LhcbLike => "lhcb-like",
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Style {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|style| style.name() == text)
            .ok_or_else(|| "expected `plain`, `atlas-like` or `lhcb-like`".to_owned())
    }
}

/// Where title, subtitle and the experiment's label stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TitlePlace {
    Above,
    InsideLeft,
    InsideRight,
}

/// What a style means for a figure of some width: sizes in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Font sizes.
    pub label: f64,
    pub tick: f64,
    pub legend: f64,
    pub note: f64,
    /// Width of the frame, and of the ticks.
    pub frame: f64,
    pub tick_line: f64,
    /// Lengths of ticks.
    pub major_tick: f64,
    pub minor_tick: f64,
    pub ticks_inside: bool,
    /// Ticks at the right and above, too.
    pub ticks_everywhere: bool,
    /// Factor for the widths of lines and markers.
    pub weight: f64,
    pub title_place: TitlePlace,
    /// Whether the reference is drawn as points instead of an area.
    pub reference_points: bool,
}

impl Theme {
    /// For a figure, or a part of one, of this width. Texts shrink with it, less than in
    /// proportion.
    #[must_use]
    pub fn new(style: Style, width: u32) -> Self {
        let scale = (f64::from(width) / 640.0).sqrt().clamp(0.75, 1.2);
        let plain = Self {
            label: 16.0 * scale,
            tick: 14.0 * scale,
            legend: 13.5 * scale,
            note: 12.0 * scale,
            frame: 1.1,
            tick_line: 1.0,
            major_tick: 5.5,
            minor_tick: 3.0,
            ticks_inside: false,
            ticks_everywhere: false,
            weight: 1.0,
            title_place: TitlePlace::Above,
            reference_points: false,
        };
        match style {
            Style::Plain => plain,
            Style::AtlasLike => Self {
                label: 17.0 * scale,
                tick: 15.0 * scale,
                major_tick: 10.0 * scale,
                minor_tick: 5.0 * scale,
                ticks_inside: true,
                ticks_everywhere: true,
                title_place: TitlePlace::InsideLeft,
                reference_points: true,
                ..plain
            },
            Style::LhcbLike => Self {
                label: 18.5 * scale,
                tick: 16.5 * scale,
                legend: 14.0 * scale,
                frame: 2.0,
                tick_line: 1.7,
                major_tick: 9.0 * scale,
                minor_tick: 4.5 * scale,
                ticks_inside: true,
                ticks_everywhere: true,
                weight: 1.35,
                title_place: TitlePlace::InsideRight,
                reference_points: true,
                ..plain
            },
        }
    }

    /// Between the frame and the labels of the ticks.
    #[must_use]
    pub fn label_gap(&self) -> f64 {
        if self.ticks_inside { 6.0 } else { self.major_tick + 3.0 }
    }

    /// Space that a block inside of the frame keeps to it: outside of the ticks.
    #[must_use]
    pub fn inner_margin(&self) -> f64 {
        if self.ticks_inside { self.major_tick + 6.0 } else { 12.0 }
    }
}

/// Size of a figure in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureSize {
    pub width: u32,
    pub height: u32,
}

impl FigureSize {
    /// One figure beside the text of a paper.
    pub const PAPER: Self = Self { width: 640, height: 560 };
    /// One of many, such as the same observable at every incident energy.
    pub const COMPACT: Self = Self { width: 420, height: 380 };
    /// As high as wide, for curves within the unit square.
    pub const SQUARE: Self = Self { width: 560, height: 560 };
    /// Three maps in a row.
    pub const MAPS: Self = Self { width: 980, height: 372 };
}

/// What a figure says besides its data, and how it is drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct FigureContext<'a> {
    /// The detector.
    pub title: &'a str,
    /// Particle, incident energy.
    pub subtitle: &'a str,
    /// The experiment's label in the user's own words. There is none unless the user gives one.
    pub label: Option<&'a str>,
    pub style: Style,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// sRGB as seen without red (protanopia) or green receptors (deuteranopia): Viénot, Brettel and
    /// Mollon, Color Research and Application 24 (1999) 243, in linear light.
    fn seen(color: Color, blind: &[[f64; 3]; 3]) -> [f64; 3] {
        let light = color.linear();
        blind.map(|row| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>())
    }

    fn lightness_and_chroma([red, green, blue]: [f64; 3]) -> [f64; 3] {
        // CIE L*a*b* with the white of D65.
        let x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505;
        let y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089;
        let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        [116.0 * f(y) - 16.0, 500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))]
    }

    #[test]
    fn series_stay_apart_for_colour_blind_readers_and_in_grey() {
        let normal = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let protan = [[0.112_38, 0.887_62, 0.0], [0.112_38, 0.887_62, 0.0], [0.004, -0.004, 1.0]];
        let deutan = [[0.292_75, 0.707_25, 0.0], [0.292_75, 0.707_25, 0.0], [-0.022, 0.022, 1.0]];
        for blind in [normal, protan, deutan] {
            for (index, one) in SERIES.iter().enumerate() {
                for other in &SERIES[..index] {
                    let a = lightness_and_chroma(seen(one.color, &blind));
                    let b = lightness_and_chroma(seen(other.color, &blind));
                    let distance =
                        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                    assert!(distance > 20.0, "{one:?} and {other:?}: {distance}");
                    assert!(one.dash != other.dash && one.marker != other.marker);
                }
                let contrast = 1.05 / (one.color.luminance() + 0.05);
                assert!(contrast > 2.5, "{one:?} on white: {contrast}");
            }
        }
    }

    #[test]
    fn style_names_are_read_back() {
        for style in Style::ALL {
            assert_eq!(style.to_string().parse(), Ok(style));
        }
        assert!("atlas".parse::<Style>().is_err());
    }
}
