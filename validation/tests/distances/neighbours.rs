use super::*;
use validation::metrics::neighbours::{
    compare_retrieval, manifold_measures, memorisation, nearest_neighbours,
    nearest_neighbours_within, neighbour_test,
};

#[test]
fn precision_recall_density_and_coverage_are_those_of_prdc() {
    let section = section("neighbours");
    let tool = text(&section["tool"]);
    for case in list(&section["cases"]) {
        let (first, second) = (sample(&case["first"]), sample(&case["second"]));
        let found = manifold_measures(&first, &second, &[count(&case["k"])]).expect("enough")[0];
        for (measure, ours) in [
            ("precision", found.precision),
            ("recall", found.recall),
            ("density", found.density),
            ("coverage", found.coverage),
        ] {
            let name = format!("{measure}, {}", text(&case["name"]));
            compare_absolute(&name, ours, number(&case["value"][measure]), tool, 1e-12);
        }
    }
}

#[test]
fn neighbours_are_those_of_scikit_learn() {
    let section = section("neighbours");
    let search = &section["search"];
    let tool = text(&search["tool"]);
    let (first, second) = (sample(&search["first"]), sample(&search["second"]));
    let found = nearest_neighbours(&first, &second, 3).expect("enough");
    let queries = numbers(&search["queries"]);
    let expected = list(&search["distances"]).iter().zip(list(&search["events"]));
    for (&query, (distances, events)) in queries.iter().zip(expected) {
        let found = found.of(query as usize);
        for ((event, distance), (expected, its)) in
            found.zip(numbers(events).iter().zip(numbers(distances)))
        {
            assert_eq!(event as f64, *expected);
            approx::assert_relative_eq!(distance, its, max_relative = 1e-9);
        }
    }
    let inside = nearest_neighbours_within(&second, 2).expect("enough");
    let sum: f64 = (0..300).flat_map(|query| found.of(query)).map(|(_, distance)| distance).sum();
    compare("Distances to 3 neighbours, sum", sum, number(&search["sum"]), tool, 1e-12);
    let sum: f64 = (0..400).flat_map(|query| inside.of(query)).map(|(_, distance)| distance).sum();
    let theirs = number(&search["sum_within"]);
    compare("Distances to 2 others, sum", sum, theirs, tool, 1e-12);
    let events = (0..300).flat_map(|query| found.of(query)).map(|(event, _)| event).sum::<usize>()
        + (0..400).flat_map(|query| inside.of(query)).map(|(event, _)| event).sum::<usize>();
    assert_eq!(events, count(&search["events_sum"]));
}

#[test]
fn tests_by_neighbours_agree_with_scikit_learn_and_scipy() {
    let section = section("neighbour_tests");
    let tool = text(&section["tool"]);
    let [first, second, third] = ["first", "second", "third"].map(|key| sample(&section[key]));
    let found = neighbour_test(&first, &second, 1).expect("enough");
    let test = &section["test"];
    for (measure, ours, key) in [
        ("C2ST-1NN, accuracy", found.accuracy, "accuracy"),
        ("C2ST-1NN, real", found.real_accuracy, "real"),
        ("C2ST-1NN, generated", found.generated_accuracy, "generated"),
    ] {
        compare_absolute(measure, ours, number(&test[key]), tool, 1e-12);
    }
    let paired = (found.paired_deviation / found.deviation).powi(2) - 1.0;
    compare("C2ST-1NN, share in mutual pairs", paired, number(&test["paired"]), tool, 1e-9);

    let found = memorisation(&second, &first, &third).expect("enough");
    let expected = &section["memorisation"];
    for (measure, ours, key) in [
        ("Memorisation, probability of nearer", found.nearer, "nearer"),
        ("Memorisation, p-value", found.p_value, "p_value"),
        ("Memorisation, generated distance", found.generated_distance, "generated"),
        ("Memorisation, held-out distance", found.held_out_distance, "held_out"),
        ("Memorisation, share below", found.share_below, "below"),
    ] {
        compare(measure, ours, number(&expected[key]), tool, 1e-9);
    }

    let found = compare_retrieval(&third, &first, &second, 5).expect("enough");
    let expected = &section["retrieval"];
    for (measure, ours, key) in [
        ("Retrieval, first distance", found.first_distance, "first"),
        ("Retrieval, second distance", found.second_distance, "second"),
        ("Retrieval, first nearer", found.first_nearer, "nearer"),
        ("Retrieval, Wilcoxon statistic", found.statistic, "statistic"),
        ("Retrieval, p-value", found.p_value, "p_value"),
    ] {
        compare(measure, ours, number(&expected[key]), tool, 1e-9);
    }
}
