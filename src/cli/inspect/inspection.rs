use std::collections::BTreeMap;

use detectors::Calorimeter;
use serde::Serialize;

use crate::events::{DatasetInfo, EnergyGroup, EventsError, RunningMoments, ShowerFile, Survey};

/// What `inspect` says about a file of showers, as it stands in the JSON output. Energies in MeV.
#[derive(Debug, Serialize)]
pub(super) struct Inspection {
    pub file: String,
    pub events: usize,
    pub voxels: usize,
    pub datasets: Vec<Dataset>,
    pub attributes: BTreeMap<String, String>,
    /// Built-in detectors with as many voxels.
    pub fitting_detectors: Vec<&'static str>,
    /// The detector that the rest was compared with.
    pub detector: Option<String>,
    pub incident_energies_mev: IncidentEnergies,
    /// Of E_tot / E_inc.
    pub response: Option<Moments>,
    pub layers: Vec<Layer>,
    pub zero_fraction: f64,
    pub smallest_voxel_mev: Option<f64>,
    pub largest_voxel_mev: f64,
    pub oddities: Vec<String>,
    /// Why no other command would accept the file.
    pub problems: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Dataset {
    pub name: String,
    pub shape: Vec<usize>,
    pub element_type: String,
    pub compression: String,
    pub chunk: Option<Vec<usize>>,
    pub stored_bytes: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct IncidentEnergies {
    pub discrete: bool,
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub groups: Vec<Group>,
}

#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub low_mev: f64,
    pub high_mev: f64,
    pub events: usize,
    pub response: Moments,
}

#[derive(Debug, Serialize)]
pub(super) struct Moments {
    pub mean: f64,
    pub spread: f64,
    pub minimum: f64,
    pub maximum: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Layer {
    pub id: usize,
    pub name: String,
    pub mean_mev: f64,
    pub spread_mev: f64,
    pub share: f64,
}

impl Inspection {
    pub fn of(
        file: &ShowerFile,
        survey: &Survey,
        detector: Option<&Calorimeter>,
    ) -> Result<Self, EventsError> {
        let energies = &survey.incident_energy_mev;
        let seen = |value: f64| value.is_finite().then_some(value);
        Ok(Self {
            file: file.path().display().to_string(),
            events: file.len(),
            voxels: file.voxel_count(),
            datasets: file.datasets()?.into_iter().map(Dataset::from).collect(),
            attributes: file.provenance()?.into_iter().collect(),
            fitting_detectors: file.fitting_detectors(),
            detector: detector.map(|detector| detector.name().to_owned()),
            incident_energies_mev: IncidentEnergies {
                discrete: survey.discrete_energies,
                minimum: seen(energies.minimum),
                maximum: seen(energies.maximum),
                groups: survey.groups.iter().map(Group::of).collect(),
            },
            response: (survey.response.count > 0).then(|| Moments::of(&survey.response)),
            layers: survey
                .layers
                .iter()
                .map(|layer| Layer {
                    id: layer.id,
                    name: layer.name.clone(),
                    mean_mev: layer.energy_mev.mean,
                    spread_mev: layer.energy_mev.spread(),
                    share: layer.share,
                })
                .collect(),
            zero_fraction: survey.zero_fraction,
            smallest_voxel_mev: seen(survey.smallest_voxel_mev),
            largest_voxel_mev: survey.largest_voxel_mev,
            oddities: survey
                .oddities(file.voxel_count(), detector)
                .iter()
                .map(ToString::to_string)
                .collect(),
            problems: survey
                .problems(file.path(), detector)
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
    }

    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain fields, text keys");
        text.push('\n');
        text
    }
}

impl From<DatasetInfo> for Dataset {
    fn from(info: DatasetInfo) -> Self {
        let DatasetInfo { name, shape, element_type, compression, chunk, stored_bytes } = info;
        Self { name, shape, element_type, compression, chunk, stored_bytes }
    }
}

impl Group {
    fn of(group: &EnergyGroup) -> Self {
        Self {
            low_mev: group.low_mev,
            high_mev: group.high_mev,
            events: group.response.count,
            response: Moments::of(&group.response),
        }
    }
}

impl Moments {
    fn of(moments: &RunningMoments) -> Self {
        Self {
            mean: moments.mean,
            spread: moments.spread(),
            minimum: moments.minimum,
            maximum: moments.maximum,
        }
    }
}
