use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How progress is shown on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ProgressChoice {
    /// A bar on a terminal, else lines of text
    Auto,
    /// A line of text now and then
    Text,
    /// A JSON object on a line, every few seconds
    Json,
    /// Nothing
    None,
}

/// A progress bar on a terminal; a line now and then where standard error is a log file.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    task: String,
    unit: &'static str,
    total: u64,
    started: Instant,
    first: Option<u64>,
    next_line: Duration,
    shown: Shown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Bar,
    Text,
    Json,
    Nothing,
}

const FIRST_LINE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
const FIRST_JSON: Duration = Duration::ZERO;
const SHORTEST_JSON_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_JSON_PAUSE: Duration = Duration::from_secs(60);

impl Progress {
    pub fn new(task: &str, unit: &'static str, total: u64) -> Self {
        Self::shown(task, unit, total, ProgressChoice::Auto)
    }

    pub fn shown(task: &str, unit: &'static str, total: u64, choice: ProgressChoice) -> Self {
        let shown = match choice {
            ProgressChoice::Auto if std::io::stderr().is_terminal() => Shown::Bar,
            ProgressChoice::Auto | ProgressChoice::Text => Shown::Text,
            ProgressChoice::Json => Shown::Json,
            ProgressChoice::None => Shown::Nothing,
        };
        let on_terminal = shown == Shown::Bar;
        let bar = if on_terminal { ProgressBar::new(total) } else { ProgressBar::hidden() };
        let template = format!(
            "{task} [{{bar:32}}] {{pos}}/{{len}} {unit}  {{per_sec}}  {{eta}} left  {{msg}}"
        );
        bar.set_style(
            ProgressStyle::with_template(&template)
                .expect("the template is valid")
                .progress_chars("=> "),
        );
        Self {
            bar,
            task: task.to_owned(),
            unit,
            total,
            started: Instant::now(),
            first: None,
            next_line: if shown == Shown::Json { FIRST_JSON } else { FIRST_LINE },
            shown,
        }
    }

    /// What is shown behind the bar.
    pub fn message(&self, text: String) {
        self.bar.set_message(text);
    }

    pub fn advance(&mut self, done: u64) {
        let first = match self.first {
            Some(first) => first,
            // What a resumed run had done before does not count into its speed.
            None => {
                self.bar.set_position(done);
                self.bar.reset_eta();
                self.first = Some(done);
                done
            }
        };
        self.bar.set_position(done);
        let elapsed = self.started.elapsed();
        let is_last = self.shown == Shown::Json && done >= self.total;
        if elapsed < self.next_line && !is_last {
            return;
        }
        let rate = (done - first) as f64 / elapsed.as_secs_f64().max(1e-9);
        let left = (self.total - done.min(self.total)) as f64 / rate.max(1e-9);
        match self.shown {
            Shown::Bar | Shown::Nothing => {}
            Shown::Text => {
                let speed = match rate {
                    // Nothing can be said of it yet.
                    _ if done == first => String::new(),
                    0.1.. => format!(", {rate:.1}/s, {left:.0} s left"),
                    _ => format!(", {:.1}/h, {left:.0} s left", 3600.0 * rate),
                };
                let (task, total, unit) = (&self.task, self.total, self.unit);
                eprintln!("{task}: {done}/{total} {unit}{speed}  {}", self.bar.message());
                // Ever rarer, so that a job of days does not fill its log.
                self.next_line = elapsed + elapsed.min(LONGEST_PAUSE).max(FIRST_LINE) / 2;
            }
            // Nothing can be said of the speed yet.
            Shown::Json if done == first => {}
            Shown::Json => {
                eprintln!("{}", self.json(done, rate, left));
                let pause = elapsed / 20;
                self.next_line = elapsed + pause.clamp(SHORTEST_JSON_PAUSE, LONGEST_JSON_PAUSE);
            }
        }
    }

    fn json(&self, done: u64, rate: f64, left: f64) -> String {
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        serde_json::json!({
            "event": "progress",
            "done": done,
            "total": self.total,
            format!("{}_per_second", self.unit): rounded(rate),
            "seconds_left": rounded(left),
        })
        .to_string()
    }

    /// Prints a line above the bar.
    pub fn line(&self, text: &str) {
        if self.shown == Shown::Bar {
            self.bar.println(text);
        } else {
            eprintln!("{text}");
        }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
