//! `progress.html`: how a training goes, in one file that redraws itself in a browser.

mod chart;
pub(crate) mod ticks;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chart::{LineChart, Series, histogram};
use ticks::short;

use super::checkpoint::BestModel;
use super::log::{CriticLog, EventKind, History, LogLine};
use super::observables::Comparison;
use super::trainer::Trainer;
use crate::files::{FileError, write_atomically};

/// The page, written anew at most every two seconds.
#[derive(Debug)]
pub struct Page {
    path: PathBuf,
    title: String,
    /// Iterations of the run.
    end: u64,
    started: Instant,
    first_iteration: u64,
    written: Option<Instant>,
    /// Of the last evaluation, with its iteration.
    observables: Option<(u64, Vec<Comparison>)>,
}

const TEMPLATE: &str = include_str!("page.html");
const PAUSE: Duration = Duration::from_secs(2);

impl Page {
    pub fn new(path: PathBuf, trainer: &Trainer, end: u64) -> Self {
        Self {
            path,
            title: trainer.settings().detector().title().to_owned(),
            end,
            started: Instant::now(),
            first_iteration: trainer.iteration(),
            written: None,
            observables: None,
        }
    }

    pub fn set_observables(&mut self, iteration: u64, observables: Vec<Comparison>) {
        self.observables = Some((iteration, observables));
    }

    /// Writes the page, if it was not written just before.
    pub fn update(&mut self, history: &History, best: Option<&BestModel>) -> Result<(), FileError> {
        if self.written.is_some_and(|written| written.elapsed() < PAUSE) {
            return Ok(());
        }
        self.write(history, best, true)
    }

    /// Writes the page for the last time: it does not redraw itself any more.
    pub fn finish(&mut self, history: &History, best: Option<&BestModel>) -> Result<(), FileError> {
        self.write(history, best, false)
    }

    fn write(
        &mut self,
        history: &History,
        best: Option<&BestModel>,
        runs: bool,
    ) -> Result<(), FileError> {
        self.written = Some(Instant::now());
        let elapsed = self.started.elapsed().as_secs_f64();
        let page = self.draw(history, best, runs, elapsed);
        write_atomically(&self.path, page.as_bytes(), true)
    }

    fn draw(
        &self,
        history: &History,
        best: Option<&BestModel>,
        runs: bool,
        elapsed: f64,
    ) -> String {
        let done = history.lines.last().map_or(0, |line| line.iteration);
        let share = 100.0 * done as f64 / self.end.max(1) as f64;
        let written = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let (heading, observables) = match &self.observables {
            None => (
                "Observables".to_owned(),
                "<p class=\"none\">no evaluation since the training began or was taken up</p>"
                    .to_owned(),
            ),
            Some((iteration, found)) => (
                format!("Observables at iteration {iteration}"),
                found.iter().map(histogram).collect(),
            ),
        };
        TEMPLATE
            .replace("{refresh}", if runs { REFRESH } else { "" })
            .replace("{title}", &escaped(&self.title))
            .replace("{share}", &format!("{:.1}", share.min(100.0)))
            .replace("{runs}", if runs { "true" } else { "false" })
            .replace("{written}", &written.to_string())
            .replace("{facts}", &self.facts(history, best, runs, done, elapsed))
            .replace("{events}", &events(history))
            .replace("{selection}", &selection_charts(history, best))
            .replace("{critics}", &critic_charts(history))
            .replace("{heading}", &heading)
            .replace("{observables}", &observables)
    }

