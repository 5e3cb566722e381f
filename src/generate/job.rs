use std::path::PathBuf;

use super::condition_source::ConditionSource;
use super::engine::Precision;
use super::error::GenerationError;
use super::existing::is_made;
use super::out_of_range::out_of_training;
use super::record::{RecordedOutput, Run, RunSummary, forget_companions};
use super::resume::{begin, forget, keep, kept_path};
use super::sampler::Sampler;
use crate::compute::{Device, device_kind, device_name};
use crate::events::{EventWriter, Events, Provenance, WriteOptions};
use crate::files::{FileError, write_checksum};
use crate::model::SurrogateModel;
use crate::random::{GENERATOR_NAME, Purpose};

/// Which events to make, and where to.
#[derive(Debug)]
pub struct Job {
    pub conditions: ConditionSource,
    pub first_event: u64,
    pub events: u64,
    pub seed: u64,
    pub model_sha256: String,
    pub output: PathBuf,
    /// Make the folder of the output if it does not exist.
    pub create_folder: bool,
    pub options: WriteOptions,
    /// Refuse conditions that the model was not trained on, instead of warning.
    pub strict: bool,
    /// How weights are stored; on the CPU only.
    pub precision: Precision,
    /// The command line, for the record beside the output.
    pub command: Vec<String>,
}

/// Is told how a job goes on, and asked whether it shall.
pub trait JobObserver {
    /// So many events are done, those that an earlier run had kept included.
    fn advanced(&mut self, done: u64);

    /// Whether to stop before the next block of events.
    fn should_stop(&self) -> bool;
}

/// How a job has ended well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// The output is there: `made` events are of this run, `resumed` of earlier ones.
    Written { made: u64, resumed: u64, seconds: f64 },
    /// It was there already.
    Valid,
}

/// Values in memory at once, about 64 MiB.
const CHUNK_VALUES: usize = 16 << 20;
const CHUNK_EVENTS: usize = 4096;

/// Generates the events of a job and writes them, with their checksum and a record of the run.
///
/// An output that exists and is what this job would make is left as it is. A job that is stopped
/// keeps what it has made beside the output, and the next run goes on from there; the bytes of the
/// output are those of a run that was not stopped.
///
/// # Errors
/// Conditions that no event can have, or, if `strict`, that the model was not trained on; too few
/// of them; an output that exists and is another, or cannot be written: nothing is left behind then.
/// [`GenerationError::Stopped`] if the observer said so.
pub fn generate(
    model: &SurrogateModel,
    device: &Device,
    job: &Job,
    observer: &mut dyn JobObserver,
) -> Result<Outcome, GenerationError> {
    let run = Run::begin();
    job.check()?;
    let sampler = Sampler::with_precision(
        &model.generator,
        &model.header.codec,
        &model.detector,
        (job.seed, Purpose::Generation),
        device.clone(),
        job.precision,
    );
    if job.precision != Precision::default() && !sampler.has_engine() {
        return Err(GenerationError::NoPrecision { precision: job.precision.name() });
    }
    let (output, detector) = (&job.output, &model.detector);
    let provenance = job.provenance(model, device)?;
    if !job.options.force && is_made(output, &provenance, detector)? {
        forget(output);
        return Ok(Outcome::Valid);
    }
    job.check_conditions(model)?;
    if let Some(folder) = output.parent().filter(|_| job.create_folder) {
        fs_err::create_dir_all(folder)
            .map_err(|source| FileError::Create { path: folder.to_owned(), source })?;
    }
    let (mut writer, resumed) = begin(output, detector, &provenance, job.options)?;
    observer.advanced(resumed);
    let done = write_events(&sampler, job, resumed, &mut writer, observer)?;
    if done < job.events {
        if done > resumed {
            keep(writer, output)?;
        }
        let (total, kept) = (job.events, (done > 0).then(|| kept_path(output)));
        return Err(GenerationError::Stopped { done, total, kept });
    }
    let complete = writer.complete()?;
    let sha256 = complete.sha256()?;
    if job.options.force {
        forget_companions(output);
    }
    match complete.commit() {
        // Another job has made the same output meanwhile.
        Err(exists @ FileError::Exists { .. }) => {
            return match is_made(output, &provenance, detector)? {
                true => Ok(Outcome::Valid),
                false => Err(exists.into()),
            };
        }
        committed => committed?,
    }
    write_checksum(output, &sha256)?;
    let seconds = run.seconds();
    let recorded = RecordedOutput {
        output: output.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        sha256,
        seed: job.seed,
        first_event: job.first_event,
        events: job.events,
    };
    let (device, command) = (&device_name(device), &job.command[..]);
    let summary = RunSummary { output: &recorded, resumed_events: resumed, device, command };
    run.write(output, &summary)?;
    forget(output);
    Ok(Outcome::Written { made: done - resumed, resumed, seconds })
}

