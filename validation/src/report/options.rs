//! What is written of a report, and how its figures look.

use std::fmt;
use std::str::FromStr;

use super::Figure;
use crate::plots::Style;

/// In which formats every figure is written, besides its place on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureFormats {
    pub svg: bool,
    pub png: bool,
    pub pdf: bool,
}

impl FigureFormats {
    pub const ALL: Self = Self { svg: true, png: true, pdf: true };
    pub const NONE: Self = Self { svg: false, png: false, pdf: false };
}

impl Default for FigureFormats {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Display for FigureFormats {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formats = [("svg", self.svg), ("png", self.png), ("pdf", self.pdf)];
        let names: Vec<&str> = formats.iter().filter(|one| one.1).map(|one| one.0).collect();
        formatter.write_str(if names.is_empty() { "none".into() } else { names.join(",") }.as_str())
    }
}

/// A list such as `svg,pdf`, or `none`.
impl FromStr for FigureFormats {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut formats = Self::NONE;
        if text.trim() == "none" {
            return Ok(formats);
        }
        for name in text.split(',') {
            match name.trim() {
                "svg" => formats.svg = true,
                "png" => formats.png = true,
                "pdf" => formats.pdf = true,
                _ => return Err("expected a list of `svg`, `png` and `pdf`, or `none`".to_owned()),
            }
        }
        Ok(formats)
    }
}

/// How figures look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FigureStyle {
    pub style: Style,
    /// The experiment's label in the user's own words, such as `ATLAS-like Simulation`.
    pub label: Option<String>,
}

/// What is written of a report, besides `report.html` and `report.json`.
#[derive(Debug, Clone)]
pub struct ReportOptions {
    pub formats: FigureFormats,
    pub style: FigureStyle,
    /// Every figure's numbers as `figures/NAME.csv`.
    pub csv: bool,
    /// A submission to HEPData in `hepdata/`.
    pub hepdata: bool,
    /// Figures that are not drawn from the report's numbers, such as single events.
    pub more_figures: Vec<Figure>,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            formats: FigureFormats::ALL,
            style: FigureStyle::default(),
            csv: true,
            hepdata: true,
            more_figures: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_back() {
        for text in ["svg,png,pdf", "svg", "png,pdf", "none"] {
            assert_eq!(
                text.parse::<FigureFormats>().map(|formats| formats.to_string()),
                Ok(text.to_owned())
            );
        }
        assert!("svg,gif".parse::<FigureFormats>().is_err());
    }
}
