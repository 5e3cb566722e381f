//! Is a file what its attributes say, and what its model makes?

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use detectors::Detector;
use ndarray::Array2;
use serde::Serialize;

use super::condition_source::{ConditionSource, GivenConditions};
use super::conditions::ConditionList;
use super::engine::Precision;
use super::error::GenerationError;
use super::production::{EventSpan, ProductionError, check_companions};
use super::surrogate::Surrogate;
use crate::ExitCode;
use crate::events::{EventFile, Events, EventsError, LayoutChoice, Provenance};
use crate::files::sha256;
use crate::random::{Purpose, Streams};

/// Which events are generated again and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regenerated {
    All,
    /// So many, drawn by the seed, or else by the file's own hash.
    Sample {
        events: u64,
        seed: Option<u64>,
    },
}

/// What was looked at in a file, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    pub file: PathBuf,
    pub events: u64,
    /// Whether there is a checksum beside the file.
    pub has_checksum: bool,
    /// Whether the conditions could be derived from the settings, and so were compared.
    pub conditions_compared: bool,
    /// Events that were generated again.
    pub regenerated: u64,
    /// Those of them that differ in at least one bit.
    pub different: u64,
    /// The largest difference of a value, in the unit of the detector.
    pub largest_difference: f64,
    pub problems: Vec<String>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

/// Events that are generated again at once.
const BLOCK: u64 = 4096;

/// Looks at everything that can be looked at.
///
/// # Errors
/// There is no such file, or the machine fails. What is wrong with the file is no error but a
/// [`Verification::problems`].
pub fn verify(
    path: &Path,
    detector: &Detector,
    surrogate: Option<&Surrogate>,
    choice: Regenerated,
) -> Result<Verification, GenerationError> {
    let mut found = Verification::nothing_of(path);
    match found.look(path, detector, surrogate, choice) {
        Ok(()) => {}
        Err(error) if error.exit_code() == ExitCode::BadData => {
            found.problems.push(error.to_string());
        }
        Err(error) => return Err(error),
    }
    Ok(found)
}

