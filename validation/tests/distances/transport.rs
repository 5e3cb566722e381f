use super::*;
use validation::metrics::transport::{
    exact_wasserstein, sliced_wasserstein, sliced_wasserstein_along,
};

#[test]
fn exact_distances_agree_with_pot() {
    let section = section("transport");
    let tool = format!("{} emd2", text(&section["tool"]));
    for case in list(&section["cases"]) {
        let (first, second) = (sample(&case["first"]), sample(&case["second"]));
        for (order, key) in [(1, "one"), (2, "two")] {
            let ours = exact_wasserstein(&first, &second, order).expect("as many events");
            let measure = format!("Exact W{order}, {}", text(&case["name"]));
            compare(&measure, ours, number(&case[key]), &tool, 1e-9);
        }
    }
}

#[test]
fn sliced_distances_agree_with_pot() {
    let section = section("transport");
    let (sliced, tool) = (&section["sliced"], text(&section["tool"]));
    let (first, second) = (sample(&sliced["first"]), sample(&sliced["second"]));
    let recipe = serde_json::json!({
        "seed": sliced["seed"], "events": sliced["count"], "features": 5,
        "shift": sliced["shift"], "stretch": 1.0,
    });
    let mut directions = sample(&recipe).view().to_owned();
    for mut direction in directions.rows_mut() {
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        direction.mapv_inplace(|x| x / length);
    }
    let found = sliced_wasserstein_along(&first, &second, directions.view()).expect("valid");
    compare("Sliced W1, same directions", found.first, number(&sliced["one"]), tool, 1e-9);
    compare("Sliced W2, same directions", found.second, number(&sliced["two"]), tool, 1e-9);
    let found = sliced_wasserstein(&first, &second, 2000, 1).expect("valid");
    let [one, two] = [0, 1].map(|i| number(&section["drawn"][i]));
    // As many directions on both sides.
    let (error, other) = (6.0 * found.first_error, 6.0 * found.second_error);
    compare_absolute("Sliced W1, own directions", found.first, one, tool, error);
    compare_absolute("Sliced W2, own directions", found.second, two, tool, other);
}
