//! Exported models in ONNX Runtime, and lwtnn's JSON by a reader of what its source documents,
//! against our own events. Needs Python with h5py, onnx and onnxruntime.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fresh;
#[path = "tiny/mod.rs"]
mod tiny;

use std::path::{Path, PathBuf};
use std::process::Command;

use ndarray::Array2;
use serde::Deserialize;
use showerforge::export::onnx::{self, OnnxSettings, Signature};
use showerforge::export::{ExportError, Samples, lwtnn, write_samples};
use showerforge::generate::{ConditionSource, GivenConditions, Surrogate};
use showerforge::model::SurrogateModel;
use showerforge::nn::Operation;
use showerforge::settings::CheckedSettings;

use fresh::{CONFIGURATIONS, conditions, events, model, model_of, settings};

/// What the scripts print.
#[derive(Debug, Deserialize)]
struct Comparison {
    #[serde(default)]
    name: String,
    events: usize,
    #[serde(default)]
    values: usize,
    not_zero: usize,
    flipped: usize,
    #[serde(default)]
    other_events: usize,
    #[serde(default)]
    of_total: f64,
    of_scale: f64,
    #[serde(default)]
    of_value: f64,
    #[serde(default)]
    of_bright_value: f64,
    #[serde(default)]
    of_value_99_9: f64,
    #[serde(default)]
    rank_1_differs: bool,
    #[serde(default)]
    opset: i64,
    #[serde(default)]
    metadata: std::collections::BTreeMap<String, String>,
}

