use detectors::builtin;
use showerforge::events::{Oddity, ShowerFile};
use showerforge::files::sha256;

use crate::support::repository;

#[test]
fn the_samples_are_the_ones_that_were_made() {
    let data = repository().join("data");
    let sums = std::fs::read_to_string(data.join("SHA256SUMS")).expect("readable");
    let mut checked = 0;
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").expect("sha256sum's format");
        assert_eq!(sha256([data.join(name).as_path()]).expect("readable"), sum, "{name}");
        checked += 1;
    }
    assert_eq!(checked, 2);
}

#[test]
fn the_samples_fit_the_built_in_detector() {
    let photons = builtin("calochallenge-photons").expect("built in");
    for (name, events) in [("train", 8000), ("valid", 3000)] {
        let path = repository().join(format!("data/geant4_photons_{name}.hdf5"));
        let file = ShowerFile::open(&path).expect("a sample");
        assert_eq!((file.len(), file.voxel_count()), (events, 368));
        let oddities = file.check_against(&photons).expect("good");
        // The files keep voxels down to 1 keV, the detector reads out above 1 MeV.
        assert!(matches!(oddities[..], [Oddity::VoxelsBelowThreshold { .. }]), "{oddities:?}");
    }
}
