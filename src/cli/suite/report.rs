//! `showerforge suite report`: what the runs have found, in one web page.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::Error;
use crate::cli::print;
use crate::suite::report::{Catalogue, Report, Summary};

/// Draw the report of a suite: one web page with tables, curves and samples
///
/// The page is one file that loads nothing: tables of mean ± standard error over seeds with ranks
/// and published figures, learning curves, samples, critics' surfaces and training frames. JSON and
/// CSV files beside it have the numbers of all tables. What is damaged or missing in
/// the folder is named in the report.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge suite report toys\n  showerforge suite report toys --output docs/benchmarks/toys --force"
)]
pub struct Args {
    /// Folder of the results: the `--out` of `suite run`
    #[arg(value_name = "DIR", default_value = "suite")]
    folder: PathBuf,
    /// Folder to write report.html, summary.json and summary.csv into, or NAME.html for the page, with
    /// NAME.json and NAME.csv beside it [default: `report` in the folder of the results]
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Print the numbers as JSON instead of a summary
    #[arg(long)]
    json: bool,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

impl Args {
    /// # Errors
    /// No such folder or none of a suite, or an output that exists or cannot be written.
    pub fn run(self) -> Result<(), Error> {
        let report = Report::of_folder(&self.folder, &Catalogue::of_suite())?;
        let output = self.output.unwrap_or_else(|| self.folder.join("report"));
        let written = report.write(&output, self.force)?;
        let text = if self.json {
            report.summary.json()
        } else {
            summary_text(&report.summary) + &format!("{}\n", written.page.display())
        };
        Ok(print(&text)?)
    }
}

/// Notes that are printed; the report has all.
const NOTES: usize = 5;

fn summary_text(summary: &Summary) -> String {
    let Summary { runs, failed, exact_checks, exact_failed, .. } = summary;
    let mut text = format!("{runs} runs, {failed} failed\n");
    if *exact_checks > 0 {
        let _ = writeln!(text, "{exact_checks} exact checks, {exact_failed} do not agree");
    }
    for problem in &summary.problems {
        let (Some(best), Some(ranked)) = (problem.systems.first(), problem.headline.first()) else {
            continue;
        };
        if let Some(estimate) = best.measures.get(&ranked.measure) {
            let error =
                estimate.standard_error.map_or_else(String::new, |error| format!(" ± {error:.2}"));
            let _ = writeln!(
                text,
                "{} ({}): of {} systems {} is the best by {}: {:.4}{error}",
                problem.problem,
                problem.protocol.name(),
                problem.systems.len(),
                best.system,
                ranked.measure,
                estimate.mean
            );
        }
    }
    for note in summary.notes.iter().take(NOTES) {
        let _ = writeln!(text, "note: {note}");
    }
    if summary.notes.len() > NOTES {
        let _ = writeln!(text, "and {} more notes in the report", summary.notes.len() - NOTES);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::suite::report::{Estimate, ProblemSummary, RankedMeasure, SystemSummary};
    use crate::suite::{Better, Protocol};

    #[test]
    fn the_text_names_the_best_and_few_notes() {
        let modes = Estimate { mean: 24.5, standard_error: Some(0.25), count: 4 };
        let system = SystemSummary {
            system: "pacgan2".to_owned(),
            iterations: 10,
            runs: 4,
            failed: 0,
            seconds: None,
            measures: BTreeMap::from([("modes".to_owned(), modes)]),
            ranks: BTreeMap::new(),
            mean_rank: None,
        };
        let problem = ProblemSummary {
            problem: "grid".to_owned(),
            protocol: Protocol::Short,
            headline: vec![RankedMeasure { measure: "modes".to_owned(), better: Better::Higher }],
            floor: BTreeMap::new(),
            systems: vec![system],
            published: Vec::new(),
        };
        let text = summary_text(&Summary {
            format_version: 1,
            runs: 4,
            failed: 0,
            notes: (0..7).map(|number| format!("number {number}")).collect(),
            problems: vec![problem],
            overall: Vec::new(),
            exact_checks: 0,
            exact_failed: 0,
        });
        let expected = "4 runs, 0 failed\n\
            grid (short): of 1 systems pacgan2 is the best by modes: 24.5000 ± 0.25\n\
            note: number 0\nnote: number 1\nnote: number 2\nnote: number 3\nnote: number 4\n\
            and 2 more notes in the report\n";
        assert_eq!(text, expected);
    }
}
