use std::fs::TryLockError;
use std::path::{Path, PathBuf};

use super::checkpoint::{BestModel, CheckpointHeader};
use super::error::TrainingError;
use super::log::{History, MetricsLog};
use super::retention::is_kept;
use super::run::RunOptions;
use super::trainer::Trainer;
use crate::files::{FileError, TEMPORARY_SUFFIX, write_atomically};
use crate::model::{SurrogateModel, TrainingRecord};

/// Names in the folder of a run.
const LOCK: &str = ".lock";
const SETTINGS: &str = "settings.toml";
const LOG: &str = "metrics.jsonl";
const CHECKPOINT: &str = "checkpoint.safetensors";
const EARLIER: &str = "checkpoints";
const MODEL: &str = "model.safetensors";
const LAST_MODEL: &str = "model-last.safetensors";
const EVENTS: &str = "tensorboard";
const PAGE: &str = "progress.html";

/// The folder of a run, kept for this process until it is dropped.
///
/// Everything in it follows from the newest checkpoint, so that a training that is killed between
/// any two steps goes on as if it had not been:
///
/// 1. lines are appended to the log, and brought to disk;
/// 2. the checkpoint is replaced, with the length of the log and the best model's iteration;
/// 3. a model that is the best so far is always that of the checkpoint's own iteration, and is
///    written after it, as are the copies of earlier checkpoints. Where a kill came before, they
///    are made from the checkpoint when it is taken up.
#[derive(Debug)]
pub struct Folder<'a> {
    options: &'a RunOptions,
    _lock: fs_err::File,
}

/// What was in a folder.
#[derive(Debug)]
pub struct Found {
    pub best: Option<BestModel>,
    pub log: MetricsLog,
    pub history: History,
}

