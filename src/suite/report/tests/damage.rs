use std::path::Path;

use serde_json::json;

use super::made_up::{catalogue, failed, row, write, write_rows, write_run};
use crate::suite::SuiteError;
use crate::suite::report::Report;

fn report(folder: &Path) -> Report {
    Report::of_folder(folder, &catalogue()).unwrap()
}

fn has_note(report: &Report, part: &str) -> bool {
    assert!(report.html.contains("id=\"missing\""));
    report.summary.notes.iter().any(|note| note.contains(part))
}

#[test]
fn folders_without_a_suite_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Report::of_folder(&folder.path().join("none"), &catalogue()).unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
    let error = Report::of_folder(folder.path(), &catalogue()).unwrap_err();
    assert!(matches!(error, SuiteError::BadFile { .. }), "{error}");
    assert!(error.to_string().contains("rows.jsonl"), "{error}");
}

#[test]
fn half_written_rows_do_not_keep_the_others_out() {
    let folder = tempfile::tempdir().unwrap();
    let good = serde_json::to_string(&row("gan", "grid", 1, &[("modes", 3.0)])).unwrap();
    let text = format!("{good}\n{{\"format_version\": 1}}\n\n{}", &good[..good.len() / 2]);
    write(&folder.path().join("rows.jsonl"), &text);
    let report = report(folder.path());
    assert_eq!(report.summary.runs, 1);
    assert!(
        has_note(&report, "line 2 of `rows.jsonl` cannot be read"),
        "{:?}",
        report.summary.notes
    );
    assert!(has_note(&report, "line 4 of `rows.jsonl` is incomplete"));
    assert!(has_note(&report, "1 runs have no folder"));
}

#[test]
fn an_empty_list_of_rows_gives_a_report() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("rows.jsonl"), "");
    assert!(report(folder.path()).html.contains("No run has ended yet."));
}

#[test]
fn bytes_that_are_no_text_are_a_damaged_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    write(&path, [0xff, 0xfe, b'\n', 0x00]);
    let report = report(folder.path());
    assert_eq!(report.summary.runs, 0);
    assert!(has_note(&report, "line 1"));
}

#[test]
fn runs_without_their_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    write_run(out, &row("gan", "grid", 1, &[("modes", 3.0)]), None, None);
    let curves = "iteration,seconds,modes\n1,0.1,3\n2,0.2\n";
    write_run(
        out,
        &row("r1", "grid", 1, &[("modes", 4.0)]),
        Some(curves),
        Some(&json!({"shape": [2]})),
    );
    write_run(out, &row("hinge", "grid", 1, &[("modes", 5.0)]), Some("nothing\n1\n"), None);
    std::fs::create_dir_all(out.join("runs/half")).unwrap();
    write(&out.join("runs/half/settings.toml"), "a = 1");
    std::fs::create_dir_all(out.join("runs/broken")).unwrap();
    write(&out.join("runs/broken/row.json"), "{");
    write(&out.join("exact.json"), "[1, 2");
    let report = report(out);
    assert_eq!(report.summary.runs, 3);
    for part in [
        "1 runs have no `curves.csv`: gan on grid, seed 1",
        "2 runs have no `artefacts.json`: hinge on grid, seed 1; gan on grid, seed 1",
        "r1 on grid, seed 1: 1 damaged lines",
        "r1 on grid, seed 1: no samples to show: missing field `reference`",
        "hinge on grid, seed 1: no curves: its header",
        "1 runs have begun and not ended: half",
        "`broken/row.json` cannot be read",
        "`exact.json` cannot be read",
    ] {
        assert!(has_note(&report, part), "{part}: {:#?}", report.summary.notes);
    }
}

#[test]
fn measures_that_are_not_finite_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
        row("gan", "grid", 1, &[("modes", 3.0), ("W1", f64::NAN)]),
        row("gan", "grid", 2, &[("modes", 5.0), ("W1", 1.5)]),
        row("r1", "grid", 1, &[("modes", f64::INFINITY), ("W1", f64::NAN)]),
    ];
    write_rows(folder.path(), &rows);
    let report = report(folder.path());
    let gan = &report.summary.problems[0].systems[0];
    assert_eq!((gan.measures["W1"].mean, gan.measures["W1"].count), (1.5, 1));
    assert!(report.html.contains("1.50 <small>(n = 1 of 2)</small>"));
    assert!(!report.html.contains("NaN") && !report.html.contains("inf<"));
}

#[test]
fn samples_of_another_shape_or_without_values_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let left = |shape: &[usize], event: serde_json::Value| {
        json!({"format_version": 1, "shape": shape, "reference": [event], "samples": [event],
            "frames": [{"iteration": 1, "samples": []}], "surface": null, "input": [[1.0]]})
    };
    let out = folder.path();
    let of = |system: &str, modes: f64| row(system, "grid", 1, &[("modes", modes)]);
    write_run(out, &of("a", 9.0), None, Some(&left(&[2], json!([0.5, 0.5]))));
    write_run(out, &of("b", 8.0), None, Some(&left(&[3], json!([0.5, 0.5, 1.0]))));
    write_run(out, &row("c", "two-gaussians", 1, &[]), None, Some(&left(&[1], json!([null]))));
    write_run(
        out,
        &row("d", "digits-8x8", 1, &[]),
        None,
        Some(&left(&[1, 1, 2], json!([3.0, 3.0]))),
    );
    write_run(
        out,
        &row("e", "timegan-sines", 1, &[]),
        None,
        Some(&left(&[1, 1, 1, 2], json!([3.0, 3.0]))),
    );
    let report = report(out);
    assert!(has_note(&report, "b on grid, seed 1: samples of shape [3], expected [2]"));
    assert!(has_note(&report, "d on digits-8x8, seed 1: its samples cannot be shown"));
    assert!(has_note(&report, "e on timegan-sines, seed 1: its samples cannot be shown"));
}

#[test]
fn names_and_errors_are_text_and_no_html() {
    let folder = tempfile::tempdir().unwrap();
    let odd = "<script>alert(\"x\")</script>&'/ü␀";
    let mut run = row(odd, odd, 1, &[(odd, 1.0)]);
    run.device = odd.to_owned();
    run.version = odd.to_owned();
    run.settings = format!("x = '{odd}'");
    let rows = [run, failed(odd, "grid", 2, odd)];
    write_rows(folder.path(), &rows);
    let report = report(folder.path());
    assert!(!report.html.contains("<script"), "a script in the page");
    assert!(report.html.contains("&lt;script&gt;"));
    let csv = report.summary.csv();
    assert!(csv.contains("\"<script>alert(\"\"x\"\")</script>"), "{csv}");
}

#[test]
fn two_hundred_rows_give_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Vec::new();
    for number in 0..200_u64 {
        let system = format!("system-{}", number % 40);
        rows.push(row(&system, "grid", number / 40, &[("modes", (number % 25) as f64)]));
    }
    write_rows(folder.path(), &rows);
    let report = report(folder.path());
    assert_eq!((report.summary.runs, report.summary.problems[0].systems.len()), (200, 40));
    assert!(report.html.contains("and so neither curves nor samples"));
    assert!(report.html.len() < 500_000, "{}", report.html.len());
}
