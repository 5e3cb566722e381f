//! `showerforge simulate`: events of the parametric simulation.

use std::path::PathBuf;

use detectors::Detector;
use detectors::simulation::Simulation;
use ndarray::Array2;

use super::detector_args::DetectorArgs;
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{EventWriter, Events, Provenance, WriteOptions};
use crate::generate::{
    ConditionList, ConditionValues, EnergyChoice, EnergyList, GenerationError, listed,
};
use crate::random::{Purpose, Streams};

/// Make events with the detector's parametric simulation
///
/// For trying things without data, and for tests; it is no substitute for Geant4. Event k depends
/// on the seed and k alone: any split into jobs gives the same events, on any number of threads.
/// docs/parametric-simulation.md says what is in it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge simulate --detector calochallenge-photons --nevents 10000 --seed 7 --output photons.hdf5"
)]
pub struct Args {
    #[command(flatten)]
    detector: DetectorArgs,
    /// Number of events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    nevents: u64,
    /// Seed of the events
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first event
    #[arg(long, value_name = "K", default_value_t = 0)]
    first_event: u64,
    /// Incident energies in MeV, in turn: `1000`, `256,512` or powers of two `2^8..2^13`
    /// [default: drawn as the description says]
    #[arg(long, value_name = "MEV")]
    energies: Option<EnergyList>,
    /// Values of another condition, in turn: `theta=1.2,1.57`, `species=kaon`; or uniform in a
    /// range: `theta=1.2..1.6`; may be repeated
    #[arg(long, value_name = "NAME=VALUES")]
    condition: Vec<ConditionList>,
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

/// Values in memory at once, about 32 MiB.
const CHUNK_VALUES: usize = 8 << 20;

impl Args {
    /// # Errors
    /// A detector without a simulation, or an output that exists or cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        let detector = self.detector.require()?;
        let simulation = Simulation::of(&detector)?;
        let first = self.first_event;
        let last = first.checked_add(self.nevents).ok_or(Error::TooManyEvents)? - 1;
        let energies = self.energies.clone().map(EnergyChoice::List);
        let listed =
            listed(&detector, energies.as_ref(), &self.condition).map_err(GenerationError::from)?;
        let provenance = Provenance {
            seed: Some(self.seed),
            first_event: Some(first),
            more: vec![("source".to_owned(), "showerforge parametric simulation".to_owned())],
            ..Provenance::default()
        };
        let options =
            WriteOptions { force: self.force, gzip_level: self.gzip, ..WriteOptions::default() };
        let weighted = detector.weights_dataset().is_some();
        let mut writer =
            EventWriter::create(&self.output, &detector, weighted, &provenance, options)?;
        let mut progress = Progress::new("simulating", "events", self.nevents);
        let chunk = (CHUNK_VALUES / detector.value_count()).clamp(16, 16_384) as u64;
        let mut done = 0;
        while done < self.nevents {
            let count = chunk.min(self.nevents - done);
            let block = self.block(&simulation, &listed, first + done, count as usize)?;
            writer.append(&events(&detector, block, count as usize))?;
            done += count;
            progress.advance(done);
        }
        progress.finish();
        writer.finish()?;
        let (count, output) = (self.nevents, self.output.display());
        Ok(print(&format!("{count} events ({first} to {last}) written to {output}\n"))?)
    }
}

impl Args {
    /// Events `first`, `first` + 1, …; conditions that are not listed are drawn.
    fn block(
        &self,
        simulation: &Simulation,
        listed: &[Option<ConditionValues>],
        first: u64,
        count: usize,
    ) -> Result<detectors::simulation::Block, Error> {
        if listed.iter().all(Option::is_none) {
            return Ok(simulation.events(self.seed, first, count));
        }
        let streams = Streams::new(self.seed, Purpose::Conditions);
        let mut conditions = Vec::new();
        for event in first..first + count as u64 {
            let mut row = simulation.conditions(self.seed, event);
            let mut uniforms = streams.uniforms(event);
            for (condition, values) in simulation.detector().conditions().iter().zip(listed) {
                let uniform = uniforms.draw_f64();
                if let Some(values) = values {
                    row[condition.first_column] = values.of_event(event, uniform);
                }
            }
            conditions.extend(row);
        }
        Ok(simulation.events_at(self.seed, first, &conditions)?)
    }
}

fn events(detector: &Detector, block: detectors::simulation::Block, count: usize) -> Events {
    let fills = "a simulated event has all conditions and values";
    Events {
        conditions: Array2::from_shape_vec((count, detector.condition_width()), block.conditions)
            .expect(fills),
        values: Array2::from_shape_vec((count, detector.value_count()), block.values).expect(fills),
        weights: block.weights,
    }
}
