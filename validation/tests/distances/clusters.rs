use super::*;
use validation::metrics::clusters::{
    different_bins_of_counts, k_means_from, precision_recall_of_distributions,
};

fn counts(value: &Value) -> Vec<u64> {
    numbers(value).iter().map(|&count| count as u64).collect()
}

#[test]
fn clusters_are_those_of_scikit_learn() {
    let section = section("clusters");
    let bins = &section["bins"];
    let (first, second) = (sample(&bins["first"]), sample(&bins["second"]));
    let clusters = count(&bins["clusters"]);
    let centres = first.select(&(0..clusters).collect::<Vec<_>>());
    let found = k_means_from(&first, centres.view()).expect("enough");
    let tool = text(&bins["tool"]);
    compare("k-means, inertia", found.inertia, number(&bins["inertia"]), tool, 1e-9);
    let events = |of: &[usize]| {
        let mut events = vec![0_u64; clusters];
        of.iter().for_each(|&cluster| events[cluster] += 1);
        events
    };
    assert_eq!(events(&found.of_events), counts(&bins["first_counts"]));
    let assigned = found.assign(&second).expect("the same features");
    assert_eq!(events(&assigned), counts(&bins["second_counts"]));
}

#[test]
fn bins_differ_as_by_statsmodels() {
    let section = section("clusters");
    let bins = &section["bins"];
    let tool = text(&bins["test_tool"]);
    let (first, second) = (counts(&bins["first_counts"]), counts(&bins["second_counts"]));
    let found = different_bins_of_counts(&first, &second, 0.05).expect("valid");
    let p_values = numbers(&bins["p_values"]);
    for (bin, (&ours, &theirs)) in found.p_values.iter().zip(&p_values).enumerate().take(3) {
        compare(&format!("NDB, p-value of bin {bin}"), ours, theirs, tool, 1e-9);
    }
    for (ours, theirs) in found.p_values.iter().zip(&p_values) {
        approx::assert_relative_eq!(ours, theirs, max_relative = 1e-9);
    }
    let different = p_values.iter().filter(|&&p| p < 0.05).count();
    compare_absolute("NDB", found.different as f64, different as f64, tool, 0.0);
    let theirs = number(&bins["divergence"]);
    compare("NDB, Jensen–Shannon divergence", found.divergence, theirs, tool, 1e-9);
}

#[test]
fn the_precision_recall_curve_is_that_of_its_definition() {
    let section = section("clusters");
    let (bins, curve) = (&section["bins"], &section["curve"]);
    let tool = text(&curve["tool"]);
    let (first, second) = (numbers(&bins["first_counts"]), numbers(&bins["second_counts"]));
    let found = precision_recall_of_distributions(&first, &second, 1001).expect("valid");
    for (key, ours) in [("precision", &found.precision), ("recall", &found.recall)] {
        for (ours, theirs) in ours.iter().step_by(100).zip(numbers(&curve[key])) {
            approx::assert_relative_eq!(*ours, theirs, max_relative = 1e-9);
        }
    }
    compare("PRD, F8", found.greatest_f(8.0), number(&curve["f_8"]), tool, 1e-9);
    compare("PRD, F1/8", found.greatest_f(0.125), number(&curve["f_eighth"]), tool, 1e-9);
}
