use std::path::{Path, PathBuf};

use detectors::Detector;

use crate::Error;
use crate::events::LayoutChoice;
use crate::files;

/// Which detector events are of.
#[derive(Debug, Clone, clap::Args)]
pub struct DetectorArgs {
    /// Name of a built-in detector (see `showerforge detectors`), or a description in TOML
    #[arg(long, value_name = "NAME|FILE.toml")]
    pub detector: Option<String>,
    /// CaloChallenge binning file, for any cylindrical layout
    #[arg(long, value_name = "FILE.xml", conflicts_with = "detector")]
    pub geometry: Option<PathBuf>,
    /// Read-out threshold of `--geometry` in MeV
    #[arg(long, value_name = "MEV", default_value_t = 0.0, requires = "geometry")]
    pub readout_threshold_mev: f64,
}

/// How files of events are laid out.
#[derive(Debug, Clone, clap::Args)]
pub struct LayoutArgs {
    /// Layout of the input: detect, native, clic-3dgan, ddml, columns, or a mapping in TOML
    #[arg(long, value_name = "NAME|FILE.toml", default_value = "detect")]
    pub layout: LayoutChoice,
}

impl DetectorArgs {
    /// The detector that was asked for, if one was.
    ///
    /// # Errors
    /// An unknown name, or a file that describes no detector.
    pub fn open(&self) -> Result<Option<Detector>, Error> {
        match (&self.detector, &self.geometry) {
            (_, Some(path)) => from_xml(path, self.readout_threshold_mev).map(Some),
            (Some(name), None) => open_detector(name, Path::new("")).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// As [`Self::open`], where one is needed.
    ///
    /// # Errors
    /// As [`Self::open`], and none was asked for.
    pub fn require(&self) -> Result<Detector, Error> {
        self.open()?.ok_or(Error::NoDetector)
    }
}

/// A built-in detector, or one that a file describes: TOML or CaloChallenge's XML. Paths are
/// relative to `folder`.
///
/// # Errors
/// An unknown name, or a file that describes no detector.
pub fn open_detector(name: &str, folder: &Path) -> Result<Detector, Error> {
    let path = folder.join(name);
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    match extension {
        Some("toml") => {
            let text = files::read_to_string(&path)?;
            Detector::from_toml(&text).map_err(|source| Error::DetectorFile { path, source })
        }
        Some("xml") => from_xml(&path, 0.0),
        _ => Ok(detectors::builtin(name)?),
    }
}

/// A binning file says nothing of energies.
const ENERGIES_OF_XML_MEV: std::ops::RangeInclusive<f64> = 1.0..=1e8;

fn from_xml(path: &Path, readout_threshold_mev: f64) -> Result<Detector, Error> {
    let text = files::read_to_string(path)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = stem.chars().map(plain).collect();
    detectors::calorimeter::from_xml(&text, &name, readout_threshold_mev, ENERGIES_OF_XML_MEV)
        .map_err(|source| Error::DetectorFile { path: path.to_owned(), source })
}
