use detectors::Detector;

use super::floor::{Floor, FloorCache};
use super::settings::ValidationSettings;
use crate::{Sample, ValidationError};

/// One generated sample and what it is compared with.
pub(super) struct Inputs<'a> {
    pub detector: &'a Detector,
    pub settings: &'a ValidationSettings,
    pub reference: &'a Sample,
    pub generated: &'a Sample,
    pub second: Option<&'a Sample>,
    pub floor: &'a Floor,
    /// What does not depend on the generated sample, so that it is computed once.
    pub floors: &'a FloorCache,
}

/// # Errors
/// [`ValidationError::Sample`] for a sample of another detector.
pub(super) fn check_detectors<'a>(
    samples: impl IntoIterator<Item = &'a Sample>,
    detector: &Detector,
) -> Result<(), ValidationError> {
    for sample in samples {
        if sample.detector() != detector {
            return Err(ValidationError::Sample {
                label: sample.label().to_owned(),
                problem: format!(
                    "is of detector `{}`, expected `{}`",
                    sample.detector().name(),
                    detector.name()
                ),
            });
        }
    }
    Ok(())
}
