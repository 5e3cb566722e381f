use super::*;
use ndarray::{Array1, Array2};
use validation::metrics::FeatureMatrix;
use validation::metrics::modes::{GaussianModes, label_coverage, mode_coverage};

#[test]
fn modes_and_their_shares_agree_with_scikit_learn_and_scipy() {
    let section = section("modes");
    let tool = text(&section["tool"]);
    for case in list(&section["cases"]) {
        let name = text(&case["name"]);
        let modes = match name {
            "ring" => GaussianModes::ring(8, 1.0, 0.01),
            _ => GaussianModes::grid(5, 2.0, 0.05),
        };
        let modes = modes.expect("valid");
        let seed = case["seed"].as_u64().expect("a seed");
        let (chosen, place): (Array1<f64>, Array2<f64>) =
            (uniform(seed, 2500), uniform(seed + 1, (2500, 2)));
        let number_of_modes = modes.centres().events() as f64;
        let events = Array2::from_shape_fn((2500, 2), |(event, axis)| {
            let mode = (number_of_modes * chosen[event].powf(1.3)) as usize;
            let moved = 4.0 * modes.sigma() * (2.0 * place[(event, axis)] - 1.0);
            modes.centres().event(mode)[axis] + moved
        });
        let events = FeatureMatrix::new("events", events.view()).expect("valid");
        let found = mode_coverage(&events, &modes, 3.0).expect("valid");
        compare(&format!("{name}, modes"), found.found as f64, number(&case["found"]), tool, 0.0);
        let theirs = number(&case["high_quality"]);
        let measure = format!("{name}, high-quality share");
        compare(&measure, found.high_quality, theirs, tool, 1e-12);
        let divergences = found.divergences;
        for (name, ours, key) in [
            ("KL(generated ‖ equal)", divergences.generated_to_expected, "generated_to_expected"),
            ("KL(equal ‖ generated)", divergences.expected_to_generated, "expected_to_generated"),
        ] {
            let measure = format!("{}, {name}", text(&case["name"]));
            compare(&measure, ours.expect("finite"), number(&case[key]), tool, 1e-11);
        }
    }
    let stacked = &section["stacked"];
    let u: Array1<f64> = uniform(stacked["seed"].as_u64().expect("a seed"), 26_000);
    let labels: Vec<usize> = u.iter().map(|u| (1000.0 * u.powf(1.2)) as usize).collect();
    let found = label_coverage(&labels, 1000, None).expect("valid");
    compare("Stacked digits, modes", found.found as f64, number(&stacked["found"]), tool, 0.0);
    let ours = found.divergences.generated_to_expected.expect("finite");
    let theirs = number(&stacked["generated_to_expected"]);
    compare("Stacked digits, KL(generated ‖ equal)", ours, theirs, tool, 1e-11);
}
