//! The whole comparison on small samples of made-up showers.

use detectors::Detector;
use ndarray::Array2;
use validation::classifier::ClassifierSettings;
use validation::report::model::{Criterion, Status, ValidationReport};
use validation::thresholds::Thresholds;
use validation::{ClassifierChoice, Generated, Sample, Silent, ValidationSettings, validate};

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
    compare(reference, generated, None, settings)
}

fn compare(
    reference: &Sample,
    generated: &Sample,
    second: Option<&Sample>,
    settings: &ValidationSettings,
) -> ValidationReport {
    let generated = [Generated { name: "model", sample: generated }];
    let limits = Thresholds::default();
    validate(reference, &generated, second, &photons(), settings, &limits, &Silent)
        .expect("compares")
}

const ENERGIES: [f64; 3] = [1024.0, 2048.0, 8192.0];

#[test]
fn a_good_sample_passes_and_a_wrong_response_fails_at_its_place() {
    let reference = sample("reference", 1, 1200, &ENERGIES, 1.0);
    let settings = quick(ClassifierChoice::HighLevel);
    let good = run(&reference, &sample("good", 2, 1200, &ENERGIES, 1.0), &settings);
    let of = |report: &ValidationReport, measure: &str| -> Criterion {
        let criteria = &report.models[0].verdict.criteria;
        criteria.iter().find(|one| one.measure == measure).expect("judged").clone()
    };
    let response = of(&good, "response-chi2-per-ndf");
    let floor = response.figure.floor;
    assert!(response.status == Status::Green && floor > 0.3 && floor < 2.0, "{response:?}");
    assert!(of(&good, "auc").figure.value < 0.65 && of(&good, "auc").figure.floor < 0.65);
    assert!(of(&good, "response-bias").figure.value < 0.005);
    assert_eq!(good.models[0].classifiers[0].feature_count, 30);
    assert!(good.models[0].notes.is_empty(), "{:?}", good.models[0].notes);
    let red: Vec<Criterion> = good.models[0]
        .verdict
        .criteria
        .clone()
        .into_iter()
        .filter(|one| one.status == Status::Red)
        .collect();
    assert!(red.is_empty(), "{red:?}");

    let bad = run(&reference, &sample("bad", 3, 1200, &ENERGIES, 1.15), &settings);
    assert_eq!(bad.models[0].verdict.status, Status::Red);
    for measure in ["response-chi2-per-ndf", "separation", "response-bias"] {
        assert_eq!(of(&bad, measure).status, Status::Red, "{measure}");
    }
    approx::assert_abs_diff_eq!(of(&bad, "response-bias").figure.value, 0.15, epsilon = 0.01);
    assert_eq!(of(&bad, "separation").place, "E_tot_over_E_inc");
    assert!(of(&bad, "auc").figure.value > 0.9);
}

