use std::ops::Range;
use std::path::PathBuf;

use detectors::Detector;
use ndarray::Array2;

use super::{EnergyFilter, EventFile, Events, EventsError, LayoutChoice, Oddity, Split, Survey};
use crate::files::FileError;

/// Several files as one data set, one after the other in the order they were given.
#[derive(Debug)]
pub struct EventSet {
    files: Vec<EventFile>,
    /// Number of the first event of each file; the number of all at the end.
    starts: Vec<usize>,
    split: Option<(Split, bool)>,
    energies: Option<EnergyFilter>,
}

/// Events of one file that are read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    file: usize,
    events: Range<usize>,
}

impl Block {
    /// Events in the file, before any split.
    #[expect(clippy::len_without_is_empty, reason = "no block is empty")]
    pub fn len(&self) -> usize {
        self.events.len()
    }
}

impl EventSet {
    /// Opens every file that `patterns` name: paths, or patterns such as `run_*.hdf5`, whose files
    /// are taken in alphabetical order.
    ///
    /// # Errors
    /// A pattern without files, or a file that cannot be opened.
    pub fn open(
        patterns: &[PathBuf],
        detector: &Detector,
        layout: &LayoutChoice,
    ) -> Result<Self, EventsError> {
        let open = |path: &PathBuf| EventFile::open_as(path, detector, layout);
        Ok(Self::of(expand(patterns)?.iter().map(open).collect::<Result<_, _>>()?))
    }

    /// As [`Self::open`], for files of which only conditions are wanted.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_conditions(
        patterns: &[PathBuf],
        detector: &Detector,
        layout: &LayoutChoice,
    ) -> Result<Self, EventsError> {
        let open = |path: &PathBuf| EventFile::open_conditions(path, detector, layout);
        Ok(Self::of(expand(patterns)?.iter().map(open).collect::<Result<_, _>>()?))
    }

    fn of(files: Vec<EventFile>) -> Self {
        let mut starts = vec![0];
        for file in &files {
            starts.push(starts[starts.len() - 1] + file.len());
        }
        Self { files, starts, split: None, energies: None }
    }

    /// Only the events on one side of a split are read from now on.
    #[must_use]
    pub fn on_side(mut self, split: Split, validation: bool) -> Self {
        self.split = Some((split, validation));
        self
    }

    /// Only events that the filter lets through are read from now on.
    #[must_use]
    pub fn with_energies(mut self, filter: EnergyFilter) -> Self {
        self.energies = Some(filter);
        self
    }

    pub fn files(&self) -> &[EventFile] {
        &self.files
    }

    /// Events of all files, before any split.
    #[expect(clippy::len_without_is_empty, reason = "files without events cannot be opened")]
    pub fn len(&self) -> usize {
        self.starts[self.files.len()]
    }

    pub fn has_weights(&self) -> bool {
        self.files.iter().any(EventFile::has_weights)
    }

    /// All events in blocks of about 8 MiB, in order.
    pub fn blocks(&self) -> Vec<Block> {
        self.files
            .iter()
            .enumerate()
            .flat_map(|(file, opened)| opened.blocks().map(move |events| Block { file, events }))
            .collect()
    }

    /// Reads and checks a block, without the events on the other side of the split or of other
    /// energies.
    ///
    /// # Errors
    /// The file is damaged there, or has a value that no command accepts.
    pub fn read(&self, block: &Block) -> Result<Events, EventsError> {
        let events = self.files[block.file].read_checked(block.events.clone())?;
        let events = match self.split {
            None => events,
            Some((split, validation)) => split.side(&events, validation),
        };
        Ok(match &self.energies {
            None => events,
            Some(filter) => filter.apply(events, self.files[block.file].detector()),
        })
    }

    /// Everything at once.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_all(&self) -> Result<Events, EventsError> {
        let blocks: Vec<Events> =
            self.blocks().iter().map(|block| self.read(block)).collect::<Result<_, _>>()?;
        Ok(Events::joined(&blocks).expect("blocks of one detector have equal widths"))
    }

    /// Reads the conditions of events `range`, counted over all files and before any split.
    ///
    /// # Errors
    /// As [`EventFile::read`].
    pub fn read_conditions(&self, range: Range<usize>) -> Result<Array2<f64>, EventsError> {
        let mut parts = Vec::new();
        for (file, start) in self.files.iter().zip(&self.starts) {
            let first = range.start.max(*start);
            let end = range.end.min(start + file.len());
            if first < end {
                parts.push(file.read_conditions(first - start..end - start)?);
            }
        }
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        Ok(ndarray::concatenate(ndarray::Axis(0), &views)
            .expect("files of one detector have equally many conditions"))
    }

    /// Checks every event of every file, in one pass over each; `progress` is told how many are
    /// done.
    ///
    /// # Errors
    /// The first thing that makes a file useless.
    pub fn check(
        &self,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<(PathBuf, Oddity)>, EventsError> {
        let mut oddities = Vec::new();
        for (file, start) in self.files.iter().zip(&self.starts) {
            let survey = Survey::with_progress(file, &mut |done| progress(*start as u64 + done))?;
            let found = survey.verdict(file)?;
            oddities.extend(found.into_iter().map(|oddity| (file.path().to_owned(), oddity)));
        }
        Ok(oddities)
    }
}

/// The files that paths and patterns name, at least one for each.
///
/// # Errors
/// A pattern without files.
pub fn expand(patterns: &[PathBuf]) -> Result<Vec<PathBuf>, EventsError> {
    let mut paths = Vec::new();
    for pattern in patterns {
        let text = pattern.to_string_lossy();
        if pattern.exists() || !text.contains(['*', '?', '[']) {
            paths.push(pattern.clone());
            continue;
        }
        let found = glob::glob(&text).map_err(|error| EventsError::Pattern {
            pattern: text.clone().into_owned(),
            problem: error.msg.to_owned(),
        })?;
        let before = paths.len();
        for path in found {
            paths.push(path.map_err(|error| {
                let path = error.path().to_owned();
                FileError::reading(&path, error.into())
            })?);
        }
        if paths.len() == before {
            return Err(EventsError::Pattern {
                pattern: text.into_owned(),
                problem: "no file fits".to_owned(),
            });
        }
    }
    Ok(paths)
}
