//! Figures of classifiers against scikit-learn, scipy, numpy and PyTorch: see
//! `tests/crosscheck/classifiers.py`, which has the recipe of the events and made the numbers.

use approx::assert_relative_eq;
use ndarray::{Array2, s};
use serde_json::Value;
use validation::Silent;
use validation::classifier::{
    ClassifierSettings, IsotonicCalibration, Scores, TreeSettings, classify_seeds,
    classify_with_trees, jensen_shannon_divergence,
};
use validation::metrics::classification::{
    Labelled, LogisticRegression, LogisticSettings, adversarial_comparison, boundary_distortion,
    c2st_of_scores, classification_performance,
};

const EXACT: f64 = 1e-9;

fn golden(part: &str) -> Value {
    let text = include_str!("../../tests/crosscheck/classifiers.json");
    let all: Value = serde_json::from_str(text).expect("the fixture is JSON");
    all[part].clone()
}

fn seed(offset: u64) -> u64 {
    20_240_817 + offset
}

fn number(of: &Value, name: &str) -> f64 {
    of[name].as_f64().expect("a number")
}

fn list(of: &Value) -> Vec<f64> {
    of.as_array().expect("a list").iter().map(|value| value.as_f64().expect("a number")).collect()
}

fn matrix(of: &Value) -> Vec<Vec<f64>> {
    of.as_array().expect("a list").iter().map(list).collect()
}

/// A row of the table in `docs/crosscheck/classifiers.md`, seen with `--nocapture`.
fn compare(measure: &str, ours: f64, theirs: f64, relative: f64) {
    let difference = (ours - theirs).abs();
    println!("| {measure} | {ours:.12} | {theirs:.12} | {difference:.1e} |");
    assert_relative_eq!(ours, theirs, max_relative = relative);
}

struct Numbers(u64);

impl Numbers {
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / f64::from(1 << 24)
    }

    fn bell(&mut self) -> f64 {
        self.uniform() + self.uniform() + self.uniform() - 1.5
    }
}

fn scores(offset: u64, count: usize, shift: f64, grid: f64) -> Vec<f64> {
    let mut numbers = Numbers(seed(offset));
    let values = (0..count).map(|_| shift + numbers.bell());
    if grid == 0.0 { values.collect() } else { values.map(|v| (v * grid).round() / grid).collect() }
}

fn weights(count: usize, period: usize) -> Vec<f64> {
    (0..count).map(|event| 0.25 + 0.5 * (event % period) as f64).collect()
}

/// The events of the fit and those that are judged, with or without weights.
fn classes(weighted: bool) -> (Scores, Scores) {
    let of = |negative: Vec<f64>, positive: Vec<f64>| {
        let weights = weighted.then(|| (weights(negative.len(), 5), weights(positive.len(), 3)));
        Scores { negative, positive, weights }
    };
    (
        of(scores(0, 400, 0.0, 40.0), scores(1, 300, 0.3, 40.0)),
        of(scores(2, 200, 0.0, 0.0), scores(3, 250, 0.3, 0.0)),
    )
}

#[test]
fn the_area_its_error_and_the_calibration() {
    let golden = golden("scores");
    for (weighted, suffix) in [(false, ""), (true, "_weighted")] {
        let (fitted, judged) = classes(weighted);
        let check = |stem: &str, found: f64| {
            let name = format!("{stem}{suffix}");
            compare(&name, found, number(&golden, &name), EXACT);
        };
        check("auc", fitted.area_under_curve());
        check("delong", fitted.area_under_curve_error());
        let calibration = IsotonicCalibration::fit_scored(&fitted);
        let probabilities = list(&golden[&format!("isotonic{suffix}")]);
        for (place, expected) in probabilities.into_iter().enumerate() {
            let score = -2.0 + 0.05 * place as f64;
            let found = calibration.probability(score);
            assert_relative_eq!(found, expected, max_relative = 1e-8, epsilon = 1e-9);
        }
        let entropy = calibration.cross_entropy_of(&judged);
        check("cross_entropy", entropy);
        check("jsd", jensen_shannon_divergence(entropy));
    }
}

struct Events {
    features: Array2<f64>,
    labels: Vec<usize>,
}

impl Events {
    fn new(offset: u64, count: usize, spread: f64) -> Self {
        const CORNERS: [[f64; 4]; 3] =
            [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.5]];
        let mut numbers = Numbers(seed(offset));
        let labels: Vec<usize> = (0..count).map(|event| event % 3).collect();
        let features = Array2::from_shape_fn((count, 4), |(event, feature)| {
            CORNERS[event % 3][feature] + spread * numbers.bell()
        });
        Self { features, labels }
    }

    fn named<'a>(&'a self, name: &'a str) -> Labelled<'a> {
        Labelled { name, features: self.features.view(), labels: &self.labels }
    }
}

