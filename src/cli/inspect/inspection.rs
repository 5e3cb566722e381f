use std::collections::BTreeMap;

use serde::Serialize;

use crate::events::{
    ConditionSurvey, DatasetInfo, EnergyGroup, EventFile, EventsError, PartSurvey, RunningMoments,
    Survey,
};

/// What `inspect` says about a file of events, as it stands in the JSON output. Values in the unit
/// of the detector, MeV for calorimeters.
#[derive(Debug, Serialize)]
pub(super) struct Inspection {
    pub file: String,
    pub events: usize,
    /// How many of the events were looked at, from the first.
    pub events_looked_at: usize,
    pub values: usize,
    /// What the values are called: voxels, pixels or columns.
    pub cells: String,
    pub unit: String,
    pub datasets: Vec<Dataset>,
    pub attributes: BTreeMap<String, String>,
    /// The detector that the events were compared with.
    pub detector: Option<String>,
    pub conditions: Vec<Condition>,
    /// Where values are fractions of the incident energy.
    pub incident_energies_mev: Option<IncidentEnergies>,
    /// Of E_tot / E_inc.
    pub response: Option<Moments>,
    /// Of the sum of an event's values; not for tables.
    pub sum: Option<Moments>,
    /// Layers, or columns of a table.
    pub parts: Vec<Part>,
    pub zero_fraction: f64,
    pub smallest_value: Option<f64>,
    pub largest_value: Option<f64>,
    pub weights: Option<Weights>,
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
pub(super) struct Condition {
    pub name: String,
    pub unit: String,
    /// Of numbers and pixels.
    pub moments: Option<Moments>,
    /// Events of each category.
    pub categories: Vec<(String, usize)>,
}

#[derive(Debug, Serialize)]
pub(super) struct IncidentEnergies {
    pub discrete: bool,
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
pub(super) struct Part {
    /// Number of the layer; none for a column.
    pub id: Option<usize>,
    pub name: String,
    pub moments: Option<Moments>,
    pub share: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Weights {
    pub negative: usize,
    pub sum: f64,
    pub effective_events: f64,
}

impl Inspection {
    /// `is_known` says whether the file's detector is one, or just stands for the shape.
    pub fn of(file: &EventFile, survey: &Survey, is_known: bool) -> Result<Self, EventsError> {
        let detector = file.detector();
        let seen = |value: f64| value.is_finite().then_some(value);
        let has_response = survey.response.count > 0;
        Ok(Self {
            file: file.path().display().to_string(),
            events: file.len(),
            events_looked_at: survey.events,
            values: detector.value_count(),
            cells: crate::events::cells(detector).to_owned(),
            unit: detector.unit().to_owned(),
            datasets: file.datasets()?.into_iter().map(Dataset::from).collect(),
            attributes: file.provenance()?.into_iter().collect(),
            detector: is_known.then(|| detector.name().to_owned()),
            conditions: survey.conditions.iter().map(Condition::of).collect(),
            incident_energies_mev: detector.normalising_column().map(|_| IncidentEnergies {
                discrete: survey.discrete_energies,
                groups: survey.groups.iter().map(Group::of).collect(),
            }),
            response: has_response.then(|| Moments::of(&survey.response)),
            sum: (survey.sum.count > 0).then(|| Moments::of(&survey.sum)),
            parts: if is_known { survey.parts.iter().map(Part::of).collect() } else { Vec::new() },
            zero_fraction: survey.zero_fraction,
            smallest_value: seen(survey.smallest_value),
            largest_value: seen(survey.largest_value),
            weights: survey.weights.map(|weights| Weights {
                negative: weights.negative,
                sum: weights.sum,
                effective_events: weights.effective_events(),
            }),
            oddities: survey.oddities(detector).iter().map(ToString::to_string).collect(),
            problems: survey.problems(file).iter().map(ToString::to_string).collect(),
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

impl Condition {
    fn of(survey: &ConditionSurvey) -> Self {
        let moments = (survey.moments.count > 0).then(|| Moments::of(&survey.moments));
        let categories = survey.categories.clone();
        Self { name: survey.name.clone(), unit: survey.unit.clone(), moments, categories }
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

impl Part {
    fn of(part: &PartSurvey) -> Self {
        let moments = (part.moments.count > 0).then(|| Moments::of(&part.moments));
        Self { id: part.id, name: part.name.clone(), moments, share: part.share }
    }
}