impl<'a> Folder<'a> {
    /// Makes the folder and keeps other processes away from it.
    pub fn take(options: &'a RunOptions) -> Result<Self, TrainingError> {
        let out = &options.out;
        let checkpoint = out.join(CHECKPOINT);
        // Before its first checkpoint, a training that was killed has left a lock.
        if options.resume && ![CHECKPOINT, LOCK].iter().any(|name| out.join(name).exists()) {
            return Err(TrainingError::NoCheckpoint { path: checkpoint });
        }
        fs_err::create_dir_all(out).map_err(|source| FileError::creating(out, source))?;
        let path = out.join(LOCK);
        let lock = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|source| FileError::creating(&path, source))?;
        match lock.file().try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(TrainingError::InUse { path: out.clone() });
            }
            // A file system without locks: nothing to keep others away with.
            Err(TryLockError::Error(error)) => {
                tracing::warn!("cannot lock `{}`: {error}", path.display());
            }
        }
        Ok(Self { options, _lock: lock })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.options.out.join(name)
    }

    pub fn model(&self) -> PathBuf {
        self.path(MODEL)
    }

    pub fn page(&self) -> PathBuf {
        self.path(PAGE)
    }

    /// The folder of TensorBoard's event files.
    pub fn event_files(&self) -> PathBuf {
        self.path(EVENTS)
    }

    /// Empties the folder for a new training, or takes up the state that is in it.
    pub fn prepare(&self, trainer: &mut Trainer) -> Result<Found, TrainingError> {
        for folder in [self.options.out.clone(), self.path(EARLIER), self.path(EVENTS)] {
            remove_left_overs(&folder)?;
        }
        let checkpoint = self.path(CHECKPOINT);
        if self.options.resume && checkpoint.exists() {
            return self.resume(trainer);
        }
        let is_there = |name: &&str| self.path(name).exists();
        if self.options.resume {
            // Killed before its first checkpoint. A model without a checkpoint is another thing:
            // someone has removed the checkpoint.
            if [MODEL, LAST_MODEL].iter().any(is_there) {
                return Err(TrainingError::NoCheckpoint { path: checkpoint });
            }
            tracing::info!("there is no checkpoint yet: the training begins anew");
        } else if !self.options.force && [CHECKPOINT, LOG, SETTINGS, MODEL].iter().any(is_there) {
            return Err(TrainingError::Exists { path: self.options.out.clone() });
        }
        for name in [CHECKPOINT, LOG, MODEL, LAST_MODEL, PAGE] {
            remove_if_there(&self.path(name))?;
        }
        for name in [EARLIER, EVENTS] {
            let path = self.path(name);
            match fs_err::remove_dir_all(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(FileError::creating(&path, error).into());
                }
                _ => {}
            }
        }
        let settings = trainer.settings().to_toml();
        write_atomically(&self.path(SETTINGS), settings.as_bytes(), true)?;
        let (log, history) = MetricsLog::open(&self.path(LOG), 0)?;
        Ok(Found { best: None, log, history })
    }

    fn resume(&self, trainer: &mut Trainer) -> Result<Found, TrainingError> {
        let checkpoint = self.path(CHECKPOINT);
        let (header, tensors) = CheckpointHeader::read(&checkpoint)?;
        let mismatch = |what| Err(TrainingError::Mismatch { path: checkpoint.clone(), what });
        let record = &self.options.record;
        if header.settings != trainer.settings().to_toml() {
            return mismatch("configuration");
        }
        if header.training_data_sha256 != record.training_data_sha256 {
            return mismatch("training data");
        }
        if header.seed != record.seed {
            return mismatch("seed");
        }
        trainer.restore(&checkpoint, &header, tensors)?;
        self.write_what_follows(trainer, header.best.as_ref())?;
        let (log, history) = MetricsLog::open(&self.path(LOG), header.log_bytes)?;
        Ok(Found { best: header.best, log, history })
    }

    /// Brings the trainer back to the last checkpoint; without one, to the beginning.
    pub fn roll_back(&self, trainer: &mut Trainer) -> Result<(), TrainingError> {
        let checkpoint = self.path(CHECKPOINT);
        if !checkpoint.exists() {
            trainer.restart();
            return Ok(());
        }
        let (header, tensors) = CheckpointHeader::read(&checkpoint)?;
        Ok(trainer.restore(&checkpoint, &header, tensors)?)
    }

    /// The iteration of the last checkpoint.
    pub fn last_checkpoint(&self) -> Option<u64> {
        CheckpointHeader::read(&self.path(CHECKPOINT)).ok().map(|(header, _)| header.iteration)
    }

    pub fn write_checkpoint(
        &self,
        trainer: &Trainer,
        best: Option<&BestModel>,
        log: &MetricsLog,
    ) -> Result<(), TrainingError> {
        log.sync()?;
        let path = self.path(CHECKPOINT);
        let hash = &self.options.record.training_data_sha256;
        trainer.write_checkpoint(&path, hash, best, log.bytes())?;
        self.write_what_follows(trainer, best)
    }

    /// What follows from the checkpoint, which is of the trainer's iteration: the best model, if it
    /// is this one, and the earlier checkpoints.
    fn write_what_follows(
        &self,
        trainer: &Trainer,
        best: Option<&BestModel>,
    ) -> Result<(), TrainingError> {
        if let Some(best) = best.filter(|best| best.iteration == trainer.iteration()) {
            self.write_model(trainer, MODEL, Some(best))?;
        }
        self.keep_earlier(trainer)
    }

    fn keep_earlier(&self, trainer: &Trainer) -> Result<(), TrainingError> {
        let (keep, every) =
            (trainer.settings().training.keep_checkpoints, self.checkpoint_every(trainer));
        let done = trainer.iteration();
        if keep == 0 || !done.is_multiple_of(every) {
            return Ok(());
        }
        let folder = self.path(EARLIER);
        let error = |source| FileError::creating(&folder, source);
        fs_err::create_dir_all(&folder).map_err(error)?;
        let copy = folder.join(earlier_name(done));
        if !copy.exists() {
            self.copy_checkpoint(&copy)?;
        }
        for entry in fs_err::read_dir(&folder).map_err(error)? {
            let path = entry.map_err(error)?.path();
            let iteration = path.file_name().and_then(|name| earlier_iteration(name.to_str()?));
            if iteration.is_some_and(|iteration| !is_kept(iteration / every, done / every, keep)) {
                remove_if_there(&path)?;
            }
        }
        Ok(())
    }

    /// A second name for the checkpoint: the first will be given to the next one. Where the file
    /// system has no such names, a copy.
    fn copy_checkpoint(&self, to: &Path) -> Result<(), TrainingError> {
        let checkpoint = self.path(CHECKPOINT);
        if fs_err::hard_link(&checkpoint, to).is_ok() {
            return Ok(());
        }
        let bytes = crate::files::read(&checkpoint)?;
        Ok(write_atomically(to, &bytes, true)?)
    }

    pub fn checkpoint_every(&self, trainer: &Trainer) -> u64 {
        self.options.checkpoint_every.unwrap_or(trainer.settings().training.checkpoint_every)
    }

    /// What a finished training leaves.
    pub fn finish(&self, trainer: &Trainer, has_best: bool) -> Result<(), TrainingError> {
        self.write_model(trainer, LAST_MODEL, None)?;
        if has_best { Ok(()) } else { self.write_model(trainer, MODEL, None) }
    }

    fn write_model(
        &self,
        trainer: &Trainer,
        name: &str,
        best: Option<&BestModel>,
    ) -> Result<(), TrainingError> {
        let record = TrainingRecord {
            iteration: trainer.iteration(),
            selection: best.map(|best| best.figures.value),
            ..self.options.record.clone()
        };
        let settings = trainer.settings();
        let model = SurrogateModel::new(
            settings.detector(),
            trainer.codec(),
            &settings.generator,
            trainer.averaged_generator(),
            record,
        );
        Ok(model.write(&self.path(name), true)?)
    }
}

fn earlier_name(iteration: u64) -> String {
    format!("checkpoint-{iteration:09}.safetensors")
}

fn earlier_iteration(name: &str) -> Option<u64> {
    name.strip_prefix("checkpoint-")?.strip_suffix(".safetensors")?.parse().ok()
}

/// Removes the temporary files of a process that was killed while it wrote.
fn remove_left_overs(folder: &Path) -> Result<(), TrainingError> {
    let Ok(entries) = fs_err::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(TEMPORARY_SUFFIX) {
            remove_if_there(&entry.path())?;
        }
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> Result<(), TrainingError> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(FileError::creating(path, error).into())
        }
        _ => Ok(()),
    }
}
