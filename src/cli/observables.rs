//! `showerforge observables`: every observable of every event, for one's own tools.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use detectors::{ConditionKind, Detector};
use glob::Pattern;
use ndarray::{ArrayView1, s};
use validation::observables::{EventObservables, Meter, ObservableKind};

use super::check::check_events;
use super::detector_args::{DetectorArgs, LayoutArgs};
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{EventSet, Events, expand, identify};
use crate::files;
use crate::table::{Column, Origin, TableFormat, TableWriter, create_table};

/// Write every observable of every event: one number each, with conditions and weights
///
/// The end of the output's name says the format: `.h5` or `.hdf5` (a data set for each column, with
/// the attributes `unit` and `description`), `.csv` (a header with the names), `.json` (columns).
/// Events stream through, so that the files may be larger than the memory; only JSON is put
/// together in memory. docs/observables.md has every name with its formula.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge observables showers.hdf5 --output observables.h5\n  showerforge observables 'part_*.hdf5' --only E_tot,r90,'E_*' --output energies.csv\n  showerforge observables --list --detector atlas-em-barrel"
)]
pub struct Args {
    /// HDF5 files of events, or patterns whose files are taken in alphabetical order
    #[arg(required_unless_present = "list", value_name = "FILE")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    layout: LayoutArgs,
    /// File to write: .h5, .hdf5, .csv or .json
    #[arg(long, short, required_unless_present = "list", value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only these observables: names, or patterns such as 'E_*'; conditions and weights come along
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    only: Vec<String>,
    /// List the observables with their units, and write nothing
    #[arg(long, conflicts_with = "output")]
    list: bool,
    /// Replace an output that exists
    #[arg(long)]
    force: bool,
}

impl Args {
    /// # Errors
    /// Files that cannot be read or are of different detectors, names that the detector does not
    /// have, or an output whose format is not known, that exists or cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        if let Some(output) = &self.output {
            TableFormat::of(output)?;
        }
        let detector = match self.detector.open()? {
            Some(detector) => detector,
            None if self.inputs.is_empty() => return Err(Error::NoDetector),
            None => identify(&expand(&self.inputs)?[0])?.ok_or(Error::NoDetector)?,
        };
        let kinds = chosen(&detector, &self.only)?;
        match &self.output {
            Some(output) => self.write(output, &detector, &kinds),
            None => Ok(print(&list(&detector, &kinds))?),
        }
    }

    fn write(
        &self,
        output: &Path,
        detector: &Detector,
        kinds: &[ObservableKind],
    ) -> Result<(), Error> {
        let events = EventSet::open(&self.inputs, detector, &self.layout.layout)?;
        let columns = columns(detector, kinds, events.has_weights());
        let count = columns.len();
        let files: Vec<_> = events.files().iter().map(|file| file.path()).collect();
        let name = |path: &&Path| {
            path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
        };
        let origin = Origin {
            detector: detector.name().to_owned(),
            input_files: files.iter().map(name).collect(),
            input_sha256: files::sha256(files.iter().copied())?,
        };
        let mut table = create_table(output, columns, &origin, self.force)?;
        check_events(&events, "checking")?;
        measure(&events, detector, kinds, table.as_mut())?;
        table.finish()?;
        let (events, output) = (events.len(), output.display());
        Ok(print(&format!("{count} columns of {events} events written to {output}\n"))?)
    }
}

/// Measures all events, block by block.
fn measure(
    events: &EventSet,
    detector: &Detector,
    kinds: &[ObservableKind],
    table: &mut dyn TableWriter,
) -> Result<(), Error> {
    let meter = Meter::of(detector);
    let mut observables = EventObservables::none(detector);
    let mut progress = Progress::new("measuring", "events", events.len() as u64);
    let mut done = 0;
    for block in events.blocks() {
        let read = events.read(&block)?;
        observables.replace(&meter, read.values.view(), &read.scales(detector))?;
        let beside = conditions_and_weights(&read, detector, events.has_weights());
        let measured = kinds.iter().map(|&kind| observables.get(kind).unwrap_or_default());
        let rows: Vec<&[f64]> = measured.chain(beside.iter().map(Vec::as_slice)).collect();
        table.append(&rows)?;
        done += read.len() as u64;
        progress.advance(done);
    }
    progress.finish();
    Ok(())
}

