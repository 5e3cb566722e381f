//! `showerforge merge`: several files of events as one.

use std::path::PathBuf;

use detectors::Detector;

use super::detector_args::{DetectorArgs, LayoutArgs};
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{EventSet, EventWriter, Provenance, WriteOptions, expand, identify};
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
        let detector = match self.detector.open()? {
            Some(detector) => detector,
            None => identify(&expand(&self.inputs)?[0])?.ok_or(Error::NoDetector)?,
        };
        let events = EventSet::open(&self.inputs, &detector, &self.layout.layout)?;
        let choice = MergeChoice { allow_gaps: self.allow_gaps, expected_events: self.nevents };
        let production = Production::of(events.files(), choice)?;
        if production.is_none() && (self.allow_gaps || self.nevents.is_some()) {
            return Err(ProductionError::None.into());
        }
        let gaps = production.as_ref().map_or(0, |production| production.gaps.len());
        let (count, sha256) = self.write(&events, &detector, production)?;
        write_checksum(&self.output, &sha256)?;
        let (files, output) = (events.files().len(), self.output.display());
        let but = match gaps {
            0 => String::new(),
            gaps => format!(", with gaps in {gaps} places"),
        };
        Ok(print(&format!("{count} events of {files} files written to {output}{but}\n"))?)
    }

    /// Returns the number of events and the SHA-256 of the output.
    fn write(
        &self,
        events: &EventSet,
        detector: &Detector,
        production: Option<Production>,
    ) -> Result<(usize, String), Error> {
        let files = events.files();
        let is_production = production.is_some();
        let (order, provenance) = match production {
            Some(production) => (production.order, production.provenance),
            None => ((0..files.len()).collect(), merged(events)?),
        };
        let options =
            WriteOptions { force: self.force, gzip_level: self.gzip, ..WriteOptions::default() };
        let mut writer = EventWriter::create(
            &self.output,
            detector,
            events.has_weights(),
            &provenance,
            options,
        )?;
        let mut progress = Progress::new("merging", "events", events.len() as u64);
        let mut done = 0;
        for file in order.into_iter().map(|index| &files[index]) {
            if is_production {
                check_companions(file)?;
            }
            writer.append_file(file, &mut |of_file| progress.advance(done + of_file))?;
            done += file.len() as u64;
        }
        progress.finish();
        let complete = writer.complete()?;
        let (count, sha256) = (complete.events(), complete.sha256()?);
        if self.force {
            forget_companions(&self.output);
        }
        complete.commit()?;
        Ok((count, sha256))
    }
}

/// What a merged file of other origin says of itself.
fn merged(events: &EventSet) -> Result<Provenance, Error> {
    let hash = files::sha256(events.files().iter().map(|file| file.path()))?;
    Ok(Provenance {
        more: vec![
            ("source".to_owned(), "showerforge merge".to_owned()),
            ("merged_files".to_owned(), events.files().len().to_string()),
            ("merged_sha256".to_owned(), hash),
        ],
        ..Provenance::default()
    })
}
