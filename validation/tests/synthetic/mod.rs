//! A made-up report with all that is awkward: empty bins, zero counts, numbers that are not finite,
//! long labels and labels that look like markup.

use detectors::Family;
use validation::ValidationSettings;
use validation::report::model::{
    BinFigure, CellCheck, CellShape, ClassifierResult, ConditionBin, ConditionCheck,
    ConditionSummary, Correlations, Criterion, DetectorSummary, Duplicates, FeatureDistance,
    FileSummary, HistogramPair, LayerImage, ModelResult, ObservableComparison, Provenance,
    ResponsePoint, SampleSummary, StageTime, Status, ThresholdsSummary, TrainingCurve,
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

/// A report on one generated sample.
pub fn report() -> ValidationReport {
    report_of(&[MARKUP])
}

/// A report on as many generated samples as there are names.
pub fn report_of(names: &[&str]) -> ValidationReport {
    ValidationReport {
        format_version: 3,
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
        second_reference: None,
        floor: "two halves of the reference".to_owned(),
        thresholds: ThresholdsSummary {
            source: "limits.toml".to_owned(),
            sha256: "0123456789abcdef".repeat(4),
            text: format!("# {MARKUP}\nformat_version = 1\n"),
        },
        settings: ValidationSettings::default(),
        models: names.iter().enumerate().map(|(index, name)| model(name, index as u64)).collect(),
        provenance: Provenance {
            command: ["showerforge", "validate", "--note", MARKUP].map(str::to_owned).to_vec(),
            made_at: Some("2026-01-31T12:00:00Z".to_owned()),
            program: Some("release".to_owned()),
            timing: vec![StageTime { stage: "reading".to_owned(), wall_s: 1.25 }],
        },
        notes: vec![MARKUP.to_owned()],
    }
}

fn model(name: &str, seed: u64) -> ModelResult {
    let mut numbers = Numbers::new(7 + seed);
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
    empty.separation = WithFloor::plain(f64::NAN, f64::INFINITY);
    (empty.ks_p_value, empty.chi2_p_value, empty.log_y) = (f64::NAN, f64::NAN, true);
    empty.abstained = Some("constant".to_owned());
    observables.push(empty);
    let bins = [4096.0, 8192.0].map(|energy| condition_bin(energy, &mut numbers)).to_vec();
    ModelResult {
        name: name.to_owned(),
        generated: sample(name),
        verdict: Verdict {
            status: Status::Red,
            criteria: [Status::Green, Status::Amber, Status::Red, Status::Abstained]
                .map(criterion)
                .to_vec(),
        },
        condition_checks: vec![ConditionCheck {
            condition: "incident_energy".to_owned(),
            test: "χ² of the shares: 0".to_owned(),
            p_value: 1.0,
            difference: None,
            missing: vec![MARKUP.to_owned()],
        }],
        observables,
        per_condition: bins,
        layer_images: vec![layer_image(1, 6, &mut numbers), layer_image(2, 1, &mut numbers)],
        cells: Some(CellCheck { tested: 1000, dead: 1, hot: 0, worst: vec![], z_spread: 1.1 }),
        response: vec![response_point(4096.0), response_point(8192.0)],
        response_bias: None,
        correlations: Some(Correlations {
            names: vec!["a".to_owned(), "b".to_owned()],
            labels: vec!["E_tot".to_owned(), MARKUP.to_owned()],
            reference: vec![1.0, 0.5, 0.5, 1.0],
            generated: vec![1.0, 0.4, 0.4, 1.0],
            reference_events: 1000,
            generated_events: 1000,
            greatest: WithFloor::plain(0.1, 0.02),
            worst_pair: ("a".to_owned(), "b".to_owned()),
        }),
        empty_events: Some(WithFloor::plain(0.0, 0.0)),
        classifiers: vec![classifier("high-level"), classifier(MARKUP)],
        distances: vec![FeatureDistance {
            name: "fpd".to_owned(),
            title: "Fréchet physics distance".to_owned(),
            features: "high-level".to_owned(),
            condition: None,
            figure: WithFloor { value: 0.01, error: 0.002, floor: 0.001, floor_error: 0.0005 },
            greater_is_better: false,
            description: MARKUP.to_owned(),
        }],
        duplicates: Some(Duplicates {
            generated: 1,
            generated_events: 1000,
            reference: 0,
            reference_events: 1000,
            copied_from_reference: 0,
        }),
        weaknesses: vec![MARKUP.to_owned()],
        training: vec![TrainingCurve {
            name: "critic.loss".to_owned(),
            points: (1..50).map(|n| (f64::from(n), 1.0 / f64::from(n))).collect(),
        }],
        notes: vec!["This was a short training.".to_owned(), MARKUP.to_owned()],
    }
}

fn condition_bin(energy: f64, numbers: &mut Numbers) -> ConditionBin {
    let one = observable("E_tot_over_E_inc", "E_tot / E_inc", "total energy", numbers);
    ConditionBin {
        condition: "incident_energy".to_owned(),
        label: format!("{:.2} GeV", energy / 1e3),
        from: energy,
        to: energy,
        reference_events: 500,
        generated_events: 500,
        figures: vec![BinFigure {
            observable: one.name.clone(),
            ks: one.ks,
            ks_p_value: one.ks_p_value,
            separation: one.separation,
            mean_shift: WithFloor::plain(0.1, 0.01),
            spread_ratio: WithFloor::plain(0.9, 1.0),
        }],
        observables: vec![one],
        auc: vec![("high-level".to_owned(), WithFloor::plain(0.8, 0.5))],
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
    let pair = |value: f64| WithFloor {
        value,
        error: 0.1 * value,
        floor: value / 3.0,
        floor_error: 0.05 * value,
    };
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
            reference_underflow: 0,
            reference_overflow: 0,
            generated_underflow: 3,
            generated_overflow: 0,
        },
        ks: pair(0.1 * numbers.next()),
        ks_p_value: 1e-30,
        chi2_per_ndf: pair(1.0 + numbers.next()),
        chi2_ndf: 19,
        chi2_p_value: 0.2,
        separation: pair(0.01 * numbers.next()),
        anderson_darling: pair(3.0),
        anderson_darling_p_value: 0.02,
        mann_whitney: pair(0.51),
        mann_whitney_p_value: 0.4,
        wasserstein: pair(0.05),
        energy_distance: pair(0.01),
        jensen_shannon: pair(0.02),
        ks_p_value_adjusted: 1e-29,
        abstained: None,
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
        empty_events: Some(3),
        files: vec![FileSummary {
            name: "a_b.hdf5".to_owned(),
            bytes: 12_345,
            sha256: "f".repeat(64),
            events: 1000,
        }],
        provenance: vec![("seed".to_owned(), MARKUP.to_owned())],
    }
}

