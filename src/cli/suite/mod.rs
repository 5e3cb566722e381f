//! `showerforge suite`: the general GAN suite.

mod fetch;
mod list;
mod report;
mod run;
mod worker;

use clap::Subcommand;

use crate::Error;

/// Run the standard GAN benchmarks, and see them in one report
///
/// Systems of the literature (docs/suite.md) are trained on standard problems, from points in the
/// plane to detectors, with several seeds, and judged by the measures of their papers.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: SuiteCommand,
}

#[derive(Debug, Subcommand)]
enum SuiteCommand {
    List(list::Args),
    Fetch(fetch::Args),
    Run(Box<run::Args>),
    Report(report::Args),
    #[command(hide = true)]
    Worker(worker::Args),
}

impl Args {
    /// # Errors
    /// As the sub-command says.
    pub fn run(self) -> Result<(), Error> {
        match self.command {
            SuiteCommand::List(args) => args.run(),
            SuiteCommand::Fetch(args) => args.run(),
            SuiteCommand::Run(args) => args.run(),
            SuiteCommand::Report(args) => args.run(),
            SuiteCommand::Worker(args) => args.run(),
        }
    }
}
