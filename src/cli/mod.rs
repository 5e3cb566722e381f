//! The command line: one file a sub-command, each an `Args` struct with a `run()`.
//!
//! Results go to standard output, or to the file that `--output` names; logs, warnings and progress
//! go to standard error.

mod check;
pub mod compare;
pub mod completions;
mod detector_args;
pub mod detectors;
mod dry_run;
pub mod export;
pub mod generate;
pub mod inspect;
pub mod leave_one_out;
mod logging;
pub mod man;
pub mod merge;
pub mod observables;
mod outcome;
pub mod plan;
mod print;
mod progress;
pub mod simulate;
pub mod suite;
pub mod train;
mod training_display;
pub mod validate;
pub mod verify;

use clap::{Parser, Subcommand};

pub use detector_args::{DetectorArgs, LayoutArgs, open_detector};
pub use logging::start_logging;
pub use outcome::report;
pub use print::print;

/// GAN surrogates for particle detectors: train on simulated events, generate, validate.
#[derive(Debug, Parser)]
#[command(name = "showerforge", version, long_version = crate::version::long(), max_term_width = 100)]
pub struct Cli {
    /// Say more on standard error: once for what is done, twice for details
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Train(train::Args),
    Generate(generate::Args),
    Export(export::Args),
    Validate(validate::Args),
    Compare(compare::Args),
    LeaveOneOut(leave_one_out::Args),
    Inspect(inspect::Args),
    Observables(observables::Args),
    Simulate(simulate::Args),
    Merge(merge::Args),
    Verify(verify::Args),
    Detectors(detectors::Args),
    Plan(plan::Args),
    Suite(suite::Args),
    Completions(completions::Args),
    Man(man::Args),
}
