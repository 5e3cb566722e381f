//! The files that the jobs of one production have made, put together.

use std::ops::Range;
use std::path::PathBuf;

use detectors::Detector;
use thiserror::Error;

use super::existing::differences;
use super::record::{RecordedOutput, record_path};
use super::sampler::Sampler;
use crate::ExitCode;
use crate::events::{EventFile, EventsError, LayoutChoice, Provenance};
use crate::files::{FileError, read_checksum, sha256};

/// Attributes in which the parts of one production differ.
const OF_A_PART: [&str; 2] = ["first_event", "events"];
/// The attribute of a file from which events are missing in the middle.
pub const GAPS: &str = "gaps";

/// Why files are not the parts of one production.
#[derive(Debug, Error)]
pub enum ProductionError {
    #[error(transparent)]
    Events(#[from] EventsError),

    #[error(transparent)]
    File(#[from] FileError),

    #[error(
        "`{generated}` was made by `showerforge generate` and `{other}` was not; merge them apart"
    )]
    Mixed { generated: PathBuf, other: PathBuf },

    #[error("`{a}` and `{b}` are not of one production: {difference}")]
    Other { a: PathBuf, b: PathBuf, difference: String },

    #[error("`{path}` has {found} events, its attribute says {told}; copy or make it again")]
    Count { path: PathBuf, found: usize, told: u64 },

    #[error("`{path}` has events from {first} on and {events} of them, which does not fit 64 bits")]
    Range { path: PathBuf, first: u64, events: u64 },

    #[error("`{path}` has gaps already ({gaps}); merge the parts that it was made of instead")]
    Gapped { path: PathBuf, gaps: String },

    #[error("events {first} to {last} are in `{a}` and in `{b}`")]
    Overlap { a: PathBuf, b: PathBuf, first: u64, last: u64 },

    #[error(
        "events {first} to {last} are missing, between `{a}` and `{b}`{}; make them, or give `--allow-gaps`",
        more(.others)
    )]
    Gap { a: PathBuf, b: PathBuf, first: u64, last: u64, others: usize },

    #[error("the files have {found} events, expected {expected}; the last one is event {last}")]
    Total { found: u64, expected: u64, last: u64 },

    #[error("the SHA-256 of `{path}` is {found}, `.sha256` says {told}; copy or make it again")]
    Checksum { path: PathBuf, found: String, told: String },

    #[error(
        "none of the files says which events of a production it has; `--allow-gaps` and `--nevents` are for those that `showerforge generate` made"
    )]
    None,

    #[error("{failed} of {files} files are not what they should be")]
    Failed { failed: usize, files: usize },

    #[error("`{}` {problem}; it is not the record of this file", record_path(.path).display())]
    Record { path: PathBuf, problem: String },
}

fn more(others: &usize) -> String {
    if *others > 0 { format!(", and {others} more gaps") } else { String::new() }
}

impl ProductionError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Events(error) => error.exit_code(),
            Self::File(error) => error.exit_code(),
            _ => ExitCode::BadData,
        }
    }
}

/// Parts in the order of their events.
#[derive(Debug)]
pub struct Production {
    /// The files, in the order of their events.
    pub files: Vec<PathBuf>,
    /// Events of all of them.
    pub events: u64,
    pub gaps: Vec<Range<u64>>,
    /// What the file of all parts says of itself; without gaps that of a single run.
    pub provenance: Provenance,
}

struct Part {
    path: PathBuf,
    attributes: Vec<(String, String)>,
    events: Range<u64>,
}

/// How a merge goes about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct MergeChoice {
    pub allow_gaps: bool,
    /// How many events there should be.
    pub expected_events: Option<u64>,
}

