use super::*;
use ndarray::{Array1, Array2};
use validation::metrics::FeatureMatrix;
use validation::metrics::scores::{
    ClassProbabilities, ExtractedFeatures, Extractor, am_score, frechet_classifier_distance,
    inception_score, inception_score_in_splits, informative_mode_score, literal_mode_score,
    modified_inception_score,
};

#[test]
fn scores_of_class_probabilities_agree_with_torch_fidelity_and_scipy() {
    let section = section("class_scores");
    let (events, classes) = (count(&section["events"]), count(&section["classes"]));
    let mut logits = 8.0 * uniform(count(&section["seed"]) as u64, (events, classes)) - 4.0;
    logits.column_mut(0).mapv_inplace(|logit| logit + 1.0);
    let probabilities = ClassProbabilities::from_logits("x", logits.view()).expect("finite");
    let (inception, tool) = (&section["inception"], text(&section["inception"]["tool"]));
    let whole = inception_score(&probabilities);
    compare("Inception score, whole", whole, number(&inception["whole"]), tool, 1e-12);
    let split = inception_score_in_splits(&probabilities, 10, None).expect("enough");
    let (mean, deviation) = (number(&inception["mean"]), number(&inception["deviation"]));
    compare("Inception score, 10 splits, mean", split.mean, mean, tool, 1e-12);
    compare("Inception score, 10 splits, deviation", split.deviation, deviation, tool, 1e-11);

    let tool = text(&section["tool"]);
    let modified = modified_inception_score(&probabilities).expect("finite");
    let by_class: Vec<f64> = modified.classes.iter().map(|class| class.expect("hit")).collect();
    compare_lists(
        "m-IS of each class",
        &by_class,
        &numbers(&section["modified"]["classes"]),
        tool,
        1e-11,
    );
    compare("m-IS, mean", modified.mean, number(&section["modified"]["mean"]), tool, 1e-12);
    let mut shares: Array1<f64> = (1..=classes).map(|class| class as f64).collect();
    shares /= shares.sum();
    let shares = shares.to_vec();
    let literal = literal_mode_score(&probabilities, &shares).expect("finite");
    compare("Mode score, literal", literal, number(&section["literal_mode"]), tool, 1e-12);
    compare("Mode score, literal, and Inception score", literal, whole, "identity", 1e-12);
    let informative = informative_mode_score(&probabilities, &shares).expect("finite");
    let theirs = number(&section["informative_mode"]);
    compare("Mode score, informative", informative, theirs, tool, 1e-12);
    let am = am_score(&probabilities, &shares).expect("finite");
    compare("AM score", am, number(&section["am"]), tool, 1e-12);
}

#[test]
fn a_frechet_classifier_distance_agrees_with_torch_fidelity() {
    let section = section("classifier_distances");
    let (seeds, events) = (numbers(&section["seeds"]), numbers(&section["events"]));
    let features = count(&section["features"]);
    let sample = |k: usize, stretch: f64, shift: f64| {
        let u = uniform(seeds[k] as u64, (events[k] as usize, features));
        let values = Array2::from_shape_fn(u.dim(), |(event, feature)| {
            let next = u[(event, (feature + 1) % features)];
            stretch * (u[(event, feature)] + 0.2 * (feature + 1) as f64 * next) + shift
        });
        let extractor = Extractor { name: "recipe".to_owned(), hash: "0".to_owned() };
        let features = FeatureMatrix::new("x", values.view()).expect("valid");
        ExtractedFeatures { extractor, features }
    };
    let found = frechet_classifier_distance(&sample(0, 1.0, 0.0), &sample(1, 1.1, 0.1));
    let ours = found.expect("valid").value;
    let tool = text(&section["tool"]);
    compare("Fréchet classifier distance", ours, number(&section["value"]), tool, 1e-9);
}
