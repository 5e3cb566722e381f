//! The comparison of made-up events of every built-in detector, of weighted ones, and of more
//! than are kept.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use detectors::{ConditionKind, Detector, Response};
use ndarray::{Array2, s};
use proptest::prelude::*;
use validation::classifier::ClassifierSettings;
use validation::plots::{EVENT_SIZE, PlotError, event_display, mean_event_display};
use validation::report::model::{ObservableComparison, Status, ValidationReport};
use validation::report::{
    FigureStyle, draw_figures, from_json, render_html, summary_text, to_json,
};
use validation::thresholds::Thresholds;
use validation::{
    ClassifierChoice, Generated, Sample, SampleBuilder, SampleOptions, Silent, ValidationSettings,
    validate,
};

/// Numbers in [0, 1) that look random enough: splitmix64.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 2f64.powi(53)
    }
}

/// Events with conditions all over their ranges. Cells share 0.6 to 1 of the scale at random, the
/// first ones `more` times as much; columns of a table are uniform, the second shifted by `more`
/// − 1 of its range.
fn events(detector: &Detector, seed: u64, count: usize, more: f64) -> (Array2<f64>, Array2<f32>) {
    let mut random = Random(seed);
    let mut conditions = Array2::zeros((count, detector.condition_width()));
    let mut values = Array2::zeros((count, detector.value_count()));
    for (mut conditions, mut values) in conditions.outer_iter_mut().zip(values.outer_iter_mut()) {
        for condition in detector.conditions() {
            for column in condition.columns() {
                conditions[column] = match &condition.kind {
                    ConditionKind::Number { minimum, maximum, .. } => {
                        minimum + (maximum - minimum) * random.uniform().powi(3)
                    }
                    ConditionKind::Category(names) => {
                        (random.uniform() * names.len() as f64).floor()
                    }
                    ConditionKind::Image(_) => random.uniform(),
                };
            }
        }
        if let Response::Table(columns) = detector.response() {
            for (index, column) in columns.iter().enumerate() {
                let shift = if index == 1 { more - 1.0 } else { 0.0 };
                let share = 0.1 + 0.5 * random.uniform() + shift;
                values[index] = (column.minimum + (column.maximum - column.minimum) * share) as f32;
            }
            continue;
        }
        let cells: Vec<f64> = (0..values.len())
            .map(|cell| {
                let first = cell < values.len() / 4;
                random.uniform().powi(6) * if first { more } else { 1.0 }
            })
            .collect();
        let total = detector.scale_of(&conditions.to_vec()) * (0.6 + 0.4 * random.uniform());
        let sum: f64 = cells.iter().sum();
        for (value, cell) in values.iter_mut().zip(cells) {
            let found = total * cell / sum;
            *value = if detector.has_whole_numbers() { found.round() } else { found } as f32;
        }
    }
    (conditions, values)
}

fn sample(detector: &Detector, label: &str, seed: u64, count: usize, more: f64) -> Sample {
    let (conditions, values) = events(detector, seed, count, more);
    Sample::new(label, detector, conditions, values, None, Vec::new()).unwrap()
}

fn quick(classifiers: ClassifierChoice) -> ValidationSettings {
    ValidationSettings {
        classifiers,
        classifier: ClassifierSettings {
            hidden_width: 16,
            batch_size: 32,
            maximum_epochs: 2,
            ..Default::default()
        },
        floor_splits: 3,
        ..Default::default()
    }
}

fn run(
    detector: &Detector,
    reference: &Sample,
    generated: &Sample,
    classifiers: ClassifierChoice,
) -> ValidationReport {
    let generated = [Generated { name: "model", sample: generated }];
    let limits = Thresholds::default();
    validate(reference, &generated, None, detector, &quick(classifiers), &limits, &Silent).unwrap()
}

fn builtin(name: &str) -> Detector {
    detectors::builtin(name).unwrap()
}

