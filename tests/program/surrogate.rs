//! A small surrogate, trained once, for the tests that need one.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use showerforge::events::{EventFile, EventWriter, Provenance, WriteOptions};
use tempfile::TempDir;

use crate::support::{photons, repository, showerforge, text};

/// Small networks, all three critics, two critic steps.
pub const SETTINGS: &str = r#"
format_version = 2
detector = "calochallenge-photons"
conditions = { incident_energy = { minimum = 256.0, maximum = 8192.0 } }
codec = { voxel_scale = "square-root" }

[generator]
latent = 8
network = { hidden = [24, 24], activation = "silu", residual = true }
optimiser = { kind = "adam", learning_rate = { kind = "linear", start = 1e-3, end = 1e-4, from = 0.2 }, beta1 = 0.5, beta2 = 0.9 }

[[critic]]
name = "shower"
sees = "shower"
network = { hidden = [32, 32], activation = "leaky-relu" }
objective = { kind = "wasserstein" }
penalty = [{ kind = "gradient-penalty", weight = 10.0 }]
optimiser = { kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }

[[critic]]
name = "total-energy"
sees = "total-energy"
network = { hidden = [8], activation = "silu" }
objective = { kind = "relativistic-paired" }
penalty = [
    { kind = "r1", weight = { kind = "geometric", start = 0.1, end = 0.01, until = 0.667 } },
    { kind = "r2", weight = { kind = "geometric", start = 0.1, end = 0.01, until = 0.667 } },
]
weight = 0.5
optimiser = { kind = "adam", learning_rate = 1e-3, beta1 = 0.0, beta2 = 0.95 }

[[critic]]
name = "layer-energies"
sees = "layer-energies"
network = { hidden = [8], activation = "relu" }
objective = { kind = "wasserstein" }
penalty = [{ kind = "gradient-penalty", weight = 1.0 }]
weight = 0.5
optimiser = { kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }

[training]
iterations = 60
batch_size = 32
critic_steps = 2
average_decay = 0.99
azimuthal_symmetry = true
log_every = 5
checkpoint_every = 1000

[selection]
every = 8
events = 120
"#;

pub struct Surrogate {
    folder: TempDir,
}

impl Surrogate {
    /// Trained for 10 iterations.
    pub fn get() -> &'static Self {
        static SURROGATE: OnceLock<Surrogate> = OnceLock::new();
        SURROGATE.get_or_init(|| {
            let surrogate = Self { folder: tempfile::tempdir().unwrap() };
            write_sample(&surrogate.data(), "train", 400);
            write_sample(&surrogate.valid(), "valid", 240);
            std::fs::write(surrogate.config(), SETTINGS).unwrap();
            let out = surrogate.folder.path().join("run");
            let output = surrogate.train(&out, &["--max-iterations", "10"]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            surrogate
        })
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("train.hdf5")
    }

    pub fn valid(&self) -> PathBuf {
        self.folder.path().join("valid.hdf5")
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub fn model(&self) -> PathBuf {
        self.folder.path().join("run/model.safetensors")
    }

    pub fn train(&self, out: &Path, more: &[&str]) -> std::process::Output {
        self.train_with(&self.config(), out, more)
    }

    pub fn train_with(&self, config: &Path, out: &Path, more: &[&str]) -> std::process::Output {
        let (data, valid) = (self.data(), self.valid());
        let mut arguments =
            vec!["train", path(config), "--data", path(&data), "--valid", path(&valid)];
        arguments.extend(["--out", path(out), "--device", "cpu"]);
        arguments.extend(more);
        showerforge(&arguments)
    }
}

pub fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn write_sample(to: &Path, of: &str, events: usize) {
    let from = repository().join(format!("data/geant4_photons_{of}.hdf5"));
    let events = EventFile::open(&from, &photons()).unwrap().read(0..events).unwrap();
    let options = WriteOptions { gzip_level: 1, ..WriteOptions::default() };
    let mut writer =
        EventWriter::create(to, &photons(), false, &Provenance::default(), options).unwrap();
    writer.append(&events).unwrap();
    writer.finish().unwrap();
}
