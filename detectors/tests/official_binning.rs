//! The built-in numbers against the challenge's official binning files, where these are at hand.

use std::path::Path;

use detectors::Detector;
use detectors::calorimeter::from_xml;

fn compare(file: &str, builtin: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/binning").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: the official binning file is not at {}", path.display());
        return;
    };
    let official = from_xml(&text, "official", 1.0, 256.0..=4_194_304.0).expect("official file");
    let ours = detectors::builtin(builtin).expect("built in");
    let numbers = |detector: &Detector| {
        detector
            .layers()
            .iter()
            .map(|l| {
                // The official edges of data set 3 carry rounding in the last digits.
                let edges = l.radial_edges_mm().expect("rings").iter();
                let edges: Vec<i64> = edges.map(|edge| (edge * 1e6).round() as i64).collect();
                (l.id(), edges, l.angular_bins(), l.cells())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&official), numbers(&ours));
    assert_eq!(official.pdg_id(), ours.pdg_id());
}

#[test]
fn photons() {
    compare("binning_dataset_1_photons.xml", "calochallenge-photons");
}

#[test]
fn pions() {
    compare("binning_dataset_1_pions.xml", "calochallenge-pions");
}

#[test]
fn electrons() {
    compare("binning_dataset_2.xml", "calochallenge-electrons");
}

#[test]
fn fine_electrons() {
    compare("binning_dataset_3.xml", "calochallenge-electrons-fine");
}
