use super::*;
use validation::metrics::neighbours::{
    manifold_measures, nearest_neighbours, nearest_neighbours_within,
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
