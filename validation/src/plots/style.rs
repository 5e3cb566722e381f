//! Colours, line widths and sizes that all figures share.

use plotters::style::RGBAColor;

/// A colour with its opacity.
pub type Color = RGBAColor;

const fn opaque(red: u8, green: u8, blue: u8) -> Color {
    RGBAColor(red, green, blue, 1.0)
}

/// Axes and text.
pub const INK: Color = opaque(0x1a, 0x1a, 0x1a);
/// Secondary text.
pub const FAINT_INK: Color = opaque(0x5a, 0x5a, 0x5a);
/// Reference lines and grids.
pub const GUIDE: Color = opaque(0x8c, 0x8c, 0x8c);
pub const LIGHT_GUIDE: Color = opaque(0xe2, 0xe2, 0xe2);
pub const PAPER: Color = opaque(0xff, 0xff, 0xff);
/// Area, outline and error band of the reference sample.
pub const REFERENCE_FILL: Color = opaque(0xd9, 0xd9, 0xd9);
pub const REFERENCE_LINE: Color = opaque(0x6e, 0x6e, 0x6e);
pub const REFERENCE_BAND: Color = RGBAColor(0x50, 0x50, 0x50, 0.35);
/// The generated sample.
pub const GENERATED: Color = opaque(0xc4, 0x4e, 0x00);
/// Further series, in order; with [`GENERATED`] they stay apart for colour-blind readers
/// (Okabe and Ito's set, the orange darkened for thin lines on white).
pub const SERIES: [Color; 4] =
    [GENERATED, opaque(0x00, 0x72, 0xb2), opaque(0x00, 0x7f, 0x5f), opaque(0xa0, 0x4c, 0x86)];
/// Cells without a value.
pub const NO_VALUE: Color = opaque(0xee, 0xee, 0xee);

/// Size of a figure in CSS pixels; texts shrink with it, less than in proportion.
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

    /// Font sizes for this size.
    #[must_use]
    pub fn typography(self) -> Typography {
        Typography::of_width(self.width)
    }
}

impl Typography {
    /// Font sizes for a figure, or a part of one, of this width.
    #[must_use]
    pub fn of_width(width: u32) -> Self {
        let scale = (f64::from(width) / 640.0).sqrt().clamp(0.75, 1.2);
        Self { label: 16.0 * scale, tick: 14.0 * scale, legend: 13.5 * scale, note: 12.0 * scale }
    }
}

/// Font sizes in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Typography {
    pub label: f64,
    pub tick: f64,
    pub legend: f64,
    pub note: f64,
}

/// What a figure says about its samples.
#[derive(Debug, Clone, Copy)]
pub struct FigureContext<'a> {
    /// Above the frame at the left, in bold: the detector.
    pub title: &'a str,
    /// Above the frame at the right: particle, incident energy.
    pub subtitle: &'a str,
    pub reference_label: &'a str,
    pub generated_label: &'a str,
}
