//! How lines look.

use super::color::Color;

/// Dashes tell lines apart where a print is grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::enum_variant_names, reason = "these are the patterns' usual names")]
pub enum Dash {
    #[default]
    Solid,
    Dashed,
    Dotted,
    DashDot,
    Long,
    DashDotDot,
}

impl Dash {
    /// Lengths of dashes and gaps in turn, in pixels; none for a solid line.
    #[must_use]
    pub fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[6.0, 3.5],
            Self::Dotted => &[1.6, 2.6],
            Self::DashDot => &[7.0, 2.6, 1.6, 2.6],
            Self::Long => &[12.0, 4.0],
            Self::DashDotDot => &[7.0, 2.6, 1.6, 2.6, 1.6, 2.6],
        }
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    pub color: Color,
    pub width: f64,
    pub dash: Dash,
}

impl Stroke {
    /// A solid line.
    #[must_use]
    pub fn new(color: Color, width: f64) -> Self {
        Self { color, width, dash: Dash::Solid }
    }

    #[must_use]
    pub fn dashed(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }
}
