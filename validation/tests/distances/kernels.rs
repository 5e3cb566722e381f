use super::*;
use validation::metrics::kernels::{
    Estimator, Kernel, KernelDistanceSettings, KernelPhysicsSettings, energy_distance,
    kernel_distance, kernel_physics_distance, kernel_physics_distance_of_draws,
    maximum_mean_discrepancy, median_distance, permutation_test,
};

#[test]
fn a_physics_distance_of_the_same_draws_is_jetnets() {
    let section = section("kernel_physics");
    let (same, tool) = (&section["same"], text(&section["tool"]));
    let (first, second) = (sample(&same["first"]), sample(&same["second"]));
    let (first, second) = first.over_greatest(&second).expect("the same features");
    let (seed, size) = (count(&same["seed"]), count(&same["size"]));
    let theirs = numbers(&same["batches"]);
    let batches: Vec<_> = (0..theirs.len())
        .map(|batch| {
            let first = draws(seed + 2 * batch, size, first.events());
            (first, draws(seed + 2 * batch + 1, size, second.events()))
        })
        .collect();
    let found = kernel_physics_distance_of_draws(&first, &second, &batches).expect("valid");
    for (batch, (ours, theirs)) in found.batches.iter().zip(&theirs).enumerate() {
        compare(&format!("KPD, batch {batch}"), *ours, *theirs, tool, 1e-9);
    }
    compare("KPD, median", found.value, number(&same["value"]), tool, 1e-9);
    compare("KPD, error", found.error, number(&same["error"]), tool, 1e-9);
}

#[test]
fn physics_distances_of_other_draws_agree_within_their_errors() {
    let section = section("kernel_physics");
    let drawn = &section["drawn"];
    let (first, second) = (sample(&drawn["first"]), sample(&drawn["second"]));
    let settings = KernelPhysicsSettings {
        batches: count(&drawn["batches"]),
        batch_size: count(&drawn["batch_size"]),
        ..KernelPhysicsSettings::default()
    };
    let found = kernel_physics_distance(&first, &second, &settings).expect("valid");
    let (theirs, spread) = (number(&drawn["value"]), number(&drawn["spread"]));
    compare_absolute("KPD, own draws", found.value, theirs, text(&section["tool"]), 4.0 * spread);
    let error = number(&drawn["error"]);
    assert!(found.error > 0.3 * error && found.error < 3.0 * error, "{} {error}", found.error);
}

#[test]
fn discrepancies_agree_with_scikit_learn_and_torch_fidelity() {
    let section = section("discrepancies");
    let (first, second) = (sample(&section["first"]), sample(&section["second"]));
    for case in list(&section["cases"]) {
        let kernel: Kernel = serde_json::from_value(case["kernel"].clone()).expect("a kernel");
        let found = maximum_mean_discrepancy(&first, &second, &kernel).expect("valid");
        let ours = if text(&case["estimator"]) == "biased" { found.biased } else { found.unbiased };
        let measure = format!("MMD², {}", text(&case["name"]));
        compare(&measure, ours, number(&case["value"]), text(&case["tool"]), 1e-9);
    }
    let ours = median_distance(&first, &second).expect("a median");
    let tool = text(&section["median_tool"]);
    compare("Median distance", ours, number(&section["median"]), tool, 1e-12);
}

#[test]
fn energy_distances_and_their_test_agree_with_dcor() {
    let section = section("discrepancies");
    let energy = &section["energy"];
    let tool = text(&energy["tool"]);
    let (first, second) = (sample(&energy["first"]), sample(&energy["second"]));
    let found = energy_distance(&first, &second).expect("valid");
    compare("Energy distance, biased", found.biased, number(&energy["biased"]), tool, 1e-9);
    let theirs = number(&energy["unbiased"]);
    compare("Energy distance, unbiased", found.unbiased, theirs, tool, 1e-9);

    let test = &energy["test"];
    let [m, n] = [0, 1].map(|i| count(&test["events"][i]));
    let mut moved = second.select(&(0..n).collect::<Vec<_>>()).view().to_owned();
    moved += number(&test["shift"]);
    let moved = FeatureMatrix::new("moved", moved.view()).expect("valid");
    let first = first.select(&(0..m).collect::<Vec<_>>());
    let kernel = Kernel::Distance;
    let found = permutation_test(&first, &moved, &kernel, Estimator::Biased, 9999, 1);
    let (ours, theirs) = (found.expect("valid").p_value, number(&test["p_value"]));
    // Each p-value has a standard error of √(p (1 − p) / 9999).
    let error = (2.0 * theirs * (1.0 - theirs) / 9999.0).sqrt();
    compare_absolute("Energy test, p-value", ours, theirs, tool, 4.0 * error);
}

#[test]
fn a_kernel_distance_agrees_with_torch_fidelity_within_its_spread() {
    let section = section("discrepancies");
    let drawn = &section["kernel_distance"];
    let (first, second) = (sample(&drawn["first"]), sample(&drawn["second"]));
    let settings = KernelDistanceSettings::default();
    let found = kernel_distance(&first, &second, &settings).expect("valid");
    let (theirs, tool) = (number(&drawn["mean"]), text(&drawn["tool"]));
    let spread = number(&drawn["spread"]);
    compare_absolute("KID, own draws, mean", found.mean, theirs, tool, 4.0 * spread);
    let theirs = number(&drawn["deviation"]);
    compare("KID, own draws, deviation", found.deviation, theirs, tool, 0.35);
}
