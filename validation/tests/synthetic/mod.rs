//! A made-up report with all that is awkward: empty bins, zero counts, numbers that are not finite,
//! long labels and labels that look like markup.

use detectors::Family;
use validation::report::model::{
    CellShape, ClassifierResult, ConditionSummary, Criterion, DetectorSummary, EnergyComparison,
    HistogramPair, LayerImage, ObservableComparison, ResponsePoint, SampleSummary,
    ValidationReport, Verdict, WithFloor,
};

pub const MARKUP: &str = "<script>alert('x')</script> & \"friends\"";

/// A fixed sequence of numbers between 0 and 1 (a linear congruential generator).
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1_u64 << 24) as f64
    }
}

pub fn report() -> ValidationReport {
    let mut numbers = Numbers::new(7);
    let mut observables = vec![
        observable("E_tot_over_E_inc", "E_tot / E_inc", "total energy", &mut numbers),
        observable("ECeta_2", &format!("EC η {MARKUP} (mm)"), "centres of energy", &mut numbers),
        observable(&"long".repeat(50), &"very long label ".repeat(20), "widths", &mut numbers),
    ];
    let mut log = observable("E_1", "Energy in layer 1 (MeV)", "layer energies", &mut numbers);
    log.histogram.edges = (0..=20).map(|n| 10_f64.powf(f64::from(n) / 4.0 - 2.0)).collect();
    (log.log_x, log.log_y, log.layer) = (true, true, Some(1));
    observables.push(log);
    let mut empty = observable("sparsity_12", "Sparsity of layer 12", "sparsity", &mut numbers);
    empty.histogram.reference.fill(0.0);
    empty.histogram.generated.fill(0.0);
    empty.separation = WithFloor { value: f64::NAN, floor: f64::INFINITY };
    (empty.ks_p_value, empty.chi2_p_value, empty.log_y) = (f64::NAN, f64::NAN, true);
    observables.push(empty);
    let at_energy = observable("E_tot_over_E_inc", "E_tot / E_inc", "total energy", &mut numbers);
    ValidationReport {
        format_version: 2,
        showerforge_version: "0.0.0".to_owned(),
        detector: DetectorSummary {
            name: "toy".to_owned(),
            title: format!("A toy {MARKUP}"),
            particle: "photon".to_owned(),
            family: Family::Calorimeter,
            values: 1234,
            layers: 2,
            quantity: "energy".to_owned(),
            unit: "MeV".to_owned(),
            length_unit: "mm".to_owned(),
            readout_threshold: 0.015_151_5,
            has_incident_energy: true,
        },
        reference: sample("Geant4 showers"),
        generated: sample(MARKUP),
        floor: "two halves of the reference".to_owned(),
        observables,
        per_energy: vec![EnergyComparison {
            incident_energy_mev: 4096.0,
            observables: vec![at_energy],
        }],
        layer_images: vec![layer_image(1, 6, &mut numbers), layer_image(2, 1, &mut numbers)],
        response: vec![response_point()],
        classifiers: vec![classifier("high-level"), classifier(MARKUP)],
        verdict: Verdict { passed: false, criteria: vec![criterion(true), criterion(false)] },
        notes: vec!["This was a short training.".to_owned(), MARKUP.to_owned()],
    }
}

pub fn observable(
    name: &str,
    label: &str,
    group: &str,
    numbers: &mut Numbers,
) -> ObservableComparison {
    let mut counts = || -> Vec<f64> {
        let bell = |bin: u32| 200.0 * (-(f64::from(bin) - 10.0).powi(2) / 8.0).exp();
        (0..20).map(|bin| (bell(bin) * (0.7 + 0.6 * numbers.next())).floor()).collect()
    };
    let (reference, mut generated) = (counts(), counts());
    generated[10] = 0.0;
    let pair = |value| WithFloor { value, floor: value / 3.0 };
    ObservableComparison {
        name: name.to_owned(),
        label: label.to_owned(),
        group: group.to_owned(),
        layer: None,
        log_x: false,
        log_y: false,
        histogram: HistogramPair {
            edges: (0..=20).map(|n| f64::from(n) / 20.0).collect(),
            reference,
            generated,
            reference_variances: None,
            generated_variances: None,
            reference_entries: 1000,
            generated_entries: 1000,
            reference_outside: 0,
            generated_outside: 3,
        },
        ks: pair(0.1 * numbers.next()),
        ks_p_value: 1e-30,
        chi2_per_ndf: pair(1.0 + numbers.next()),
        chi2_ndf: 19,
        chi2_p_value: 0.2,
        separation: pair(0.01 * numbers.next()),
    }
}

pub fn layer_image(layer: usize, angular_bins: usize, numbers: &mut Numbers) -> LayerImage {
    let radial_edges_mm = vec![0.0, 5.0, 20.0, 100.0, 400.0];
    let cells = angular_bins * 4;
    let mut image = || -> Vec<f64> {
        (0..cells).map(|cell| 10_f64.powf(2.0 - (cell % 4) as f64) * numbers.next()).collect()
    };
    let (mut reference, generated) = (image(), image());
    reference[3] = 0.0;
    let name = format!("layer {layer}");
    let shape = CellShape::Rings { radial_edges_mm, angular_bins };
    LayerImage { layer, name, shape, reference, generated }
}

fn sample(label: &str) -> SampleSummary {
    SampleSummary {
        label: label.to_owned(),
        events: 1000,
        effective_events: None,
        conditions: vec![ConditionSummary {
            name: "incident_energy".to_owned(),
            unit: "MeV".to_owned(),
            minimum: 4096.0,
            maximum: 4096.0,
            is_image: false,
            categories: vec![],
        }],
        discrete_energies: vec![(4096.0, 1000)],
        provenance: vec![("seed".to_owned(), MARKUP.to_owned())],
    }
}

fn response_point() -> ResponsePoint {
    ResponsePoint {
        incident_energy_mev: 4096.0,
        reference_events: 500,
        generated_events: 500,
        reference_mean: 0.99,
        reference_mean_error: 0.002,
        generated_mean: 1.01,
        generated_mean_error: 0.002,
        reference_resolution: 0.05,
        reference_resolution_error: 0.001,
        generated_resolution: f64::NAN,
        generated_resolution_error: f64::NAN,
    }
}

fn classifier(features: &str) -> ClassifierResult {
    ClassifierResult {
        features: features.to_owned(),
        feature_count: 30,
        training_events: 600,
        test_events: 200,
        auc: WithFloor { value: 0.81, floor: 0.51 },
        jsd: WithFloor { value: 0.2, floor: f64::NAN },
        roc: (0..=20).map(|n| f64::from(n) / 20.0).map(|x| (x, x.sqrt())).collect(),
        description: "two hidden layers".to_owned(),
    }
}

fn criterion(passed: bool) -> Criterion {
    Criterion {
        name: format!("worst separation {MARKUP}"),
        value: 0.03,
        floor: 0.01,
        limit: if passed { 0.05 } else { 0.02 },
        passed,
        place: "E_1".to_owned(),
    }
}
