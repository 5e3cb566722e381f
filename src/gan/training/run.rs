use std::fs::TryLockError;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::checkpoint::{BestModel, CheckpointHeader};
use super::log::LogLine;
use super::sample::TrainingSample;
use super::selection::Selection;
use super::trainer::Trainer;
use crate::ExitCode;
use crate::codec::CodecError;
use crate::files::{FileError, write_atomically};
use crate::model::{ModelFileError, SurrogateModel, TrainingRecord};

/// Why a training stopped without a result.
#[derive(Debug, Error)]
pub enum TrainingError {
    #[error(transparent)]
    File(#[from] FileError),

    #[error(transparent)]
    Model(#[from] ModelFileError),

    #[error(transparent)]
    Codec(#[from] CodecError),

    #[error("cannot write the log `{path}`")]
    Log { path: PathBuf, source: std::io::Error },

    #[error(
        "folder `{path}` holds a training already; give `--resume` to go on with it, or `--force` to begin anew"
    )]
    Exists { path: PathBuf },

    #[error("another training is running in folder `{path}`")]
    InUse { path: PathBuf },

    #[error("nothing to resume: there is no checkpoint `{path}`")]
    NoCheckpoint { path: PathBuf },

    #[error("cannot resume from `{path}`: its {what} differs from that of this command")]
    Mismatch { path: PathBuf, what: &'static str },

    #[error(
        "training diverged at iteration {iteration}: critic `{critic}` has a loss that is not a number; the last checkpoint is from before, try a lower `learning_rate` or a higher penalty `weight`"
    )]
    Diverged { iteration: u64, critic: String },

    #[error("stopped by a signal at iteration {iteration}; the state is saved, `--resume` goes on")]
    Stopped { iteration: u64 },
}

impl TrainingError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::File(error) => error.exit_code(),
            Self::Model(error) => error.exit_code(),
            Self::Codec(error) => error.exit_code(),
            Self::Log { .. } => ExitCode::InputOutput,
            Self::Exists { .. } | Self::InUse { .. } => ExitCode::CannotCreateOutput,
            Self::NoCheckpoint { .. } => ExitCode::MissingInput,
            Self::Mismatch { .. } => ExitCode::BadConfiguration,
            Self::Diverged { .. } => ExitCode::Unexpected,
            Self::Stopped { .. } => ExitCode::StoppedEarly,
        }
    }
}

/// Where and how far to train.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The folder of the run.
    pub out: PathBuf,
    /// Stop after this iteration, even if the settings say more. Schedules keep to the settings.
    pub max_iterations: Option<u64>,
    /// In place of the settings' value.
    pub checkpoint_every: Option<u64>,
    pub resume: bool,
    pub force: bool,
    /// What goes into the model file; `iteration` and `selection` are filled in.
    pub record: TrainingRecord,
}

/// Told how a training goes, and asked whether it should stop.
pub trait Observer {
    /// So many iterations are done.
    fn advanced(&mut self, done: u64);
    /// A line was added to the log.
    fn logged(&mut self, line: &LogLine);
    /// A better model than all before was saved.
    fn improved(&mut self, best: &BestModel);
    /// Asked after every iteration.
    fn should_stop(&self) -> bool;
}

/// What a finished training left behind.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub iterations: u64,
    pub best: Option<BestModel>,
    pub model: PathBuf,
}

/// Names in the folder of a run.
const LOCK: &str = ".lock";
const SETTINGS: &str = "settings.toml";
const LOG: &str = "metrics.jsonl";
const CHECKPOINT: &str = "checkpoint.safetensors";
const MODEL: &str = "model.safetensors";
const LAST_MODEL: &str = "model-last.safetensors";

/// Trains to the end, to `max_iterations`, or until the observer says stop.
///
/// `model.safetensors` is the averaged generator with the best selection figure so far;
/// `model-last.safetensors` the one at the end.
///
/// # Errors
/// See [`TrainingError`]. Whatever the reason, the last checkpoint is complete and can be resumed.
pub fn train(
    mut trainer: Trainer,
    sample: &mut TrainingSample,
    selection: Option<&Selection>,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainingError> {
    let run = Folder { out: &options.out, options };
    let _lock = run.lock()?;
    let mut best = run.prepare(&mut trainer)?;
    let mut log = run.open_log(trainer.iteration())?;
    let settings = trainer.settings().clone();
    let end = settings.training.iterations.min(options.max_iterations.unwrap_or(u64::MAX));
    let checkpoint_every = options.checkpoint_every.unwrap_or(settings.training.checkpoint_every);

    observer.advanced(trainer.iteration());
    while trainer.iteration() < end {
        let terms = trainer.iterate(sample)?;
        let done = trainer.iteration();
        let is_last = done == end;
        // Not at `max_iterations`: a run in parts evaluates where a run at once does.
        let is_complete = done == settings.training.iterations;

        let selected =
            selection.filter(|_| done.is_multiple_of(settings.selection.every) || is_complete);
        let logs = selected.is_some() || done.is_multiple_of(settings.training.log_every);
        let stop = observer.should_stop();
        let saves = done.is_multiple_of(checkpoint_every) || is_last || stop;
        if logs || saves {
            let mut line = trainer.log_line(&terms);
            // Before anything is saved: the earlier checkpoint is still good.
            if let Some(critic) = line.diverged_critic() {
                return Err(TrainingError::Diverged { iteration: done, critic: critic.to_owned() });
            }
            line.selection = selected
                .map(|s| s.evaluate(trainer.averaged_generator(), trainer.codec()))
                .transpose()?;
            if logs {
                run.append(&mut log, &line)?;
                observer.logged(&line);
            }
            if let Some(figures) = line.selection
                && best.as_ref().is_none_or(|b| figures.score() < b.figures.score())
            {
                let better = BestModel { iteration: done, figures };
                run.write_model(&trainer, MODEL, Some(&better))?;
                observer.improved(&better);
                best = Some(better);
            }
        }
        if saves {
            run.write_checkpoint(&trainer, best.as_ref())?;
        }
        observer.advanced(done);
        if stop && !is_last {
            return Err(TrainingError::Stopped { iteration: done });
        }
    }
    run.write_model(&trainer, LAST_MODEL, None)?;
    if best.is_none() {
        run.write_model(&trainer, MODEL, None)?;
    }
    Ok(Outcome { iterations: trainer.iteration(), best, model: options.out.join(MODEL) })
}

struct Folder<'a> {
    out: &'a Path,
    options: &'a RunOptions,
}

