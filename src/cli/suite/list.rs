//! `showerforge suite list`: systems and problems.

use std::fmt::Write as _;

use serde::Serialize;

use crate::Error;
use crate::cli::print;
use crate::suite::{problems, systems};

/// List the systems and problems of the suite
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  showerforge suite list --json")]
pub struct Args {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Listing {
    systems: Vec<ListedSystem>,
    problems: Vec<ListedProblem>,
}

#[derive(Debug, Serialize)]
struct ListedSystem {
    name: String,
    title: String,
    formula: String,
    source: String,
    /// The problems that it can be trained on.
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ListedProblem {
    name: String,
    title: String,
    tier: &'static str,
    source: String,
    measures: Vec<String>,
}

impl Args {
    pub fn run(self) -> Result<(), Error> {
        let problems = problems::all();
        let listing = Listing {
            systems: systems::all()
                .iter()
                .map(|system| ListedSystem {
                    name: system.name().to_owned(),
                    title: system.title().to_owned(),
                    formula: system.formula().to_owned(),
                    source: system.source().to_owned(),
                    problems: problems
                        .iter()
                        .filter(|problem| system.takes(&***problem).is_ok())
                        .map(|problem| problem.name().to_owned())
                        .collect(),
                })
                .collect(),
            problems: problems
                .iter()
                .map(|problem| ListedProblem {
                    name: problem.name().to_owned(),
                    title: problem.title().to_owned(),
                    tier: problem.tier().name(),
                    source: problem.source().to_owned(),
                    measures: problem.headline().iter().map(|h| h.measure.to_owned()).collect(),
                })
                .collect(),
        };
        if self.json {
            let text = serde_json::to_string_pretty(&listing).expect("plain values");
            return Ok(print(&(text + "\n"))?);
        }
        Ok(print(&text_of(&listing))?)
    }
}

fn text_of(listing: &Listing) -> String {
    let mut text = String::from("Systems\n");
    for system in &listing.systems {
        let ListedSystem { name, title, formula, source, problems } = system;
        let _ = writeln!(text, "  {name}: {title} ({source})\n      {formula}");
        let _ = writeln!(text, "      on {} problems", problems.len());
    }
    text.push_str("\nProblems\n");
    for problem in &listing.problems {
        let ListedProblem { name, title, tier, source, measures } = problem;
        let _ = writeln!(text, "  {name} [{tier}]: {title} ({source})");
        let _ = writeln!(text, "      judged by {}", measures.join(", "));
    }
    text
}