#[test]
fn every_part_of_the_report_is_filled() {
    let reference = sample("reference", 1, 900, &ENERGIES, 1.0);
    let report = run(
        &reference,
        &sample("generated", 2, 600, &ENERGIES, 1.0),
        &quick(ClassifierChoice::None),
    );
    let model = &report.models[0];
    // E_tot/E_inc, depth, containment and hits, 28 of the layers, and the voxels.
    assert_eq!(model.observables.len(), 1 + 5 + 28 + 1);
    for observable in &model.observables {
        let pair = &observable.histogram;
        assert_eq!(pair.edges.len(), pair.reference.len() + 1, "{}", observable.name);
        let counted = pair.generated.iter().sum::<f64>() as usize
            + pair.generated_underflow
            + pair.generated_overflow;
        assert_eq!(counted, pair.generated_entries, "{}", observable.name);
        if observable.name != "voxel_energy" {
            assert_eq!((pair.reference_entries, pair.generated_entries), (900, 600));
        }
        assert!(observable.separation.value < 0.2 && observable.ks_p_value > 1e-4);
        assert!((0.0..1.0).contains(&observable.ks.floor));
    }
    assert_eq!(model.per_condition.len(), 3);
    let last = &model.per_condition[2];
    assert_eq!((last.label.as_str(), last.reference_events), ("8.192 GeV", 300));
    assert_eq!(last.observables[0].histogram.edges[0], 0.9);
    assert_eq!(last.figures.len(), 34);
    let cells = model.cells.as_ref().expect("has cells");
    assert_eq!((cells.tested, cells.dead, cells.hot), (368, 0, 0));
    assert!((cells.z_spread - 1.0).abs() < 0.2, "{}", cells.z_spread);
    let correlations = model.correlations.as_ref().expect("enough events");
    assert_eq!(correlations.reference.len(), 35 * 35);
    assert!(correlations.greatest.floor > 0.0);
    let duplicates = model.duplicates.as_ref().expect("counted");
    assert_eq!((duplicates.generated, duplicates.copied_from_reference), (0, 0));
    assert_eq!(model.response.len(), 3);
    let point = &model.response[0];
    assert_eq!((point.reference_events, point.generated_events), (300, 200));
    assert!((point.reference_mean - 0.95).abs() < 0.1, "{}", point.reference_mean);
    assert_eq!(model.layer_images.len(), 5);
    assert_eq!(model.layer_images[1].reference.len(), 160);
    assert_eq!(report.reference.discrete_energies[0], (1024.0, 300));
    assert!(report.floor.contains("450 of the 900 events"), "{}", report.floor);
    assert_eq!(model.notes.len(), 2, "both samples are small: {:?}", model.notes);

    let text = serde_json::to_string(&report).expect("finite numbers");
    let _: ValidationReport = validation::report::from_json(&text).expect("reads back");
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
    let report = compare(&reference, &generated, Some(&second), &settings);
    assert_eq!(
        report.floor,
        "reference (800 events) against a second reference sample, `second` (700 events)"
    );
    let own = compare(&reference, &second, None, &settings);
    let pairs = report.models[0].observables.iter().zip(&own.models[0].observables);
    for (with_floor, as_value) in pairs {
        // 1/800 + 1/800 instead of 1/800 + 1/700.
        let value = as_value.separation.value;
        let scaled = value * (2.0 / 800.0) / (1.0 / 800.0 + 1.0 / 700.0);
        // Above 0.05 it is saturated, and stays.
        let scaled = if value > 0.05 { value } else { scaled };
        if with_floor.name != "voxel_energy" {
            approx::assert_relative_eq!(with_floor.separation.floor, scaled, max_relative = 1e-9);
        }
    }
}

#[test]
fn different_incident_energies_and_empty_events_are_told() {
    let reference = sample("reference", 1, 1200, &ENERGIES, 1.0);
    let settings = quick(ClassifierChoice::None);
    let notes =
        |generated: &Sample| run(&reference, generated, &settings).models[0].notes.join("\n");
    let other = notes(&sample("generated", 2, 1200, &[1024.0, 2048.0, 4096.0], 1.0));
    assert!(other.contains("there are no events at 8192 MeV"), "{other}");
    let skewed = notes(&sample("generated", 2, 1200, &[1024.0, 1024.0, 2048.0, 8192.0], 1.0));
    assert!(skewed.contains("shares of the energies"), "{skewed}");
    let continuous: Vec<f64> = (0..100).map(|i| 1000.0 + 10.0 * f64::from(i)).collect();
    let continuous = notes(&sample("generated", 2, 1200, &continuous, 1.0));
    assert!(continuous.contains("it is continuous"), "{continuous}");
    let empty = notes(&sample("generated", 2, 1200, &ENERGIES, 0.0));
    assert!(empty.contains("1200 of 1200 events of the generated sample have no"), "{empty}");
    let beyond = notes(&sample("generated", 2, 1200, &[1.0], 1.0));
    assert!(beyond.contains("outside the detector's 256 to 4194304 MeV"), "{beyond}");
}

#[test]
fn continuous_energies_are_binned_and_few_events_go_without_classifier() {
    let energies: Vec<f64> = (0..90).map(|i| 1000.0 * 1.03f64.powi(i)).collect();
    let reference = sample("reference", 1, 48, &energies, 1.0);
    let report = run(
        &reference,
        &sample("generated", 2, 48, &energies, 1.0),
        &quick(ClassifierChoice::Both),
    );
    assert!(report.reference.discrete_energies.is_empty());
    assert_eq!(report.models[0].response.len(), 10);
    assert!(report.models[0].classifiers.is_empty());
    assert!(
        report.models[0]
            .notes
            .iter()
            .any(|note| note.contains("no classifier (network) on low-level"))
    );
}
