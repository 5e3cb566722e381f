//! Do the events of a file fit a detector? What no command accepts is an error, the rest an
//! [`Oddity`].

use std::fmt;
use std::path::Path;

use detectors::Calorimeter;

use super::units::{plain, wrong_units};
use super::{EventsError, ShowerFile, Survey};

/// Something about a file that its user should know, and that is no error.
#[derive(Debug, Clone, PartialEq)]
pub enum Oddity {
    IncidentEnergiesOutOfRange {
        events: usize,
        minimum_mev: f64,
        maximum_mev: f64,
        range_mev: (f64, f64),
    },
    /// The mean response is far from 1 without being a mistake of units.
    UnusualResponse {
        median: f64,
    },
    VoxelsBelowThreshold {
        voxels: usize,
        fraction: f64,
        threshold_mev: f64,
    },
    EmptyShowers {
        events: usize,
    },
    Duplicates {
        events: usize,
    },
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IncidentEnergiesOutOfRange { events, minimum_mev, maximum_mev, range_mev } => {
                write!(
                    f,
                    "incident energies outside of the detector's {} to {} MeV: {events} (seen: \
                     {minimum_mev} to {maximum_mev} MeV)",
                    range_mev.0, range_mev.1
                )
            }
            Self::UnusualResponse { median } => {
                write!(f, "the median of E_tot/E_inc is {}, far from 1", plain(*median))
            }
            Self::VoxelsBelowThreshold { voxels, fraction, threshold_mev } => write!(
                f,
                "voxels above zero but below the read-out threshold of {threshold_mev} MeV, which \
                 count as zero: {voxels} ({:.1} % of all)",
                100.0 * fraction
            ),
            Self::EmptyShowers { events } => write!(f, "showers without any energy: {events}"),
            Self::Duplicates { events } => {
                write!(f, "showers that are exact copies of an earlier one: {events}")
            }
        }
    }
}

impl ShowerFile {
    /// Checks every event against `detector`, in one pass over the file.
    ///
    /// # Errors
    /// The voxel count does not fit; an energy is negative or not finite, or an incident energy
    /// zero; or the energies are not in MeV.
    pub fn check_against(&self, detector: &Calorimeter) -> Result<Vec<Oddity>, EventsError> {
        let survey = Survey::of(self, Some(detector))?;
        match survey.problems(self.path(), Some(detector)).into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(survey.oddities(self.voxel_count(), Some(detector))),
        }
    }

    /// Checks that the showers have the voxels of `detector`.
    ///
    /// # Errors
    /// [`EventsError::VoxelCount`], which names the built-in detectors that would fit.
    pub fn check_voxel_count(&self, detector: &Calorimeter) -> Result<(), EventsError> {
        let (found, expected) = (self.voxel_count(), detector.voxel_count());
        if found == expected {
            return Ok(());
        }
        let fitting: Vec<_> = fitting_detectors(found).map(|name| format!("`{name}`")).collect();
        Err(EventsError::VoxelCount {
            path: self.path().to_owned(),
            detector: detector.name().to_owned(),
            expected,
            found,
            hint: if fitting.is_empty() {
                format!("no built-in detector has {found}")
            } else {
                format!("{} would fit", fitting.join(", "))
            },
        })
    }

    /// Names of the built-in detectors that have as many voxels as the showers of this file.
    pub fn fitting_detectors(&self) -> Vec<&'static str> {
        fitting_detectors(self.voxel_count()).collect()
    }
}

impl Survey {
    /// Whatever makes every other command refuse the file.
    pub fn problems(&self, path: &Path, detector: Option<&Calorimeter>) -> Vec<EventsError> {
        let mut problems: Vec<_> = self
            .bad
            .iter()
            .map(|bad| EventsError::BadValue {
                path: path.to_owned(),
                dataset: bad.dataset,
                kind: bad.kind,
                value: bad.first,
                event: bad.event,
                voxel: bad.voxel,
                count: bad.count,
            })
            .collect();
        if let Some(wrong) = wrong_units(self, detector) {
            problems.push(EventsError::Units {
                path: path.to_owned(),
                evidence: wrong.evidence,
                advice: wrong.advice,
            });
        }
        problems
    }

    /// What a user should know about the file.
    pub fn oddities(&self, voxel_count: usize, detector: Option<&Calorimeter>) -> Vec<Oddity> {
        let mut oddities = Vec::new();
        if let Some(detector) = detector {
            let energies = &self.incident_energy_mev;
            let range = detector.incident_energy_range_mev();
            if self.in_range < energies.count {
                oddities.push(Oddity::IncidentEnergiesOutOfRange {
                    events: energies.count - self.in_range,
                    minimum_mev: energies.minimum,
                    maximum_mev: energies.maximum,
                    range_mev: (*range.start(), *range.end()),
                });
            }
            if self.voxels_below_threshold > 0 {
                let all = self.events as f64 * voxel_count as f64;
                oddities.push(Oddity::VoxelsBelowThreshold {
                    voxels: self.voxels_below_threshold,
                    fraction: self.voxels_below_threshold as f64 / all,
                    threshold_mev: detector.readout_threshold_mev(),
                });
            }
        }
        let usual = (0.5..=1.5).contains(&self.median_response);
        if self.response.count > 0 && !usual && wrong_units(self, detector).is_none() {
            oddities.push(Oddity::UnusualResponse { median: self.median_response });
        }
        if self.empty_showers > 0 {
            oddities.push(Oddity::EmptyShowers { events: self.empty_showers });
        }
        if self.duplicates > 0 {
            oddities.push(Oddity::Duplicates { events: self.duplicates });
        }
        oddities
    }
}

fn fitting_detectors(voxel_count: usize) -> impl Iterator<Item = &'static str> {
    detectors::builtin_names().filter(move |name| {
        detectors::builtin(name).is_ok_and(|detector| detector.voxel_count() == voxel_count)
    })
}
