use std::sync::OnceLock;

use detectors::{ConditionKind, Detector};
use ndarray::Array2;
use sha2::{Digest as _, Sha256};

use super::conditions::{ConditionError, ConditionList, ConditionValues, EnergyChoice, listed};
use crate::events::{EventSet, EventsError};
use crate::random::{Purpose, Streams};

/// Where the conditions of generated events come from.
#[derive(Debug)]
pub enum ConditionSource {
    Given(GivenConditions),
    Files(ConditionFiles),
}

/// Values for each condition of a detector. Those of event k depend on the seed and k alone.
#[derive(Debug)]
pub struct GivenConditions {
    columns: Vec<ConditionValues>,
    /// `name=values` of each, as they are written into the output.
    texts: Vec<String>,
    streams: Streams,
}

/// Event k has the conditions of event k of the files.
#[derive(Debug)]
pub struct ConditionFiles {
    events: EventSet,
    sha256: OnceLock<String>,
}

/// A longer list is told by its hash.
const LONGEST_LIST: usize = 2000;
/// Events whose conditions are read at once, where only these are read.
const BLOCK: usize = 16_384;

impl GivenConditions {
    /// # Errors
    /// An unknown condition, one that is missing, or a value that it cannot have.
    pub fn new(
        detector: &Detector,
        energies: Option<&EnergyChoice>,
        lists: &[ConditionList],
        seed: u64,
    ) -> Result<Self, ConditionError> {
        let mut columns = Vec::new();
        let mut texts = Vec::new();
        for (condition, values) in
            detector.conditions().iter().zip(listed(detector, energies, lists)?)
        {
            let values = values.ok_or_else(|| {
                let is_energy = detector.incident_energy_column() == Some(condition.first_column);
                let name = condition.name.clone();
                let how = match condition.kind {
                    ConditionKind::Image(_) => "a file of events with `--conditions`".to_owned(),
                    _ if is_energy => {
                        "`--energies`, `--energy-range`, or a file of events with `--conditions`"
                            .to_owned()
                    }
                    _ => format!(
                        "`--condition {name}=VALUE`, or a file of events with `--conditions`"
                    ),
                };
                ConditionError::Missing { name, how }
            })?;
            texts.push(format!("{}={}", condition.name, text(&values, Some(&condition.kind))));
            columns.push(values);
        }
        Ok(Self { columns, texts, streams: Streams::new(seed, Purpose::Conditions) })
    }

    /// For each column of the conditions, values that events take in turn; for programs that have
    /// them as numbers.
    pub fn of_columns(columns: Vec<Vec<f64>>) -> Self {
        let columns: Vec<_> = columns.into_iter().map(ConditionValues::List).collect();
        let texts = columns.iter().enumerate();
        let texts = texts.map(|(i, values)| format!("column {i}={}", text(values, None)));
        let texts = texts.collect();
        Self { columns, texts, streams: Streams::new(0, Purpose::Conditions) }
    }

    /// The conditions of one event.
    pub fn of_event(&self, event: u64) -> Vec<f64> {
        let drawn = self.columns.iter().any(|column| matches!(column, ConditionValues::Range(_)));
        let mut uniforms = drawn.then(|| self.streams.uniforms(event));
        let values = self.columns.iter().map(|column| {
            // One for each condition, so that a value does not depend on what others are.
            let uniform = uniforms.as_mut().map_or(0.0, |uniforms| uniforms.draw_f64());
            column.of_event(event, uniform)
        });
        values.collect()
    }

    /// The values of each condition.
    pub fn columns(&self) -> &[ConditionValues] {
        &self.columns
    }
}

fn text(values: &ConditionValues, kind: Option<&ConditionKind>) -> String {
    let values = match values {
        ConditionValues::Range(range) => return range.to_string(),
        ConditionValues::List(values) => values,
    };
    let texts: Vec<String> = match kind {
        Some(ConditionKind::Category(names)) => {
            values.iter().map(|number| names[*number as usize].clone()).collect()
        }
        _ => values.iter().map(ToString::to_string).collect(),
    };
    let list = texts.join(",");
    if list.len() <= LONGEST_LIST {
        return list;
    }
    let mut hash = Sha256::new();
    hash.update(list.as_bytes());
    format!("list of {} with SHA-256 {}", values.len(), hex(hash))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl ConditionFiles {
    pub fn new(events: EventSet) -> Self {
        Self { events, sha256: OnceLock::new() }
    }

    /// Number of events of the files.
    #[expect(clippy::len_without_is_empty, reason = "files without events cannot be opened")]
    pub fn len(&self) -> u64 {
        self.events.len() as u64
    }

    /// SHA-256 of the conditions of all events, as little-endian numbers of 64 bits, event by
    /// event: the same for files that were packed or divided in another way.
    fn sha256(&self) -> Result<&str, EventsError> {
        if let Some(known) = self.sha256.get() {
            return Ok(known);
        }
        let mut hash = Sha256::new();
        for start in (0..self.events.len()).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(self.events.len());
            let conditions = self.events.read_conditions(block)?;
            let bytes: Vec<u8> = conditions.iter().flat_map(|value| value.to_le_bytes()).collect();
            hash.update(&bytes);
        }
        Ok(self.sha256.get_or_init(|| hex(hash)))
    }
}

