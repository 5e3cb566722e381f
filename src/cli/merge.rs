//! `showerforge merge`: several files of events as one.

use std::path::PathBuf;

use detectors::Detector;

use super::detector_args::{DetectorArgs, LayoutArgs};
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{
    EventFile, EventSet, EventWriter, EventsError, Provenance, WriteOptions, expand, identify,
};
use crate::files::{self, write_checksum};
use crate::generate::{
    MergeChoice, Production, ProductionError, check_companions, forget_companions,
};

/// Write the events of several files into one
///
/// Parts of one production, which `showerforge generate` made, are put in the order of their events.
/// Refused are parts of different models, seeds or settings, events that are there twice or missing,
/// and files that their checksum or record contradicts. The file of all parts is that of a single
/// run, byte for byte.
///
/// Other files are taken in the order they are given; the attribute `merged_sha256` is the hash of the
/// inputs, one after the other. Input of any layout becomes the detector's own. Events stream
/// through: the size of the files does not matter. The checksum of the output is written beside it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge merge 'part_*.hdf5' --output all.hdf5\n  showerforge merge production/*.h5 --nevents 1000000 --output production.h5"
)]
pub struct Args {
    /// Files, or patterns whose files are taken in alphabetical order
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    layout: LayoutArgs,
    /// Merge parts of a production though events between them are missing; the attribute `gaps` says
    /// which
    #[arg(long)]
    allow_gaps: bool,
    /// Refuse a production that has not so many events in all
    #[arg(long, value_name = "N")]
    nevents: Option<u64>,
    /// HDF5 file to write
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// gzip level of the output, 0 to 9
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=9))]
    gzip: u8,
    /// Replace an output that exists
    #[arg(long)]
    force: bool,
}

impl Args {
    /// # Errors
    /// Files that cannot be read or are of different detectors, or an output that exists or cannot
    /// be written.
    pub fn run(&self) -> Result<(), Error> {
        let paths = expand(&self.inputs)?;
        let detector = match self.detector.open()? {
            Some(detector) => detector,
            None => identify(&paths[0])?.ok_or(Error::NoDetector)?,
        };
        let choice = MergeChoice { allow_gaps: self.allow_gaps, expected_events: self.nevents };
        let production = Production::of(&paths, &detector, &self.layout.layout, choice)?;
        let (count, but) = match production {
            Some(production) => {
                let but = match production.gaps.len() {
                    0 => String::new(),
                    gaps => format!(", with gaps in {gaps} places"),
                };
                (self.merge_production(&production, &detector)?, but)
            }
            None if self.allow_gaps || self.nevents.is_some() => {
                return Err(ProductionError::None.into());
            }
            None => (self.merge_others(&paths, &detector)?, String::new()),
        };
        let (files, output) = (paths.len(), self.output.display());
        Ok(print(&format!("{count} events of {files} files written to {output}{but}\n"))?)
    }

    fn merge_production(
        &self,
        production: &Production,
        detector: &Detector,
    ) -> Result<usize, Error> {
        let mut writer = self.writer(detector, false, &production.provenance)?;
        let mut progress = Progress::new("merging", "events", production.events);
        let mut done = 0;
        for path in &production.files {
            let file = EventFile::open_as(path, detector, &self.layout.layout)?;
            check_companions(&file)?;
            writer.append_file(&file, &mut |of_file| progress.advance(done + of_file))?;
            done += file.len() as u64;
        }
        progress.finish();
        self.complete(writer)
    }

    fn merge_others(&self, paths: &[PathBuf], detector: &Detector) -> Result<usize, Error> {
        let events = EventSet::open(paths, detector, &self.layout.layout)?;
        let hash = files::sha256(paths.iter().map(PathBuf::as_path))?;
        let provenance = Provenance {
            more: vec![
                ("source".to_owned(), "showerforge merge".to_owned()),
                ("merged_files".to_owned(), paths.len().to_string()),
                ("merged_sha256".to_owned(), hash),
            ],
            ..Provenance::default()
        };
        let mut writer = self.writer(detector, events.has_weights(), &provenance)?;
        let mut progress = Progress::new("merging", "events", events.len() as u64);
        let mut done = 0;
        for file in events.files() {
            writer.append_file(file, &mut |of_file| progress.advance(done + of_file))?;
            done += file.len() as u64;
        }
        progress.finish();
        self.complete(writer)
    }

    fn writer(
        &self,
        detector: &Detector,
        is_weighted: bool,
        provenance: &Provenance,
    ) -> Result<EventWriter, EventsError> {
        let options =
            WriteOptions { force: self.force, gzip_level: self.gzip, ..WriteOptions::default() };
        EventWriter::create(&self.output, detector, is_weighted, provenance, options)
    }

    /// Gives the output its name, and its checksum. Returns the number of events.
    fn complete(&self, writer: EventWriter) -> Result<usize, Error> {
        let complete = writer.complete()?;
        let (events, sha256) = (complete.events(), complete.sha256()?);
        if self.force {
            forget_companions(&self.output);
        }
        complete.commit()?;
        write_checksum(&self.output, &sha256)?;
        Ok(events)
    }
}
