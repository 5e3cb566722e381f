use std::path::Path;

use detectors::Detector;
use hdf5_metno as hdf5;

use super::{EventsError, attributes, hdf5_errors};

/// The version of the layout that [`super::EventWriter`] writes.
pub const FORMAT_VERSION: u32 = 1;

/// Where the events of a file come from; written as attributes of its root.
///
/// There is no date among them, nor a machine: equal events from an equal origin are equal files,
/// byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Program and version that made the events; this one if nothing is said.
    pub generator: Option<String>,
    /// Seed of the random numbers.
    pub seed: Option<u64>,
    /// Number of the first event: event k depends on the seed and k alone.
    pub first_event: Option<u64>,
    /// Number of events, where it is known beforehand.
    pub events: Option<u64>,
    /// SHA-256 of the model file, in hexadecimal.
    pub model_sha256: Option<String>,
    /// Anything else worth keeping, as text; the names become those of the attributes.
    pub more: Vec<(String, String)>,
}

/// The attribute of the program that made the events.
pub const GENERATOR: &str = "generator";

enum Value {
    Number(u64),
    Text(String),
}

impl Provenance {
    /// Name and text of each attribute, sorted by name: what [`super::EventFile::provenance`] says
    /// of a file with this provenance.
    pub fn attributes(&self, detector: &Detector) -> Vec<(String, String)> {
        let text = |value| match value {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text,
        };
        let all = self.values(detector).into_iter();
        let mut attributes: Vec<_> = all.map(|(name, value)| (name, text(value))).collect();
        attributes.sort();
        attributes
    }

    /// The provenance that a file says of itself, by its attributes.
    pub fn of(attributes: &[(String, String)]) -> Self {
        let mut provenance = Self::default();
        for (name, text) in attributes {
            match name.as_str() {
                "format_version" | "detector" | "unit" => {}
                GENERATOR => provenance.generator = Some(text.clone()),
                "seed" => provenance.seed = text.parse().ok(),
                "first_event" => provenance.first_event = text.parse().ok(),
                "events" => provenance.events = text.parse().ok(),
                "model_sha256" => provenance.model_sha256 = Some(text.clone()),
                _ => provenance.more.push((name.clone(), text.clone())),
            }
        }
        provenance
    }

    pub(super) fn write(
        &self,
        file: &hdf5::File,
        detector: &Detector,
        path: &Path,
    ) -> Result<(), EventsError> {
        for (name, value) in self.values(detector) {
            match value {
                Value::Number(number) => file
                    .new_attr::<u64>()
                    .create(name.as_str())
                    .and_then(|attribute| attribute.write_scalar(&number)),
                Value::Text(text) => attributes::write_text(file, &name, &text),
            }
            .map_err(hdf5_errors::writing(path, "write the attributes of"))?;
        }
        Ok(())
    }

    /// In the order in which they are written, which must not depend on where `more` came from.
    fn values(&self, detector: &Detector) -> Vec<(String, Value)> {
        const THIS_PROGRAM: &str = concat!("showerforge ", env!("CARGO_PKG_VERSION"));
        let generator = self.generator.as_deref().unwrap_or(THIS_PROGRAM);
        let text = |name: &str, text: &str| (name.to_owned(), Value::Text(text.replace('\0', "")));
        let number = |name: &str, number: &Option<u64>| {
            number.map(|number| (name.to_owned(), Value::Number(number)))
        };
        let mut values = vec![
            ("format_version".to_owned(), Value::Number(FORMAT_VERSION.into())),
            text(GENERATOR, generator),
            text("detector", detector.name()),
            text("unit", detector.unit()),
        ];
        values.extend(number("seed", &self.seed));
        values.extend(number("first_event", &self.first_event));
        values.extend(number("events", &self.events));
        values.extend(self.model_sha256.as_ref().map(|hash| text("model_sha256", hash)));
        let mut more: Vec<_> = self.more.iter().collect();
        more.sort();
        values.extend(more.into_iter().map(|(name, value)| text(name, value)));
        values
    }
}
