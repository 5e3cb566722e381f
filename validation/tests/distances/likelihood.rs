use super::*;
use validation::metrics::kernels::Kernel;
use validation::metrics::likelihood::{model_coverage, parzen_likelihood};
use validation::metrics::vendi_score;

#[test]
fn likelihood_and_coverage_agree_with_scikit_learn() {
    let section = section("likelihood");
    let tool = text(&section["tool"]);
    let [first, second, third] = ["first", "second", "third"].map(|key| sample(&section[key]));
    let bandwidths = numbers(&section["bandwidths"]);
    let found = parzen_likelihood(&first, &second, &third, &bandwidths).expect("valid");
    assert_eq!(found.bandwidth, number(&section["best"]));
    let exact = text(&section["exact_tool"]);
    compare("Parzen, mean log-likelihood", found.mean, number(&section["mean"]), exact, 1e-9);
    compare("Parzen, error", found.error, number(&section["error"]), exact, 1e-9);
    let theirs = number(&section["trees_mean"]);
    compare("Parzen, mean log-likelihood, by trees", found.mean, theirs, tool, 1e-8);
    let found = model_coverage(&third, &first, &[0.3]).expect("valid");
    let theirs = number(&section["threshold"]);
    compare("Coverage metric, log t", found.threshold, theirs, tool, 1e-9);
    let theirs = number(&section["coverage"]);
    compare_absolute("Coverage metric", found.coverage, theirs, tool, 1e-12);
}

#[test]
fn a_vendi_score_agrees_with_its_authors_program() {
    let section = section("vendi");
    let tool = text(&section["tool"]);
    let features = sample(&section["first"]);
    let kernel = Kernel::Gaussian { bandwidths: vec![number(&section["bandwidth"])] };
    let found = vendi_score(&features, &kernel).expect("valid");
    compare("Vendi score, Gaussian", found, number(&section["gaussian"]), tool, 1e-9);
    let kernel = Kernel::Polynomial { degree: 1, gamma: 1.0, offset: 0.0 };
    let found = vendi_score(&features, &kernel).expect("valid");
    compare("Vendi score, cosine", found, number(&section["cosine"]), tool, 1e-9);
}
