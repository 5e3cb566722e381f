//! One-dimensional statistics against SciPy, scikit-learn, statsmodels and others: see
//! `tests/crosscheck/statistics.py`.

use approx::{assert_abs_diff_eq, assert_relative_eq};
use serde_json::Value;
use validation::tests::{
    Histogram2d, WeightedSample, anderson_darling, anderson_darling_limit_tail, benjamini_hochberg,
    bootstrap_errors, chi_square_2d, energy_distance, energy_distance_weighted, garwood_interval,
    holm, jensen_shannon, kolmogorov_smirnov, kolmogorov_smirnov_exact,
    kolmogorov_smirnov_weighted, kullback_leibler, mann_whitney, mann_whitney_weighted,
    one_dimensional, wasserstein_1, wasserstein_1_weighted,
};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/crosscheck/statistics.json")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("an array").iter().map(number).collect()
}

fn cases(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

/// Values ((i · multiplier) mod modulus) / scale + offset.
fn sample(recipe: &Value) -> Vec<f64> {
    let [count, multiplier, modulus, scale, offset] = numbers(recipe)[..] else {
        panic!("a recipe has five numbers")
    };
    (0..count as usize)
        .map(|i| ((i * multiplier as usize) % modulus as usize) as f64 / scale + offset)
        .collect()
}

/// Weights ((i · multiplier) mod modulus + 1) / scale.
fn weights(count: usize, recipe: &Value) -> Vec<f64> {
    let [multiplier, modulus, scale] = numbers(recipe)[..] else {
        panic!("a recipe has three numbers")
    };
    (0..count).map(|i| ((i * multiplier as usize) % modulus as usize + 1) as f64 / scale).collect()
}

/// Values in rising order, with their weights.
struct Sorted {
    values: Vec<f64>,
    weights: Vec<f64>,
}

impl Sorted {
    fn new(values: &[f64], weights: &[f64]) -> Self {
        let mut pairs: Vec<_> = values.iter().copied().zip(weights.iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (values, weights) = pairs.into_iter().unzip();
        Self { values, weights }
    }

    fn view(&self) -> WeightedSample<'_> {
        WeightedSample { values: &self.values, weights: Some(&self.weights) }
    }
}

/// The samples of a case, without and with weights.
struct Case<'a> {
    expected: &'a Value,
    a: Vec<f64>,
    b: Vec<f64>,
    weighted: (Sorted, Sorted),
}

fn two_samples(golden: &Value) -> Vec<Case<'_>> {
    let of_case = |expected| {
        let expected: &Value = expected;
        let (a, b) = (sample(&expected["first"]), sample(&expected["second"]));
        let weighted = (
            Sorted::new(&a, &weights(a.len(), &golden["weights"][0])),
            Sorted::new(&b, &weights(b.len(), &golden["weights"][1])),
        );
        Case { expected, a, b, weighted }
    };
    cases(&golden["two_samples"]).iter().map(of_case).collect()
}

#[test]
fn kolmogorov_smirnov_is_scipys_and_exact_with_equal_values() {
    for Case { expected, a, b, weighted } in two_samples(&golden()) {
        let expected = &expected["ks"];
        let exact = kolmogorov_smirnov_exact(&a, &b).expect("it can be tested");
        assert_relative_eq!(exact.distance, number(&expected["distance"]), max_relative = 1e-12);
        assert_relative_eq!(exact.p_value, number(&expected["paths"]), max_relative = 1e-11);
        if let Some(scipys) = expected["exact"].as_f64() {
            assert_relative_eq!(exact.p_value, scipys, max_relative = 1e-9);
        }
        let limit = kolmogorov_smirnov(&a, &b);
        assert_eq!(limit.distance, exact.distance);
        assert_relative_eq!(limit.p_value, number(&expected["limit"]), max_relative = 1e-10);
        // SciPy's own asymptotic p-value is that of one sample of n m / (n + m) values.
        if a.len() > 50 {
            assert_abs_diff_eq!(limit.p_value, number(&expected["asymptotic"]), epsilon = 0.05);
        }
        let found = kolmogorov_smirnov_weighted(weighted.0.view(), weighted.1.view());
        let distance = number(&expected["weighted_distance"]);
        assert_relative_eq!(found.distance, distance, max_relative = 1e-12);
        let p_value = number(&expected["weighted_p_value"]);
        assert_relative_eq!(found.p_value, p_value, max_relative = 1e-9);
    }
}

