use super::*;
use validation::metrics::topology::WitnessComplex;

fn distances(features: &FeatureMatrix, landmarks: usize) -> Vec<f64> {
    let distance =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
    (0..features.events())
        .flat_map(|witness| {
            (0..landmarks).map(move |to| distance(features.event(witness), features.event(to)))
        })
        .collect()
}

#[test]
fn witness_complexes_and_their_holes_are_those_of_gudhi() {
    let section = section("topology");
    let tool = text(&section["tool"]);
    for case in list(&section["cases"]) {
        let landmarks = count(&case["landmarks"]);
        let distances = distances(&sample(&case["first"]), landmarks);
        let found = WitnessComplex::new(landmarks, &distances, number(&case["most"]));
        let name = text(&case["name"]);
        let (edges, triangles) = (found.edges().count(), found.triangles().count());
        assert_eq!((edges, triangles), (count(&case["edges"]), count(&case["triangles"])));
        let sum: f64 = found.edges().map(|(_, value)| value).sum();
        let measure = format!("Witness complex, {name}, {edges} edges");
        compare(&measure, sum, number(&case["edge_sum"]), tool, 1e-9);
        let sum: f64 = found.triangles().map(|(_, value)| value).sum();
        let measure = format!("Witness complex, {name}, {triangles} triangles");
        compare(&measure, sum, number(&case["triangle_sum"]), tool, 1e-9);

        let mut holes = found.holes();
        holes.sort_by(|a, b| {
            let end = |death: Option<f64>| death.unwrap_or(f64::INFINITY);
            a.birth.total_cmp(&b.birth).then(end(a.death).total_cmp(&end(b.death)))
        });
        let (births, deaths) = (numbers(&case["births"]), list(&case["deaths"]));
        assert_eq!(holes.len(), births.len(), "{name}");
        for ((hole, birth), death) in holes.iter().zip(&births).zip(deaths) {
            approx::assert_relative_eq!(hole.birth, *birth, max_relative = 1e-9, epsilon = 1e-12);
            match (hole.death, death.as_f64()) {
                (Some(ours), Some(theirs)) => {
                    approx::assert_relative_eq!(ours, theirs, max_relative = 1e-9);
                }
                (ours, theirs) => assert_eq!(ours, theirs, "{name}"),
            }
        }
        let persistence: f64 = holes.iter().filter_map(|h| Some(h.death? - h.birth)).sum();
        let lengths = births.iter().zip(deaths).map(|(birth, death)| Some(death.as_f64()? - birth));
        let theirs: f64 = lengths.flatten().sum();
        let measure = format!("Holes, {name}, {} intervals", holes.len());
        compare_absolute(&measure, persistence, theirs, tool, 1e-9);
    }
}
