//! `showerforge merge`: several files of events as one.

use std::path::PathBuf;

use super::detector_args::{DetectorArgs, LayoutArgs};
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{EventSet, EventWriter, Provenance, WriteOptions, expand, identify};
use crate::files;

/// Write the events of several files into one, in the order they are given
///
/// Events stream through: the size of the files does not matter. Input of any layout becomes the
/// detector's own. The attribute `merged_sha256` is the hash of the inputs, one after the other.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  showerforge merge 'part_*.hdf5' --output all.hdf5")]
pub struct Args {
    /// Files, or patterns whose files are taken in alphabetical order
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    layout: LayoutArgs,
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
        let hash = files::sha256(events.files().iter().map(|file| file.path()))?;
        let provenance = Provenance {
            more: vec![
                ("source".to_owned(), "showerforge merge".to_owned()),
                ("merged_files".to_owned(), events.files().len().to_string()),
                ("merged_sha256".to_owned(), hash),
            ],
            ..Provenance::default()
        };
        let options =
            WriteOptions { force: self.force, gzip_level: self.gzip, ..WriteOptions::default() };
        let mut writer = EventWriter::create(
            &self.output,
            &detector,
            events.has_weights(),
            &provenance,
            options,
        )?;
        let mut progress = Progress::new("merging", "events", events.len() as u64);
        let mut done = 0;
        for block in events.blocks() {
            let read = events.read(&block)?;
            done += read.len();
            writer.append(&read)?;
            progress.advance(done as u64);
        }
        progress.finish();
        let count = writer.finish()?;
        let (files, output) = (events.files().len(), self.output.display());
        Ok(print(&format!("{count} events of {files} files written to {output}\n"))?)
    }
}
