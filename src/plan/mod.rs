//! A production of many events as tasks of a batch system: measured on this machine, cut into
//! tasks, and written as files that are submitted as they are.
//!
//! [`Measurement`] → [`Sizes`] → [`Production`] → [`slurm`], [`htcondor`], [`snakemake`].

mod error;
pub mod htcondor;
mod measurement;
mod production;
mod quoting;
mod sizes;
pub mod slurm;
pub mod snakemake;

pub use error::PlanError;
pub use measurement::{Machine, Measurement, measure};
pub use production::{Production, RunName};
pub(crate) use quoting::shell_word;
pub use sizes::{Sizes, TaskLength};

use crate::plan::slurm::SlurmOptions;

/// A file that a plan consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Its name in the folder of the production.
    pub name: &'static str,
    pub text: String,
}

/// The batch systems that files are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scheduler {
    Slurm,
    Htcondor,
    Snakemake,
    All,
}

impl Scheduler {
    /// Names of the files of this batch system.
    pub fn file_names(self) -> Vec<&'static str> {
        match self {
            Self::Slurm => slurm::FILES.to_vec(),
            Self::Htcondor => htcondor::FILES.to_vec(),
            Self::Snakemake => snakemake::FILES.to_vec(),
            Self::All => [&slurm::FILES[..], &htcondor::FILES, &snakemake::FILES].concat(),
        }
    }

    /// The files of this batch system for a production.
    pub fn files(
        self,
        production: &Production,
        slurm: &SlurmOptions,
        htcondor: &htcondor::HtcondorOptions,
    ) -> Vec<PlannedFile> {
        match self {
            Self::Slurm => slurm::files(production, slurm),
            Self::Htcondor => htcondor::files(production, htcondor),
            Self::Snakemake => snakemake::files(production),
            Self::All => [Self::Slurm, Self::Htcondor, Self::Snakemake]
                .into_iter()
                .flat_map(|scheduler| scheduler.files(production, slurm, htcondor))
                .collect(),
        }
    }
}
