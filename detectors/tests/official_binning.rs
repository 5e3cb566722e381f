//! The built-in numbers against the challenge's official binning files, where these are at hand.

use std::path::Path;

use detectors::calorimeter::from_xml;

#[test]
fn official_photon_binning_is_the_built_in_detector() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/binning/binning_dataset_1_photons.xml");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: the official binning file is not at {}", path.display());
        return;
    };
    let official = from_xml(&text, "official", 1.0, 256.0..=4_194_304.0).expect("official file");
    let ours = detectors::builtin("calochallenge-photons").expect("built in");
    let numbers = |c: &detectors::Calorimeter| {
        c.layers()
            .iter()
            .map(|l| (l.id(), l.radial_edges_mm().to_vec(), l.angular_bins(), l.voxels()))
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&official), numbers(&ours));
    assert_eq!((official.pdg_id(), official.voxel_count()), (ours.pdg_id(), 368));
}
