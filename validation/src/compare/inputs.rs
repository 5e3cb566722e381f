use detectors::Detector;

use super::floor::Floor;
use super::settings::ValidationSettings;
use crate::{Sample, ValidationError};

/// Everything that is compared with everything.
pub(super) struct Inputs<'a> {
    pub detector: &'a Detector,
    pub settings: &'a ValidationSettings,
    pub reference: &'a Sample,
    pub generated: &'a Sample,
    pub second: Option<&'a Sample>,
    pub floor: Floor,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(
        reference: &'a Sample,
        generated: &'a Sample,
        second_reference: Option<&'a Sample>,
        detector: &'a Detector,
        settings: &'a ValidationSettings,
    ) -> Result<Self, ValidationError> {
        for sample in [reference, generated].into_iter().chain(second_reference) {
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
        Ok(Self {
            detector,
            settings,
            reference,
            generated,
            second: second_reference,
            floor: Floor::new(reference, second_reference, settings),
        })
    }
}
