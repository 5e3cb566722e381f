use super::*;
use ndarray::Array2;
use validation::metrics::judgements::{binomial_test, bradley_terry};

#[test]
fn binomial_tests_agree_with_scipy() {
    let section = section("judgements");
    let tool = text(&section["tool"]);
    let (mut p_values, mut intervals) = ([vec![], vec![]], [vec![], vec![]]);
    for case in list(&section["binomial"]) {
        let [successes, trials] = ["successes", "trials"].map(|key| count(&case[key]) as u64);
        let found = binomial_test(successes, trials, number(&case["probability"])).expect("valid");
        p_values[0].push(found.p_value);
        p_values[1].push(number(&case["p_value"]));
        intervals[0].extend(found.interval);
        intervals[1].extend(numbers(&case["interval"]));
    }
    compare_lists("Binomial test, p-values", &p_values[0], &p_values[1], tool, 1e-11);
    compare_lists("Clopper–Pearson intervals", &intervals[0], &intervals[1], tool, 1e-9);
}

#[test]
fn strengths_agree_with_choix() {
    let section = section("judgements");
    let seed = section["seed"].as_u64().expect("a seed");
    let mut wins: Array2<f64> = uniform(seed, (5, 5)).mapv(|u: f64| (20.0 * u).floor());
    wins.diag_mut().fill(0.0);
    let found = bradley_terry(wins.view()).expect("connected");
    let tool = text(&section["preferences_tool"]);
    let theirs = numbers(&section["log_strengths"]);
    compare_lists("Bradley–Terry strengths", &found.log_strengths, &theirs, tool, 1e-9);
}
