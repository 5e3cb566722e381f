//! `showerforge inspect`: what does a file hold?

mod inspection;
mod model;
mod text;

use std::path::{Path, PathBuf};

use detectors::Calorimeter;

use super::print;
use crate::Error;
use crate::events::{ShowerFile, Survey};
use crate::files::FileKind;
use inspection::Inspection;

/// Say what a file holds: shapes, units, energies, and anything odd
///
/// Reads any HDF5 file with the data sets `incident_energies` [events, 1] and `showers` [events,
/// voxels]. Energies are in MeV. The file is read once, in blocks, so its size does not matter. A
/// file that no other command would accept is described too, and the exit code is then 65. A model
/// file is described by its detector, architecture, training and settings.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  showerforge inspect data/geant4_photons_train.hdf5")]
pub struct Args {
    /// HDF5 file of showers, or a model file
    file: PathBuf,

    /// Detector to compare with, instead of the built-in one that has as many voxels
    #[arg(long, value_name = "NAME")]
    detector: Option<String>,

    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

impl Args {
    /// # Errors
    /// The file cannot be read, or its content is such that no other command would accept it.
    pub fn run(&self) -> Result<(), Error> {
        match FileKind::of(&self.file)? {
            FileKind::Safetensors => model::inspect_model(&self.file, self.json),
            _ => self.inspect_showers(&self.file),
        }
    }

    fn inspect_showers(&self, path: &Path) -> Result<(), Error> {
        let file = ShowerFile::open(path)?;
        let detector = self.detector(&file)?;
        let survey = Survey::of(&file, detector.as_ref())?;
        let inspection = Inspection::of(&file, &survey, detector.as_ref())?;
        let rendered = if self.json { inspection.to_json() } else { text::render(&inspection) };
        print(&rendered)?;
        match survey.problems(path, detector.as_ref()).into_iter().next() {
            Some(problem) => Err(problem.into()),
            None => Ok(()),
        }
    }

    fn detector(&self, file: &ShowerFile) -> Result<Option<Calorimeter>, Error> {
        let name = self.detector.as_deref().or_else(|| file.fitting_detectors().first().copied());
        Ok(name.map(detectors::builtin).transpose()?)
    }
}
