//! CaloChallenge's observables as features: see `tests/golden/README.md`.

use super::*;
use detectors::Detector;
use validation::metrics::frechet::frechet_distance;
use validation::metrics::kernels::{Kernel, maximum_mean_discrepancy};
use validation::observables::EventObservables;

const EVENTS: usize = 64;

fn showers(voxels: usize, seed: usize) -> Array2<f64> {
    Array2::from_shape_fn((EVENTS, voxels), |(event, voxel)| {
        if (voxel * 31 + event * 17 + seed * 13) % 7 < 3 {
            return 0.0;
        }
        ((voxel * 7919 + event * 104_729 + seed * 15_485_863) % 1009) as f64 / 10.0
    })
}

fn check(detector: &Detector, golden: &str) {
    let golden: Value = serde_json::from_str(golden).expect("JSON");
    let frechet = &golden["frechet_full"];
    let names: Vec<&str> = list(&frechet["features"]).iter().map(text).collect();
    let features = |seed| {
        let showers = showers(detector.value_count(), seed);
        let found = EventObservables::compute(detector, showers.view(), &[1000.0; EVENTS]);
        let found = found.expect("fits");
        let column = |name: &&str| found.by_name(name).expect("computed").to_vec();
        let columns: Vec<Vec<f64>> = names.iter().map(column).collect();
        let values =
            Array2::from_shape_fn((EVENTS, names.len()), |(event, name)| columns[name][event]);
        FeatureMatrix::new("showers", values.view()).expect("valid")
    };
    let (reference, generated) =
        features(1).over_greatest(&features(2)).expect("the same features");
    let name = detector.name();
    let tool = "numpy, CaloChallenge's definitions";
    let found = frechet_distance(&reference, &generated).expect("valid");
    let theirs = number(&frechet["value"]);
    compare(&format!("Fréchet distance, {name}"), found, theirs, tool, 1e-9);
    let kernel = Kernel::polynomial(4, names.len());
    let found = maximum_mean_discrepancy(&reference, &generated, &kernel).expect("valid");
    let theirs = number(&golden["mmd2_poly4_full"]);
    compare(&format!("MMD², (x·y/d + 1)⁴, {name}"), found.unbiased, theirs, tool, 1e-9);
}

#[test]
fn distances_of_observables_are_those_of_the_challenges_definitions() {
    let photons = detectors::builtin("calochallenge-photons").expect("built in");
    check(&photons, include_str!("../../../tests/golden/calorimeter_ds1_photons.json"));
    // The golden numbers have the exact threshold, 0.5 keV / 0.033.
    let text = detectors::builtin_toml("calochallenge-electrons").expect("built in");
    let exact = text.replacen("= 0.01515\n", "= 0.015151515151515152\n", 1);
    assert_ne!(text, exact);
    let electrons = Detector::from_toml(&exact).expect("valid");
    check(&electrons, include_str!("../../../tests/golden/calorimeter_ds2.json"));
}