/// Makes the events after the first `done` ones and writes them, until all are done or it shall
/// stop. Returns how many are done.
fn write_events(
    sampler: &Sampler<'_>,
    job: &Job,
    mut done: u64,
    writer: &mut EventWriter,
    observer: &mut dyn JobObserver,
) -> Result<u64, GenerationError> {
    let block = Sampler::BLOCK as usize;
    let values = sampler.value_count();
    let chunk = (CHUNK_VALUES / values).clamp(block, CHUNK_EVENTS) / block * block;
    let make = |done: u64| -> Result<Events, GenerationError> {
        let count = (chunk as u64).min(job.events - done);
        let first = job.first_event + done;
        let conditions = job.conditions.of_events(first, count as usize)?;
        let values = sampler.values(first, conditions.view())?;
        Ok(Events { conditions, values, weights: None })
    };
    let goes_on = |done: u64, observer: &mut dyn JobObserver| -> bool {
        done < job.events && !observer.should_stop()
    };
    let mut next = if goes_on(done, observer) { Some(make(done)?) } else { None };
    while let Some(events) = next {
        let after = done + events.len() as u64;
        let goes_on = goes_on(after, observer);
        // The next block is made while this one is compressed and written.
        let (made, written) =
            rayon::join(|| goes_on.then(|| make(after)).transpose(), || writer.append(&events));
        written?;
        done = after;
        observer.advanced(done);
        next = made?;
    }
    Ok(done)
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
            ConditionSource::Files(files) if last > files.len() => {
                Err(GenerationError::TooFewConditions {
                    available: files.len(),
                    first: self.first_event,
                    last: last - 1,
                })
            }
            _ => Ok(()),
        }
    }

    /// Before an output is begun.
    fn check_conditions(&self, model: &SurrogateModel) -> Result<(), GenerationError> {
        let outside = out_of_training(model, &self.conditions, self.first_event, self.events)?;
        if self.strict && !outside.is_empty() {
            return Err(GenerationError::OutOfTraining(outside));
        }
        for condition in outside {
            tracing::warn!("{condition}; what it makes there was never validated");
        }
        Ok(())
    }

    /// What the output says of itself: nothing that depends on where, when or in how many parts it
    /// was made.
    fn provenance(
        &self,
        model: &SurrogateModel,
        device: &Device,
    ) -> Result<Provenance, GenerationError> {
        let mut more = vec![
            ("source", "showerforge GAN".to_owned()),
            ("random_numbers", GENERATOR_NAME.to_owned()),
            ("device", device_kind(device).to_owned()),
            ("conditions", self.conditions.settings()?),
            ("training_iteration", model.header.training.iteration.to_string()),
            ("training_data_sha256", model.header.training.training_data_sha256.clone()),
        ];
        if self.precision != Precision::default() {
            more.push(("precision", self.precision.name().to_owned()));
        }
        let more = more.into_iter().map(|(name, value)| (name.to_owned(), value));
        Ok(Provenance {
            generator: None,
            seed: Some(self.seed),
            first_event: Some(self.first_event),
            events: Some(self.events),
            model_sha256: Some(self.model_sha256.clone()),
            more: more.collect(),
        })
    }
}
