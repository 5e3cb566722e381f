//! A classifier of PyTorch's as an extractor of the GAN suite, where there is a Python with it.

use std::process::Command;

use ndarray::Array2;
use showerforge::suite::extractor::Extractor;

use crate::python::python_with;

const LAYERS: &str = r#"{"format_version": 1, "name": "a network of PyTorch's", "shape": [2, 6, 6],
    "trunk": [
        {"kind": "reshape", "shape": [2, 6, 6]},
        {"kind": "convolution-2d", "outputs": 3, "kernel": [3, 3], "stride": [2, 2], "padding": [1, 1]},
        {"kind": "batch-norm"},
        {"kind": "leaky-relu", "slope": 0.1},
        {"kind": "dense", "outputs": 5},
        {"kind": "relu"}
    ],
    "head": [{"kind": "dense", "outputs": 4}]}"#;

/// Saves a network, and its features and classes of images x_ij = sin(i + j²).
const NETWORK: &str = r"
import json, sys, torch
from torch import nn
torch.manual_seed(3)
trunk = nn.Sequential(nn.Conv2d(2, 3, 3, 2, 1), nn.BatchNorm2d(3), nn.LeakyReLU(0.1), nn.Flatten(),
                      nn.Linear(27, 5), nn.ReLU())
network = nn.Sequential(*trunk, nn.Linear(5, 4))
images = torch.arange(9.0)[:, None] + torch.arange(72.0) ** 2
images = torch.sin(images).reshape(9, 2, 6, 6)
network(images)  # for the running statistics
network.eval()
torch.save(network.state_dict(), sys.argv[1])
with torch.no_grad():
    print(json.dumps([trunk.eval()(images).tolist(), network(images).softmax(1).tolist()]))
";

#[test]
fn weights_of_pytorch_become_an_extractor() {
    let Some(python) = python_with("torch, numpy") else {
        eprintln!("SKIPPED: no Python with torch; set SHOWERFORGE_TEST_PYTHON to one");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let run = |arguments: &mut Command| {
        let output = arguments.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        output.stdout
    };
    showerforge::files::write_atomically(&path("layers.json"), LAYERS.as_bytes(), true).unwrap();
    let said = run(Command::new(&python).args(["-c", NETWORK]).arg(path("weights.pt")));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/extractor_from_pytorch.py");
    let names = ["weights.pt", "layers.json", "out.safetensors"].map(path);
    run(Command::new(&python).arg(script).args(&names));

    let extractor = Extractor::read(&names[2]).unwrap();
    assert_eq!(extractor.id().name, "a network of PyTorch's");
    let images = Array2::from_shape_fn((9, 72), |(i, j)| (i as f32 + (j * j) as f32).sin());
    let found = extractor.extract("images", images.view()).unwrap();
    let expected: [Vec<Vec<f64>>; 2] = serde_json::from_slice(&said).unwrap();
    for (found, expected) in
        [found.features.view(), found.probabilities.view()].iter().zip(expected)
    {
        let expected: Vec<f64> = expected.concat();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            approx::assert_abs_diff_eq!(*found, expected, epsilon = 1e-5);
        }
    }
}
