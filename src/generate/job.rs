use std::path::PathBuf;

use thiserror::Error;

use super::conditions::{ConditionError, ConditionSource};
use super::sampler::Sampler;
use crate::ExitCode;
use crate::codec::CodecError;
use crate::compute::{Device, device_name};
use crate::events::{EventWriter, Events, EventsError, Provenance, WriteOptions};
use crate::model::SurrogateModel;
use crate::random::{GENERATOR_NAME, Purpose};

/// Why events cannot be generated.
#[derive(Debug, Error)]
pub enum GenerationError {
    #[error(transparent)]
    Events(#[from] EventsError),

    #[error(transparent)]
    Conditions(#[from] ConditionError),

    #[error(transparent)]
    Codec(#[from] CodecError),

    #[error(
        "the files of `--conditions` have {available} events; events {first} to {last} were asked for"
    )]
    TooFewConditions { available: usize, first: u64, last: u64 },

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
            Self::Events(error) | Self::Conditions(ConditionError::Events(error)) => {
                error.exit_code()
            }
            Self::Codec(error) => error.exit_code(),
            Self::TooFewConditions { .. } => ExitCode::BadData,
            Self::NoEvents | Self::TooManyEvents { .. } | Self::Conditions(_) => ExitCode::Usage,
        }
    }
}

/// Which events to make, and where to.
#[derive(Debug)]
pub struct Job {
    pub conditions: ConditionSource,
    pub first_event: u64,
    pub events: u64,
    pub seed: u64,
    pub model_sha256: String,
    pub output: PathBuf,
    pub options: WriteOptions,
}

/// Values in memory at once, about 64 MiB.
const CHUNK_VALUES: usize = 16 << 20;
const CHUNK_EVENTS: usize = 4096;

/// Generates the events of a job and writes them; `progress` is told the number of finished events.
///
/// # Errors
/// A condition outside the model's range, too few conditions, or an output that cannot be written.
/// No output is left behind then.
pub fn generate(
    model: &SurrogateModel,
    device: &Device,
    job: &Job,
    progress: &mut dyn FnMut(u64),
) -> Result<(), GenerationError> {
    job.check()?;
    let sampler = Sampler::new(
        &model.generator,
        &model.header.codec,
        &model.detector,
        job.seed,
        Purpose::Generation,
        device.clone(),
    );
    // Before an output is begun.
    let first = job.conditions.of_events(job.first_event, 1.max(job.events.min(64) as usize))?;
    let labels = model.header.codec.labels();
    labels.check(job.first_event, first.view())?;
    let mut writer = EventWriter::create(
        &job.output,
        &model.detector,
        false,
        &job.provenance(model, device),
        job.options,
    )?;
    let block = Sampler::BLOCK as usize;
    let chunk =
        (CHUNK_VALUES / model.detector.value_count()).clamp(block, CHUNK_EVENTS) / block * block;
    let mut done = 0;
    while done < job.events {
        let count = (chunk as u64).min(job.events - done);
        let first = job.first_event + done;
        let conditions = job.conditions.of_events(first, count as usize)?;
        labels.check(first, conditions.view())?;
        let values = sampler.values(first, conditions.view())?;
        writer.append(&Events { conditions, values, weights: None })?;
        done += count;
        progress(done);
    }
    writer.finish()?;
    Ok(())
}

impl Job {
    fn check(&self) -> Result<(), GenerationError> {
        if self.events == 0 {
            return Err(GenerationError::NoEvents);
        }
        // Whole blocks are computed, also the last one.
        let end = self.first_event.checked_add(self.events);
        let Some(last) = end.filter(|last| last.checked_add(Sampler::BLOCK).is_some()) else {
            return Err(GenerationError::TooManyEvents {
                first: self.first_event,
                events: self.events,
            });
        };
        match &self.conditions {
            ConditionSource::Files(files) if last > files.len() as u64 => {
                Err(GenerationError::TooFewConditions {
                    available: files.len(),
                    first: self.first_event,
                    last: last - 1,
                })
            }
            _ => Ok(()),
        }
    }

    fn provenance(&self, model: &SurrogateModel, device: &Device) -> Provenance {
        let more = [
            ("source", "showerforge GAN".to_owned()),
            ("random_numbers", GENERATOR_NAME.to_owned()),
            ("device", device_name(device)),
            ("training_iteration", model.header.training.iteration.to_string()),
            ("training_data_sha256", model.header.training.training_data_sha256.clone()),
        ];
        Provenance {
            seed: Some(self.seed),
            first_event: Some(self.first_event),
            model_sha256: Some(self.model_sha256.clone()),
            more: more.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        }
    }
}