fn python(imports: &str) -> Option<String> {
    let named = std::env::var("SHOWERFORGE_TEST_PYTHON").ok();
    let candidates = named.into_iter().chain(["python3".to_owned(), ".venv/bin/python".to_owned()]);
    let found = candidates.into_iter().find(|python| {
        let import = Command::new(python).args(["-c", &format!("import {imports}")]).output();
        import.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        eprintln!("SKIPPED: no Python with {imports}; set SHOWERFORGE_TEST_PYTHON to one");
    }
    found
}

fn run_script<T: serde::de::DeserializeOwned>(
    python: &str,
    name: &str,
    arguments: &[PathBuf],
) -> T {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crosscheck/export").join(name);
    // A file that another test writes while this one starts Python is open there, too, and locked.
    let output = Command::new(python)
        .env("HDF5_USE_FILE_LOCKING", "FALSE")
        .arg(script)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A surrogate that was written to a file and read again, as it is for users.
fn stored(model: &SurrogateModel, folder: &Path, name: &str) -> Surrogate {
    let path = folder.join(format!("{name}.safetensors"));
    model.write(&path, false).unwrap();
    Surrogate::open(&path).unwrap()
}

fn shipped() -> Surrogate {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models/photons-geant4.safetensors");
    Surrogate::open(&path).unwrap()
}

/// Event k has row k of the conditions.
fn rows(conditions: &Array2<f64>) -> ConditionSource {
    let columns = conditions.columns().into_iter().map(|column| column.to_vec());
    ConditionSource::Given(GivenConditions::of_columns(columns.collect()))
}

fn write_onnx(surrogate: &Surrogate, settings: &OnnxSettings, path: &Path) {
    let bytes = onnx::write(surrogate, settings).unwrap();
    showerforge::files::write_atomically(path, &bytes, false).unwrap();
}

/// The model as ONNX and samples of it.
fn exported(
    surrogate: &Surrogate,
    settings: &CheckedSettings,
    folder: &Path,
    name: &str,
    events: usize,
) -> [PathBuf; 2] {
    let paths = [folder.join(format!("{name}.onnx")), folder.join(format!("{name}.hdf5"))];
    write_onnx(surrogate, &OnnxSettings::default(), &paths[0]);
    let conditions = conditions(settings.detector(), &settings.conditions, events);
    let samples =
        Samples { conditions: rows(&conditions), seed: 1, first_event: 0, events: events as u64 };
    write_samples(surrogate, &samples, &paths[1], false).unwrap();
    paths
}

/// Fewer events of many values or products.
fn affordable(surrogate: &Surrogate) -> usize {
    let model = surrogate.model();
    let products = products(&model.generator.program().network).max(1);
    let by_values = 30_000_000 / model.detector.value_count();
    2_000.min(by_values).min(200_000_000_000 / products).max(64)
}

fn products(operations: &[Operation]) -> usize {
    let of = |operation: &Operation| match operation {
        Operation::Dense(dense) => dense.weight.len(),
        Operation::Convolution(sliding) | Operation::TransposedConvolution(sliding) => {
            sliding.weight.len() * sliding.narrow[1..].iter().product::<usize>()
        }
        Operation::Branches(branches) => branches.iter().map(|branch| products(branch)).sum(),
        Operation::Residual { body, shortcut } => products(body) + products(shortcut),
        _ => 0,
    };
    operations.iter().map(of).sum()
}

impl Comparison {
    /// Within 1e-5 of the event's sum, and few values on the other side of a threshold. Of the largest
    /// value the bound is twice that: each side is off by its own 32-bit rounding.
    fn check(&self) {
        let name = Path::new(&self.name).file_stem().and_then(|stem| stem.to_str());
        eprintln!(
            "{:28} {:5} events, {:8} of {:8} values not 0: of total {:.1e}, of largest {:.1e}, \
             of value {:.1e} (bright {:.1e}, 99.9 %: {:.1e}), {} flipped in {} events",
            name.unwrap_or_default(),
            self.events,
            self.not_zero,
            self.values,
            self.of_total,
            self.of_scale,
            self.of_value,
            self.of_bright_value,
            self.of_value_99_9,
            self.flipped,
            self.other_events
        );
        assert!(self.not_zero > 0, "{}: only zeros", self.name);
        assert!(self.of_total <= 1e-5, "{}: {:.1e} of the sum", self.name, self.of_total);
        // 32-bit numbers themselves are up to 1e-5 from 64 bits (`tests/operations.rs`), and both
        // sides are such.
        assert!(self.of_scale <= 2e-5, "{}: {:.1e} of the scale", self.name, self.of_scale);
        assert!(!self.rank_1_differs, "{}", self.name);
        assert!(self.flipped <= 2 + self.values / 100_000, "{}: {}", self.name, self.flipped);
    }
}

/// 10,000 events of the shipped model.
#[test]
fn the_shipped_model_makes_the_same_events_in_onnx_runtime() {
    let Some(python) = python("h5py, onnx, onnxruntime") else { return };
    let folder = tempfile::tempdir().unwrap();
    let surrogate = shipped();
    let paths = [folder.path().join("photons.onnx"), folder.path().join("photons.hdf5")];
    write_onnx(&surrogate, &OnnxSettings::default(), &paths[0]);
    let energies = (8..=13).map(|n| 2.0_f64.powi(n)).collect();
    let samples = Samples {
        conditions: ConditionSource::Given(GivenConditions::of_columns(vec![energies])),
        seed: 1,
        first_event: 5_000,
        events: 10_000,
    };
    write_samples(&surrogate, &samples, &paths[1], false).unwrap();
    let comparisons: Vec<Comparison> = run_script(&python, "onnx_models.py", &paths);
    let comparison = &comparisons[0];
    comparison.check();
    // A voxel is a small difference of larger numbers now and then.
    assert!(comparison.of_scale <= 1e-5, "{:.1e}", comparison.of_scale);
    assert!(comparison.of_value_99_9 <= 1e-5, "{:.1e}", comparison.of_value_99_9);
    assert_eq!(comparison.opset, onnx::OPERATOR_SET);
    let metadata = &comparison.metadata;
    assert_eq!(metadata["model_sha256"], surrogate.sha256());
    assert_eq!(metadata["unit"], "MeV");
    assert!(metadata["conditions"].contains("\"maximum\":8192.0"), "{}", metadata["conditions"]);
    assert!(metadata["noise"].contains("\"count\":368"), "{}", metadata["noise"]);
}

/// Untrained generators of every configuration.
#[test]
fn every_configuration_makes_the_same_events_in_onnx_runtime() {
    let Some(python) = python("h5py, onnx, onnxruntime") else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in CONFIGURATIONS {
        let settings = settings(name);
        let surrogate = stored(&model(&settings), folder.path(), name);
        let count = affordable(&surrogate);
        let paths = exported(&surrogate, &settings, folder.path(), name, count);
        let comparisons: Vec<Comparison> = run_script(&python, "onnx_models.py", &paths);
        comparisons.iter().for_each(Comparison::check);
        paths.iter().for_each(|path| std::fs::remove_file(path).unwrap());
    }
}

const LAYERS_2D: &str = r#"
    { kind = "concatenate" },
    { kind = "dense", outputs = 32, spectral_norm = true },
    { kind = "reshape", shape = [2, 4, 4] },
    { kind = "batch-norm" },
    { kind = "swish", per_channel = true },
    { kind = "pad", low = [1, 0], high = [0, 1] },
    { kind = "convolution-2d", outputs = 4, kernel = [3, 2], stride = [2, 1], padding = [1, 0] },
    { kind = "pixel-norm" },
    { kind = "gated", tanh = true },
    { kind = "transposed-convolution-2d", outputs = 6, kernel = [3, 3], stride = [2, 2], padding = [1, 0], output_padding = [1, 1] },
    { kind = "crop", low = [1, 0], high = [0, 1] },
    { kind = "average-pool", kernel = [2, 2] },
    { kind = "maxout", pieces = 3 },
    { kind = "upsample", factors = [2, 1] },
    { kind = "concatenate", embedding = 3 },
    { kind = "layer-norm", affine = "channel" },
    { kind = "leaky-relu" },
    { kind = "residual", layer = [
        { kind = "convolution-2d", outputs = 5, kernel = [3, 3], padding = [1, 1] },
        { kind = "gelu" },
    ], shortcut = [{ kind = "convolution-2d", outputs = 5, kernel = [1, 1], bias = false }] },
    { kind = "repeat", times = 2, layer = [{ kind = "layer-norm" }, { kind = "tanh" }] },
    { kind = "dropout", rate = 0.2 },
    { kind = "branches", branch = [
        { layer = [{ kind = "dense", outputs = 18 }, { kind = "sigmoid" }] },
        { layer = [{ kind = "dense", outputs = 19 }, { kind = "softmax" }] },
        { layer = [{ kind = "maxout", pieces = 5 }, { kind = "projection" }] },
    ] },
    { kind = "swish" },
    { kind = "relu" },
    { kind = "dense", outputs = OUTPUTS },
"#;

const LAYERS_3D: &str = r#"
    { kind = "concatenate" },
    { kind = "dense", outputs = 48 },
    { kind = "reshape", shape = [2, 2, 3, 4] },
    { kind = "convolution-3d", outputs = 4, kernel = [2, 3, 3], stride = [1, 2, 1], padding = [1, 1, 0] },
    { kind = "batch-norm" },
    { kind = "silu" },
    { kind = "transposed-convolution-3d", outputs = 3, kernel = [2, 3, 2], stride = [2, 1, 3], padding = [0, 1, 0], output_padding = [1, 0, 2] },
    { kind = "pad", low = [0, 1, 2], high = [1, 0, 0] },
    { kind = "pixel-norm" },
    { kind = "average-pool", kernel = [3, 1, 2] },
    { kind = "upsample", factors = [1, 2, 3] },
    { kind = "crop", low = [0, 1, 0], high = [1, 0, 2] },
    { kind = "dense", outputs = OUTPUTS },
"#;

fn with_network(codec: &str, layers: &str) -> String {
    format!(
        r#"
format_version = 2
detector = "tiny"
{codec}

[generator]
latent = 6
voxel_noise = "VOXEL_NOISE"
optimiser = {{ kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }}

[generator.network]
layer = [{layers}]

[[critic]]
name = "event"
sees = "shower"
network = {{ hidden = [8], activation = "silu" }}
objective = {{ kind = "wasserstein" }}
optimiser = {{ kind = "adam", learning_rate = 1e-3, beta1 = 0.5, beta2 = 0.9 }}

[training]
iterations = 4
batch_size = 16
critic_steps = 1
average_decay = 0.5
azimuthal_symmetry = false
"#
    )
}

/// Layers that no configuration has, in two and three dimensions.
#[test]
fn every_layer_is_the_same_in_onnx_runtime() {
    let Some(python) = python("h5py, onnx, onnxruntime") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    // 18 cells, their noise, two layers and the total.
    for (name, layers, outputs) in [("2d", LAYERS_2D, 39), ("3d", LAYERS_3D, 39)] {
        let layers = layers.replace("OUTPUTS", &outputs.to_string());
        let text = with_network("codec = { voxel_scale = \"power-0.85\" }", &layers)
            .replace("VOXEL_NOISE", "mixed");
        let settings = tiny::settings(&text);
        let surrogate = stored(&model(&settings), folder.path(), name);
        all.extend(exported(&surrogate, &settings, folder.path(), name, 2_000));
    }
    let comparisons: Vec<Comparison> = run_script(&python, "onnx_models.py", &all);
    comparisons.iter().for_each(Comparison::check);
}

/// Pipelines with every transform. `ratio` is not for exact steps: one rounding moves a value to the
/// next.
#[test]
fn every_transform_is_decoded_in_onnx_runtime() {
    let Some(python) = python("h5py, onnx, onnxruntime") else { return };
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            "fractions",
            r#"[{ kind = "layer-fractions" }, { kind = "power", exponent = 0.7 }, { kind = "standard" }]"#,
            21,
        ),
        (
            "logarithms",
            r#"[{ kind = "incident-energy-fraction" }, { kind = "threshold", minimum = 2e-4 }, { kind = "logarithm", offset = 1e-3 }, { kind = "deviation-only" }]"#,
            18,
        ),
        (
            "quantiles",
            r#"[{ kind = "incident-energy-fraction" }, { kind = "quantile-normal", n_quantiles = 60 }]"#,
            18,
        ),
    ];
    let mut all = Vec::new();
    for (name, transform, outputs) in cases {
        let layers = format!("{{ kind = \"dense\", outputs = {outputs} }}");
        let text = with_network(&format!("codec = {{ transform = {transform} }}"), &layers)
            .replace("VOXEL_NOISE", "none");
        let settings = tiny::settings(&text);
        let surrogate = stored(&model(&settings), folder.path(), name);
        all.extend(exported(&surrogate, &settings, folder.path(), name, 2_000));
    }
    let comparisons: Vec<Comparison> = run_script(&python, "onnx_models.py", &all);
    comparisons.iter().for_each(Comparison::check);
}

