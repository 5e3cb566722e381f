//! Two made-up reports compared with each other.

mod synthetic;

use synthetic::{MARKUP, report, report_of};
use validation::report::model::Status;
use validation::report::{
    CompareError, compare_reports, comparison_markdown, comparison_text, from_json, to_json,
};

#[test]
fn a_report_has_not_changed_from_itself() {
    let report = report();
    let found = compare_reports(&report, &report).unwrap();
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    let model = &found.models[0];
    assert!(model.compared > 20);
    assert_eq!((model.changes.len(), model.without_error, model.criteria.len()), (0, 0, 0));
    assert!(comparison_text(&found).contains("red, as before"));
    // Neither has it on its way through JSON.
    let back = from_json(&to_json(&report).unwrap()).unwrap();
    assert!(compare_reports(&report, &back).unwrap().models[0].changes.is_empty());
}

#[test]
fn a_change_counts_beyond_two_standard_errors_only() {
    let before = report();
    let changed = |sigmas: f64| {
        let mut after = before.clone();
        let figure = &mut after.models[0].observables[0].separation;
        figure.value += sigmas * figure.error.hypot(figure.error);
        compare_reports(&before, &after).unwrap().models[0].changes.clone()
    };
    assert!(changed(1.99).is_empty() && changed(-1.99).is_empty());
    let [worse] = &changed(3.0)[..] else { panic!("one change") };
    assert_eq!(worse.name, "separation of E_tot_over_E_inc");
    assert!(!worse.is_better() && (worse.sigmas - 3.0).abs() < 1e-9);
    assert!(changed(-3.0)[0].is_better());
}

#[test]
fn what_is_better_depends_on_the_figure() {
    let before = report();
    let mut after = before.clone();
    let model = &mut after.models[0];
    // Further below a half than it was above.
    model.observables[0].mann_whitney.value = 0.2;
    model.distances[0].greater_is_better = true;
    model.distances[0].figure.value += 1.0;
    let mut greater = before.clone();
    greater.models[0].distances[0].greater_is_better = true;
    let found = compare_reports(&greater, &after).unwrap();
    let better: Vec<(&str, bool)> = found.models[0]
        .changes
        .iter()
        .map(|change| (change.name.as_str(), change.is_better()))
        .collect();
    let expected = [("fpd, high-level", true), ("mann-whitney of E_tot_over_E_inc", false)];
    assert_eq!(better, expected);
}

#[test]
fn figures_without_errors_are_counted_apart() {
    let before = report();
    let mut after = before.clone();
    after.models[0].classifiers[0].jsd.value = 0.9;
    let model = &compare_reports(&before, &after).unwrap().models[0];
    assert_eq!((model.without_error, model.changes.len()), (1, 0));
}

#[test]
fn changed_verdicts_thresholds_references_and_settings_are_said() {
    let before = report();
    let mut after = before.clone();
    after.models[0].verdict.criteria[2].status = Status::Green;
    after.models[0].verdict.status = Status::Amber;
    after.thresholds.sha256 = "0".repeat(64);
    after.reference.files[0].sha256 = "0".repeat(64);
    after.settings.seed = 7;
    let found = compare_reports(&before, &after).unwrap();
    assert_eq!(found.warnings.len(), 3, "{:?}", found.warnings);
    let text = comparison_text(&found);
    for words in ["thresholds differ", "reference samples differ", "settings", "red → amber"] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    let markdown = comparison_markdown(&found);
    assert!(markdown.contains("> **Warning:**") && markdown.contains("| red | green |"));
    assert!(!markdown.contains(MARKUP), "markup is escaped: {markdown}");
}

#[test]
fn models_are_matched_by_name_and_single_ones_whatever_they_are_called() {
    let found = compare_reports(&report_of(&["old"]), &report_of(&["new"])).unwrap();
    assert!(comparison_text(&found).contains("old → new"));
    let found = compare_reports(&report_of(&["a", "b"]), &report_of(&["b", "c"])).unwrap();
    assert_eq!(found.models.len(), 1);
    assert_eq!(found.warnings.len(), 2, "{:?}", found.warnings);
    let error = compare_reports(&report_of(&["a", "b"]), &report_of(&["c"])).unwrap_err();
    assert_eq!(error.to_string(), "compare reports without a model in common: `a`, `b` and `c`");
    let mut other = report();
    other.detector.name = "another".to_owned();
    assert!(matches!(compare_reports(&report(), &other), Err(CompareError::Detectors { .. })));
}
