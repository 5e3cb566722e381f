//! The whole comparison on small samples of made-up showers.

use detectors::Detector;
use ndarray::Array2;
use validation::classifier::ClassifierSettings;
use validation::report::model::ValidationReport;
use validation::{ClassifierChoice, Sample, Silent, ValidationSettings, validate};

fn photons() -> Detector {
    detectors::builtin("calochallenge-photons").expect("built in")
}

/// Numbers in [0, 1) that look random enough: splitmix64.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 2f64.powi(53)
    }
}

/// Showers whose voxels share `response` × E_inc at random.
fn sample(label: &str, seed: u64, events: usize, energies: &[f64], response: f64) -> Sample {
    let mut noise = noise(seed);
    let incident: Vec<f64> = (0..events).map(|event| energies[event % energies.len()]).collect();
    let mut voxels = Array2::zeros((events, 368));
    for (mut shower, &energy) in voxels.outer_iter_mut().zip(&incident) {
        let total = response * energy * (1.0 + 0.1 * (noise() + noise() - 1.0));
        let weights: Vec<f64> = (0..368).map(|_| noise().powi(8)).collect();
        let sum: f64 = weights.iter().sum();
        for (voxel, weight) in shower.iter_mut().zip(weights) {
            *voxel = (total * weight / sum) as f32;
        }
    }
    let provenance = vec![("seed".to_owned(), seed.to_string())];
    let conditions = Array2::from_shape_vec((events, 1), incident).expect("one column");
    Sample::new(label, &photons(), conditions, voxels, None, provenance).expect("valid")
}

fn quick(classifiers: ClassifierChoice) -> ValidationSettings {
    ValidationSettings {
        classifiers,
        classifier: ClassifierSettings {
            hidden_width: 32,
            batch_size: 64,
            maximum_epochs: 6,
            ..Default::default()
        },
        floor_splits: 4,
        ..Default::default()
    }
}

fn run(reference: &Sample, generated: &Sample, settings: &ValidationSettings) -> ValidationReport {
    validate(reference, generated, None, &photons(), settings, &Silent).expect("compares")
}

const ENERGIES: [f64; 3] = [1024.0, 2048.0, 8192.0];

#[test]
fn a_good_sample_passes_and_a_wrong_response_fails_at_its_place() {
    let reference = sample("reference", 1, 1200, &ENERGIES, 1.0);
    let settings = quick(ClassifierChoice::HighLevel);
    let good = run(&reference, &sample("good", 2, 1200, &ENERGIES, 1.0), &settings);
    let of = |report: &ValidationReport, name: &str| {
        report.verdict.criteria.iter().find(|c| c.name.contains(name)).expect("judged").clone()
    };
    let response = of(&good, "χ²/ndf");
    assert!(response.passed && response.floor > 0.3 && response.floor < 2.0, "{response:?}");
    assert!(of(&good, "AUC").value < 0.65 && of(&good, "AUC").floor < 0.65);
    assert_eq!(good.classifiers[0].feature_count, 30);
    assert!(good.notes.is_empty(), "{:?}", good.notes);

    let bad = run(&reference, &sample("bad", 3, 1200, &ENERGIES, 1.15), &settings);
    assert!(!bad.verdict.passed);
    assert!(!of(&bad, "χ²/ndf").passed && !of(&bad, "separation").passed);
    assert_eq!(of(&bad, "separation").place, "E_tot_over_E_inc");
    assert!(of(&bad, "AUC").value > 0.9);
}