fn find<'a>(report: &'a ValidationReport, name: &str) -> &'a ObservableComparison {
    report.models[0].observables.iter().find(|one| one.name == name).unwrap()
}

#[test]
fn every_detector_is_compared_and_its_report_is_whole() {
    for name in detectors::builtin_names() {
        let detector = builtin(name);
        let count = if detector.value_count() > 10_000 { 100 } else { 150 };
        let reference = sample(&detector, "reference", 1, count, 1.0);
        let generated = sample(&detector, "generated", 2, count, 1.0);
        let report = run(&detector, &reference, &generated, ClassifierChoice::Both);
        for one in &report.models[0].observables {
            let figures = [one.ks, one.chi2_per_ndf, one.separation];
            let finite = |f: &validation::report::model::WithFloor| {
                f.value.is_finite() && f.floor.is_finite()
            };
            assert!(figures.iter().all(finite), "{name}: {}", one.name);
            let pair = &one.histogram;
            let inside = pair.reference.iter().sum::<f64>() as usize;
            assert_eq!(
                inside + pair.reference_underflow + pair.reference_overflow,
                pair.reference_entries,
                "{}",
                one.name
            );
            if !["voxels", "pixels"].contains(&one.group.as_str()) {
                assert_eq!((pair.reference_entries, pair.generated_entries), (count, count));
            }
        }
        let table = detector.layers().is_empty();
        assert_eq!(report.models[0].classifiers.len(), if table { 1 } else { 2 }, "{name}");
        let has_energy = detector.incident_energy_column().is_some();
        assert_eq!(report.models[0].response.is_empty(), !has_energy, "{name}");
        let criteria = &report.models[0].verdict.criteria;
        let response = criteria.iter().find(|one| one.measure == "response-bias").unwrap();
        let judged = response.status != Status::Abstained;
        assert_eq!(judged, has_energy, "{name}");
        assert_eq!(report.models[0].layer_images.len(), detector.layers().len());

        let figures = draw_figures(&report, &FigureStyle::default());
        assert!(figures.missing.is_empty(), "{name}: {:?}", figures.missing);
        for figure in &figures.figures {
            roxmltree::Document::parse(&figure.svg).unwrap();
            assert!(!figure.svg.contains("NaN"), "{name}: {}", figure.stem);
        }
        let page = render_html(&report, &figures).unwrap();
        let calorimeter = detector.family() == detectors::Family::Calorimeter;
        assert_eq!(page.contains("CaloChallenge)"), calorimeter, "{name}");
        let json = to_json(&report).unwrap();
        assert!(to_json(&from_json(&json).unwrap()).unwrap() == json, "{name}");
        assert!(summary_text(&report).contains("worst separation power"));
    }
}

#[test]
fn a_fault_is_found_where_it_is() {
    // More energy in the layers in front of a grid, more hits below in an image, one column.
    for (name, faulty, sound) in [
        ("clic-ecal-25", "depth", "ECx_20"),
        ("rich-rings", "centre_y", "centre_x"),
        ("radio-sky", "centre_y", "centre_x"),
        ("rich-pid", "RichDLLmu", "RichDLLk"),
    ] {
        let detector = builtin(name);
        let more = if name == "rich-pid" { 1.2 } else { 2.0 };
        let reference = sample(&detector, "reference", 1, 400, 1.0);
        let generated = sample(&detector, "generated", 2, 400, more);
        let report = run(&detector, &reference, &generated, ClassifierChoice::None);
        let (faulty, sound) = (find(&report, faulty), find(&report, sound));
        assert!(faulty.ks.value > 0.3 && faulty.ks.value > 3.0 * faulty.ks.floor, "{name}");
        assert!(faulty.separation.value > 2.0 * faulty.separation.floor, "{name}");
        assert!(sound.ks.value < 0.15 && sound.ks_p_value > 1e-4, "{name}: {:?}", sound.ks);
    }
}

