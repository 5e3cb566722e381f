use detectors::builtin;
use showerforge::events::{EventFile, Oddity};
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
    assert_eq!(checked, 12);
}

#[test]
fn the_samples_fit_the_built_in_detectors() {
    for (sample, detector, train, valid) in [
        ("photons", "calochallenge-photons", 8000, 3000),
        ("pions", "calochallenge-pions", 4000, 1500),
        ("electrons", "calochallenge-electrons", 1500, 500),
        ("rich_pid", "rich-pid", 30_000, 10_000),
        ("rich_rings", "rich-rings", 4000, 1000),
    ] {
        let detector = builtin(detector).expect("built in");
        for (part, events) in [("train", train), ("valid", valid)] {
            let path = repository().join(format!("data/geant4_{sample}_{part}.hdf5"));
            let file = EventFile::open(&path, &detector).expect("a sample");
            assert_eq!(file.len(), events, "{sample} {part}");
            for oddity in file.check().expect("good") {
                // The files keep voxels down to 1 keV, the detector reads out above 1 MeV; a few
                // low-energy pions and slow tracks leave nothing.
                let known = matches!(oddity, Oddity::BelowThreshold { .. } | Oddity::Empty { .. });
                assert!(known, "{sample} {part}: {oddity}");
            }
        }
    }
}
