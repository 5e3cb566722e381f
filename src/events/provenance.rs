use std::path::Path;

use hdf5_metno as hdf5;
use hdf5_metno::types::VarLenUnicode;

use super::{EventsError, hdf5_errors};

/// The version of the layout that [`super::ShowerWriter`] writes.
pub const FORMAT_VERSION: u32 = 1;

/// Where the events of a file come from; written as attributes of its root.
///
/// There is no date among them: equal events from an equal origin are equal files, byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Name of the detector, as in [`detectors::builtin`].
    pub detector: Option<String>,
    /// Seed of the random numbers.
    pub seed: Option<u64>,
    /// Number of the first event: event k depends on the seed and k alone.
    pub first_event: Option<u64>,
    /// SHA-256 of the model file, in hexadecimal.
    pub model_sha256: Option<String>,
    /// Anything else worth keeping, as text; the names become those of the attributes.
    pub more: Vec<(String, String)>,
}

impl Provenance {
    pub(super) fn write(&self, file: &hdf5::File, path: &Path) -> Result<(), EventsError> {
        let number = |name: &str, value: u64| {
            file.new_attr::<u64>()
                .create(name)
                .and_then(|attribute| attribute.write_scalar(&value))
                .map_err(hdf5_errors::writing(path, "write the attributes of"))
        };
        let text = |name: &str, value: &str| {
            // HDF5 ends a string at the first NUL.
            let value: VarLenUnicode = value.replace('\0', "").parse().expect("no NUL inside");
            file.new_attr::<VarLenUnicode>()
                .create(name)
                .and_then(|attribute| attribute.write_scalar(&value))
                .map_err(hdf5_errors::writing(path, "write the attributes of"))
        };
        number("format_version", FORMAT_VERSION.into())?;
        text("generator", concat!("showerforge ", env!("CARGO_PKG_VERSION")))?;
        text("energy_unit", "MeV")?;
        if let Some(detector) = &self.detector {
            text("detector", detector)?;
        }
        if let Some(seed) = self.seed {
            number("seed", seed)?;
        }
        if let Some(first_event) = self.first_event {
            number("first_event", first_event)?;
        }
        if let Some(hash) = &self.model_sha256 {
            text("model_sha256", hash)?;
        }
        self.more.iter().try_for_each(|(name, value)| text(name, value))
    }
}