impl ConditionSource {
    /// Conditions of events `first`, `first` + 1, …
    ///
    /// # Shapes
    /// `[count, Detector::condition_width]`
    ///
    /// # Errors
    /// The files cannot be read there.
    pub fn of_events(&self, first: u64, count: usize) -> Result<Array2<f64>, EventsError> {
        match self {
            Self::Given(given) => {
                let events = first..first + count as u64;
                let values: Vec<f64> = events.flat_map(|event| given.of_event(event)).collect();
                Ok(Array2::from_shape_vec((count, given.columns.len()), values)
                    .expect("each event has every condition"))
            }
            Self::Files(files) => {
                let first = first as usize;
                files.events.read_conditions(first..first + count)
            }
        }
    }

    /// How the conditions were given, as a text that is equal for equal conditions of all events,
    /// whichever of them a job makes: `incident_energy=256,512`,
    /// `incident_energy=1000..64000:log; theta=1.57`, or the hash of those in files.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn settings(&self) -> Result<String, EventsError> {
        match self {
            Self::Given(given) => Ok(given.texts.join("; ")),
            Self::Files(files) => {
                Ok(format!("{} events of files with SHA-256 {}", files.len(), files.sha256()?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(texts: &[&str]) -> Vec<ConditionList> {
        texts.iter().map(|text| text.parse().expect("readable")).collect()
    }

    fn rich(texts: &[&str], seed: u64) -> ConditionSource {
        let rich = detectors::builtin("rich-pid").expect("built in");
        let given = GivenConditions::new(&rich, None, &lists(texts), seed).expect("complete");
        ConditionSource::Given(given)
    }

    #[test]
    fn events_take_values_in_turn_and_categories_by_name() {
        let source = rich(&["P=5000,9000", "ETA=3", "nTracks=100", "species=kaon,pion,muon"], 1);
        let rows = source.of_events(4, 2).expect("lists");
        assert_eq!(rows, ndarray::array![[5000.0, 3.0, 100.0, 2.0], [9000.0, 3.0, 100.0, 1.0]]);
    }

    #[test]
    fn the_settings_name_every_condition() {
        let source = rich(&["P=5000,9000", "ETA=3..4.5", "nTracks=100", "species=kaon"], 1);
        let settings = source.settings().expect("no files");
        assert_eq!(settings, "P=5000,9000; ETA=3..4.5:lin; nTracks=100; species=kaon");
        let many: Vec<String> = (0..1000).map(|n| (5000 + n).to_string()).collect();
        let long = format!("P={}", many.join(","));
        let source = rich(&[&long, "ETA=3", "nTracks=100", "species=kaon"], 1);
        let settings = source.settings().expect("no files");
        assert!(settings.starts_with("P=list of 1000 with SHA-256 "), "{settings}");
    }

    #[test]
    fn what_is_drawn_depends_on_seed_and_event_alone() {
        let fixed = ["nTracks=100", "species=kaon"];
        let of = |more: &[&str], seed, first, count| {
            let source = rich(&[more, &fixed].concat(), seed);
            source.of_events(first, count).expect("no files")
        };
        let whole = of(&["P=5000..9000", "ETA=3..4"], 7, 0, 50);
        let part = of(&["P=5000..9000", "ETA=3..4"], 7, 20, 5);
        assert_eq!(part, whole.slice(ndarray::s![20..25, ..]));
        assert_ne!(part, of(&["P=5000..9000", "ETA=3..4"], 8, 20, 5));
        // Nor on whether another condition is drawn.
        let fixed_momentum = of(&["P=6000", "ETA=3..4"], 7, 0, 50);
        assert_eq!(fixed_momentum.column(1), whole.column(1));
        let momenta = whole.column(0);
        assert!(momenta.iter().all(|p| (5000.0..9000.0).contains(p)));
        assert!(momenta.iter().any(|p| *p < 6000.0) && momenta.iter().any(|p| *p > 8000.0));
    }
}
