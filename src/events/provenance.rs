use std::path::Path;

use detectors::Detector;
use hdf5_metno as hdf5;

use super::{EventsError, attributes, hdf5_errors};

/// The version of the layout that [`super::EventWriter`] writes.
pub const FORMAT_VERSION: u32 = 1;

/// Where the events of a file come from; written as attributes of its root.
///
/// There is no date among them: equal events from an equal origin are equal files, byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
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
    pub(super) fn write(
        &self,
        file: &hdf5::File,
        detector: &Detector,
        path: &Path,
    ) -> Result<(), EventsError> {
        let number = |name: &str, value: u64| {
            file.new_attr::<u64>()
                .create(name)
                .and_then(|attribute| attribute.write_scalar(&value))
                .map_err(hdf5_errors::writing(path, "write the attributes of"))
        };
        let text = |name: &str, value: &str| {
            attributes::write_text(file, name, value)
                .map_err(hdf5_errors::writing(path, "write the attributes of"))
        };
        number("format_version", FORMAT_VERSION.into())?;
        text("generator", concat!("showerforge ", env!("CARGO_PKG_VERSION")))?;
        text("detector", detector.name())?;
        text("unit", detector.unit())?;
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
