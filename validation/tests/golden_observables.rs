//! Observables and separation powers against CaloChallenge's own definitions: golden numbers of
//! the deterministic showers described in `tests/golden/README.md`.

use detectors::Detector;
use ndarray::Array2;
use serde_json::Value;
use validation::observables::{EventObservables, Histogram, ObservableKind, bin_edges};
use validation::tests::separation_power;

const EVENTS: usize = 64;
const RELATIVE: f64 = 1e-9;

/// v = ((i·7919 + e·104729 + seed·15485863) mod 1009) / 10 MeV, and 0 where
/// (i·31 + e·17 + seed·13) mod 7 < 3, for voxel i of event e.
fn showers(voxels: usize, seed: usize) -> Array2<f64> {
    Array2::from_shape_fn((EVENTS, voxels), |(event, voxel)| {
        if (voxel * 31 + event * 17 + seed * 13) % 7 < 3 {
            return 0.0;
        }
        let value = (voxel * 7919 + event * 104_729 + seed * 15_485_863) % 1009;
        value as f64 / 10.0
    })
}

/// Data set 2 with the threshold that the golden numbers were made with, 0.5 keV / 0.033.
fn data_set_2() -> Detector {
    let text = detectors::builtin_toml("calochallenge-electrons").expect("built in");
    let exact = text.replacen("= 0.01515\n", "= 0.015151515151515152\n", 1);
    assert_ne!(text, exact);
    Detector::from_toml(&exact).expect("valid")
}

fn check(detector: &Detector, golden: &str) {
    let golden: Value = serde_json::from_str(golden).expect("golden numbers are JSON");
    let compute = |seed| {
        let showers = showers(detector.value_count(), seed);
        EventObservables::compute(detector, showers.view(), &[1000.0; EVENTS]).expect("fits")
    };
    let (reference, generated) = (compute(1), compute(2));

    let per_event = golden["events0_2"].as_object().expect("an object");
    assert!(per_event.len() >= 24);
    for (name, expected) in per_event {
        let found = reference.by_name(name).unwrap_or_else(|| panic!("`{name}` is computed"));
        for (event, expected) in expected.as_array().expect("an array").iter().enumerate() {
            let expected = expected.as_f64().expect("a number");
            let error = (found[event] - expected).abs() / expected.abs();
            assert!(error <= RELATIVE, "{name} of event {event}: {} {expected}", found[event]);
        }
    }

    for (name, expected) in golden["separation_power_ref1_gen2"].as_object().expect("an object") {
        let kind = *reference
            .kinds()
            .iter()
            .find(|kind: &&ObservableKind| kind.name(detector) == *name)
            .expect("known");
        let (a, b) = (reference.get(kind).expect("known"), generated.get(kind).expect("known"));
        let edges = bin_edges(kind, detector, 0.0..=a.iter().copied().fold(0.0, f64::max));
        let histogram = |values: &[f64]| Histogram::fill(&edges, values.iter().copied()).counts;
        let found = separation_power(&histogram(a), &histogram(b));
        let expected = expected.as_f64().expect("a number");
        assert!((found - expected).abs() <= 1e-12, "{name}: {found} {expected}");
    }
}

#[test]
fn data_set_1_photons_agree_with_the_challenges_definitions() {
    let photons = detectors::builtin("calochallenge-photons").expect("built in");
    let golden = include_str!("../../tests/golden/calorimeter_ds1_photons.json");
    check(&photons, golden);
}

#[test]
fn data_set_2_agrees_with_the_challenges_definitions() {
    check(&data_set_2(), include_str!("../../tests/golden/calorimeter_ds2.json"));
}
