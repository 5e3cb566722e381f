use std::path::Path;

use detectors::Detector;
use serde::{Deserialize, Serialize};

use super::named_tensors::{ModelFileError, NamedTensors};
use crate::codec::EventCodec;
use crate::compute::Device;
use crate::gan::Generator;
use crate::nn::Module;
use crate::random::{Purpose, Streams};
use crate::settings::GeneratorSettings;

pub const FORMAT_VERSION: u64 = 3;

/// Everything about a surrogate but its weights; the JSON metadata of the model file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelHeader {
    pub format_version: u64,
    pub showerforge_version: String,
    /// The detector's description, as TOML.
    pub detector: String,
    pub codec: EventCodec,
    pub generator: GeneratorSettings,
    pub training: TrainingRecord,
}

/// How the weights came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRecord {
    /// The resolved settings, as TOML.
    pub settings: String,
    pub seed: u64,
    pub device: String,
    /// Generator updates that the weights have seen.
    pub iteration: u64,
    pub training_files: Vec<String>,
    pub training_events: usize,
    /// SHA-256 of the training files' contents, one after the other.
    pub training_data_sha256: String,
    /// The selection figure on the validation sample (lower is better), if there was one.
    pub selection: Option<f64>,
}

/// A trained surrogate: what it generates, and the network that does.
#[derive(Debug, Clone)]
pub struct SurrogateModel {
    pub header: ModelHeader,
    pub detector: Detector,
    pub generator: Generator,
}

const WEIGHTS: &str = "generator";

impl SurrogateModel {
    pub fn new(
        detector: &Detector,
        codec: &EventCodec,
        settings: &GeneratorSettings,
        generator: &Generator,
        training: TrainingRecord,
    ) -> Self {
        let header = ModelHeader {
            format_version: FORMAT_VERSION,
            showerforge_version: env!("CARGO_PKG_VERSION").to_owned(),
            detector: detector.to_toml(),
            codec: codec.clone(),
            generator: settings.clone(),
            training,
        };
        Self { header, detector: detector.clone(), generator: generator.clone() }
    }

    /// # Errors
    /// If the file exists and `force` is not given, or the disk refuses.
    pub fn write(&self, path: &Path, force: bool) -> Result<(), ModelFileError> {
        let mut tensors = NamedTensors::default();
        tensors.insert_module(WEIGHTS, &self.generator);
        let json = serde_json::to_string(&self.header).expect("the header has only plain values");
        tensors.write(path, json, force)
    }

    /// Reads a model, its weights on `device`.
    ///
    /// # Errors
    /// If the file is not a model, is of a newer format, or its weights do not fit its header.
    pub fn read(path: &Path, device: &Device) -> Result<Self, ModelFileError> {
        let (mut tensors, header): (NamedTensors, ModelHeader) =
            NamedTensors::read(path, "a model", FORMAT_VERSION)?;
        let not_ours = |problem: String| ModelFileError::NotOurs {
            path: path.to_owned(),
            expected: "a model",
            problem,
        };
        let detector =
            Detector::from_toml(&header.detector).map_err(|e| not_ours(e.to_string()))?;
        header
            .codec
            .check_for(&detector)
            .map_err(|problem| not_ours(format!("codec: {problem}")))?;
        let settings = &header.generator;
        settings.check_for(&header.codec.layout()).map_err(|e| not_ours(e.to_string()))?;
        // Before anything is allocated that the file only declares.
        let (found, expected) = (tensors.number_count(), settings.parameter_count(&header.codec));
        if found != expected {
            return Err(not_ours(format!(
                "its tensors hold {found} numbers, its generator has {expected} parameters"
            )));
        }
        let mut unused = Streams::new(0, Purpose::Initialisation).normals(0);
        let mut generator = Generator::new(&header.generator, &header.codec, &mut unused, device);
        tensors.fill_module(path, WEIGHTS, &mut generator, device)?;
        Ok(Self { header, detector, generator })
    }

    pub fn parameter_count(&self) -> usize {
        self.generator.parameter_count()
    }
}
