//! Two-sample tests against SciPy: see `tests/golden/statistics.py`.

use approx::assert_relative_eq;
use serde_json::Value;
use validation::classifier::{IsotonicCalibration, area_under_curve};
use validation::tests::{ChiSquare, chi_square, kolmogorov_smirnov, separation_power};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/golden/statistics.json")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("an array").iter().map(number).collect()
}

/// Values ((i · multiplier) mod modulus) / scale.
fn sample(recipe: &Value) -> Vec<f64> {
    let [count, multiplier, modulus, scale] = numbers(recipe)[..] else {
        panic!("a recipe has four numbers")
    };
    (0..count as usize)
        .map(|i| ((i * multiplier as usize) % modulus as usize) as f64 / scale)
        .collect()
}

fn check_histograms(first: &[f64], second: &[f64], expected: &Value) {
    let ChiSquare { chi2, ndf, p_value } = chi_square(first, second);
    assert_relative_eq!(chi2, number(&expected["chi2"]["chi2"]), max_relative = 1e-12);
    assert_eq!(ndf as f64, number(&expected["chi2"]["ndf"]));
    assert_relative_eq!(p_value, number(&expected["chi2"]["p_value"]), max_relative = 1e-9);
    assert_relative_eq!(
        separation_power(first, second),
        number(&expected["separation"]),
        max_relative = 1e-12
    );
}

#[test]
fn samples_and_their_histograms_agree_with_scipy() {
    for case in golden()["two_sample"].as_array().expect("an array") {
        let found = kolmogorov_smirnov(&sample(&case["first"]), &sample(&case["second"]));
        assert_relative_eq!(found.distance, number(&case["ks"]["distance"]), max_relative = 1e-12);
        assert_relative_eq!(found.p_value, number(&case["ks"]["p_value"]), max_relative = 1e-10);
        check_histograms(&numbers(&case["first_counts"]), &numbers(&case["second_counts"]), case);
    }
}

#[test]
fn counts_agree_with_scipy() {
    for case in golden()["counts"].as_array().expect("an array") {
        check_histograms(&numbers(&case["first"]), &numbers(&case["second"]), case);
    }
}

/// Scores as `statistics.py` makes them: the negatives, and the shifted positives.
fn scores(case: &Value) -> (Vec<f64>, Vec<f64>) {
    let count = |name: &str| number(&case[name]) as usize;
    let recipe =
        |i: usize, multiplier: usize, modulus: usize| ((i * multiplier) % modulus) as f64 / 20.0;
    let shift = number(&case["shift"]);
    let negative = (0..count("negative")).map(|i| recipe(i, 37, 53)).collect();
    let positive = (0..count("positive")).map(|i| recipe(i, 29, 47) + shift).collect();
    (negative, positive)
}

/// Every second event, beginning with the first or the second, of both classes laid end to end.
fn every_second(negative: &[f64], positive: &[f64], first: usize) -> (Vec<f64>, Vec<f64>) {
    let of = |scores: &[f64], offset: usize| {
        let chosen = |index: &usize| (index + offset) % 2 == first;
        (0..scores.len()).filter(chosen).map(|index| scores[index]).collect()
    };
    (of(negative, 0), of(positive, negative.len()))
}

#[test]
fn auc_and_calibration_agree_with_scikit_learn() {
    for case in golden()["classifier"].as_array().expect("an array") {
        let (negative, positive) = scores(case);
        assert_relative_eq!(
            area_under_curve(&negative, &positive),
            number(&case["auc"]),
            max_relative = 1e-12
        );
        let (fit_negative, fit_positive) = every_second(&negative, &positive, 0);
        let calibration = IsotonicCalibration::fit(&fit_negative, &fit_positive);
        let (negative, positive) = every_second(&negative, &positive, 1);
        for (score, expected) in negative.iter().zip(numbers(&case["calibrated_first_ten"])) {
            let found = calibration.probability(*score);
            assert_relative_eq!(found, expected, max_relative = 1e-9, epsilon = 1e-12);
        }
        assert_relative_eq!(
            calibration.cross_entropy(&negative, &positive),
            number(&case["cross_entropy"]),
            max_relative = 1e-9
        );
    }
}