fn response_point(incident_energy_mev: f64) -> ResponsePoint {
    ResponsePoint {
        incident_energy_mev,
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
        kind: "network".to_owned(),
        features: features.to_owned(),
        feature_count: 30,
        training_events: 600,
        test_events: 200,
        auc: WithFloor { value: 0.81, error: 0.01, floor: 0.51, floor_error: 0.02 },
        jsd: WithFloor::plain(0.2, f64::NAN),
        seeds: 3,
        roc: (0..=20).map(|n| f64::from(n) / 20.0).map(|x| (x, x.sqrt())).collect(),
        giveaways: vec![
            ("E_1".to_owned(), 0.7, 0.1, 0.02),
            (MARKUP.to_owned(), 0.6, 0.05, f64::NAN),
        ],
        description: "two hidden layers".to_owned(),
    }
}

fn criterion(status: Status) -> Criterion {
    Criterion {
        name: format!("worst separation {MARKUP}"),
        measure: "separation".to_owned(),
        figure: WithFloor { value: 0.03, error: 0.001, floor: 0.01, floor_error: 0.001 },
        judged: 0.02,
        judged_error: 0.0014,
        judged_by: "excess".to_owned(),
        amber: 0.01,
        red: 0.015,
        status,
        place: "E_1".to_owned(),
        reason: (status == Status::Abstained).then(|| "too few events".to_owned()),
    }
}
