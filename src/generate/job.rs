use std::path::PathBuf;

use thiserror::Error;

use super::energies::EnergyList;
use super::sampler::Sampler;
use crate::ExitCode;
use crate::compute::{Device, device_name};
use crate::events::{EventsError, Provenance, ShowerFile, ShowerWriter, WriteOptions};
use crate::model::ShowerModel;
use crate::random::{GENERATOR_NAME, Purpose};

/// Why events cannot be generated.
#[derive(Debug, Error)]
pub enum GenerationError {
    #[error(transparent)]
    Events(#[from] EventsError),

    #[error(
        "incident energy {energy_mev} MeV of event {event} is outside the {minimum_mev} to {maximum_mev} MeV the model was trained for"
    )]
    EnergyOutOfRange { event: u64, energy_mev: f64, minimum_mev: f64, maximum_mev: f64 },

    #[error(
        "conditions file `{path}` has {available} events; events {first} to {last} were asked for"
    )]
    TooFewConditions { path: PathBuf, available: usize, first: u64, last: u64 },

    #[error("no events to generate: `--nevents` must be at least 1")]
    NoEvents,

    #[error(
        "the number of the last event does not fit 64 bits: first event {first}, {events} events"
    )]
    TooManyEvents { first: u64, events: u64 },
}

impl GenerationError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Events(error) => error.exit_code(),
            Self::EnergyOutOfRange { .. } | Self::TooFewConditions { .. } => ExitCode::BadData,
            Self::NoEvents | Self::TooManyEvents { .. } => ExitCode::Usage,
        }
    }
}

/// Where the incident energies come from.
#[derive(Debug)]
pub enum Energies {
    List(EnergyList),
    /// Event k has the incident energy of event k of the file.
    File(ShowerFile),
}

impl Energies {
    fn of_events(&self, first: u64, count: usize) -> Result<Vec<f64>, EventsError> {
        match self {
            Self::List(list) => {
                Ok((first..first + count as u64).map(|e| list.of_event(e)).collect())
            }
            Self::File(file) => {
                let first = first as usize;
                file.read_incident_energies(first..first + count)
            }
        }
    }
}

/// Which events to make, and where to.
#[derive(Debug)]
pub struct Job {
    pub energies: Energies,
    pub first_event: u64,
    pub events: u64,
    pub seed: u64,
    pub model_sha256: String,
    pub output: PathBuf,
    pub options: WriteOptions,
}

/// Events in memory at once.
const CHUNK: u64 = 4096;

/// Generates the events of a job and writes them; `progress` is told the number of finished events.
///
/// # Errors
/// An incident energy outside the model's range, too few conditions, or an output that cannot be
/// written. No output is left behind then.
pub fn generate(
    model: &ShowerModel,
    device: &Device,
    job: &Job,
    progress: &mut dyn FnMut(u64),
) -> Result<(), GenerationError> {
    job.check(model)?;
    let sampler = Sampler::new(
        &model.generator,
        &model.header.codec,
        job.seed,
        Purpose::Generation,
        device.clone(),
    );
    let mut writer = ShowerWriter::create(
        &job.output,
        model.detector.voxel_count(),
        &job.provenance(model, device),
        job.options,
    )?;
    let mut done = 0;
    while done < job.events {
        let count = CHUNK.min(job.events - done);
        let first = job.first_event + done;
        let energies = job.energies.of_events(first, count as usize)?;
        check_range(model, first, &energies)?;
        writer.append(&energies, sampler.voxels_mev(first, &energies).view())?;
        done += count;
        progress(done);
    }
    writer.finish()?;
    Ok(())
}

impl Job {
    fn check(&self, model: &ShowerModel) -> Result<(), GenerationError> {
        if self.events == 0 {
            return Err(GenerationError::NoEvents);
        }
        let Some(last) = self.first_event.checked_add(self.events) else {
            return Err(GenerationError::TooManyEvents {
                first: self.first_event,
                events: self.events,
            });
        };
        match &self.energies {
            Energies::File(file) if last > file.len() as u64 => {
                Err(GenerationError::TooFewConditions {
                    path: file.path().to_owned(),
                    available: file.len(),
                    first: self.first_event,
                    last: last - 1,
                })
            }
            Energies::File(_) => Ok(()),
            Energies::List(list) => check_range(model, self.first_event, list.energies_mev()),
        }
    }

    fn provenance(&self, model: &ShowerModel, device: &Device) -> Provenance {
        let more = [
            ("source", "showerforge GAN".to_owned()),
            ("random_numbers", GENERATOR_NAME.to_owned()),
            ("device", device_name(device)),
            ("training_iteration", model.header.training.iteration.to_string()),
            ("training_data_sha256", model.header.training.training_data_sha256.clone()),
        ];
        Provenance {
            detector: Some(model.detector.name().to_owned()),
            seed: Some(self.seed),
            first_event: Some(self.first_event),
            model_sha256: Some(self.model_sha256.clone()),
            more: more.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        }
    }
}

fn check_range(
    model: &ShowerModel,
    first_event: u64,
    energies_mev: &[f64],
) -> Result<(), GenerationError> {
    let range = &model.header.codec.condition;
    match energies_mev.iter().position(|energy| !range.contains(*energy)) {
        None => Ok(()),
        Some(at) => Err(GenerationError::EnergyOutOfRange {
            event: first_event + at as u64,
            energy_mev: energies_mev[at],
            minimum_mev: range.minimum_mev,
            maximum_mev: range.maximum_mev,
        }),
    }
}
