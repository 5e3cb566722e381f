use super::*;
use validation::metrics::frechet::{
    FrechetBatches, FrechetPhysicsSettings, extrapolate, frechet_distance, frechet_physics_distance,
};

#[test]
fn frechet_distances_agree_with_scipy() {
    let section = section("frechet");
    for case in list(&section["cases"]) {
        let found = frechet_distance(&sample(&case["first"]), &sample(&case["second"]));
        let measure = format!("Fréchet distance, {}", text(&case["name"]));
        let tool = text(&section["tool"]);
        compare(&measure, found.expect("valid"), number(&case["value"]), tool, 1e-9);
    }
}

#[test]
fn a_physics_distance_of_the_same_draws_is_jetnets() {
    let section = section("frechet_physics");
    let tool = text(&section["tool"]);
    let (first, second) = (sample(&section["first"]), sample(&section["second"]));
    let (first, second) = first.over_greatest(&second).expect("the same features");
    let (seed, batches) = (count(&section["seed"]), count(&section["batches"]));
    let draws = numbers(&section["sizes"])
        .iter()
        .enumerate()
        .map(|(point, &size)| {
            (0..batches)
                .map(|batch| {
                    let number = seed + 2 * (point * batches + batch);
                    let of = |number, features: &FeatureMatrix| {
                        draws(number, size as usize, features.events())
                    };
                    (of(number, &first), of(number + 1, &second))
                })
                .collect()
        })
        .collect();
    let found = FrechetBatches { draws }.distance(&first, &second).expect("valid");
    for ((size, ours), theirs) in found.points.iter().zip(numbers(&section["points"])) {
        compare(&format!("FPD, batches of {size} events"), *ours, theirs, tool, 1e-9);
    }
    // The optimiser behind JetNet's fit stops at a tolerance.
    let fit = &section["fits"][0];
    compare("FPD, intercept", found.value, number(&fit["jetnet_intercept"]), tool, 1e-5);
    compare("FPD, error", found.error, number(&fit["jetnet_error"]), tool, 1e-5);
}

#[test]
fn the_fit_is_the_exact_minimum_within_the_bounds() {
    let section = section("frechet_physics");
    let sizes: Vec<usize> = numbers(&section["sizes"]).iter().map(|&size| size as usize).collect();
    for fit in list(&section["fits"]) {
        let found = extrapolate(&sizes, &numbers(&fit["values"])).expect("valid");
        let exact = "scipy 1.17.1 lsq_linear";
        let scale = number(&fit["error"]);
        let [a, b] = ["intercept", "slope"].map(|key| number(&fit[key]));
        compare_absolute("FPD fit, intercept", found.intercept, a, exact, 1e-9 * scale);
        compare_absolute("FPD fit, slope", found.slope, b, exact, 1e-9 * b.max(1.0));
        compare("FPD fit, error", found.error, scale, exact, 1e-9);
        let theirs = number(&fit["jetnet_intercept"]);
        assert!((found.intercept - theirs).abs() < 0.02 * scale, "{} {theirs}", found.intercept);
    }
}

#[test]
fn physics_distances_of_other_draws_agree_within_their_errors() {
    let section = section("frechet_physics");
    let drawn = &section["drawn"];
    let (first, second) = (sample(&drawn["first"]), sample(&drawn["second"]));
    let settings = FrechetPhysicsSettings {
        min_samples: count(&drawn["min_samples"]),
        max_samples: count(&drawn["max_samples"]),
        batches: count(&drawn["num_batches"]),
        points: count(&drawn["num_points"]),
        ..FrechetPhysicsSettings::default()
    };
    let found = frechet_physics_distance(&first, &second, &settings).expect("valid");
    let spread = number(&drawn["spread"]);
    let tool = text(&section["tool"]);
    let theirs = number(&drawn["value"]);
    compare_absolute("FPD, own draws", found.value, theirs, tool, 4.0 * spread);
    let (ours, theirs) = (found.error, number(&drawn["error"]));
    assert!(ours > 0.4 * theirs && ours < 2.5 * theirs, "{ours} {theirs}");
}
