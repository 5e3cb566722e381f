//! The exact tier of the suite: every comparison of every check, its figures, and its page in the
//! documentation.

use std::path::Path;
use std::sync::LazyLock;

use showerforge::suite::exact::{ExactCheck, ExactReport, checks, run, run_all};

static REPORT: LazyLock<ExactReport> = LazyLock::new(run_all);

const DOCUMENT: &str = include_str!("../docs/suite-exact.md");
const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks/exact");

#[test]
fn every_comparison_agrees() {
    eprintln!("{}", *REPORT);
    assert!(REPORT.passed, "{}", *REPORT);
    assert_eq!(REPORT.checks.len(), checks().len());
    assert!(REPORT.checks.iter().all(|check| !check.values.is_empty()));
}

/// The parallel lines with W₁ = |θ| + 0.1.
#[test]
fn a_wrong_expected_value_fails() {
    let lines = || checks().into_iter().find(|check| check.name == "parallel-lines").expect("one");
    assert!(run(&[lines()]).passed);
    let broken = ExactCheck {
        run: || {
            let check = checks().into_iter().find(|check| check.name == "parallel-lines");
            let mut result = (check.expect("one of the checks").run)()?;
            result.values[0].expected += 0.1;
            Ok(result)
        },
        ..lines()
    };
    let report = run(&[broken]);
    assert!(!report.passed);
    assert!(report.to_string().contains("WRONG"), "{report}");
}

/// No tolerance is so wide that it would let another number of the same table pass.
#[test]
fn tolerances_are_small() {
    for check in &REPORT.checks {
        for value in check.values.iter().filter(|value| value.expected.is_finite()) {
            let most = 0.035 * value.expected.abs().max(1.0);
            assert!(value.tolerance <= most, "{}: {value:?}", check.name);
        }
    }
}

#[test]
fn figures_can_be_rendered() {
    let figures: Vec<_> = REPORT.checks.iter().filter_map(|check| check.svg.as_ref()).collect();
    assert!(figures.len() >= 12, "{} figures", figures.len());
    for svg in figures {
        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
        assert!(svg.len() < 200_000, "{} bytes", svg.len());
        validation::plots::render_png(svg, 1.0).expect("valid SVG");
    }
}

#[test]
fn every_check_is_documented_with_its_formula_source_and_figure() {
    let document = plain(DOCUMENT);
    let comparisons: usize = REPORT.checks.iter().map(|check| check.values.len()).sum();
    let counts = format!("{} checks with {comparisons} comparisons", REPORT.checks.len());
    assert!(document.contains(&counts), "docs/suite-exact.md lacks `{counts}`");
    for check in &REPORT.checks {
        let at = |text: &str| {
            assert!(document.contains(&plain(text)), "docs/suite-exact.md lacks `{text}`");
        };
        at(&format!("## {}", check.title));
        at(&format!("`{}`", check.name));
        at(check.formula);
        at(check.source);
        if let Some(figure) = &check.figure {
            at(&format!("benchmarks/exact/{figure}"));
            assert!(Path::new(FIGURES).join(figure).is_file(), "no {figure} in {FIGURES}");
        }
    }
}

/// Words with single spaces between them.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes the figures and `exact.json` of the documentation.
#[test]
#[ignore = "writes docs/benchmarks/exact"]
fn write_figures() {
    REPORT.write(Path::new(FIGURES), true).expect("the folder is there");
}