impl Verification {
    fn nothing_of(path: &Path) -> Self {
        Self {
            file: path.to_owned(),
            events: 0,
            has_checksum: false,
            conditions_compared: false,
            regenerated: 0,
            different: 0,
            largest_difference: 0.0,
            problems: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Of a file at which nothing can be looked.
    pub fn broken(path: &Path, problem: String) -> Self {
        Self { problems: vec![problem], ..Self::nothing_of(path) }
    }

    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    fn look(
        &mut self,
        path: &Path,
        detector: &Detector,
        surrogate: Option<&Surrogate>,
        choice: Regenerated,
    ) -> Result<(), GenerationError> {
        let native = LayoutChoice::Named("native".to_owned());
        let file = EventFile::open_as(path, detector, &native)?;
        self.events = file.len() as u64;
        match check_companions(&file) {
            Ok(has_checksum) => self.has_checksum = has_checksum,
            Err(ProductionError::Events(error)) => return Err(error.into()),
            Err(ProductionError::File(error)) if error.exit_code() != ExitCode::BadData => {
                return Err(error.into());
            }
            Err(error) => self.problems.push(error.to_string()),
        }
        let provenance = Provenance::of(&file.provenance()?);
        match provenance.events {
            Some(told) if told != self.events => {
                self.problems.push(format!("its attribute `events` is {told}"));
            }
            Some(_) => {}
            None => self.notes.push("it does not say how many events it should have".to_owned()),
        }
        self.check_values(&file, provenance.model_sha256.is_some())?;
        self.check_conditions(&file, &provenance)?;
        if let Some(surrogate) = surrogate {
            self.regenerate(&file, &provenance, surrogate, choice)?;
        }
        Ok(())
    }

    /// All values are finite and not negative, and in generated files none is between 0 and the
    /// read-out threshold.
    fn check_values(&mut self, file: &EventFile, generated: bool) -> Result<(), EventsError> {
        let threshold = file.detector().readout_threshold() as f32;
        let mut below = 0;
        for block in file.blocks() {
            let events = file.read_checked(block)?;
            let under = |value: &&f32| **value > 0.0 && **value < threshold;
            below += events.values.iter().filter(under).count();
        }
        if generated && below > 0 {
            let unit = file.detector().unit();
            self.problems.push(format!("{below} values are above 0 and below {threshold} {unit}"));
        }
        Ok(())
    }

    /// The conditions are those that the settings make of the seed and the number of each event.
    fn check_conditions(
        &mut self,
        file: &EventFile,
        provenance: &Provenance,
    ) -> Result<(), GenerationError> {
        let settings = provenance.more.iter().find(|(name, _)| name == "conditions");
        let (Some((_, settings)), Some(seed), Some(numbers)) =
            (settings, provenance.seed, EventSpan::of(provenance, self.events))
        else {
            self.notes.push("it does not say how its conditions were given".to_owned());
            return Ok(());
        };
        let lists: Result<Vec<ConditionList>, _> = settings.split("; ").map(str::parse).collect();
        let given = lists.and_then(|l| GivenConditions::new(file.detector(), None, &l, seed));
        let Ok(given) = given else {
            self.notes.push(format!("its conditions cannot be derived from `{settings}`"));
            return Ok(());
        };
        let given = ConditionSource::Given(given);
        self.conditions_compared = true;
        for rows in pieces(&numbers, 0..self.events) {
            let (first, _) = numbers.of_row(rows.start);
            let wanted = given.of_events(first, (rows.end - rows.start) as usize)?;
            let range = rows.start as usize..rows.end as usize;
            let stored = file.read_conditions(range)?;
            let differs = |(a, b): (&f64, &f64)| a.to_bits() != b.to_bits();
            if let Some(at) = stored.iter().zip(&wanted).position(differs) {
                let row = (at / stored.ncols()) as u64;
                self.problems.push(format!(
                    "the conditions of event {} are not those of `{settings}`",
                    first + row
                ));
                return Ok(());
            }
        }
        Ok(())
    }

    fn regenerate(
        &mut self,
        file: &EventFile,
        provenance: &Provenance,
        surrogate: &Surrogate,
        choice: Regenerated,
    ) -> Result<(), GenerationError> {
        let (Some(seed), Some(model), Some(numbers)) =
            (provenance.seed, &provenance.model_sha256, EventSpan::of(provenance, self.events))
        else {
            self.problems.push("it does not say its seed, first event and model".to_owned());
            return Ok(());
        };
        if model != surrogate.sha256() {
            let ours = surrogate.sha256();
            self.problems.push(format!("it was made by the model {model}, this one is {ours}"));
            return Ok(());
        }
        let told = |name: &str| {
            let found = provenance.more.iter().find(|(other, _)| other == name);
            found.map(|(_, value)| value.as_str())
        };
        let precision = told("precision").map_or(Ok(Precision::F32), str::parse);
        let Ok(precision) = precision else {
            self.problems.push("it has weights of a precision that is not known".to_owned());
            return Ok(());
        };
        let smaller;
        let surrogate = if precision == Precision::F32 {
            surrogate
        } else {
            smaller = surrogate.at_precision(precision);
            &smaller
        };
        let device = provenance.more.iter().find(|(name, _)| name == "device");
        let on_cpu = device.is_none_or(|(_, device)| device == "cpu");
        let mut first_different = None;
        for rows in self.rows(file.path(), choice, &numbers)? {
            let (first, _) = numbers.of_row(rows.start);
            let stored = file.read(rows.start as usize..rows.end as usize)?;
            let again = surrogate.generate(seed, first, stored.conditions.view())?;
            self.regenerated += rows.end - rows.start;
            if let Some(row) = self.compare(&stored, &again) {
                first_different.get_or_insert(first + row);
            }
        }
        let Some(first) = first_different else { return Ok(()) };
        let text = format!(
            "{} of {} events that were made again differ, the first is event {first}; the largest \
             difference is {} {}",
            self.different,
            self.regenerated,
            self.largest_difference,
            file.detector().unit()
        );
        if on_cpu {
            self.problems.push(text);
        } else {
            self.notes.push(format!("it was not made on the CPU: {text}"));
        }
        Ok(())
    }

    /// The first row that differs, if one does.
    fn compare(&mut self, stored: &Events, again: &Array2<f32>) -> Option<u64> {
        let mut first = None;
        for (row, (a, b)) in stored.values.rows().into_iter().zip(again.rows()).enumerate() {
            if a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits()) {
                continue;
            }
            first.get_or_insert(row as u64);
            self.different += 1;
            let differences = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
            self.largest_difference = differences.fold(self.largest_difference, f64::max);
        }
        first
    }

    /// Rows to make again, none of which are divided by a gap.
    fn rows(
        &self,
        path: &Path,
        choice: Regenerated,
        numbers: &EventSpan,
    ) -> Result<Vec<Range<u64>>, GenerationError> {
        let (wanted, seed) = match choice {
            Regenerated::All => return Ok(pieces(numbers, 0..self.events)),
            Regenerated::Sample { events, .. } if events >= self.events => {
                return Ok(pieces(numbers, 0..self.events));
            }
            Regenerated::Sample { events, seed: Some(seed) } => (events, seed),
            Regenerated::Sample { events, seed: None } => {
                let hash = sha256([path])?;
                let seed = u64::from_str_radix(&hash[..16], 16).expect("hexadecimal digits");
                (events, seed)
            }
        };
        let mut uniforms = Streams::new(seed, Purpose::Verification).uniforms(0);
        let mut rows = BTreeSet::new();
        while (rows.len() as u64) < wanted {
            rows.insert(uniforms.index(self.events as usize) as u64);
        }
        Ok(rows.into_iter().map(|row| row..row + 1).collect())
    }
}

/// Rows in pieces of at most [`BLOCK`], in each of which events are numbered without a gap.
fn pieces(numbers: &EventSpan, rows: Range<u64>) -> Vec<Range<u64>> {
    let mut pieces = Vec::new();
    let mut start = rows.start;
    while start < rows.end {
        let (_, together) = numbers.of_row(start);
        let end = start.saturating_add(together.min(BLOCK)).min(rows.end);
        pieces.push(start..end);
        start = end;
    }
    pieces
}
