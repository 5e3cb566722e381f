use std::path::PathBuf;

use super::checkpoint::BestModel;
use super::error::TrainingError;
use super::folder::Folder;
use super::log::{EventKind, EventLine, History, LogLine, MetricsLog};
use super::page::Page;
use super::sample::TrainingSample;
use super::selection::Selection;
use super::tensorboard::EventFiles;
use super::terms::IterationTerms;
use super::trainer::Trainer;
use super::trouble::Trouble;
use super::watch::trouble_in;
use crate::model::TrainingRecord;
use crate::settings::OnDivergence;

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
    /// The log of a training that is taken up, and its best model.
    fn resumed(&mut self, history: &History, best: Option<&BestModel>);
    /// So many iterations are done; fewer than before after a roll-back.
    fn advanced(&mut self, done: u64);
    /// A line was added to the log.
    fn logged(&mut self, line: &LogLine);
    /// A better model than all before was saved.
    fn improved(&mut self, best: &BestModel);
    /// The training has diverged, and was rolled back.
    fn rolled_back(&mut self, event: &EventLine);
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

/// Trains to the end, to `max_iterations`, or until the observer says stop.
///
/// `model.safetensors` is the averaged generator with the best selection figure so far;
/// `model-last.safetensors` the one at the end.
///
/// # Errors
/// See [`TrainingError`]. Whatever the reason, and even if the process is killed, the last
/// checkpoint is complete and can be resumed.
pub fn train(
    mut trainer: Trainer,
    sample: &mut TrainingSample,
    selection: Option<&Selection>,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainingError> {
    let folder = Folder::take(options)?;
    let found = folder.prepare(&mut trainer)?;
    let iterations = trainer.settings().training.iterations;
    let end = iterations.min(options.max_iterations.unwrap_or(u64::MAX));
    if !found.history.lines.is_empty() {
        observer.resumed(&found.history, found.best.as_ref());
    }
    let event_files = match trainer.settings().training.tensorboard {
        true => Some(EventFiles::open(&folder.event_files(), trainer.iteration())?),
        false => None,
    };
    let page = Page::new(folder.page(), &trainer, end);
    let mut run = Run {
        trainer,
        selection,
        observer,
        best: found.best,
        log: found.log,
        history: found.history,
        event_files,
        page,
        end,
        folder,
    };
    let iterations_before = run.trainer.iteration();
    run.observer.advanced(iterations_before);
    while run.trainer.iteration() < end {
        run.step(sample)?;
    }
    run.folder.finish(&run.trainer, run.best.is_some())?;
    // A run that had come to its end before has its page.
    if iterations_before < end {
        run.page.finish(&run.history, run.best.as_ref())?;
    }
    Ok(Outcome { iterations: run.trainer.iteration(), best: run.best, model: run.folder.model() })
}

struct Run<'a> {
    trainer: Trainer,
    selection: Option<&'a Selection>,
    observer: &'a mut dyn Observer,
    best: Option<BestModel>,
    log: MetricsLog,
    history: History,
    event_files: Option<EventFiles>,
    page: Page,
    /// Iterations of this run.
    end: u64,
    folder: Folder<'a>,
}

