//! `showerforge inspect`: what does a file hold?

mod draw;
mod inspection;
mod model;
mod text;

use std::path::{Path, PathBuf};

use detectors::Detector;

use super::detector_args::{DetectorArgs, LayoutArgs};
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{EventFile, LayoutChoice, Survey, identify, values_per_event};
use crate::files::FileKind;
use inspection::Inspection;

/// Say what a file holds: shapes, units, energies, and anything odd
///
/// Reads any HDF5 file of events: of the detector that it names or whose data sets it has, or of
/// the one that is given. The beginning of the file is read, or with `--full` all of it, in blocks,
/// so its size does not matter. A file that no other command would accept is described too, and the
/// exit code is then 65. A model file is described by its detector, architecture, training and
/// settings.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge inspect data/geant4_photons_train.hdf5\n  showerforge inspect showers.hdf5 --full --draw pictures"
)]
pub struct Args {
    /// HDF5 file of events, or a model file
    file: PathBuf,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    layout: LayoutArgs,
    /// Check every event of the file, however large it is
    #[arg(long)]
    full: bool,
    /// Draw events into this folder, as PNG: the first ones, and the mean of the first 1,000
    #[arg(long, value_name = "DIR")]
    draw: Option<PathBuf>,
    /// How many events to draw
    #[arg(long, value_name = "N", default_value_t = 3, requires = "draw")]
    draw_events: usize,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// So many values at most are looked at without `--full`: about 2 GB.
const VALUES_WITHOUT_FULL: usize = 500_000_000;

impl Args {
    /// # Errors
    /// The file cannot be read, or its content is such that no other command would accept it.
    pub fn run(&self) -> Result<(), Error> {
        match FileKind::of(&self.file)? {
            FileKind::Safetensors => model::inspect_model(&self.file, self.json),
            _ => self.inspect_events(&self.file),
        }
    }

    fn inspect_events(&self, path: &Path) -> Result<(), Error> {
        let asked = self.detector.open()?;
        let found = match asked {
            Some(detector) => Some(detector),
            None => identify(path)?,
        };
        let is_known = found.is_some();
        let detector = match found {
            Some(detector) => detector,
            None => stand_in(path)?,
        };
        let layout: &LayoutChoice = &self.layout.layout;
        let file = EventFile::open_as(path, &detector, layout)?;
        let limit =
            if self.full { usize::MAX } else { VALUES_WITHOUT_FULL / detector.value_count() };
        let limit = limit.max(1);
        let total = file.len().min(limit) as u64;
        let mut progress = Progress::new("inspecting", "events", total);
        let survey = Survey::of_first(&file, limit, &mut |done| progress.advance(done));
        progress.finish();
        let survey = survey?;
        let inspection = Inspection::of(&file, &survey, is_known)?;
        let rendered = if self.json { inspection.to_json() } else { text::render(&inspection) };
        print(&rendered)?;
        match survey.problems(&file).into_iter().next() {
            Some(problem) => Err(problem.into()),
            None => match &self.draw {
                Some(folder) => draw::draw(&file, self.draw_events, folder),
                None => Ok(()),
            },
        }
    }
}

/// A detector for showers in CaloChallenge's layout with a number of voxels that none has.
fn stand_in(path: &Path) -> Result<Detector, Error> {
    let voxels = values_per_event(path, "showers")?.unwrap_or(1).max(1);
    let toml = format!(
        "format_version = 1\nname = \"unknown\"\ntitle = \"Unknown\"\nfamily = \"calorimeter\"\n\
         [response]\ndataset = \"showers\"\nquantity = \"energy\"\nunit = \"MeV\"\n\
         normalised_by = \"incident_energy\"\n[response.grid]\ncells = [{voxels}, 1, 1]\n\
         cell_size_mm = [1, 1, 1]\n\
         [[condition]]\nname = \"incident_energy\"\ndataset = \"incident_energies\"\n\
         unit = \"MeV\"\nminimum = 1e-300\nmaximum = 1e300\nscale = \"logarithmic\"\n"
    );
    Ok(Detector::from_toml(&toml)?)
}
