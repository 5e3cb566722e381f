use detectors::Calorimeter;

use super::floor::Floor;
use super::settings::ValidationSettings;
use crate::observables::ShowerObservables;
use crate::{Sample, ValidationError};

/// A sample with its observables.
pub(super) struct Measured<'a> {
    pub sample: &'a Sample,
    pub observables: ShowerObservables,
}

impl<'a> Measured<'a> {
    fn new(detector: &Calorimeter, sample: &'a Sample) -> Result<Self, ValidationError> {
        let observables = ShowerObservables::compute(
            detector,
            sample.voxels_mev(),
            sample.incident_energies_mev(),
        )?;
        Ok(Self { sample, observables })
    }

    /// E_tot/E_inc of each event.
    pub(super) fn response(&self) -> Vec<f64> {
        self.observables.by_name("E_tot_over_E_inc").into_iter().flatten().copied().collect()
    }

    /// Events whose every voxel is below the threshold.
    pub(super) fn empty_events(&self) -> usize {
        self.response().iter().filter(|response| **response == 0.0).count()
    }
}

/// Everything that is compared with everything.
pub(super) struct Inputs<'a> {
    pub detector: &'a Calorimeter,
    pub settings: &'a ValidationSettings,
    pub reference: Measured<'a>,
    pub generated: Measured<'a>,
    pub second: Option<Measured<'a>>,
    pub floor: Floor,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(
        reference: &'a Sample,
        generated: &'a Sample,
        second_reference: Option<&'a Sample>,
        detector: &'a Calorimeter,
        settings: &'a ValidationSettings,
    ) -> Result<Self, ValidationError> {
        Ok(Self {
            detector,
            settings,
            reference: Measured::new(detector, reference)?,
            generated: Measured::new(detector, generated)?,
            second: second_reference.map(|second| Measured::new(detector, second)).transpose()?,
            floor: Floor::new(reference, second_reference, settings),
        })
    }
}
