use super::*;
use ndarray::{Array3, s};
use validation::metrics::series::{
    GatedRecurrentUnit, GatedRecurrentWeights, SeriesScoreSettings, SeriesSet,
    discriminative_score, predictive_score,
};

#[test]
fn states_agree_with_pytorchs_gru() {
    let section = section("recurrent");
    let unit = GatedRecurrentUnit::new(GatedRecurrentWeights {
        input_weights: (2.0 * uniform(70, (12, 3)) - 1.0).view(),
        hidden_weights: (2.0 * uniform(71, (12, 4)) - 1.0).view(),
        input_biases: (2.0 * uniform(72, 12) - 1.0).view(),
        hidden_biases: (2.0 * uniform(73, 12) - 1.0).view(),
    });
    let series = 4.0 * uniform(74, (3, 7, 3)) - 2.0;
    let states = unit.expect("shapes").states(series.view()).expect("inputs");
    let ours: Vec<f64> = states.iter().copied().collect();
    let theirs = numbers(&section["states"]);
    compare_lists("States of a GRU", &ours, &theirs, text(&section["tool"]), 1e-12);
}

/// `sines` of the script.
fn sines(seed: u64, series: usize) -> Array3<f64> {
    let [frequency, phase]: [Array3<f64>; 2] =
        [0, 1].map(|k| 0.1 * uniform(seed + k, (series, 1, 5)));
    Array3::from_shape_fn((series, 24, 5), |(series, step, feature)| {
        let angle = frequency[(series, 0, feature)] * step as f64 + phase[(series, 0, feature)];
        (angle.sin() + 1.0) / 2.0
    })
}

/// Sines of which every second is noise.
fn mixed() -> Array3<f64> {
    let (mut series, noise): (_, Array3<f64>) = (sines(86, 600), uniform(88, (600, 24, 5)));
    series.slice_mut(s![1..;2, .., ..]).assign(&noise.slice(s![1..;2, .., ..]));
    series
}

fn set(values: &Array3<f64>) -> SeriesSet {
    SeriesSet::new("series", values.view()).expect("valid")
}

/// Whether the means of `SEEDS` trainings each are within four standard errors.
fn compare_trainings(measure: &str, ours: &[f64], theirs: &serde_json::Value, tool: &str) {
    let count = ours.len() as f64;
    let mean = ours.iter().sum::<f64>() / count;
    let variance = ours.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let their_variance = number(&theirs["deviation"]).powi(2);
    let their_count = list(&theirs["values"]).len() as f64;
    let error = (variance / count + their_variance / their_count).sqrt();
    let measure = format!("{measure}, mean of {count} (± {error:.4})");
    compare_absolute(&measure, mean, number(&theirs["mean"]), tool, 4.0 * error);
}

const SEEDS: u64 = 4;

fn settings(section: &serde_json::Value, seed: u64) -> SeriesScoreSettings {
    SeriesScoreSettings {
        hidden: Some(count(&section["hidden"])),
        iterations: count(&section["iterations"]),
        batch: count(&section["batch"]),
        learning_rate: number(&section["learning_rate"]),
        seed,
        ..SeriesScoreSettings::discriminative()
    }
}

#[test]
fn scores_of_series_agree_with_pytorch_within_their_spread() {
    let all = section("series_scores");
    let tool = text(&all["tool"]);
    let real = set(&sines(80, 600));
    for (name, generated) in [("alike", set(&sines(83, 600))), ("mixed", set(&mixed()))] {
        let section = &all["discriminative"];
        let ours: Vec<f64> = (1..=SEEDS)
            .map(|seed| discriminative_score(&real, &generated, &settings(section, seed)))
            .map(|found| found.expect("valid").score)
            .collect();
        compare_trainings(&format!("Discriminative score, {name}"), &ours, &section[name], tool);
        let section = &all["predictive"];
        let ours: Vec<f64> = (1..=SEEDS)
            .map(|seed| predictive_score(&real, &generated, &settings(section, seed)))
            .map(|found| found.expect("valid").score)
            .collect();
        compare_trainings(&format!("Predictive score, {name}"), &ours, &section[name], tool);
    }
}
