//! The numbers behind a figure, as a table: what CSV and HEPData files are made from.

use super::drawing::rich_text::{self, Script};
use super::estimates::{Estimates, Ratio};

/// The numbers of a figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What the rows are told apart by. At least one.
    pub axes: Vec<TableAxis>,
    pub columns: Vec<Column>,
}

/// An independent variable.
#[derive(Debug, Clone, PartialEq)]
pub struct TableAxis {
    pub name: String,
    /// Empty for a plain number.
    pub unit: String,
    pub places: Places,
}

/// Where the rows are along an independent variable. `[rows]`
#[derive(Debug, Clone, PartialEq)]
pub enum Places {
    Bins(Vec<(f64, f64)>),
    Values(Vec<f64>),
    Names(Vec<String>),
}

/// A dependent variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    /// Empty for a plain number.
    pub unit: String,
    /// The sample that this belongs to; empty if to none alone.
    pub sample: String,
    /// `[rows]`; what is not known is NaN.
    pub values: Vec<f64>,
    /// Lengths of the error bars downwards and upwards, where there are any.
    pub errors: Option<Vec<(f64, f64)>>,
}

impl Places {
    /// Bins between neighbouring edges.
    #[must_use]
    pub fn between(edges: &[f64]) -> Self {
        Self::Bins(edges.windows(2).map(|pair| (pair[0], pair[1])).collect())
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bins(bins) => bins.len(),
            Self::Values(values) => values.len(),
            Self::Names(names) => names.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl TableAxis {
    /// From a label such as `EC η of layer 2 (mm)`.
    #[must_use]
    pub fn of_label(label: &str, places: Places) -> Self {
        let (name, unit) = split_unit(label);
        Self { name, unit, places }
    }
}

impl Column {
    #[must_use]
    pub fn new(label: &str, sample: &str, values: Vec<f64>) -> Self {
        let (name, unit) = split_unit(label);
        Self { name, unit, sample: sample.to_owned(), values, errors: None }
    }

    /// With the errors of estimates, unless all of them are zero.
    #[must_use]
    pub fn of_estimates(label: &str, sample: &str, estimates: &Estimates) -> Self {
        let errors: Vec<(f64, f64)> =
            estimates.down.iter().copied().zip(estimates.up.iter().copied()).collect();
        let any = errors.iter().any(|&(down, up)| down > 0.0 || up > 0.0);
        Self { errors: any.then_some(errors), ..Self::new(label, sample, estimates.values.clone()) }
    }

    /// Generated over reference with the errors of the generated sample alone.
    #[must_use]
    pub(super) fn of_ratios(sample: &str, ratios: &[Option<Ratio>]) -> Self {
        let values = ratios.iter().map(|ratio| ratio.map_or(f64::NAN, |ratio| ratio.value));
        let errors: Vec<(f64, f64)> = ratios
            .iter()
            .map(|ratio| ratio.map_or((0.0, 0.0), |ratio| (ratio.down, ratio.up)))
            .collect();
        let any = errors.iter().any(|&(down, up)| down > 0.0 || up > 0.0);
        Self {
            errors: any.then_some(errors),
            ..Self::new("Ratio to reference", sample, values.collect())
        }
    }
}

/// A label without its markup.
#[must_use]
pub fn plain_text(label: &str) -> String {
    let mut text = String::new();
    for run in rich_text::parse(label) {
        match run.script {
            Script::Line => {}
            Script::Sub => text.push('_'),
            Script::Super => text.push('^'),
        }
        text.push_str(&run.text);
    }
    text
}

/// Name and unit of a label whose unit stands in parentheses at its end.
fn split_unit(label: &str) -> (String, String) {
    let label = plain_text(label);
    let parts = label.trim_end().strip_suffix(')').and_then(|inside| inside.rsplit_once(" ("));
    match parts {
        Some((name, unit)) if is_unit(unit) => (name.to_owned(), unit.to_owned()),
        _ => (label, String::new()),
    }
}

fn is_unit(text: &str) -> bool {
    let known = [
        "eV", "keV", "MeV", "GeV", "TeV", "mm", "cm", "m", "rad", "mrad", "deg", "%", "ns", "ps",
        "Jy", "K",
    ];
    text.split([' ', '/', '·']).filter(|part| !part.is_empty()).all(|part| known.contains(&part))
}

/// The unit in the parentheses at the end of an axis label.
pub(super) fn unit_of(label: &str) -> Option<String> {
    let (_, unit) = split_unit(label);
    (!unit.is_empty()).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_split_from_labels() {
        let split = |label: &str| split_unit(label);
        assert_eq!(split("EC η of layer 2 (mm)"), ("EC η of layer 2".into(), "mm".into()));
        assert_eq!(split("E_tot / E_inc"), ("E_tot / E_inc".into(), String::new()));
        assert_eq!(split("dE/dr (MeV / mm)"), ("dE/dr".into(), "MeV / mm".into()));
        assert_eq!(split("Energy (layer 2)"), ("Energy (layer 2)".into(), String::new()));
        assert_eq!(plain_text("10^{−3} x_{a b}"), "10^−3 x_a b");
    }
}