#[test]
fn anderson_darling_is_scipys() {
    for Case { expected, a, b, .. } in two_samples(&golden()) {
        let expected = &expected["anderson_darling"];
        let found = anderson_darling(&a, &b).expect("it can be tested");
        assert_relative_eq!(
            found.standardised,
            number(&expected["statistic"]),
            max_relative = 1e-9
        );
        // SciPy fits a parabola to seven critical values, and ends at the outermost.
        match number(&expected["p_value"]) {
            0.25 => assert!(found.p_value > 0.24),
            0.001 => assert!(found.p_value < 0.00104),
            p_value => assert_relative_eq!(found.p_value, p_value, max_relative = 0.04),
        }
        if let Some(permuted) = expected["permutation_p_value"].as_f64() {
            // Of 9999 permutations, and of the limit for as few as 11 values.
            assert_abs_diff_eq!(found.p_value, permuted, epsilon = 0.015);
        }
    }
    for pair in cases(&golden()["anderson_darling_limit"]) {
        let (x, expected) = (number(&pair[0]), number(&pair[1]));
        assert_relative_eq!(anderson_darling_limit_tail(x), expected, max_relative = 1e-12);
    }
}

#[test]
fn mann_whitney_is_scipys_and_its_weighted_auc_scikit_learns() {
    let mut exact = 0;
    for Case { expected, a, b, weighted } in two_samples(&golden()) {
        let expected = &expected["mann_whitney"];
        let found = mann_whitney(&a, &b).expect("it can be tested");
        assert_eq!(found.u, number(&expected["u"]));
        assert_relative_eq!(found.auc * (a.len() * b.len()) as f64, found.u, max_relative = 1e-14);
        let p_value = expected["exact"].as_f64();
        exact += usize::from(p_value.is_some());
        let p_value = p_value.unwrap_or_else(|| number(&expected["normal"]));
        assert_relative_eq!(found.p_value, p_value, max_relative = 1e-9);
        let found = mann_whitney_weighted(weighted.0.view(), weighted.1.view());
        let auc = found.expect("it can be tested").auc;
        assert_relative_eq!(auc, number(&expected["weighted_auc"]), max_relative = 1e-12);
    }
    assert!(exact >= 4);
}

#[test]
fn wasserstein_and_energy_distances_are_scipys() {
    for Case { expected, a, b, weighted } in two_samples(&golden()) {
        let (first, second) = (weighted.0.view(), weighted.1.view());
        for (found, name) in [
            (wasserstein_1(&a, &b), "wasserstein"),
            (wasserstein_1_weighted(first, second), "weighted_wasserstein"),
            (energy_distance(&a, &b), "energy"),
            (energy_distance_weighted(first, second), "weighted_energy"),
        ] {
            let found = found.expect("they are defined");
            assert_relative_eq!(found, number(&expected[name]), max_relative = 1e-9);
        }
    }
}

#[test]
fn all_at_once_is_the_same() {
    for Case { expected, mut a, mut b, weighted } in two_samples(&golden()) {
        a.sort_by(f64::total_cmp);
        b.sort_by(f64::total_cmp);
        let plain = |values| WeightedSample { values, weights: None };
        let found = one_dimensional(plain(&a), plain(&b), &[0.0, 5.0, 10.0]);
        let close = |found: Option<f64>, expected: &Value| {
            assert_relative_eq!(found.expect("defined"), number(expected), max_relative = 1e-9);
        };
        close(found.figures.kolmogorov_smirnov, &expected["ks"]["distance"]);
        close(found.p_values.kolmogorov_smirnov.ok(), &expected["ks"]["paths"]);
        close(found.figures.anderson_darling, &expected["anderson_darling"]["statistic"]);
        close(found.figures.wasserstein_1, &expected["wasserstein"]);
        close(found.figures.energy_distance, &expected["energy"]);
        let found = one_dimensional(weighted.0.view(), weighted.1.view(), &[0.0, 5.0, 10.0]);
        close(found.figures.kolmogorov_smirnov, &expected["ks"]["weighted_distance"]);
        close(found.p_values.kolmogorov_smirnov.ok(), &expected["ks"]["weighted_p_value"]);
        close(found.figures.auc, &expected["mann_whitney"]["weighted_auc"]);
        close(found.figures.wasserstein_1, &expected["weighted_wasserstein"]);
        close(found.figures.energy_distance, &expected["weighted_energy"]);
    }
}