    fn facts(
        &self,
        history: &History,
        best: Option<&BestModel>,
        runs: bool,
        done: u64,
        elapsed: f64,
    ) -> String {
        let fact = |name: &str, value: &str| {
            format!("<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value))
        };
        let mut facts = fact("iterations", &format!("{done} of {}", self.end));
        let rate = done.saturating_sub(self.first_iteration) as f64 / elapsed.max(1e-9);
        if rate > 0.0 {
            facts += &fact("iterations per second", &short(rate));
            if runs {
                facts += &fact("left", &duration(self.end.saturating_sub(done) as f64 / rate));
            }
        }
        if let Some(best) = best {
            let value = format!("{:.4} at iteration {}", best.figures.value, best.iteration);
            facts += &fact(&format!("best {}", best.figures.by), &value);
        }
        let rolled_back = history.events.iter().filter(|e| e.event == EventKind::RollBack).count();
        if rolled_back > 0 {
            facts += &fact("roll-backs", &rolled_back.to_string());
        }
        facts
    }
}

const REFRESH: &str = r#"<noscript><meta http-equiv="refresh" content="3"></noscript>"#;

/// What befell the training, newest first.
fn events(history: &History) -> String {
    let of = |event: &super::log::EventLine| {
        let what = match event.to_iteration {
            Some(to) => format!(
                "rolled back to iteration {to}; learning rates are now {} times those of the settings",
                short(event.rate_factor)
            ),
            None => "the training ended".to_owned(),
        };
        format!(
            "<li><b>Iteration {}</b>: {}; {what}.</li>",
            event.iteration,
            escaped(&event.message)
        )
    };
    let all: String = history.events.iter().rev().map(of).collect();
    if all.is_empty() { all } else { format!("<ul class=\"events\">{all}</ul>") }
}

/// Values of the lines of the log, where they have them.
fn series(history: &History, label: &str, value: impl Fn(&LogLine) -> Option<f64>) -> Series {
    let points = history.lines.iter();
    let points = points.filter_map(|line| Some((line.iteration as f64, value(line)?))).collect();
    Series { label: label.to_owned(), points }
}

fn marks(history: &History) -> Vec<f64> {
    history.events.iter().filter_map(|event| event.to_iteration.map(|to| to as f64)).collect()
}

fn chart(title: &str, series: Vec<Series>, history: &History, logarithmic: bool) -> LineChart {
    LineChart { title: title.to_owned(), series, logarithmic, marks: marks(history), best: None }
}

fn selection_charts(history: &History, best: Option<&BestModel>) -> String {
    let figures = |line: &LogLine| line.selection;
    let by = history.lines.iter().rev().find_map(figures).map(|found| found.by.to_string());
    let chosen = series(history, "now", |line| Some(figures(line)?.value));
    let name = by.unwrap_or_else(|| "selection".to_owned());
    let mut selection = chart(&format!("Selection: {name}"), vec![chosen], history, true);
    selection.best = best.map(|best| (best.iteration as f64, best.figures.value));
    let total = series(history, "total", |line| figures(line)?.total_chi2_per_ndf);
    let parts = series(history, "parts", |line| Some(figures(line)?.parts_chi2_per_ndf));
    let both = [total, parts].into_iter().filter(|s| !s.points.is_empty()).collect();
    let mut rates = vec![series(history, "generator", |line| Some(line.generator_learning_rate))];
    for (index, name) in critic_names(history).into_iter().enumerate() {
        rates.push(series(history, &name, |line| Some(line.critics.get(index)?.learning_rate)));
    }
    if rates.iter().all(|rate| rate.points == rates[0].points) {
        rates.truncate(1);
        "of all networks".clone_into(&mut rates[0].label);
    }
    let varies = vec![series(history, "now", |line| line.variance_ratio)];
    [
        selection,
        chart("χ²/ndf of the sums", both, history, true),
        chart("Learning rates", rates, history, true),
        chart("Variance over the data's", varies, history, true),
    ]
    .iter()
    .map(LineChart::draw)
    .collect()
}

fn critic_names(history: &History) -> Vec<String> {
    let last = history.lines.last();
    last.map_or_else(Vec::new, |line| line.critics.iter().map(|c| c.name.clone()).collect())
}

fn critic_charts(history: &History) -> String {
    let mut drawn = String::new();
    for (index, name) in critic_names(history).into_iter().enumerate() {
        let of = |label: &str, value: fn(&CriticLog) -> Option<f64>| {
            series(history, label, |line| value(line.critics.get(index)?))
        };
        let mut losses =
            vec![of("critic", |c| Some(c.loss)), of("generator", |c| Some(c.generator_loss))];
        losses.extend(seen(of("heads", |c| c.auxiliary)));
        let scores = vec![of("now", |c| Some(c.score_difference))];
        let mut charts = vec![
            chart(&format!("{name}: losses"), losses, history, false),
            chart(&format!("{name}: score of data − generated"), scores, history, false),
        ];
        let penalties = penalty_series(history, index);
        if !penalties.is_empty() {
            let title = format!("{name}: penalties times their weights");
            charts.push(chart(&title, penalties, history, true));
        }
        let balance: Vec<Series> = seen(of("equilibrium k", |c| c.equilibrium))
            .chain(seen(of("convergence", |c| c.convergence)))
            .collect();
        if !balance.is_empty() {
            charts.push(chart(&format!("{name}: equilibrium"), balance, history, true));
        }
        drawn.extend(charts.iter().map(LineChart::draw));
    }
    if let Some(matching) = seen(series(history, "now", |line| line.matching)).next() {
        drawn += &chart("Matching loss", vec![matching], history, true).draw();
    }
    drawn
}

/// Weight × value of each penalty of a critic.
fn penalty_series(history: &History, critic: usize) -> Vec<Series> {
    let last = history.lines.last().and_then(|line| line.critics.get(critic));
    let names = last.into_iter().flat_map(CriticLog::named_penalties).enumerate();
    let of = |(index, (name, _)): (usize, (String, _))| {
        series(history, &name, |line| {
            let penalty = line.critics.get(critic)?.penalties.get(index)?;
            Some(penalty.weight * penalty.value)
        })
    };
    names.map(of).collect()
}

/// A series, if it has points.
fn seen(series: Series) -> impl Iterator<Item = Series> {
    std::iter::once(series).filter(|series| !series.points.is_empty())
}

fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).floor() as u64;
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds:.0} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) if hours < 48 => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{} days", hours / 24),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::training::log::PenaltyLog;

    fn history(penalties: &[&str], optional: Option<f64>) -> History {
        let penalty =
            |kind: &&str| PenaltyLog { kind: (*kind).to_owned(), value: 0.5, weight: 3.0 };
        let critic = CriticLog {
            name: "shower".to_owned(),
            loss: 1.0,
            objective: 1.0,
            penalties: penalties.iter().map(penalty).collect(),
            auxiliary: optional,
            equilibrium: optional,
            convergence: optional,
            score_difference: 1.0,
            generator_loss: 1.0,
            learning_rate: 1e-3,
        };
        let line = LogLine {
            iteration: 5,
            critics: vec![critic],
            matching: optional,
            generator_learning_rate: 1e-3,
            variance_ratio: None,
            selection: None,
        };
        History { lines: vec![line], events: Vec::new() }
    }

    #[test]
    fn charts_have_the_terms_that_there_are() {
        let parts = ["penalties", "heads", "equilibrium k", "convergence", "Matching loss"];
        let bare = critic_charts(&history(&[], None));
        assert!(bare.contains("shower: losses"), "{bare}");
        assert!(parts.iter().all(|part| !bare.contains(part)), "{bare}");
        let full = critic_charts(&history(&["r1", "drift", "r1"], Some(0.25)));
        assert!(parts.iter().all(|part| full.contains(part)), "{full}");
        for (kind, colour) in [("r1", 0), ("drift", 1), ("r1 2", 2)] {
            let key = format!("<span class=\"key c{colour}\">{kind} <b>1.5</b></span>");
            assert!(full.contains(&key), "{key} in {full}");
        }
    }
}