#[test]
fn a_table_says_why_there_is_no_low_level_classifier() {
    let detector = builtin("rich-pid");
    let reference = sample(&detector, "reference", 1, 400, 1.0);
    let report = run(&detector, &reference, &reference, ClassifierChoice::Both);
    assert_eq!(report.models[0].classifiers[0].feature_count, 8 + 5);
    assert!(report.models[0].notes.iter().any(|note| note.contains("are its columns")));
    let columns: Vec<&str> =
        report.models[0].observables.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(columns, ["RichDLLe", "RichDLLmu", "RichDLLk", "RichDLLp", "RichDLLbt"]);
    assert_eq!(report.models[0].observables[4].histogram.edges[100], 100.0);
}

#[test]
fn different_conditions_are_told() {
    let detector = builtin("rich-pid");
    let (mut conditions, values) = events(&detector, 1, 2000, 1.0);
    let new = |conditions: &Array2<f64>| {
        let values = values.clone();
        Sample::new("sample", &detector, conditions.clone(), values, None, Vec::new()).unwrap()
    };
    let reference = new(&conditions);
    let notes = |sample: &Sample| {
        run(&detector, &reference, sample, ClassifierChoice::None).models[0].notes.join("\n")
    };
    assert_eq!(notes(&reference), "");
    conditions.column_mut(1).mapv_inplace(|eta| eta + 0.3);
    conditions.column_mut(3).fill(2.0);
    let found = notes(&new(&conditions));
    assert!(found.contains("`ETA` of the generated sample differs"), "{found}");
    assert!(found.contains("`species` of the generated sample differs"), "{found}");
    assert!(found.contains("only one sample has") && !found.contains("`P`"), "{found}");
    assert!(found.contains("have `ETA` outside the detector's 2 to 4.9."), "{found}");
}

#[test]
fn weights_undo_a_skewed_choice_and_are_summed_in_histograms() {
    let detector = builtin("rich-pid");
    let reference = sample(&detector, "reference", 1, 3000, 1.0);
    let (conditions, values) = events(&detector, 2, 6000, 1.0);
    // Keeps events the rather the greater the first column is, and weighs them by the inverse; with
    // a pair of weights w and −w beside some, which cancel.
    let mut random = Random(9);
    let (mut kept, mut weights) = (Vec::new(), Vec::new());
    for event in 0..6000 {
        let probability = 0.15 + 0.8 * (f64::from(values[[event, 0]]) + 96.0) / 120.0;
        if random.uniform() < probability {
            kept.push(event);
            weights.push(1.0 / probability);
            if event % 10 == 0 {
                kept.extend([event, event]);
                weights.extend([0.7, -0.7]);
            }
        }
    }
    let select = |weights: Option<Vec<f64>>| {
        let conditions = conditions.select(ndarray::Axis(0), &kept);
        let values = values.select(ndarray::Axis(0), &kept);
        Sample::new("generated", &detector, conditions, values, weights, Vec::new()).unwrap()
    };
    let of = |weights| run(&detector, &reference, &select(weights), ClassifierChoice::None);
    let (skewed, weighted) = (of(None), of(Some(weights.clone())));
    let first = |report: &ValidationReport| find(report, "RichDLLe").clone();
    let (plain, found) = (first(&skewed), first(&weighted));
    assert!(plain.ks_p_value < 1e-8 && plain.chi2_p_value < 1e-8);
    assert!(found.ks_p_value > 1e-3 && found.chi2_p_value > 1e-3, "{found:?}");
    assert!(found.separation.value < 0.5 * plain.separation.value);
    assert!(
        weighted.models[0].notes.iter().any(|note| note.contains("generated sample is weighted"))
    );
    assert!(weighted.models[0].generated.effective_events.unwrap() < kept.len() as f64);

    let pair = &found.histogram;
    assert_eq!(pair.reference_variances, None);
    let variances = pair.generated_variances.as_ref().unwrap();
    for bin in [0, 30, 45, 99] {
        let inside =
            |value: f64| value >= pair.edges[bin] && (value < pair.edges[bin + 1] || bin == 99);
        let entries = kept.iter().zip(&weights);
        let entries = entries.filter(|(event, _)| inside(f64::from(values[[**event, 0]])));
        let sums = entries.fold((0.0, 0.0), |(w, s), (_, x)| (w + x, s + x * x));
        approx::assert_abs_diff_eq!(pair.generated[bin], sums.0, epsilon = 1e-9);
        approx::assert_abs_diff_eq!(variances[bin], sums.1, epsilon = 1e-9);
    }
    assert!(draw_figures(&weighted, &FigureStyle::default()).missing.is_empty());
}