impl Folder<'_> {
    /// Makes the folder and keeps it for this run until the lock is dropped.
    fn lock(&self) -> Result<fs_err::File, TrainingError> {
        let checkpoint = self.out.join(CHECKPOINT);
        if self.options.resume && !checkpoint.exists() {
            return Err(TrainingError::NoCheckpoint { path: checkpoint });
        }
        fs_err::create_dir_all(self.out).map_err(|source| FileError::creating(self.out, source))?;
        let path = self.out.join(LOCK);
        let lock = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|source| FileError::creating(&path, source))?;
        match lock.file().try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => {
                Err(TrainingError::InUse { path: self.out.to_owned() })
            }
            // A file system without locks: nothing to keep others away with.
            Err(TryLockError::Error(error)) => {
                tracing::warn!("cannot lock `{}`: {error}", path.display());
                Ok(lock)
            }
        }
    }

    /// Makes the folder, or takes up the state that is in it.
    fn prepare(&self, trainer: &mut Trainer) -> Result<Option<BestModel>, TrainingError> {
        let checkpoint = self.out.join(CHECKPOINT);
        if self.options.resume {
            return self.resume(trainer, &checkpoint);
        }
        if !self.options.force
            && [CHECKPOINT, LOG, SETTINGS, MODEL].iter().any(|n| self.out.join(n).exists())
        {
            return Err(TrainingError::Exists { path: self.out.to_owned() });
        }
        for name in [CHECKPOINT, LOG, MODEL, LAST_MODEL] {
            remove_if_there(&self.out.join(name))?;
        }
        write_atomically(&self.out.join(SETTINGS), trainer.settings().to_toml().as_bytes(), true)?;
        Ok(None)
    }

    fn resume(
        &self,
        trainer: &mut Trainer,
        checkpoint: &Path,
    ) -> Result<Option<BestModel>, TrainingError> {
        let (header, tensors) = CheckpointHeader::read(checkpoint)?;
        let mismatch = |what| Err(TrainingError::Mismatch { path: checkpoint.to_owned(), what });
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
        trainer.restore(checkpoint, &header, tensors)?;
        Ok(header.best)
    }

    /// Opens the log; lines after the checkpoint, of a run that was killed, are left out, since
    /// they will be written again.
    fn open_log(&self, iteration: u64) -> Result<fs_err::File, TrainingError> {
        let path = self.out.join(LOG);
        let error = |source| TrainingError::Log { path: self.out.join(LOG), source };
        let mut kept = String::new();
        if let Ok(file) = fs_err::File::open(&path) {
            for line in BufReader::new(file).lines() {
                let line = line.map_err(error)?;
                match serde_json::from_str::<LogLine>(&line) {
                    Ok(parsed) if parsed.iteration <= iteration => {
                        kept.push_str(&line);
                        kept.push('\n');
                    }
                    _ => break,
                }
            }
        }
        write_atomically(&path, kept.as_bytes(), true)?;
        fs_err::OpenOptions::new().append(true).open(&path).map_err(error)
    }

    fn append(&self, log: &mut fs_err::File, line: &LogLine) -> Result<(), TrainingError> {
        let mut text = serde_json::to_string(line).expect("a log line has only plain values");
        text.push('\n');
        log.write_all(text.as_bytes())
            .map_err(|source| TrainingError::Log { path: self.out.join(LOG), source })
    }

    fn write_checkpoint(
        &self,
        trainer: &Trainer,
        best: Option<&BestModel>,
    ) -> Result<(), TrainingError> {
        let path = self.out.join(CHECKPOINT);
        let hash = &self.options.record.training_data_sha256;
        Ok(trainer.write_checkpoint(&path, hash, best)?)
    }

    fn write_model(
        &self,
        trainer: &Trainer,
        name: &str,
        best: Option<&BestModel>,
    ) -> Result<(), TrainingError> {
        let record = TrainingRecord {
            iteration: trainer.iteration(),
            selection: best.map(|best| best.figures.score()),
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
        Ok(model.write(&self.out.join(name), true)?)
    }
}

fn remove_if_there(path: &Path) -> Result<(), TrainingError> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(FileError::creating(path, error).into())
        }
        _ => Ok(()),
    }
}
