//! `showerforge inspect`: what does a file hold?

use std::path::PathBuf;

use super::print;
use crate::Error;
use crate::events::ShowerFile;

/// Say what a file holds: shapes, units, energies, and anything odd
#[derive(Debug, clap::Args)]
pub struct Args {
    /// HDF5 file of showers
    file: PathBuf,
}

impl Args {
    /// # Errors
    /// The file cannot be read.
    pub fn run(&self) -> Result<(), Error> {
        let file = ShowerFile::open(&self.file)?;
        Ok(print(&format!("{} events, {} voxels\n", file.len(), file.voxel_count()))?)
    }
}
