//! Figures that others have published, to stand beside ours.
//!
//! Only those that were read in the authors' tables, or that a later paper quotes; the latter are
//! marked. They stand in `published.toml`, each with its paper, table and protocol.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// How figures are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// Read in the table of the paper.
    Table,
    /// As quoted in a secondary source.
    Quoted,
}

/// A table of a paper.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedTable {
    pub paper: String,
    /// On arXiv, or a reference.
    pub identifier: String,
    pub table: String,
    pub reading: Reading,
    /// Whether the suite's paper protocol is that of the table.
    pub same_protocol: bool,
    /// How the figures were made.
    pub protocol: String,
    /// What the errors are, if there are errors.
    pub errors: String,
    pub rows: Vec<PublishedRow>,
}

/// A system on a problem.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedRow {
    /// The suite's name of the problem.
    pub problem: String,
    /// The system, as the paper calls it.
    pub system: String,
    /// The suite's name of the same system.
    #[serde(default)]
    pub ours: Option<String>,
    /// By the suite's name of the measure.
    pub figures: BTreeMap<String, PublishedFigure>,
}

/// A value as it was printed, `94.8 ± 0.7 %`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublishedFigure {
    pub printed: String,
    /// In the unit of the suite's measure: percentages are shares.
    pub value: f64,
    pub error: Option<f64>,
}

impl TryFrom<String> for PublishedFigure {
    type Error = String;

    fn try_from(printed: String) -> Result<Self, String> {
        let (numbers, unit) = match printed.strip_suffix('%') {
            Some(numbers) => (numbers, 0.01),
            None => (&*printed, 1.0),
        };
        let number = |text: &str| {
            let found = text.trim().parse::<f64>();
            found.map(|value| value * unit).map_err(|_| format!("`{printed}` is no figure"))
        };
        let (value, error) = match numbers.split_once('±') {
            Some((value, error)) => (number(value)?, Some(number(error)?)),
            None => (number(numbers)?, None),
        };
        Ok(Self { value, error, printed })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    #[expect(dead_code, reason = "of the file's form")]
    format_version: u32,
    table: Vec<PublishedTable>,
}

/// All tables.
///
/// The rows of a plain GAN on `ring` and `grid` in two of them differ by a factor of more than 5 in
/// modes: that baseline depends on its implementation, and both are shown.
///
/// ```
/// use showerforge::suite::published;
/// let rows = published::tables().iter().flat_map(|table| &table.rows);
/// let modes: Vec<f64> = rows
///     .filter(|row| row.problem == "grid" && row.ours.as_deref() == Some("gan"))
///     .map(|row| row.figures["modes"].value)
///     .collect();
/// assert_eq!(modes, [3.3, 17.3]);
/// ```
pub fn tables() -> &'static [PublishedTable] {
    static TABLES: LazyLock<Vec<PublishedTable>> = LazyLock::new(|| {
        let published: Published =
            toml::from_str(include_str!("published.toml")).expect("the file comes with a test");
        published.table
    });
    &TABLES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_in_the_units_of_the_suite() {
        let rows = || tables().iter().flat_map(|table| &table.rows);
        for row in rows() {
            assert!(!row.figures.is_empty(), "{row:?}");
            for (measure, figure) in &row.figures {
                let most = if measure == "high quality" { 1.0 } else { 1000.0 };
                assert!((0.0..=most).contains(&figure.value), "{row:?}");
                assert!(figure.error.is_none_or(|error| error > 0.0), "{row:?}");
            }
        }
        let pacgan = rows().find(|row| row.system == "PacGAN2" && row.problem == "grid").unwrap();
        let quality = &pacgan.figures["high quality"];
        assert_eq!(quality.printed, "91.3 ± 0.8 %");
        approx::assert_relative_eq!(quality.value, 0.913);
        approx::assert_relative_eq!(quality.error.unwrap(), 0.008);
    }

    #[test]
    fn what_is_no_figure_is_refused() {
        for text in ["", "about 3", "1 ± ", "1 ± 2 ± 3", "%"] {
            let error = PublishedFigure::try_from(text.to_owned()).unwrap_err();
            assert!(error.contains(text), "{error}");
        }
    }
}
