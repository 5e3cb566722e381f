//! The samples of a validation, read block by block.

use std::path::{Path, PathBuf};

use detectors::Detector;
use validation::{Sample, SampleBuilder, SampleOptions};

use super::matching::{ConditionCells, Matched, WhenDifferent, matched, reweighted};
use super::provenance;
use crate::Error;
use crate::cli::check::check_events;
use crate::cli::progress::Progress;
use crate::events::{EventSet, LayoutChoice};

/// Below this share of the reference, cells that the generated sample lacks are not remarked on.
const NOT_COVERED: f64 = 1e-3;

/// How samples are read.
pub struct Reader<'a> {
    pub detector: &'a Detector,
    pub layout: &'a LayoutChoice,
}

impl Reader<'_> {
    /// Only what the comparison needs stays in memory.
    ///
    /// # Errors
    /// Files that cannot be read, or events that no command accepts.
    pub fn read(&self, path: &Path) -> Result<Sample, Error> {
        self.read_with(path, None)
    }

    /// With a factor for the weight of each event; those with 0 are left out. Without other
    /// factors than 0 and 1 the sample has no weights of its own.
    fn read_with(&self, path: &Path, factors: Option<&[f64]>) -> Result<Sample, Error> {
        let set = self.open(path)?;
        let name = name(path);
        check_events(&set, &format!("checking {name}"))?;
        let weighted = factors.is_some_and(|all| all.iter().any(|f| *f != 0.0 && *f != 1.0))
            || set.has_weights();
        let options =
            SampleOptions { provenance: set.files()[0].provenance()?, ..SampleOptions::default() };
        let mut builder = SampleBuilder::new(name.clone(), self.detector, options);
        let mut progress = Progress::new(&format!("reading {name}"), "events", set.len() as u64);
        let mut done = 0;
        for block in set.blocks() {
            let mut events = set.read(&block)?;
            let read = events.len();
            if weighted {
                let ones = || vec![1.0; read];
                events.weights = Some(events.weights.take().unwrap_or_else(ones));
            }
            if let Some(factors) = factors {
                let factors = &factors[done..done + read];
                if let Some(weights) = &mut events.weights {
                    weights.iter_mut().zip(factors).for_each(|(weight, factor)| *weight *= factor);
                }
                let kept: Vec<usize> = (0..read).filter(|&event| factors[event] != 0.0).collect();
                events = events.select(&kept);
            }
            let weights = events.weights.as_deref();
            builder.push(events.conditions.view(), events.values.view(), weights)?;
            done += read;
            progress.advance(done as u64);
        }
        progress.finish();
        Ok(builder.finish()?.with_files(provenance::files(&set)?))
    }

    fn open(&self, path: &Path) -> Result<EventSet, Error> {
        Ok(EventSet::open(&[path.to_owned()], self.detector, self.layout)?)
    }

    /// A generated sample whose conditions are made those of the reference, and what is to be said
    /// of that.
    ///
    /// # Errors
    /// As [`Self::read`], or no generated event at any condition of the reference.
    pub fn read_like(
        &self,
        path: &Path,
        reference: &Path,
        when: WhenDifferent,
    ) -> Result<(Sample, String), Error> {
        let (known, other) = (self.open(reference)?, self.open(path)?);
        let known = known.read_conditions(0..known.len())?;
        let other = other.read_conditions(0..other.len())?;
        let cells = ConditionCells::of(self.detector, known.view());
        let (known, other) = (cells.cells(known.view()), cells.cells(other.view()));
        let Matched { factors, not_covered } = match when {
            WhenDifferent::Match => matched(&known, &other),
            _ => reweighted(&known, &other),
        };
        let kept = factors.iter().filter(|factor| **factor != 0.0).count();
        if kept == 0 {
            return Err(Error::NoCommonConditions { path: path.to_owned() });
        }
        let sample = self.read_with(path, Some(&factors))?;
        let events = factors.len();
        let mut remark = match when {
            WhenDifferent::Match => format!(
                "The conditions of `{}` are distributed otherwise than the reference's: {kept} of \
                 its {events} events were chosen so that their shares agree.",
                name(path)
            ),
            _ => format!(
                "The conditions of `{}` are distributed otherwise than the reference's: its \
                 {events} events were given weights that make their shares agree; they count as \
                 {:.0} by their fluctuations.",
                name(path),
                sample.effective_events()
            ),
        };
        if not_covered > NOT_COVERED {
            remark += &format!(
                " {:.1} % of the reference are at conditions where there are none at all.",
                100.0 * not_covered
            );
        }
        Ok((sample, remark))
    }
}

/// The name of a file without its folders.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A short name for each sample: the stem of its file where these differ, else the path.
pub fn names(paths: &[PathBuf], given: &[String]) -> Vec<String> {
    if !given.is_empty() {
        return given.to_vec();
    }
    let stem = |path: &PathBuf| {
        path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
    };
    let stems: Vec<String> = paths.iter().map(stem).collect();
    let alike = |name: &String| stems.iter().filter(|other| *other == name).count() > 1;
    let name = |(path, stem): (&PathBuf, &String)| {
        if alike(stem) { path.to_string_lossy().into_owned() } else { stem.clone() }
    };
    paths.iter().zip(&stems).map(name).collect()
}