#[test]
fn every_part_of_the_report_is_filled() {
    let reference = sample("reference", 1, 900, &ENERGIES, 1.0);
    let report = run(
        &reference,
        &sample("generated", 2, 600, &ENERGIES, 1.0),
        &quick(ClassifierChoice::None),
    );
    // E_tot/E_inc, depth, containment and hits, 28 of the layers, and the voxels.
    assert_eq!(report.observables.len(), 1 + 5 + 28 + 1);
    for observable in &report.observables {
        let pair = &observable.histogram;
        assert_eq!(pair.edges.len(), pair.reference.len() + 1, "{}", observable.name);
        let counted = pair.generated.iter().sum::<f64>() as usize + pair.generated_outside;
        assert_eq!(counted, pair.generated_entries, "{}", observable.name);
        if observable.name != "voxel_energy" {
            assert_eq!((pair.reference_entries, pair.generated_entries), (900, 600));
        }
        assert!(observable.separation.value < 0.2 && observable.ks_p_value > 1e-4);
        assert!((0.0..1.0).contains(&observable.ks.floor));
    }
    assert_eq!(report.per_energy.len(), 3);
    assert_eq!(report.per_energy[2].observables[0].histogram.edges[0], 0.9);
    assert_eq!(report.response.len(), 3);
    let point = &report.response[0];
    assert_eq!((point.reference_events, point.generated_events), (300, 200));
    assert!((point.reference_mean - 0.95).abs() < 0.1, "{}", point.reference_mean);
    assert_eq!(report.layer_images.len(), 5);
    assert_eq!(report.layer_images[1].reference.len(), 160);
    assert_eq!(report.reference.discrete_energies[0], (1024.0, 300));
    assert!(report.floor.contains("450 of the 900 events"), "{}", report.floor);
    assert_eq!(report.notes.len(), 2, "both samples are small: {:?}", report.notes);

    let text = serde_json::to_string(&report).expect("finite numbers");
    assert!(!text.contains("null,\"floor\""), "every figure is a number");
    let _: ValidationReport = serde_json::from_str(&text).expect("reads back");
}

#[test]
fn the_report_is_the_same_on_any_number_of_threads() {
    let reference = sample("reference", 1, 500, &ENERGIES, 1.0);
    let generated = sample("generated", 2, 500, &ENERGIES, 1.02);
    let report = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let report =
            pool.install(|| run(&reference, &generated, &quick(ClassifierChoice::HighLevel)));
        serde_json::to_string(&report).expect("finite numbers")
    };
    assert_eq!(report(1), report(3));
}

#[test]
fn a_second_reference_gives_the_floor_at_full_size() {
    let reference = sample("reference", 1, 800, &ENERGIES, 1.0);
    let second = sample("second", 4, 700, &ENERGIES, 1.0);
    let generated = sample("generated", 2, 800, &ENERGIES, 1.0);
    let settings = quick(ClassifierChoice::None);
    let report = validate(&reference, &generated, Some(&second), &photons(), &settings, &Silent)
        .expect("compares");
    assert_eq!(
        report.floor,
        "reference (800 events) against a second reference sample, `second` (700 events)"
    );
    let own = validate(&reference, &second, None, &photons(), &settings, &Silent);
    let own = own.expect("compares");
    for (with_floor, as_value) in report.observables.iter().zip(&own.observables) {
        assert_eq!(with_floor.separation.floor, as_value.separation.value);
    }
}

#[test]
fn different_incident_energies_and_empty_events_are_told() {
    let reference = sample("reference", 1, 1200, &ENERGIES, 1.0);
    let settings = quick(ClassifierChoice::None);
    let notes = |generated: &Sample| run(&reference, generated, &settings).notes.join("\n");
    let other = notes(&sample("generated", 2, 1200, &[1024.0, 2048.0, 4096.0], 1.0));
    assert!(other.contains("there are no events at 8192 MeV"), "{other}");
    let skewed = notes(&sample("generated", 2, 1200, &[1024.0, 1024.0, 2048.0, 8192.0], 1.0));
    assert!(skewed.contains("shares of the energies"), "{skewed}");
    let continuous: Vec<f64> = (0..100).map(|i| 1000.0 + 10.0 * f64::from(i)).collect();
    let continuous = notes(&sample("generated", 2, 1200, &continuous, 1.0));
    assert!(continuous.contains("they are continuous"), "{continuous}");
    let empty = notes(&sample("generated", 2, 1200, &ENERGIES, 0.0));
    assert!(empty.contains("1200 of 1200 events of the generated sample have no"), "{empty}");
    let beyond = notes(&sample("generated", 2, 1200, &[1.0], 1.0));
    assert!(beyond.contains("outside the detector's 256 to 4194304 MeV"), "{beyond}");
}

#[test]
fn continuous_energies_are_binned_and_few_events_go_without_classifier() {
    let energies: Vec<f64> = (0..90).map(|i| 1000.0 * 1.03f64.powi(i)).collect();
    let reference = sample("reference", 1, 90, &energies, 1.0);
    let report = run(
        &reference,
        &sample("generated", 2, 90, &energies, 1.0),
        &quick(ClassifierChoice::Both),
    );
    assert!(report.per_energy.is_empty() && report.reference.discrete_energies.is_empty());
    assert_eq!(report.response.len(), 10);
    assert!(report.classifiers.is_empty());
    assert!(report.notes.iter().any(|note| note.contains("no classifier on low-level")));
}
