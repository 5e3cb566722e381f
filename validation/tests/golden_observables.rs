//! Observables and separation powers against CaloChallenge's own definitions: golden numbers of
//! the deterministic showers described in `tests/golden/README.md`.

use detectors::Calorimeter;
use ndarray::Array2;
use serde_json::Value;
use validation::observables::{Histogram, ObservableKind, ShowerObservables, bin_edges};
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

/// 45 layers of 9 rings of 4.65 mm, each cut into 16 sectors.
fn data_set_2() -> Calorimeter {
    let radii = (0..=9).map(|ring| format!("{:?}", f64::from(ring) * 4.65)).collect::<Vec<_>>();
    let layers: String = (0..45)
        .map(|id| {
            format!(
                "[[layer]]\nid = {id}\nname = \"layer {id}\"\nradial_edges_mm = [{}]\n\
                 angular_bins = 16\n",
                radii.join(", ")
            )
        })
        .collect();
    let text = format!(
        "format_version = 1\nname = \"data-set-2\"\ntitle = \"data set 2\"\n\
         particle = \"electron\"\npdg_id = 11\nreadout_threshold_mev = 0.015151515151515152\n\
         [incident_energy_mev]\nminimum = 1000.0\nmaximum = 1000000.0\n{layers}"
    );
    Calorimeter::from_toml(&text).expect("valid")
}

fn check(detector: &Calorimeter, golden: &str) {
    let golden: Value = serde_json::from_str(golden).expect("golden numbers are JSON");
    let compute = |seed| {
        let showers = showers(detector.voxel_count(), seed);
        ShowerObservables::compute(detector, showers.view(), &[1000.0; EVENTS]).expect("fits")
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
            .find(|kind: &&ObservableKind| kind.to_string() == *name)
            .expect("known");
        let (a, b) = (reference.get(kind).expect("known"), generated.get(kind).expect("known"));
        let edges = bin_edges(kind, detector, a.iter().copied().fold(0.0, f64::max));
        let histogram = |values: ndarray::ArrayView1<f64>| {
            Histogram::fill(&edges, values.iter().copied()).counts
        };
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
