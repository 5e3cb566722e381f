//! Sound models to damage, and a file as the parts that it consists of.

use std::path::Path;

use serde_json::Value;
use showerforge::compute::cpu;
use showerforge::gan::Generator;
use showerforge::model::{SurrogateModel, TrainingRecord};
use showerforge::random::{Purpose, Streams};

use crate::tiny;

/// A model file in parts.
pub struct Base {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// The header of safetensors without our metadata.
    pub tensors: Value,
    /// Our metadata.
    pub header: Value,
    /// Behind the header.
    pub data: Vec<u8>,
}

/// Cells with energy heads.
const CELLS: &str = r#"
    codec = { voxel_scale = "square-root" }
    [generator]
    latent = 3
    network = { hidden = [6, 6], activation = "silu", residual = true }
"#;

/// Many kinds of layers, and a pipeline of transforms.
const LAYERS: &str = r#"
    [[codec.transform]]
    kind = "incident-energy-fraction"
    [[codec.transform]]
    kind = "layer-fractions"
    [[codec.transform]]
    kind = "power"
    exponent = 0.5
    [[codec.transform]]
    kind = "standard"
    [generator]
    latent = 2
    [[generator.network.layer]]
    kind = "concatenate"
    embedding = 2
    [[generator.network.layer]]
    kind = "dense"
    outputs = 8
    spectral_norm = true
    [[generator.network.layer]]
    kind = "reshape"
    shape = [2, 2, 2]
    [[generator.network.layer]]
    kind = "transposed-convolution-2d"
    outputs = 2
    kernel = [2, 2]
    stride = [2, 2]
    [[generator.network.layer]]
    kind = "batch-norm"
    [[generator.network.layer]]
    kind = "upsample"
    factors = [2, 1]
    [[generator.network.layer]]
    kind = "average-pool"
    kernel = [2, 1]
    [[generator.network.layer]]
    kind = "reshape"
    [[generator.network.layer]]
    kind = "repeat"
    times = 2
    layer = [{ kind = "dense", outputs = 6 }, { kind = "layer-norm" }, { kind = "swish", per_channel = true }]
    [[generator.network.layer]]
    kind = "residual"
    layer = [{ kind = "dense", outputs = 6, bias = false }]
    [[generator.network.layer]]
    kind = "branches"
    branch = [{ layer = [{ kind = "dense", outputs = 18 }] }, { layer = [{ kind = "dense", outputs = 3 }] }]
"#;

const REST: &str = r#"
    [[critic]]
    name = "shower"
    sees = "shower"
    network = { hidden = [4], activation = "relu" }
    objective = { kind = "wasserstein" }
    optimiser = { kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }
    [training]
    iterations = 2
    critic_steps = 1
    average_decay = 0.9
    batch_size = 32

"#;

const OPTIMISER: &str = r#"{ kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }"#;

impl Base {
    pub fn cells(folder: &Path) -> Self {
        Self::tiny("cells", CELLS, folder)
    }

    pub fn layers(folder: &Path) -> Self {
        Self::tiny("layers", LAYERS, folder)
    }

    pub fn shipped() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models");
        Self::of("shipped", std::fs::read(folder.join("photons-geant4.safetensors")).unwrap())
    }

    fn tiny(name: &'static str, text: &str, folder: &Path) -> Self {
        let latent = text.find("latent").unwrap();
        let (before, after) = text.split_at(latent);
        let text = format!(
            "format_version = 2\ndetector = \"tiny\"\n{before}optimiser = {OPTIMISER}\n{after}{REST}"
        );
        let settings = tiny::settings(&text);
        let codec = tiny::codec(&settings, &tiny::events(96));
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(0);
        let generator = Generator::new(&settings.generator, &codec, &mut normals, &cpu());
        let training = TrainingRecord {
            settings: settings.to_toml(),
            seed: 1,
            device: "cpu".to_owned(),
            iteration: 2,
            training_files: vec!["events.hdf5".to_owned()],
            training_events: 96,
            training_data_sha256: "0".repeat(64),
            selection: None,
        };
        let model = SurrogateModel::new(
            settings.detector(),
            &codec,
            &settings.generator,
            &generator,
            training,
        );
        let path = folder.join(name);
        model.write(&path, false).unwrap();
        Self::of(name, std::fs::read(&path).unwrap())
    }

    fn of(name: &'static str, bytes: Vec<u8>) -> Self {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let mut tensors: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
        let metadata = tensors.as_object_mut().unwrap().remove("__metadata__").unwrap();
        let header = serde_json::from_str(metadata["showerforge"].as_str().unwrap()).unwrap();
        let data = bytes[8 + length..].to_vec();
        Self { name, bytes, tensors, header, data }
    }

    /// A file with this metadata.
    pub fn with_header(&self, header: &Value) -> Vec<u8> {
        self.with_text(&header.to_string())
    }

    pub fn with_text(&self, header: &str) -> Vec<u8> {
        assemble(&self.tensors, header, &self.data)
    }
}

/// A safetensors file of these parts.
pub fn assemble(tensors: &Value, header: &str, data: &[u8]) -> Vec<u8> {
    let mut tensors = tensors.clone();
    if let Some(tensors) = tensors.as_object_mut() {
        let metadata = serde_json::json!({ "showerforge": header });
        tensors.insert("__metadata__".to_owned(), metadata);
    }
    let mut json = tensors.to_string().into_bytes();
    json.resize(json.len().next_multiple_of(8), b' ');
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json);
    bytes.extend(data);
    bytes
}
