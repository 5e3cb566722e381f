use super::made_up::{catalogue, failed, row, write_rows};
use crate::suite::report::{Report, Runs, SystemSummary, tables};
use crate::suite::{Protocol, Row};

fn report(rows: &[Row]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    write_rows(folder.path(), rows);
    Report::of_folder(folder.path(), &catalogue()).unwrap()
}

fn rows() -> Vec<Row> {
    // W1 by seed: a 1, 2, 3 (mean 2, standard error 1/√3); b 4, 6 (mean 5, error 1); c 2 alone.
    let of = |system: &str, seed, w1: f64| row(system, "two-gaussians", seed, &[("W1", w1)]);
    vec![
        of("a", 1, 1.0),
        of("a", 2, 2.0),
        of("a", 3, 3.0),
        of("b", 1, 4.0),
        of("b", 2, 6.0),
        failed("b", "two-gaussians", 3, "killed"),
        of("c", 1, 2.0),
        failed("d", "two-gaussians", 1, "diverged"),
    ]
}

#[test]
fn means_errors_and_ranks_are_those_by_hand() {
    let summary = report(&rows()).summary;
    assert_eq!((summary.runs, summary.failed, summary.problems.len()), (8, 2, 1));
    let systems = &summary.problems[0].systems;
    let by_name = |name: &str| systems.iter().find(|system| system.system == name).unwrap();
    let w1 = |system: &SystemSummary| system.measures["W1"];
    approx::assert_relative_eq!(w1(by_name("a")).mean, 2.0);
    approx::assert_relative_eq!(w1(by_name("a")).standard_error.unwrap(), 1.0 / 3.0_f64.sqrt());
    approx::assert_relative_eq!(w1(by_name("b")).standard_error.unwrap(), 1.0);
    assert_eq!((by_name("b").runs, by_name("b").failed, by_name("b").iterations), (3, 1, 20_000));
    assert_eq!(w1(by_name("c")).standard_error, None);
    assert!(by_name("d").measures.is_empty());
    // a and c share the ranks 1 and 2; d has no value and is last.
    let ranks: Vec<(&str, f64)> =
        systems.iter().map(|s| (s.system.as_str(), s.mean_rank.unwrap())).collect();
    assert_eq!(ranks, [("a", 1.5), ("c", 1.5), ("b", 3.0), ("d", 4.0)]);
    let relative: Vec<f64> = summary.overall.iter().map(|rank| rank.relative_rank).collect();
    assert_eq!(relative, [0.5 / 3.0, 0.5 / 3.0, 2.0 / 3.0, 1.0]);
}

#[test]
fn tables_show_the_same_numbers() {
    let html = report(&rows()).html;
    for part in ["2.00 ± 0.58", "5.0 ± 1.0", "1 of 3 failed", "1 of 1 failed"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(html.contains("<b>2 of 8 runs have failed.</b>"));
    assert!(html.contains("class=\"n best\">2.00 ± 0.58"));
}

#[test]
fn csv_and_json_have_every_number() {
    let summary = report(&rows()).summary;
    let csv = summary.csv();
    let line = "two-gaussians,short,b,this suite,20000,W1,lower,5,1,2,1,3,\n";
    assert!(csv.contains(line), "{csv}");
    let json: serde_json::Value = serde_json::from_str(&summary.json()).unwrap();
    assert_eq!(json["problems"][0]["systems"][2]["measures"]["W1"]["mean"], 5.0);
    assert_eq!(json["problems"][0]["headline"][0]["better"], "lower");
}

#[test]
fn published_figures_are_context_but_for_the_same_protocol() {
    let short = row("gan", "grid", 1, &[("modes", 20.0), ("high quality", 0.9)]);
    let mut paper = short.clone();
    paper.protocol = Protocol::Paper;
    let other = row("gan", "two-gaussians", 1, &[("W1", 1.0)]);
    let html = report(&[short.clone(), other]).html;
    assert!(html.contains("Published, of another protocol: context"));
    assert!(!html.contains("Published, of the same protocol"));
    // Both plain GANs, and percentages as printed.
    assert!(html.contains("17.3 ± 0.8") && html.contains(">3.3<") && html.contains("94.8 ± 0.7 %"));
    let both = report(&[short, paper]);
    assert!(both.html.contains("Published, of the same protocol"));
    let same: Vec<usize> = both
        .summary
        .problems
        .iter()
        .map(|problem| problem.published.iter().filter(|row| row.same_protocol).count())
        .collect();
    // The five rows of PacGAN's table; VEEGAN's were trained otherwise.
    assert_eq!(same, [5, 0]);
}

#[test]
fn the_median_run_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, w1) in [(1, 9.0), (2, 1.0), (3, 4.0), (4, f64::NAN)] {
        let row = row("a", "two-gaussians", seed, &[("W1", w1)]);
        super::made_up::write_run(folder.path(), &row, None, None);
    }
    let runs = Runs::read(folder.path()).unwrap();
    let tables = tables(&runs.runs, &catalogue());
    let median = tables[0].entries[0].median_run(Some("W1")).unwrap();
    // Of 1, 4, 9 and no value, the lower of the two in the middle.
    assert_eq!(median.row.seed, 3);
}

#[test]
fn runs_that_differ_in_more_than_the_seed_are_pointed_out() {
    let same = rows();
    assert!(report(&same).summary.problems[0].systems.len() == 4);
    let quiet = report(&same).html;
    assert!(!quiet.contains("different settings") && !quiet.contains("different data"));
    let mut odd = same;
    odd[1].settings.push_str("lambda = 3\n");
    odd[3].data.sha256 = "other".to_owned();
    let html = report(&odd).html;
    assert!(html.contains("the runs of `a` have 2 different settings"));
    assert!(html.contains("the runs have different data"));
}

#[test]
fn other_lengths_are_other_entries() {
    let mut long = row("a", "two-gaussians", 1, &[("W1", 0.5)]);
    long.iterations = 40_000;
    let found = report(&[row("a", "two-gaussians", 1, &[("W1", 1.0)]), long]).summary;
    // The same system, problem, seed and protocol: the later row counts.
    assert_eq!(found.runs, 1);
    assert!(found.notes.iter().any(|note| note.contains("replaced")), "{:?}", found.notes);
    let mut second = row("a", "two-gaussians", 2, &[("W1", 0.5)]);
    second.iterations = 40_000;
    let found = report(&[row("a", "two-gaussians", 1, &[("W1", 1.0)]), second]);
    assert_eq!(found.summary.problems[0].systems.len(), 2);
    assert!(found.html.contains("a, 40000 iterations"));
}