/// Steps that round: categories, and counts.
#[test]
fn categories_and_counts_are_decoded_in_onnx_runtime() {
    let Some(python) = python("h5py, onnx, onnxruntime") else { return };
    let folder = tempfile::tempdir().unwrap();
    let transform = r#"[{ kind = "category-index", column = 17, categories = 3 }, { kind = "one-hot", column = 4, categories = 5 }, { kind = "one-hot", column = 0, categories = 2 }]"#;
    let layers = "{ kind = \"dense\", outputs = 23 }";
    let text = with_network(&format!("codec = {{ transform = {transform} }}"), layers)
        .replace("VOXEL_NOISE", "none");
    let settings = tiny::settings(&text);
    let mut sample = events(settings.detector(), &settings.conditions, 60);
    for (event, mut row) in sample.values.rows_mut().into_iter().enumerate() {
        (row[0], row[4], row[17]) = ((event % 2) as f32, (event % 5) as f32, (event % 3) as f32);
    }
    let surrogate = stored(&model_of(&settings, &sample), folder.path(), "categories");
    let mut all = exported(&surrogate, &settings, folder.path(), "categories", 2_000).to_vec();
    let layers = "{ kind = \"dense\", outputs = 18 }";
    let text =
        with_network("codec = { transform = [{ kind = \"dequantise\", width = 1.0 }] }", layers)
            .replace("VOXEL_NOISE", "none");
    let settings = tiny::settings(&text);
    let mut sample = events(settings.detector(), &settings.conditions, 60);
    sample.values.map_inplace(|value| *value = value.round());
    let surrogate = stored(&model_of(&settings, &sample), folder.path(), "counts");
    all.extend(exported(&surrogate, &settings, folder.path(), "counts", 2_000));
    let comparisons: Vec<Comparison> = run_script(&python, "onnx_models.py", &all);
    comparisons.iter().for_each(Comparison::check);
}

