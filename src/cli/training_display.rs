//! How a training is shown on standard error.

use std::collections::VecDeque;
use std::io::IsTerminal as _;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::progress::Progress;
use crate::gan::training::{BestModel, EventLine, History, LogLine};

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
                progress.message(losses(line));
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

/// The losses on one line.
fn losses(line: &LogLine) -> String {
    let critics = line.critics.iter().map(|critic| {
        let losses = format!("{} D {:.3} G {:.3}", critic.name, critic.loss, critic.generator_loss);
        match critic.equilibrium {
            Some(equilibrium) => format!("{losses} k {equilibrium:.3}"),
            None => losses,
        }
    });
    let matching = line.matching.map(|loss| format!("matching {loss:.3}"));
    critics.chain(matching).collect::<Vec<_>>().join(" | ")
}

/// Values of a trend.
const TREND: usize = 24;

/// The lines at the bottom of a terminal.
#[derive(Debug)]
pub struct Board {
    all: MultiProgress,
    bar: ProgressBar,
    /// One for each critic, and one for the matching loss.
    terms: Vec<TermRow>,
    last: ProgressBar,
    best: Option<BestModel>,
    begun: bool,
}

/// Losses with their trends.
#[derive(Debug)]
struct TermRow {
    row: ProgressBar,
    trends: Vec<VecDeque<f64>>,
}

/// What a row shows: a name, labelled losses, and what follows them.
#[derive(Debug, PartialEq)]
struct RowContent<'a> {
    name: &'a str,
    losses: Vec<(&'static str, f64)>,
    rest: String,
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
        Self { all, bar, terms: Vec::new(), last, best: None, begun: false }
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
        let contents = contents(line);
        let width = contents.iter().map(|content| content.name.len()).max().unwrap_or(0);
        while self.terms.len() < contents.len() {
            let row = self.all.insert_before(&self.last, row());
            self.terms.push(TermRow { row, trends: Vec::new() });
        }
        for (row, content) in self.terms.iter_mut().zip(&contents) {
            row.show(content, width);
        }
    }

    fn say(&self, text: &str) {
        // A terminal that went away is no reason to stop a training.
        let _ = self.all.println(text);
    }

    fn finish(&mut self) {
        for row in self.terms.iter().map(|term| &term.row).chain([&self.last, &self.bar]) {
            row.finish_and_clear();
        }
    }
}

impl TermRow {
    fn show(&mut self, content: &RowContent<'_>, width: usize) {
        self.trends.resize_with(content.losses.len(), VecDeque::new);
        let mut text = format!("{:width$}", content.name);
        for (trend, (label, value)) in self.trends.iter_mut().zip(&content.losses) {
            trend.push_back(*value);
            if trend.len() > TREND {
                trend.pop_front();
            }
            text += &format!("  {label} {:>9} {}", number(*value), sparkline(trend));
        }
        self.row.set_message(text + &content.rest);
    }
}

fn contents(line: &LogLine) -> Vec<RowContent<'_>> {
    let of_critics = line.critics.iter().map(|critic| RowContent {
        name: &critic.name,
        losses: vec![("critic", critic.loss), ("generator", critic.generator_loss)],
        rest: critic.equilibrium.map_or_else(String::new, |k| format!("  k {}", number(k))),
    });
    let mut contents: Vec<RowContent<'_>> = of_critics.collect();
    if let Some(loss) = line.matching {
        let losses = vec![("generator", loss)];
        contents.push(RowContent { name: "matching", losses, rest: String::new() });
    }
    contents
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
    use crate::gan::training::CriticLog;

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
    fn rows_show_the_terms_that_there_are() {
        let critic = CriticLog {
            name: "shower".to_owned(),
            loss: 1.5,
            objective: 1.0,
            penalties: Vec::new(),
            auxiliary: None,
            equilibrium: Some(0.25),
            convergence: Some(0.5),
            score_difference: 0.0,
            generator_loss: -2.0,
            learning_rate: 1e-3,
        };
        let mut line = LogLine {
            iteration: 1,
            critics: vec![critic],
            matching: Some(0.125),
            generator_learning_rate: 1e-3,
            variance_ratio: None,
            selection: None,
        };
        assert_eq!(losses(&line), "shower D 1.500 G -2.000 k 0.250 | matching 0.125");
        let found = contents(&line);
        assert_eq!(found[0].losses, [("critic", 1.5), ("generator", -2.0)]);
        assert_eq!((found[0].rest.as_str(), found[1].name), ("  k 0.250", "matching"));
        line.matching = None;
        line.critics[0].equilibrium = None;
        assert_eq!(losses(&line), "shower D 1.500 G -2.000");
        assert_eq!((contents(&line).len(), contents(&line)[0].rest.as_str()), (1, ""));
    }

    #[test]
    fn numbers_keep_their_width() {
        assert_eq!(number(-3.21456), "-3.215");
        assert_eq!(number(1.5e7), "1.50e7");
        assert_eq!(number(2e-6), "2.00e-6");
    }
}
