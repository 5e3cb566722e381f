use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

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
    on_terminal: bool,
}

const FIRST_LINE: Duration = Duration::from_secs(10);

impl Progress {
    pub fn new(task: &str, unit: &'static str, total: u64) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
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
            next_line: FIRST_LINE,
            on_terminal,
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
        if !self.on_terminal && elapsed >= self.next_line {
            let rate = (done - first) as f64 / elapsed.as_secs_f64();
            let left = (self.total - done.min(self.total)) as f64 / rate.max(1e-9);
            eprintln!(
                "{}: {done}/{} {}, {rate:.1}/s, {left:.0} s left  {}",
                self.task,
                self.total,
                self.unit,
                self.bar.message()
            );
            // Ever rarer, so that a job of days does not fill its log.
            self.next_line = elapsed + elapsed.min(Duration::from_secs(600)).max(FIRST_LINE) / 2;
        }
    }

    /// Prints a line above the bar.
    pub fn line(&self, text: &str) {
        if self.on_terminal {
            self.bar.println(text);
        } else {
            eprintln!("{text}");
        }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