impl Production {
    /// Nothing if no file was made by `showerforge generate`. The files are opened one after the
    /// other: there may be more than a process can hold open.
    ///
    /// # Errors
    /// Some were and others not; they have other models, seeds or settings; events are twice among
    /// them or, unless gaps are allowed, missing; or a file has another number of events than it says.
    pub fn of(
        paths: &[PathBuf],
        detector: &Detector,
        layout: &LayoutChoice,
        choice: MergeChoice,
    ) -> Result<Option<Self>, ProductionError> {
        let mut parts = Vec::new();
        let mut others = Vec::new();
        for path in paths {
            match Part::of(&EventFile::open_as(path, detector, layout)?)? {
                Some(part) => parts.push(part),
                None => others.push(path.clone()),
            }
        }
        let Some(reference) = parts.first() else { return Ok(None) };
        if let Some(other) = others.into_iter().next() {
            let generated = reference.path.clone();
            return Err(ProductionError::Mixed { generated, other });
        }
        for part in &parts {
            reference.check_alike(part)?;
        }
        parts.sort_by_key(|part| (part.events.start, part.events.end));
        let gaps = check_neighbours(&parts, choice.allow_gaps)?;
        let events: u64 = parts.iter().map(|part| part.events.end - part.events.start).sum();
        let last = parts.last().map_or(0, |part| part.events.end - 1);
        if let Some(expected) = choice.expected_events.filter(|expected| *expected != events) {
            return Err(ProductionError::Total { found: events, expected, last });
        }
        let mut provenance = Provenance::of(&parts[0].attributes);
        provenance.events = Some(events);
        if !gaps.is_empty() {
            provenance.more.push((GAPS.to_owned(), gaps_text(&gaps)));
        }
        let files = parts.into_iter().map(|part| part.path).collect();
        Ok(Some(Self { files, events, gaps, provenance }))
    }
}

impl Part {
    fn of(file: &EventFile) -> Result<Option<Self>, ProductionError> {
        let attributes = file.provenance()?;
        let provenance = Provenance::of(&attributes);
        let (Some(_), Some(first), Some(told), Some(_)) =
            (provenance.seed, provenance.first_event, provenance.events, provenance.model_sha256)
        else {
            return Ok(None);
        };
        let path = file.path().to_owned();
        if let Some((_, gaps)) = provenance.more.iter().find(|(name, _)| name == GAPS) {
            return Err(ProductionError::Gapped { path, gaps: gaps.clone() });
        }
        if told != file.len() as u64 {
            return Err(ProductionError::Count { path, found: file.len(), told });
        }
        let Some(end) = first.checked_add(told) else {
            return Err(ProductionError::Range { path, first, events: told });
        };
        Ok(Some(Self { path, attributes, events: first..end }))
    }

    fn check_alike(&self, other: &Self) -> Result<(), ProductionError> {
        let differences = differences(&self.attributes, &other.attributes);
        let Some(difference) =
            differences.into_iter().find(|d| !OF_A_PART.contains(&d.name.as_str()))
        else {
            return Ok(());
        };
        let value =
            |value: Option<String>| value.map_or("nothing".to_owned(), |v| format!("`{v}`"));
        let (name, ours, theirs) = (difference.name, difference.found, difference.wanted);
        Err(ProductionError::Other {
            a: self.path.clone(),
            b: other.path.clone(),
            difference: format!("`{name}` is {} and {}", value(ours), value(theirs)),
        })
    }
}

/// The events that are missing between parts in the order of their events.
fn check_neighbours(parts: &[Part], allow_gaps: bool) -> Result<Vec<Range<u64>>, ProductionError> {
    let path = |part: &Part| part.path.clone();
    let mut gaps = Vec::new();
    let mut first_gap = None;
    for pair in parts.windows(2) {
        let [before, after] = pair else { unreachable!("windows of two") };
        let (end, start) = (before.events.end, after.events.start);
        if start < end {
            let last = end.min(after.events.end) - 1;
            let (a, b) = (path(before), path(after));
            return Err(ProductionError::Overlap { a, b, first: start, last });
        }
        if start > end {
            first_gap.get_or_insert((path(before), path(after)));
            gaps.push(end..start);
        }
    }
    match (first_gap, gaps.first()) {
        (Some((a, b)), Some(gap)) if !allow_gaps => Err(ProductionError::Gap {
            a,
            b,
            first: gap.start,
            last: gap.end - 1,
            others: gaps.len() - 1,
        }),
        _ => Ok(gaps),
    }
}

/// `100-199, 500-549`: first and last event of each gap.
fn gaps_text(gaps: &[Range<u64>]) -> String {
    let texts = gaps.iter().map(|gap| format!("{}-{}", gap.start, gap.end - 1));
    texts.collect::<Vec<_>>().join(", ")
}

