//! How a training is shown on standard error.

use std::collections::VecDeque;
use std::io::IsTerminal as _;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::progress::Progress;
use crate::gan::training::{BestModel, CriticLog, EventLine, History, LogLine};

/// On a terminal a bar, the losses of every critic with their trends, and the best model so far; a
/// line now and then where standard error is a log file.
#[derive(Debug)]
pub enum TrainingDisplay {
    Terminal(Board),
    Lines(Progress),
}

impl TrainingDisplay {
    pub fn new(iterations: u64) -> Self {
        if std::io::stderr().is_terminal() {
            Self::Terminal(Board::new(iterations))
        } else {
            Self::Lines(Progress::new("training", "iterations", iterations))
        }
    }

    pub fn resumed(&mut self, history: &History, best: Option<&BestModel>) {
        if let Self::Terminal(board) = self {
            let from = history.lines.len().saturating_sub(TREND);
            history.lines[from..].iter().for_each(|line| board.show(line));
            board.best = best.cloned();
        }
    }

    pub fn advanced(&mut self, done: u64) {
        match self {
            Self::Terminal(board) => board.advance(done),
            Self::Lines(progress) => progress.advance(done),
        }
    }

    pub fn logged(&mut self, line: &LogLine) {
        match self {
            Self::Terminal(board) => board.show(line),
            Self::Lines(progress) => {
                let losses = line.critics.iter().map(|critic| {
                    format!("{} D {:.3} G {:.3}", critic.name, critic.loss, critic.generator_loss)
                });
                progress.message(losses.collect::<Vec<_>>().join(" | "));
                if let Some(figures) = line.selection {
                    progress.line(&format!("iteration {}: {figures}", line.iteration));
                }
            }
        }
    }

    pub fn improved(&mut self, best: &BestModel) {
        match self {
            Self::Terminal(board) => board.best = Some(best.clone()),
            Self::Lines(_) => {
                tracing::info!("best model so far saved at iteration {}", best.iteration);
            }
        }
    }

    pub fn rolled_back(&mut self, event: &EventLine) {
        let text = format!(
            "iteration {}: {}; rolled back to iteration {}, learning rates are now {} times those of the settings",
            event.iteration,
            event.message,
            event.to_iteration.unwrap_or(0),
            event.rate_factor
        );
        match self {
            Self::Terminal(board) => board.say(&text),
            Self::Lines(progress) => progress.line(&text),
        }
    }

    pub fn finish(&mut self) {
        match self {
            Self::Terminal(board) => board.finish(),
            Self::Lines(progress) => progress.finish(),
        }
    }
}

/// Values of a trend.
const TREND: usize = 24;

/// The lines at the bottom of a terminal.
#[derive(Debug)]
pub struct Board {
    all: MultiProgress,
    bar: ProgressBar,
    critics: Vec<CriticRow>,
    last: ProgressBar,
    best: Option<BestModel>,
    begun: bool,
}

#[derive(Debug)]
struct CriticRow {
    row: ProgressBar,
    losses: VecDeque<f64>,
    generator_losses: VecDeque<f64>,
}

impl Board {
    fn new(iterations: u64) -> Self {
        let all = MultiProgress::new();
        let bar = all.add(ProgressBar::new(iterations));
        let template = "{bar:36.green/black.bright} {human_pos} of {human_len} iterations  {per_sec:.bold}  {eta} left";
        bar.set_style(
            ProgressStyle::with_template(template)
                .expect("the template is valid")
                .progress_chars("━╸─")
                .with_key(
                    "per_sec",
                    |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                        let _ = write!(out, "{:.1}/s", state.per_sec());
                    },
                ),
        );
        let last = all.add(row());
        Self { all, bar, critics: Vec::new(), last, best: None, begun: false }
    }

    fn advance(&mut self, done: u64) {
        if !self.begun {
            // What a resumed run had done before does not count into its speed.
            self.bar.set_position(done);
            self.bar.reset_eta();
            self.begun = true;
        }
        self.bar.set_position(done);
        self.show_best(done);
    }

    fn show_best(&self, done: u64) {
        if let Some(best) = &self.best {
            let ago = match done.saturating_sub(best.iteration) {
                0 => "just now".to_owned(),
                ago => format!("{ago} iterations ago"),
            };
            let text = format!("best: {} at iteration {}, {ago}", best.figures, best.iteration);
            if self.last.message() != text {
                self.last.set_message(text);
            }
        }
    }

    fn show(&mut self, line: &LogLine) {
        let width = line.critics.iter().map(|critic| critic.name.len()).max().unwrap_or(0);
        while self.critics.len() < line.critics.len() {
            let row = self.all.insert_before(&self.last, row());
            self.critics.push(CriticRow {
                row,
                losses: VecDeque::new(),
                generator_losses: VecDeque::new(),
            });
        }
        for (row, critic) in self.critics.iter_mut().zip(&line.critics) {
            row.show(critic, width);
        }
    }

    fn say(&self, text: &str) {
        // A terminal that went away is no reason to stop a training.
        let _ = self.all.println(text);
    }

    fn finish(&mut self) {
        for row in self.critics.iter().map(|critic| &critic.row).chain([&self.last, &self.bar]) {
            row.finish_and_clear();
        }
    }
}

impl CriticRow {
    fn show(&mut self, critic: &CriticLog, width: usize) {
        for (trend, value) in
            [(&mut self.losses, critic.loss), (&mut self.generator_losses, critic.generator_loss)]
        {
            trend.push_back(value);
            if trend.len() > TREND {
                trend.pop_front();
            }
        }
        self.row.set_message(format!(
            "{:width$}  critic {:>9} {}  generator {:>9} {}",
            critic.name,
            number(critic.loss),
            sparkline(&self.losses),
            number(critic.generator_loss),
            sparkline(&self.generator_losses),
        ));
    }
}

fn row() -> ProgressBar {
    let row = ProgressBar::new(1);
    row.set_style(ProgressStyle::with_template("  {msg}").expect("the template is valid"));
    row
}

fn number(value: f64) -> String {
    if (0.001..10_000.0).contains(&value.abs()) || value == 0.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.2e}")
    }
}

/// A bar of one of eight heights for each value, between the smallest and the greatest.
fn sparkline(values: &VecDeque<f64>) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) =
        finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    let bar = |&value: &f64| {
        if !value.is_finite() {
            return '!';
        }
        let share = if high > low { (value - low) / (high - low) } else { 0.0 };
        BARS[((share * 8.0) as usize).min(7)]
    };
    let drawn: String = values.iter().map(bar).collect();
    // So that what follows does not move.
    format!("{drawn}{}", " ".repeat(TREND.saturating_sub(values.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trends_go_from_the_smallest_to_the_greatest() {
        let of =
            |values: &[f64]| sparkline(&values.iter().copied().collect()).trim_end().to_owned();
        assert_eq!(of(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), "▁▂▃▄▅▆▇█");
        assert_eq!(of(&[2.0, 2.0]), "▁▁");
        assert_eq!(of(&[-1.0, f64::NAN, 1.0]), "▁!█");
        assert_eq!(sparkline(&VecDeque::from([1.0])).chars().count(), TREND);
    }

    #[test]
    fn numbers_keep_their_width() {
        assert_eq!(number(-3.21456), "-3.215");
        assert_eq!(number(1.5e7), "1.50e7");
        assert_eq!(number(2e-6), "2.00e-6");
    }
}
