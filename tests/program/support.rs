use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

/// The program, run in the repository's folder so that its messages have stable paths.
pub fn showerforge(arguments: &[&str]) -> Output {
    Command::cargo_bin("showerforge")
        .expect("cargo has built it")
        .current_dir(repository())
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .args(arguments)
        .output()
        .expect("it runs")
}

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn fixture(name: &str) -> PathBuf {
    repository().join("tests/fixtures").join(name)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Names in `folder`, hidden ones too.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("readable")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A calorimeter with so many voxels in a row.
pub fn calorimeter(voxels: usize) -> detectors::Detector {
    let toml = format!(
        "format_version = 1\nname = \"row\"\ntitle = \"Row\"\nfamily = \"calorimeter\"\n\
         [response]\ndataset = \"showers\"\nquantity = \"energy\"\nunit = \"MeV\"\n\
         normalised_by = \"incident_energy\"\n[[response.layer]]\nid = 0\nname = \"row\"\n\
         x_edges_mm = [0, 1]\ny_edges_mm = {:?}\n[[condition]]\nname = \"incident_energy\"\n\
         dataset = \"incident_energies\"\nunit = \"MeV\"\nminimum = 1.0\nmaximum = 1e8\n\
         scale = \"logarithmic\"\n",
        (0..=voxels).collect::<Vec<_>>()
    );
    detectors::Detector::from_toml(&toml).unwrap()
}

pub fn photons() -> detectors::Detector {
    detectors::builtin("calochallenge-photons").unwrap()
}

/// Showers of these incident energies.
pub fn showers(
    energies_mev: &[f64],
    voxels_mev: ndarray::Array2<f32>,
) -> showerforge::events::Events {
    let conditions =
        ndarray::Array2::from_shape_vec((energies_mev.len(), 1), energies_mev.to_vec());
    showerforge::events::Events {
        conditions: conditions.unwrap(),
        values: voxels_mev,
        weights: None,
    }
}