impl Run<'_> {
    /// One iteration, and what is due after it.
    fn step(&mut self, sample: &mut TrainingSample) -> Result<(), TrainingError> {
        let terms = self.trainer.iterate(sample)?;
        let done = self.trainer.iteration();
        let settings = self.trainer.settings();
        let is_last = done == self.end;
        // Not at `max_iterations`: a run in parts evaluates where a run at once does.
        let is_complete = done == settings.training.iterations;
        let evaluates = self.selection.is_some()
            && (done.is_multiple_of(settings.selection.every) || is_complete);
        let logs = evaluates || done.is_multiple_of(settings.training.log_every);
        let stop = self.observer.should_stop();
        let mut saves =
            done.is_multiple_of(self.folder.checkpoint_every(&self.trainer)) || is_last || stop;

        // Before anything is saved: the earlier checkpoint is still good.
        if let Some(trouble) = self.trainer.loss_trouble(&terms, logs || saves) {
            return self.recover(trouble);
        }
        if saves && let Some(trouble) = self.trainer.weight_trouble() {
            return self.recover(trouble);
        }
        if logs {
            let (improved, trouble) = self.log(&terms, evaluates)?;
            if let Some(trouble) = trouble {
                return self.recover(trouble);
            }
            // The best model is always one that there is a checkpoint of.
            saves |= improved;
        }
        if saves {
            self.folder.write_checkpoint(&self.trainer, self.best.as_ref(), &self.log)?;
        }
        self.observer.advanced(done);
        if stop && !is_last {
            self.page.finish(&self.history, self.best.as_ref())?;
            return Err(TrainingError::Stopped { iteration: done });
        }
        Ok(())
    }

    /// Adds a line to the log. Says whether the model is the best so far, and what trouble the line
    /// shows.
    fn log(
        &mut self,
        terms: &IterationTerms,
        evaluates: bool,
    ) -> Result<(bool, Option<Trouble>), TrainingError> {
        let mut line = self.trainer.log_line(terms);
        let codec = self.trainer.codec();
        if let Some(selection) = self.selection {
            line.variance_ratio = selection.variance_ratio(self.trainer.generator(), codec)?;
            if evaluates {
                let found = selection.evaluate(self.trainer.averaged_generator(), codec)?;
                self.page.set_observables(line.iteration, found.observables);
                line.selection = Some(found.figures);
            }
        }
        self.log.append(&line)?;
        if let Some(files) = &mut self.event_files {
            files.append(&line)?;
        }
        self.observer.logged(&line);
        let trouble = trouble_in(&line, &self.history.lines, &self.trainer.settings().safety)
            .or_else(|| evaluates.then(|| self.trainer.weight_trouble()).flatten());
        let mut improved = false;
        if let (Some(figures), None) = (line.selection, &trouble)
            && self.best.as_ref().is_none_or(|best| figures.are_better_than(&best.figures))
        {
            let better = BestModel { iteration: line.iteration, figures };
            self.observer.improved(&better);
            self.best = Some(better);
            improved = true;
        }
        self.history.lines.push(line);
        self.page.update(&self.history, self.best.as_ref())?;
        Ok((improved, trouble))
    }

    /// Goes back to the last checkpoint with smaller learning rates and other random numbers, if
    /// the settings say so and it did not happen too often.
    fn recover(&mut self, trouble: Trouble) -> Result<(), TrainingError> {
        let iteration = self.trainer.iteration();
        let safety = self.trainer.settings().safety;
        let (before, factor) = (self.trainer.roll_backs(), self.trainer.rate_factor());
        let goes_on =
            safety.on_divergence == OnDivergence::RollBack && before < safety.most_roll_backs;
        let mut event = EventLine {
            event: EventKind::Diverged,
            iteration,
            trouble: trouble.name().to_owned(),
            message: trouble.to_string(),
            to_iteration: None,
            roll_backs: before,
            rate_factor: factor,
        };
        if !goes_on {
            self.log.append(&event)?;
            self.history.add_event(event);
            self.page.finish(&self.history, self.best.as_ref())?;
            let checkpoint = self.folder.last_checkpoint();
            return Err(TrainingError::Diverged {
                iteration,
                trouble,
                roll_backs: before,
                checkpoint,
            });
        }
        self.folder.roll_back(&mut self.trainer)?;
        self.trainer.set_roll_backs(before + 1);
        self.trainer.set_rate_factor(factor * safety.rate_factor);
        event.event = EventKind::RollBack;
        event.to_iteration = Some(self.trainer.iteration());
        event.roll_backs = before + 1;
        event.rate_factor = self.trainer.rate_factor();
        self.log.append(&event)?;
        if let Some(files) = &mut self.event_files {
            files.roll_back(self.trainer.iteration())?;
        }
        // A kill before this finds the checkpoint as it was, diverges, and rolls back again; one
        // after it goes on from here.
        if self.trainer.iteration() > 0 {
            self.folder.write_checkpoint(&self.trainer, self.best.as_ref(), &self.log)?;
        }
        self.observer.rolled_back(&event);
        self.observer.advanced(self.trainer.iteration());
        self.history.add_event(event);
        Ok(())
    }
}