/// The numbers of the events of a file, which its attributes tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSpan {
    /// Number of the first event of each run of events, and where the run begins in the file.
    runs: Vec<(u64, u64)>,
}

impl EventSpan {
    /// Those of a file of `rows` events. Nothing if the file does not say it, or if what it says does
    /// not fit 64 bits.
    pub fn of(provenance: &Provenance, rows: u64) -> Option<Self> {
        let first = provenance.first_event?;
        let mut runs = vec![(first, 0)];
        if let Some((_, gaps)) = provenance.more.iter().find(|(name, _)| name == GAPS) {
            let mut missing = 0;
            for gap in gaps.split(',') {
                let (from, to) = gap.trim().split_once('-')?;
                let (from, to): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
                let place = from.checked_sub(first)?.checked_sub(missing)?;
                runs.push((to.checked_add(1)?, place));
                missing += to.checked_sub(from)? + 1;
            }
        }
        // Whole blocks are computed where an event is made again.
        let fits = |(first, _): &(u64, u64)| {
            first.checked_add(rows).is_some_and(|end| end.checked_add(Sampler::BLOCK).is_some())
        };
        runs.iter().all(fits).then_some(Self { runs })
    }

    /// The number of the event in a row of the file, and how many rows from it on are numbered
    /// without a gap.
    pub fn of_row(&self, row: u64) -> (u64, u64) {
        let at = self.runs.partition_point(|(_, place)| *place <= row).saturating_sub(1);
        let (first, place) = self.runs[at];
        let next = self.runs.get(at + 1).map_or(u64::MAX, |(_, place)| *place);
        (first + (row - place), next - row)
    }
}

/// Compares a file with the checksum and the record beside it, as far as there are any. Returns
/// whether there was a checksum.
///
/// # Errors
/// One of them tells of another file.
pub fn check_companions(file: &EventFile) -> Result<bool, ProductionError> {
    let path = file.path();
    let recorded = RecordedOutput::read(path)
        .map_err(|problem| ProductionError::Record { path: path.to_owned(), problem })?;
    let told = read_checksum(path)?;
    if recorded.is_none() && told.is_none() {
        return Ok(false);
    }
    let found = sha256([path])?;
    if let Some(told) = &told
        && *told != found
    {
        let (path, told) = (path.to_owned(), told.clone());
        return Err(ProductionError::Checksum { path, found, told });
    }
    if let Some(recorded) = recorded {
        let provenance = Provenance::of(&file.provenance()?);
        let problem = if recorded.sha256 != found {
            Some(format!("has the SHA-256 {}, the file {found}", recorded.sha256))
        } else if recorded.events != file.len() as u64 {
            Some(format!("tells of {} events, the file has {}", recorded.events, file.len()))
        } else if Some(recorded.first_event) != provenance.first_event {
            let first = recorded.first_event;
            Some(format!("has {first} as first event, which the file has not"))
        } else if Some(recorded.seed) != provenance.seed {
            Some(format!("has the seed {}, which the file has not", recorded.seed))
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(ProductionError::Record { path: path.to_owned(), problem });
        }
    }
    Ok(told.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_behind_gaps_have_their_numbers() {
        let of = |gaps: Option<&str>| {
            let more = gaps.map(|gaps| (GAPS.to_owned(), gaps.to_owned())).into_iter().collect();
            let provenance = Provenance { first_event: Some(100), more, ..Provenance::default() };
            EventSpan::of(&provenance, 1000)
        };
        assert_eq!(of(None).expect("no gaps").of_row(7), (107, u64::MAX - 7));
        // Events 100 to 109, 120 to 124 and 126 on.
        let numbers = of(Some("110-119, 125-125")).expect("two gaps");
        assert_eq!(numbers.of_row(9), (109, 1));
        assert_eq!(numbers.of_row(10), (120, 5));
        assert_eq!(numbers.of_row(14), (124, 1));
        assert_eq!(numbers.of_row(15), (126, u64::MAX - 15));
        for nonsense in [
            "",
            "110",
            "110-18446744073709551615",
            "110-18446744073709551000",
            "a-b",
            "50-60",
            "119-110",
        ] {
            assert_eq!(of(Some(nonsense)), None, "{nonsense}");
        }
    }
}
