//! What every section has in common: the recipe of the arrays, and the comparison.

mod adversaries;
mod class_scores;
mod judgements;
mod latent;
mod modes;
mod series;

use ndarray::{Array, Dimension, ShapeBuilder};
use serde_json::Value;

pub fn section(name: &str) -> Value {
    let all: Value =
        serde_json::from_str(include_str!("../../../tests/crosscheck/scores.json")).expect("JSON");
    assert!(!all[name].is_null(), "section {name}");
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

/// `uniform` of the script.
pub fn uniform<D: Dimension, S: ShapeBuilder<Dim = D>>(seed: u64, shape: S) -> Array<f64, D> {
    let mut i = 0_u64;
    Array::from_shape_simple_fn(shape, || {
        let mut z = (seed << 32).wrapping_add(i).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i += 1;
        ((z ^ (z >> 31)) >> 11) as f64 * 2f64.powi(-53)
    })
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

/// The greatest difference of two lists as one row of the table.
pub fn compare_lists(measure: &str, ours: &[f64], theirs: &[f64], tool: &str, tolerance: f64) {
    assert_eq!(ours.len(), theirs.len(), "{measure}");
    let worst = (0..ours.len())
        .max_by(|&a, &b| {
            let difference = |i: usize| (ours[i] - theirs[i]).abs();
            difference(a).total_cmp(&difference(b))
        })
        .expect("not empty");
    let measure = format!("{measure} (greatest difference of {})", ours.len());
    compare_absolute(&measure, ours[worst], theirs[worst], tool, tolerance);
}