#[test]
fn par04_and_ddml_get_the_same_events() {
    let Some(python) = python("h5py, onnx, onnxruntime") else { return };
    let folder = tempfile::tempdir().unwrap();
    let fixed = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    let cases = [
        ("electrons-geant4", Signature::Par04, Vec::new(), Some(1_024_000.0)),
        ("clic-ecal-25", Signature::Ddml, Vec::new(), None),
        ("regular-grid-getting-high", Signature::Ddml, fixed(&["theta=FIRST", "phi=FIRST"]), None),
    ];
    for (name, signature, mut fixed, maximum_energy_mev) in cases {
        let settings = settings(name);
        let surrogate = stored(&model(&settings), folder.path(), name);
        let [own, samples] = exported(&surrogate, &settings, folder.path(), name, 64);
        // The conditions of the first sample.
        let first = conditions(settings.detector(), &settings.conditions, 1);
        for (number, fixed) in fixed.iter_mut().enumerate() {
            let list: &mut showerforge::generate::ConditionList = fixed;
            *list = format!("{}={}", list.name, first[[0, number + 1]]).parse().unwrap();
        }
        let path = folder.path().join(format!("{name}-{}.onnx", signature.name()));
        write_onnx(&surrogate, &OnnxSettings { signature, fixed, maximum_energy_mev }, &path);
        let arguments = [PathBuf::from(signature.name()), path, own, samples];
        let found: Comparison = run_script(&python, "onnx_signatures.py", &arguments);
        eprintln!("{name}: {found:?}");
        assert!(found.not_zero > 0 && found.events > 8, "{name}");
        assert!(found.of_scale <= 1e-5, "{name}: {:.1e}", found.of_scale);
    }
}

