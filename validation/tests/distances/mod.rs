//! What every section has in common: the recipes of samples and draws, and the comparison.

mod clusters;
mod frechet;
mod golden;
mod kernels;
mod likelihood;
mod neighbours;
mod topology;
mod transport;

use ndarray::Array2;
use serde_json::Value;
use validation::metrics::FeatureMatrix;

pub fn section(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../../../tests/crosscheck/distances.json"))
        .expect("JSON");
    all[name].clone()
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

pub fn count(value: &Value) -> usize {
    number(value) as usize
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

pub fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(number).collect()
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// The finaliser of splitmix64 of i + seed 2³².
fn bits(seed: usize, i: usize) -> u64 {
    let number = ((seed as u64) << 32).wrapping_add(i as u64);
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// `sample` of the script, by its recipe.
pub fn sample(recipe: &Value) -> FeatureMatrix {
    let [seed, events, features] = ["seed", "events", "features"].map(|key| count(&recipe[key]));
    let (shift, stretch) = (number(&recipe["shift"]), number(&recipe["stretch"]));
    let u = |event: usize, feature: usize| {
        (bits(seed, event * features + feature) >> 11) as f64 * 2f64.powi(-53)
    };
    let values = Array2::from_shape_fn((events, features), |(event, feature)| {
        let (own, next) = (u(event, feature), u(event, (feature + 1) % features));
        (own + next / 2.0) / (1.25 - own) * stretch + shift
    });
    FeatureMatrix::new(&format!("sample {seed}"), values.view()).expect("valid")
}

/// `draws` of the script.
pub fn draws(seed: usize, count: usize, below: usize) -> Vec<usize> {
    (0..count).map(|i| (bits(seed, i) % below as u64) as usize).collect()
}

/// Asserts |ours − theirs| ≤ `tolerance` · |theirs|, and prints a row of the table.
pub fn compare(measure: &str, ours: f64, theirs: f64, tool: &str, tolerance: f64) {
    let difference = (ours - theirs).abs() / theirs.abs();
    eprintln!("| {measure} | {ours:.12} | {theirs:.12} | {tool} | {difference:.1e} relative |");
    assert!(difference <= tolerance, "{measure}: {ours} and {theirs} by {tool}");
}

/// Asserts |ours − theirs| ≤ `tolerance`, and prints a row of the table.
pub fn compare_absolute(measure: &str, ours: f64, theirs: f64, tool: &str, tolerance: f64) {
    let difference = (ours - theirs).abs();
    eprintln!("| {measure} | {ours:.12} | {theirs:.12} | {tool} | {difference:.1e} |");
    assert!(difference <= tolerance, "{measure}: {ours} and {theirs} by {tool}");
}