/// Weights of 1 in one of the samples take the weighted ways through all figures.
#[test]
fn weights_of_one_are_no_weights() {
    let detector = builtin("calochallenge-photons");
    let reference = sample(&detector, "reference", 1, 300, 1.0);
    let (conditions, values) = events(&detector, 2, 300, 1.3);
    let of = |weights| {
        let (conditions, values) = (conditions.clone(), values.clone());
        let sample = Sample::new("generated", &detector, conditions, values, weights, Vec::new());
        run(&detector, &reference, &sample.unwrap(), ClassifierChoice::HighLevel)
    };
    let (plain, ones) = (of(None), of(Some(vec![1.0; 300])));
    for (a, b) in plain.models[0].observables.iter().zip(&ones.models[0].observables) {
        assert_eq!((&a.name, &a.histogram.generated), (&b.name, &b.histogram.generated));
        assert_eq!(a.chi2_per_ndf.value, b.chi2_per_ndf.value, "{}", a.name);
        assert_eq!(a.separation.value, b.separation.value, "{}", a.name);
        approx::assert_abs_diff_eq!(a.ks.value, b.ks.value, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(a.ks_p_value, b.ks_p_value, epsilon = 1e-9);
    }
    for (a, b) in plain.models[0].response.iter().zip(&ones.models[0].response) {
        approx::assert_relative_eq!(a.generated_mean, b.generated_mean, max_relative = 1e-12);
        approx::assert_relative_eq!(
            a.generated_resolution_error,
            b.generated_resolution_error,
            max_relative = 1e-9
        );
    }
    assert_eq!(plain.models[0].classifiers[0].auc.value, ones.models[0].classifiers[0].auc.value);
    for (a, b) in plain.models[0].verdict.criteria.iter().zip(&ones.models[0].verdict.criteria) {
        if a.status != Status::Abstained {
            approx::assert_relative_eq!(a.judged, b.judged, max_relative = 1e-9, epsilon = 1e-12);
        }
    }
}

#[test]
fn events_beyond_those_kept_are_in_all_but_the_low_level_classifier() {
    let detector = builtin("calochallenge-photons");
    let (conditions, values) = events(&detector, 1, 1500, 1.0);
    let generated = sample(&detector, "generated", 2, 1500, 1.1);
    let build = |kept_values| {
        let options = SampleOptions { kept_values, ..Default::default() };
        let mut builder = SampleBuilder::new("reference", &detector, options);
        builder.push(conditions.view(), values.view(), None).unwrap();
        builder.finish().unwrap()
    };
    let (whole, thinned) = (build(None), build(Some(200)));
    assert_eq!((whole.kept_events().len(), thinned.kept_values().nrows()), (1500, 200));
    assert_eq!(whole.mean_event(), thinned.mean_event());
    let of = |sample: &Sample| run(&detector, sample, &generated, ClassifierChoice::Both);
    let (whole, thinned) = (of(&whole), of(&thinned));
    for (a, b) in whole.models[0].observables.iter().zip(&thinned.models[0].observables) {
        if a.name == "voxel_energy" {
            // Bins of the fine spectrum, which are a little off, but all entries.
            assert_eq!(a.histogram.reference_entries, b.histogram.reference_entries);
            assert_eq!(b.histogram.reference_overflow, 0);
            assert_eq!(a.histogram.generated_entries, b.histogram.generated_entries);
            assert!((a.separation.value / b.separation.value - 1.0).abs() < 0.1);
            assert!((0.5..2.0).contains(&(a.separation.floor / b.separation.floor)));
        } else {
            assert_eq!(a.histogram.reference, b.histogram.reference, "{}", a.name);
            assert_eq!(a.ks.floor, b.ks.floor, "{}", a.name);
        }
    }
    assert_eq!(
        whole.models[0].classifiers[0].auc.value,
        thinned.models[0].classifiers[0].auc.value
    );
    assert_eq!(
        (whole.models[0].classifiers[1].test_events, thinned.models[0].classifiers[1].test_events),
        (600, 80)
    );
    let note = "classifier on low-level features uses 200 events of each sample, not 1500";
    assert!(
        thinned.models[0].notes.iter().any(|found| found.contains(note)),
        "{:?}",
        thinned.models[0].notes
    );
    assert!(!whole.models[0].notes.iter().any(|found| found.contains("take too much memory")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_sample_does_not_depend_on_the_blocks_that_its_events_come_in(
        cuts in prop::collection::vec(0..1300_usize, 0..6), weighted in any::<bool>(),
    ) {
        let detector = builtin("atlas-em-barrel");
        let (conditions, values) = events(&detector, 1, 1300, 1.0);
        let weights: Vec<f64> = (0..1300).map(|event| [1.1, 0.3, -0.2][event % 3]).collect();
        let generated = sample(&detector, "generated", 2, 400, 1.0);
        let report = |mut cuts: Vec<usize>| {
            cuts.extend([0, 1300]);
            cuts.sort_unstable();
            let options = SampleOptions { kept_values: Some(120), ..Default::default() };
            let mut builder = SampleBuilder::new("reference", &detector, options);
            for pair in cuts.windows(2) {
                let block = s![pair[0]..pair[1], ..];
                let weights = weighted.then_some(&weights[pair[0]..pair[1]]);
                builder.push(conditions.slice(block), values.slice(block), weights).unwrap();
            }
            let sample = builder.finish().unwrap();
            to_json(&run(&detector, &sample, &generated, ClassifierChoice::LowLevel)).unwrap()
        };
        prop_assert!(report(cuts) == report(vec![]));
    }
}

#[test]
fn blocks_with_and_without_weights_are_refused() {
    let detector = builtin("rich-pid");
    let (conditions, values) = events(&detector, 1, 10, 1.0);
    let mut builder = SampleBuilder::new("mixed", &detector, SampleOptions::default());
    builder.push(conditions.view(), values.view(), Some(&[1.0; 10])).unwrap();
    let error = builder.push(conditions.view(), values.view(), None).unwrap_err();
    assert_eq!(error.to_string(), "sample `mixed` has weights for some of its events only");
    let other = builtin("rich-rings");
    let sample = builder.finish().unwrap();
    let settings = quick(ClassifierChoice::None);
    let error = {
        let generated = [Generated { name: "model", sample: &sample }];
        let limits = Thresholds::default();
        validate(&sample, &generated, None, &other, &settings, &limits, &Silent).unwrap_err()
    };
    assert!(error.to_string().contains("is of detector `rich-pid`, expected `rich-rings`"));
}

#[test]
fn a_report_of_many_layers_draws_some_and_says_which() {
    let detector = builtin("calochallenge-electrons");
    let reference = sample(&detector, "reference", 1, 60, 1.0);
    let mut report = run(&detector, &reference, &reference, ClassifierChoice::None);
    // E_tot/E_inc, depth, containment and hits, 45 layers with 8 each, and the voxels.
    assert_eq!(report.models[0].observables.len(), 1 + 5 + 45 * 8 + 1);
    for (index, one) in report.models[0].observables.iter_mut().enumerate() {
        one.separation.value = 1e-6 * index as f64;
    }
    report.models[0].observables[0].separation.value = 0.0;
    report.models[0].observables[40].separation.value = 0.5;
    for (index, image) in report.models[0].layer_images.iter_mut().enumerate() {
        image.reference.fill(if index == 12 { 2.0 } else { 1.0 });
    }
    let figures = draw_figures(&report, &FigureStyle::default());
    let stems = |start: &str| -> Vec<&str> {
        let stems = figures.figures.iter().map(|figure| figure.stem.as_str());
        stems.filter(|stem| stem.starts_with(start)).collect()
    };
    let drawn = stems("observable_");
    assert_eq!(drawn.len(), 60);
    let worst = format!("observable_{}", report.models[0].observables[40].name);
    let best = format!("observable_{}", report.models[0].observables[41].name);
    assert!(drawn.contains(&"observable_E_tot_over_E_inc") && drawn.contains(&worst.as_str()));
    assert!(drawn.contains(&"observable_voxel_energy") && !drawn.contains(&best.as_str()));
    let maps = [0, 12, 20, 28, 36, 44].map(|layer| format!("shower_map_{layer}"));
    assert_eq!(stems("shower_map_"), maps);
    assert_eq!(stems("radial_profile_").len(), 6);
    let page = render_html(&report, &figures).unwrap();
    assert!(page.contains("60 of 367 observables have a figure"));
    assert!(page.contains("drawn of layers 0, 12, 20, 28, 36, 44: the first"));
    assert!(page.contains("Sparsity of layer 44"), "the table has all");
    for link in page.split("href=\"#").skip(1) {
        let anchor = link.split('"').next().unwrap();
        assert_eq!(page.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
    }
}

#[test]
fn every_detector_has_an_event_display() {
    for name in detectors::builtin_names() {
        let detector = builtin(name);
        let (conditions, values) = events(&detector, 3, 4, 1.0);
        let mean =
            mean_event_display(&detector, conditions.view(), values.view(), "a < b", EVENT_SIZE);
        let one = |values: &[f32]| {
            event_display(&detector, &conditions.row(0).to_vec(), values, "one", EVENT_SIZE)
        };
        let empty = vec![0.0; detector.value_count()];
        for svg in [mean, one(&values.row(0).to_vec()), one(&empty)] {
            let svg = svg.unwrap();
            let document = roxmltree::Document::parse(&svg).unwrap();
            assert_eq!(document.root_element().attribute("width"), Some("1080"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        }
        if !detector.layers().is_empty() {
            assert!(one(&empty).unwrap().contains("empty"), "{name}");
        }
        assert!(matches!(one(&empty[1..]), Err(PlotError::Length { .. })), "{name}");
    }
}

#[test]
fn an_event_display_shows_units_and_conditions() {
    let texts = |name: &str| {
        let detector = builtin(name);
        let (conditions, values) = events(&detector, 3, 1, 1.0);
        let svg = event_display(
            &detector,
            &conditions.row(0).to_vec(),
            &values.row(0).to_vec(),
            "title",
            EVENT_SIZE,
        );
        let svg = svg.unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let text = document.descendants().filter_map(|node| node.text());
        text.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("|")
    };
    for (name, expected) in [
        ("calochallenge-photons", vec!["Energy per voxel (MeV)", "tile barrel 0:", "inc"]),
        ("clic-ecal-25", vec!["x (mm)", "y (mm)", "z (mm)", "Sum over z", "Energy, summed"]),
        ("atlas-em-barrel", vec!["presampler:", "back:", "phi_index ="]),
        ("rich-rings", vec!["Hits per pixel (photons)", "x (mm)", "nTracks ="]),
        ("radio-sky", vec!["x (pixels)", "Condition: low_resolution", "(mJy/beam)", "Response:"]),
        ("rich-pid", vec!["RichDLLbt", "−120"]),
    ] {
        let found = texts(name);
        for expected in expected {
            assert!(found.contains(expected), "{name}: {expected} in {found}");
        }
    }
}
