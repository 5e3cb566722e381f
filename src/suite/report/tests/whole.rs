use std::path::Path;

use super::made_up::{catalogue, realistic};
use crate::suite::report::{Report, ReportPaths};

/// The page with its pictures cut out, whose letters may read as anything.
fn without_data(html: &str) -> String {
    let mut parts = html.split("data:image/");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rest.push_str(part.split_once('"').expect("an address ends with a quote").1);
    }
    rest
}

#[test]
fn a_suite_of_all_kinds_has_a_report_that_loads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    realistic(folder.path(), 3);
    let report = Report::of_folder(folder.path(), &catalogue()).unwrap();
    let html = &without_data(&report.html);
    assert!(report.html.matches("data:image/png;base64,iVBOR").count() > 20);
    for part in [
        "id=\"ranks\"",
        "class=\"contour\"",
        "class=\"strip\"",
        "modes covered",
        "Fréchet distance: resnet-101",
        "Losses against architectures",
        "resnet-101",
        "Training frames",
        "id=\"exact\"",
        "do not agree",
        "As quoted in a secondary source",
        "Short protocol.",
        "prefers-reduced-motion",
        "own CNN on digits-8x8, not Inception",
    ] {
        assert!(html.contains(part), "{part}");
    }
    // Nothing is fetched, and nothing runs.
    for part in ["http://", "https://", "<script", "@import", "<link", "url("] {
        assert!(!html.contains(part), "{part}");
    }
    for (open, close) in [
        ("<section", "</section>"),
        ("<figure", "</figure>"),
        ("<table", "</table>"),
        ("<svg", "</svg>"),
        ("<details", "</details>"),
    ] {
        assert_eq!(html.matches(open).count(), html.matches(close).count(), "{open}");
    }
    let images = html.matches("<img").count();
    assert_eq!(html.matches(" alt=\"").count(), images);
    assert!(!html.contains("NaN") && !html.contains("None"));
    let cells = html.matches("<td class=\"good\"><b>✓</b>").count();
    assert!(cells >= 7, "{cells} cells of the robustness grid");

    for (output, others) in [
        ("report", ["report/report.html", "report/summary.json", "report/summary.csv"]),
        ("new/page.html", ["new/page.html", "new/page.json", "new/page.csv"]),
    ] {
        let output = folder.path().join(output);
        let ReportPaths { page, json, csv } = report.write(&output, false).unwrap();
        assert_eq!([page, json, csv], others.map(|name| folder.path().join(name)));
        assert!(others.iter().all(|name| folder.path().join(name).exists()), "{others:?}");
        let error = report.write(&output, false).unwrap_err();
        assert!(error.to_string().contains("--force"), "{error}");
        report.write(&output, true).unwrap();
    }
}

/// `cargo test --release --lib a_report_to_look_at -- --ignored` writes one below `target/`.
#[test]
#[ignore = "for people, who look at target/suite-report/report.html"]
fn a_report_to_look_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/made-up-suite");
    realistic(&folder, 10);
    let report = Report::of_folder(&folder, &catalogue()).unwrap();
    report.write(&folder.with_file_name("suite-report"), true).unwrap();
}