#[test]
fn logistic_regression_has_the_same_minimum() {
    let golden = golden("labels");
    let (real, test) = (Events::new(10, 240, 0.7), Events::new(11, 180, 0.7));
    let settings = LogisticSettings { inverse_penalty: 0.5, standardise: false };
    let model = LogisticRegression::fit(&real.named("real"), 3, settings).expect("fits");
    for (class, expected) in matrix(&golden["coefficients"]).into_iter().enumerate() {
        for (feature, expected) in expected.into_iter().enumerate() {
            let found = model.coefficients()[[feature, class]];
            assert_relative_eq!(found, expected, epsilon = 1e-7);
        }
    }
    for (found, expected) in model.intercepts().iter().zip(list(&golden["intercepts"])) {
        assert_relative_eq!(*found, expected, epsilon = 1e-7);
    }
    let found = model.probabilities(test.features.slice(s![..5, ..]));
    for (found, expected) in found.iter().zip(matrix(&golden["probabilities"]).concat()) {
        assert_relative_eq!(*found, expected, epsilon = 1e-7);
    }
    let first_two: Vec<usize> = (0..240).filter(|&event| real.labels[event] < 2).collect();
    let two = Events {
        features: real.features.select(ndarray::Axis(0), &first_two),
        labels: first_two.iter().map(|&event| real.labels[event]).collect(),
    };
    let model = LogisticRegression::fit(&two.named("two"), 2, settings).expect("fits");
    let expected = list(&golden["two_coefficients"]);
    for (found, expected) in model.coefficients().iter().zip(expected) {
        assert_relative_eq!(*found, expected, epsilon = 1e-7);
    }
    assert_relative_eq!(model.intercepts()[0], number(&golden, "two_intercept"), epsilon = 1e-7);
}

#[test]
fn measures_of_labels() {
    let golden = golden("labels");
    let (real, test, generated) =
        (Events::new(10, 240, 0.7), Events::new(11, 180, 0.7), Events::new(12, 300, 0.9));
    let (real, test, generated) =
        (real.named("real"), test.named("test"), generated.named("generated"));
    let settings = LogisticSettings::default();
    let check = |found: f64, name: &str, within: f64| {
        compare(name, found, number(&golden, name), within);
    };
    let found = classification_performance(&real, &test, &generated, settings).expect("fits");
    check(found.real_to_real.value, "real_to_real", EXACT);
    check(found.real_to_generated.value, "real_to_generated", EXACT);
    check(found.generated_to_real.value, "generated_to_real", EXACT);
    check(found.quality_index, "quality_index", EXACT);
    let found = boundary_distortion(&real, &test, &generated, settings).expect("fits");
    check(found.gap, "boundary_gap", EXACT);
    check(found.margin_gap, "margin_gap", 1e-6);
    let found = adversarial_comparison(&real, &generated, &test, settings).expect("fits");
    check(found.divergence, "divergence", 1e-6);
    check(found.divergence_error, "divergence_error", 1e-6);
    // 84 of 150 right in each class.
    let class = |right: f64| [vec![right; 84], vec![-right; 66]].concat();
    let scores = Scores { negative: class(-1.0), positive: class(1.0), weights: None };
    check(c2st_of_scores(&scores, 0.0).expect("fits").p_value, "c2st_p_value", EXACT);
}

/// As 32-bit numbers.
fn two_samples(offset: u64, generated: bool) -> Array2<f32> {
    let mut numbers = Numbers(seed(offset));
    let mut events = Array2::from_shape_simple_fn((2000, 8), || numbers.bell());
    if generated {
        for mut event in events.rows_mut() {
            event[1] = 0.8 * event[1] + 0.4 * event[0];
            event[2] *= 1.2;
            event[3] += 0.1;
        }
    }
    events.mapv(|value| value as f32)
}

/// The (mean, deviation, number) of trainings is that of the golden (mean, deviation) of so many
/// within four errors of the difference.
fn compare_trainings(
    measure: &str,
    (mean, deviation, trainings): (f64, f64, usize),
    golden: &Value,
    golden_trainings: f64,
) {
    let theirs = list(golden);
    let variance = deviation.powi(2) / trainings as f64 + theirs[1].powi(2) / golden_trainings;
    let off = (mean - theirs[0]) / variance.sqrt();
    let (expected, spread) = (theirs[0], theirs[1]);
    println!(
        "| {measure} | {mean:.4} ± {deviation:.4} | {expected:.4} ± {spread:.4} | {off:.1} σ |"
    );
    assert!(off.abs() < 4.0, "{measure} is {off} errors off");
}

#[test]
fn the_published_training_finds_what_it_finds_in_pytorch() {
    let golden = golden("trainings");
    let settings =
        ClassifierSettings { hidden_width: 128, seeds: 5, ..ClassifierSettings::published() };
    let settings = settings.check().expect("valid");
    let (reference, generated) = (two_samples(20, false), two_samples(21, true));
    let found = classify_seeds(&reference.view(), &generated.view(), &settings, "recipe", &Silent)
        .expect("trains");
    let of = |figure: validation::classifier::OverSeeds| (figure.mean, figure.error, 5);
    compare_trainings("published AUC", of(found.auc), &golden["published_auc"], 10.0);
    compare_trainings("published JSD", of(found.jsd), &golden["published_jsd"], 10.0);
}

#[test]
fn boosted_trees_are_as_sharp_as_those_of_scikit_learn() {
    let golden = golden("trainings");
    let (reference, generated) = (two_samples(20, false), two_samples(21, true));
    let areas: Vec<f64> = (0..5)
        .map(|seed| {
            let settings = TreeSettings { seed, ..Default::default() }.check().expect("valid");
            let (first, second) = (reference.view(), generated.view());
            classify_with_trees(&first, &second, &settings, "recipe", &Silent).expect("trains").auc
        })
        .collect();
    let mean = areas.iter().sum::<f64>() / 5.0;
    let deviation = (areas.iter().map(|auc| (auc - mean).powi(2)).sum::<f64>() / 4.0).sqrt();
    compare_trainings("trees AUC", (mean, deviation, 5), &golden["trees_auc"], 5.0);
}
