//! Two-sample tests against SciPy: see `tests/golden/statistics.py`.

use approx::assert_relative_eq;
use serde_json::Value;
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