#[test]
fn models_that_do_not_fit_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let message = |surrogate: &Surrogate, signature, fixed: &[&str]| {
        let fixed = fixed.iter().map(|text| text.parse().unwrap()).collect();
        let settings = OnnxSettings { signature, fixed, maximum_energy_mev: None };
        onnx::write(surrogate, &settings).unwrap_err().to_string()
    };
    let photons = shipped();
    let said = message(&photons, Signature::Par04, &[]);
    assert!(said.contains("layers with different cells"), "{said}");
    let said = message(&photons, Signature::Ddml, &[]);
    assert!(said.contains("`calochallenge-photons` is no regular grid"), "{said}");
    let said = message(&photons, Signature::Showerforge, &["incident_energy=300"]);
    assert!(said.contains("`--condition` is not used"), "{said}");
    let grid = stored(&model(&settings("regular-grid-getting-high")), folder.path(), "grid");
    let said = message(&grid, Signature::Ddml, &["phi=0"]);
    assert!(said.contains("must fix `theta`"), "{said}");
    let said = message(&grid, Signature::Ddml, &["phi=0", "theta=0,0.1"]);
    assert!(said.contains("has 2 values for `theta`"), "{said}");
    let said = message(&grid, Signature::Ddml, &["phi=0", "theta=0", "incident_energy=1"]);
    assert!(said.contains("fixes `incident_energy`"), "{said}");
    let rich = stored(&model(&settings("rich-pid")), folder.path(), "rich");
    let said = message(&rich, Signature::Ddml, &[]);
    assert!(said.contains("no regular grid"), "{said}");

    let layers = "{ kind = \"dense\", outputs = 10 }, { kind = \"minibatch-deviation\" }, { kind = \"dense\", outputs = 39 }";
    let text = with_network("codec = { voxel_scale = \"linear\" }", layers)
        .replace("VOXEL_NOISE", "mixed");
    let mixing = stored(&model(&tiny::settings(&text)), folder.path(), "mixing");
    let said = message(&mixing, Signature::Showerforge, &[]);
    assert!(said.contains("layer `minibatch-deviation`"), "{said}");
    assert!(matches!(lwtnn::write(&photons), Err(ExportError::Model { .. })));
    let convolutions = lwtnn::write(&grid).unwrap_err().to_string();
    assert!(convolutions.contains("`transposed-convolution-3d` of the network"), "{convolutions}");
}

/// Dense models, with batch norms to be folded, trained slopes, and residual connections.
#[test]
fn lwtnn_makes_the_same_events() {
    let Some(python) = python("h5py, numpy") else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["photons-fastcalogan", "photons-caloshowergan", "atlas-em-barrel-two-critics"] {
        let settings = settings(name);
        let surrogate = stored(&model(&settings), folder.path(), name);
        let [_, samples] = exported(&surrogate, &settings, folder.path(), name, 200);
        compare_lwtnn(&python, &surrogate, folder.path(), name, samples);
    }
    let layers = r#"
        { kind = "batch-norm" },
        { kind = "concatenate", embedding = 3 },
        { kind = "dense", outputs = 9 },
        { kind = "residual", layer = [{ kind = "dense", outputs = 9 }, { kind = "tanh" }] },
        { kind = "branches", branch = [
            { layer = [{ kind = "dense", outputs = 10 }, { kind = "sigmoid" }] },
            { layer = [{ kind = "dense", outputs = 8 }, { kind = "leaky-relu" }, { kind = "softmax" }] },
        ] },
    "#;
    let text = with_network("codec = { voxel_scale = \"square-root\" }", layers)
        .replace("VOXEL_NOISE", "none")
        .replace("latent = 6", "latent = 6\nhead = \"rectified\"");
    let settings = tiny::settings(&text);
    let surrogate = stored(&model(&settings), folder.path(), "residual");
    let [_, samples] = exported(&surrogate, &settings, folder.path(), "residual", 200);
    compare_lwtnn(&python, &surrogate, folder.path(), "residual", samples);
}

fn compare_lwtnn(python: &str, surrogate: &Surrogate, folder: &Path, name: &str, samples: PathBuf) {
    let path = folder.join(format!("{name}.json"));
    let text = lwtnn::write(surrogate).unwrap();
    showerforge::files::write_atomically(&path, text.as_bytes(), false).unwrap();
    let found: Comparison = run_script(python, "lwtnn_model.py", &[path, samples]);
    eprintln!("{name}: {found:?}");
    assert!(found.not_zero > 100, "{name}");
    assert!(found.of_scale <= 1e-5 && found.flipped <= 2, "{name}: {found:?}");
}
