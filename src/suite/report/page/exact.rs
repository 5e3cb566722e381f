use serde::Serialize;

use crate::suite::report::draw::svg_uri;
use crate::suite::report::exact_results::{CheckResult, ComparedValue, ExactResults};
use crate::suite::report::text::number_html;

/// A check of the exact tier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExactView {
    pub name: String,
    pub title: String,
    pub formula: String,
    pub source: String,
    pub passes: bool,
    pub error: Option<String>,
    /// What, found, expected, tolerance, and whether they agree.
    pub values: Vec<(String, String, String, String, bool)>,
    /// The address of its figure.
    pub figure: Option<String>,
}

pub fn view(results: &ExactResults) -> Vec<ExactView> {
    results.checks.iter().map(check).collect()
}

fn check(check: &CheckResult) -> ExactView {
    let row = |value: &ComparedValue| {
        let (found, expected) = (digits(value.found), digits(value.expected));
        (value.what.clone(), found, expected, number_html(value.tolerance), value.agrees())
    };
    ExactView {
        name: check.name.clone(),
        title: check.title.clone(),
        formula: check.formula.clone(),
        source: check.source.clone(),
        passes: check.passes(),
        error: check.error.clone(),
        values: check.values.iter().map(row).collect(),
        figure: check.svg.as_deref().map(svg_uri),
    }
}

/// Seven digits: these values are compared.
fn digits(value: f64) -> String {
    let size = value.abs();
    if value == value.trunc() || !value.is_finite() {
        // Whole numbers and infinities as they are; no negative zero.
        format!("{}", value + 0.0).replace('-', "−").replace("inf", "∞")
    } else if (1e-3..1e6).contains(&size) {
        let decimals = (6 - size.log10().floor() as i32).clamp(0, 9) as usize;
        format!("{value:.decimals$}").replace('-', "−")
    } else {
        format!("{value:.3e}").replace('-', "−")
    }
}
