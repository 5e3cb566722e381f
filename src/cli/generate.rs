//! `showerforge generate`: from a model to events.

use std::path::PathBuf;

use super::detector_args::LayoutArgs;
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::compute::DeviceChoice;
use crate::events::{EventSet, WriteOptions};
use crate::files;
use crate::generate::{ConditionList, ConditionSource, EnergyList, GenerationError, Job, generate};
use crate::model::SurrogateModel;

/// Generate events with a trained model
///
/// Event k depends on the seed and k alone: any split into jobs (`--first-event`, `--nevents`)
/// gives the same events, on any number of threads.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge generate --model model.safetensors --nevents 10000 --seed 7 --energies 2^8..2^13 --output showers.hdf5"
)]
pub struct Args {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Number of events [default with --conditions: all from the first event on]
    #[arg(long, value_name = "N", required_unless_present = "conditions")]
    nevents: Option<u64>,
    /// Seed of the events
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first event
    #[arg(long, value_name = "K", default_value_t = 0)]
    first_event: u64,
    /// Incident energies in MeV, in turn: `1000`, `256,512` or powers of two `2^8..2^13`
    #[arg(long, value_name = "MEV", conflicts_with = "conditions")]
    energies: Option<EnergyList>,
    /// Values of another condition, in turn: `theta=1.2,1.57`, `species=kaon`; may be repeated
    #[arg(long, value_name = "NAME=VALUES", conflicts_with = "conditions")]
    condition: Vec<ConditionList>,
    /// HDF5 files of events, or of conditions alone; event k gets the conditions of their event k
    #[arg(long, value_name = "FILE", num_args = 1..)]
    conditions: Vec<PathBuf>,
    #[command(flatten)]
    layout: LayoutArgs,
    /// HDF5 file to write, in the layout of the model's detector
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// auto, cpu, cuda or cuda:N; bit-equal events are promised on the CPU
    #[arg(long, default_value = "cpu")]
    device: DeviceChoice,
    /// gzip level of the output, 0 to 9
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=9))]
    gzip: u8,
    /// Replace an output that exists
    #[arg(long)]
    force: bool,
}

impl Args {
    /// # Errors
    /// A bad model or conditions file, an energy outside the model's range, an output that exists
    /// or cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        let device = self.device.open()?;
        let model = SurrogateModel::read(&self.model, &device)?;
        let conditions = if self.conditions.is_empty() {
            let energies = self.energies.as_ref();
            ConditionSource::from_lists(&model.detector, energies, &self.condition)
                .map_err(GenerationError::from)?
        } else {
            let layout = &self.layout.layout;
            ConditionSource::Files(EventSet::open_conditions(
                &self.conditions,
                &model.detector,
                layout,
            )?)
        };
        let events = match (&conditions, self.nevents) {
            (_, Some(events)) => events,
            (ConditionSource::Files(files), None) => {
                (files.len() as u64).saturating_sub(self.first_event)
            }
            (ConditionSource::Lists(_), None) => unreachable!("required on the command line"),
        };
        let job = Job {
            conditions,
            first_event: self.first_event,
            events,
            seed: self.seed,
            model_sha256: files::sha256([self.model.as_path()])?,
            output: self.output.clone(),
            options: WriteOptions {
                force: self.force,
                gzip_level: self.gzip,
                ..WriteOptions::default()
            },
        };
        let mut progress = Progress::new("generating", "events", events);
        let outcome = generate(&model, &device, &job, &mut |done| progress.advance(done));
        progress.finish();
        outcome?;
        let (first, last) = (self.first_event, self.first_event + events - 1);
        let output = self.output.display();
        Ok(print(&format!("{events} events ({first} to {last}) written to {output}\n"))?)
    }
}