#[test]
fn divergences_of_histograms_are_scipys() {
    for case in cases(&golden()["histograms"]) {
        let (p, q) = (numbers(&case["first"]), numbers(&case["second"]));
        let expected = number(&case["jensen_shannon"]);
        assert_relative_eq!(jensen_shannon(&p, &q), expected, max_relative = 1e-12);
        let expected: f64 =
            case["kullback_leibler"].as_str().expect("text").parse().expect("a number");
        let found = kullback_leibler(&p, &q);
        assert!(found == expected || (found - expected).abs() < 1e-12 * expected);
    }
}

#[test]
fn two_dimensional_chi_square_is_the_weighted_form() {
    let golden = golden();
    let case = &golden["two_dimensions"];
    let edges = numbers(&case["edges"]);
    for expected in cases(&case["cases"]) {
        let weighted = expected["weighted"].as_bool().expect("a choice");
        let histogram = |name: &str, recipe: &Value| {
            let (x, y) = (sample(&case[name][0]), sample(&case[name][1]));
            let weights = if weighted { weights(x.len(), recipe) } else { vec![1.0; x.len()] };
            let entries = x.into_iter().zip(y).zip(weights).map(|((x, y), w)| (x, y, w));
            Histogram2d::fill(&edges, &edges, entries)
        };
        let first = histogram("first", &golden["weights"][0]);
        let second = histogram("second", &golden["weights"][1]);
        let found = chi_square_2d(&first, &second, 0.0).expect("it can be tested");
        assert_relative_eq!(found.test.chi2, number(&expected["chi2"]), max_relative = 1e-12);
        assert_relative_eq!(found.test.p_value, number(&expected["p_value"]), max_relative = 1e-9);
        assert_eq!(found.test.ndf as f64, number(&expected["ndf"]));
        let sparse = [found.sparse_first as f64, found.sparse_second as f64];
        assert_eq!(sparse[..], numbers(&expected["sparse"]));
    }
}

#[test]
fn garwoods_interval_is_the_quantile_of_scipys_chi_square() {
    for case in cases(&golden()["garwood"]) {
        let [level, count, low, high] = numbers(case)[..] else { panic!("four numbers") };
        let found = garwood_interval(count, level);
        assert_relative_eq!(found.0, low, max_relative = 1e-9);
        assert_relative_eq!(found.1, high, max_relative = 1e-9);
    }
}

#[test]
fn adjusted_p_values_are_statsmodels() {
    for case in cases(&golden()["many_tests"]) {
        let p_values = numbers(&case["p_values"]);
        for (found, name) in
            [(holm(&p_values), "holm"), (benjamini_hochberg(&p_values), "benjamini_hochberg")]
        {
            for (found, expected) in found.iter().zip(numbers(&case[name])) {
                assert_relative_eq!(*found, expected, max_relative = 1e-12);
            }
        }
    }
}

#[test]
fn bootstrap_errors_are_those_of_drawing_with_replacement() {
    let golden = golden();
    let case = &golden["bootstrap"];
    let squares = |recipe: &Value| {
        let mut values: Vec<f64> = sample(recipe).iter().map(|value| value * value).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (a, b) = (squares(&case["first"]), squares(&case["second"]));
    let plain = |values| WeightedSample { values, weights: None };
    let found = bootstrap_errors(plain(&a), plain(&b), &numbers(&case["edges"]), 3000, 1);
    let errors = numbers(&case["standard_errors"]);
    let means = numbers(&case["means"]);
    for figure in 0..errors.len() {
        // 3000 replicas on either side: the errors are known to 2 %, and the means to 2 % of them.
        let error = found.standard_errors.to_array()[figure].expect("defined");
        assert_relative_eq!(error, errors[figure], max_relative = 0.08);
        let mean = found.means.to_array()[figure].expect("defined");
        assert_abs_diff_eq!(mean, means[figure], epsilon = 0.12 * errors[figure]);
    }
}