/// The observables that names and patterns choose, in the order of the detector; all if none are
/// given.
fn chosen(detector: &Detector, only: &[String]) -> Result<Vec<ObservableKind>, Error> {
    let all = ObservableKind::all(detector);
    if only.is_empty() {
        return Ok(all);
    }
    let names: Vec<String> = all.iter().map(|kind| kind.name(detector)).collect();
    let mut found = BTreeSet::new();
    for wanted in only {
        let pattern = Pattern::new(wanted).ok();
        let fits = |name: &&String| {
            *name == wanted || pattern.as_ref().is_some_and(|pattern| pattern.matches(name))
        };
        let fitting = names.iter().enumerate().filter(|(_, name)| fits(name));
        let fitting: Vec<usize> = fitting.map(|(index, _)| index).collect();
        if fitting.is_empty() {
            return Err(Error::NoObservable {
                detector: detector.name().to_owned(),
                name: wanted.clone(),
            });
        }
        found.extend(fitting);
    }
    Ok(found.into_iter().map(|index| all[index]).collect())
}

/// Observables, then conditions (of an image its sum), then weights.
fn columns(detector: &Detector, kinds: &[ObservableKind], weighted: bool) -> Vec<Column> {
    let mut columns: Vec<Column> = kinds
        .iter()
        .map(|kind| Column {
            name: kind.name(detector),
            unit: kind.unit(detector).to_owned(),
            description: kind.description(detector),
        })
        .collect();
    // Observables keep their names, whichever of them are chosen.
    let mut taken: BTreeSet<String> =
        ObservableKind::all(detector).iter().map(|kind| kind.name(detector)).collect();
    let mut beside = |name: String, unit: &str, description: String| {
        let mut name = name.replace('/', "_");
        while !taken.insert(name.clone()) {
            name = format!("condition_{name}");
        }
        columns.push(Column { name, unit: unit.to_owned(), description });
    };
    for condition in detector.conditions() {
        let name = &condition.name;
        match &condition.kind {
            ConditionKind::Number { .. } => {
                beside(name.clone(), &condition.unit, format!("condition {name}"));
            }
            ConditionKind::Category(names) => {
                let numbers: Vec<String> =
                    names.iter().enumerate().map(|(n, name)| format!("{n} {name}")).collect();
                let description = format!("condition {name}: {}", numbers.join(", "));
                beside(name.clone(), "1", description);
            }
            ConditionKind::Image(_) => {
                let description = format!("sum of the pixels of condition {name}");
                beside(format!("{name}_sum"), &condition.unit, description);
            }
        }
    }
    if weighted {
        beside("weights".to_owned(), "1", "weight of the event, which may be negative".to_owned());
    }
    columns
}

/// # Shapes
/// `[conditions and weights][events]`
fn conditions_and_weights(events: &Events, detector: &Detector, weighted: bool) -> Vec<Vec<f64>> {
    let mut columns: Vec<Vec<f64>> = detector
        .conditions()
        .iter()
        .map(|condition| {
            let rows = events.conditions.slice(s![.., condition.columns()]);
            rows.rows().into_iter().map(|row: ArrayView1<'_, f64>| row.sum()).collect()
        })
        .collect();
    if weighted {
        let weights = events.weights.clone();
        columns.push(weights.unwrap_or_else(|| vec![1.0; events.len()]));
    }
    columns
}

fn list(detector: &Detector, kinds: &[ObservableKind]) -> String {
    let names: Vec<String> = kinds.iter().map(|kind| kind.name(detector)).collect();
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let name_width = width(&mut names.iter().map(String::len));
    let unit_width = width(&mut kinds.iter().map(|kind| kind.unit(detector).len()));
    let mut text = String::new();
    for (kind, name) in kinds.iter().zip(&names) {
        let unit = kind.unit(detector);
        let description = kind.description(detector);
        text += &format!("{name:name_width$}  {unit:unit_width$}  {description}\n");
    }
    text
}
