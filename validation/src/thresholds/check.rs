use sha2::{Digest, Sha256};

use super::settings::{Criteria, Threshold, Thresholds};
use crate::ValidationError;
use crate::report::model::ThresholdsSummary;

const FORMAT_VERSION: u32 = 1;
const DEFAULT: &str = include_str!("default.toml");

impl Thresholds {
    /// Limits in TOML; `source` names them in the report.
    ///
    /// # Errors
    /// [`ValidationError::Thresholds`] with the place: not TOML, unknown keys or measures, another
    /// format version, limits that are not numbers, or an amber limit above the red one.
    pub fn parse(source: impl Into<String>, text: &str) -> Result<Self, ValidationError> {
        let source = source.into();
        let error = |problem: String| ValidationError::Thresholds { path: source.clone(), problem };
        let criteria: Criteria =
            toml::from_str(text).map_err(|e| error(e.to_string().trim_end().to_owned()))?;
        if criteria.format_version != FORMAT_VERSION {
            let found = criteria.format_version;
            return Err(error(format!("format_version is {found}, expected {FORMAT_VERSION}")));
        }
        for (number, one) in criteria.criterion.iter().enumerate() {
            if let Some(problem) = problem(one) {
                return Err(error(format!("criterion {}: {problem}", number + 1)));
            }
        }
        let sha256 = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        let text = text.to_owned();
        Ok(Self { source, text, sha256, criteria: criteria.criterion })
    }

    pub fn criteria(&self) -> &[Threshold] {
        &self.criteria
    }

    pub(crate) fn summary(&self) -> ThresholdsSummary {
        ThresholdsSummary {
            source: self.source.clone(),
            sha256: self.sha256.clone(),
            text: self.text.clone(),
        }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::parse("default", DEFAULT).expect("the default limits are tested")
    }
}

fn problem(one: &Threshold) -> Option<String> {
    for (name, limit) in [("amber", one.amber), ("red", one.red)] {
        if !limit.is_finite() {
            return Some(format!("{name} is {limit}, expected a finite number"));
        }
    }
    if one.amber > one.red {
        return Some(format!("amber {} is above red {}", one.amber, one.red));
    }
    one.observables.as_ref().filter(|names| names.is_empty()).map(|_| {
        "observables is empty, expected names, or no such key for all observables".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thresholds::{Judge, Measure, Scope};

    #[test]
    fn the_default_limits_are_read() {
        let thresholds = Thresholds::default();
        assert!(thresholds.criteria().len() > 10);
        let first = &thresholds.criteria()[0];
        assert_eq!((first.measure, first.judge), (Measure::Conditions, Judge::Value));
        assert!(thresholds.criteria().iter().any(|one| one.per == Scope::Condition));
        assert_eq!(thresholds.summary().sha256.len(), 64);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let message = |text: &str| {
            Thresholds::parse("limits.toml", text).expect_err("is refused").to_string()
        };
        let one = |line: &str| {
            message(&format!("format_version = 1\n[[criterion]]\nmeasure = \"auc\"\n{line}"))
        };
        assert!(message("format_version = 7").contains("format_version is 7, expected 1"));
        let unknown =
            message("format_version = 1\n[[criterion]]\nmeasure = \"ak\"\namber = 1\nred = 1");
        assert!(unknown.contains("limits.toml") && unknown.contains("unknown variant `ak`"));
        assert!(one("amber = 2\nred = 1").contains("criterion 1: amber 2 is above red 1"));
        assert!(one("amber = nan\nred = 1").contains("amber is NaN, expected a finite number"));
        assert!(one("amber = 0\nred = 1\nlimit = 3").contains("unknown field `limit`"));
        assert!(one("amber = 0\nred = 1\nobservables = []").contains("observables is empty"));
    }
}
