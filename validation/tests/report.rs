//! The written report of a made-up validation: figures, page, JSON and terminal table.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod synthetic;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use synthetic::{MARKUP, Numbers, layer_image, observable, report};
use validation::plots::{
    FigureContext, FigureSize, PNG_SCALE, PlotError, Units, histogram_figure, layer_map_figure,
    render_png, roc_figure, summary_figure,
};
use validation::report::{
    ReportError, draw_figures, from_json, render_html, summary_text, to_json, write_report,
};

const CONTEXT: FigureContext = FigureContext {
    title: "Toy",
    subtitle: "photon",
    reference_label: "reference",
    generated_label: "generated",
};

fn units() -> Units {
    Units::of(&detectors::builtin("calochallenge-photons").unwrap())
}

/// Width and height from the header of a PNG file.
fn png_size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let word = |from: usize| u32::from_be_bytes(png[from..from + 4].try_into().unwrap());
    (word(16), word(20))
}

#[test]
fn every_figure_is_valid_svg_with_escaped_text() {
    let set = draw_figures(&report());
    assert!(set.missing.is_empty(), "{:?}", set.missing);
    // 1 summary, 2 response, 1 at one energy, 5 observables, 1 map, 2 profiles, 1 ROC.
    assert_eq!(set.figures.len(), 13);
    for figure in &set.figures {
        let document = roxmltree::Document::parse(&figure.svg).unwrap();
        assert_eq!(document.root_element().tag_name().name(), "svg");
        assert!(document.descendants().all(|node| node.tag_name().name() != "script"));
        assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf,"), "{}", figure.stem);
        let width = document.root_element().attribute("width");
        assert_eq!(width, Some(figure.width.to_string().as_str()), "{}", figure.stem);
    }
}

#[test]
fn drawing_twice_gives_the_same_bytes() {
    let svgs = || draw_figures(&report()).figures.into_iter().map(|figure| figure.svg);
    assert!(svgs().eq(svgs()));
}

#[test]
fn png_has_twice_the_pixels_and_is_not_blank() {
    let mut numbers = Numbers::new(1);
    let comparison = observable("x", "x (mm)", "widths", &mut numbers);
    let svg = histogram_figure(&comparison, &CONTEXT, FigureSize::COMPACT).unwrap();
    let png = render_png(&svg, PNG_SCALE).unwrap();
    assert_eq!(png_size(&png), (840, 760));
    let blank = "<svg xmlns='http://www.w3.org/2000/svg' width='420' height='380'/>";
    assert!(png.len() > 5 * render_png(blank, PNG_SCALE).unwrap().len());
    assert!(matches!(render_png("<svg", 1.0), Err(PlotError::Svg(_))));
}

#[test]
fn a_histogram_of_wrong_lengths_or_edges_is_an_error() {
    let good = observable("x", "x", "widths", &mut Numbers::new(2));
    let draw = |comparison: &_| histogram_figure(comparison, &CONTEXT, FigureSize::PAPER);
    let mut short = good.clone();
    short.histogram.generated.pop();
    assert!(matches!(draw(&short), Err(PlotError::Length { found: 19, expected: 20, .. })));
    let mut falling = good.clone();
    falling.histogram.edges[3] = -1.0;
    assert!(matches!(draw(&falling), Err(PlotError::Edges { .. })));
    let mut none = good.clone();
    none.histogram.edges.clear();
    assert!(matches!(draw(&none), Err(PlotError::Edges { .. })));
    let mut from_zero = good;
    from_zero.log_x = true;
    assert!(matches!(draw(&from_zero), Err(PlotError::Edges { .. })));
}

#[test]
fn what_has_no_content_is_missing_and_not_fatal() {
    let mut numbers = Numbers::new(3);
    let mut dark = layer_image(4, 3, &mut numbers);
    dark.reference.fill(0.0);
    dark.generated.fill(f64::NAN);
    let size = FigureSize::PAPER;
    assert!(matches!(
        layer_map_figure(&dark, &units(), &CONTEXT, size),
        Err(PlotError::Empty { .. })
    ));
    assert!(matches!(roc_figure(&[], &CONTEXT, size), Err(PlotError::Empty { .. })));
    assert!(matches!(summary_figure(&[], &CONTEXT), Err(PlotError::Empty { .. })));

    let mut report = report();
    report.layer_images = vec![dark];
    report.classifiers.clear();
    report.observables.clear();
    report.verdict.criteria.clear();
    let set = draw_figures(&report);
    assert_eq!(set.missing.len(), 2);
    let page = render_html(&report, &set).unwrap();
    assert!(page.contains("Average shower in layer 4") && page.contains("is missing"));
    assert!(summary_text(&report).starts_with("No criteria were set"));
}

#[test]
fn many_layers_share_the_rows_of_the_summary() {
    let mut numbers = Numbers::new(4);
    let layers = (0..90).map(|layer| {
        let mut one = observable(&format!("E_{layer}"), "E", "layer energies", &mut numbers);
        one.layer = Some(layer);
        one
    });
    let svg = summary_figure(&layers.collect::<Vec<_>>(), &CONTEXT).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let height: u32 = document.root_element().attribute("height").unwrap().parse().unwrap();
    assert!(height < 300, "{height}");
}

#[test]
fn the_page_is_self_contained_escaped_and_complete() {
    let report = report();
    let page = render_html(&report, &draw_figures(&report)).unwrap();
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;"));
    for loading in ["src=\"http", "href=\"http", "url(http", "@import", "<link", "src=\"//"] {
        assert!(!page.contains(loading), "{loading}");
    }
    // The one address is the name of SVG's vocabulary, which nothing loads.
    let addresses = page.matches("http").count();
    assert_eq!(addresses, page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
    for expected in ["E<sub>tot</sub> / E<sub>inc</sub>", "Energy in layer 1 (MeV)"] {
        assert!(page.contains(expected), "{expected}");
    }
    for observable in &report.observables {
        let start: String =
            observable.label.chars().take_while(|c| *c != '<' && *c != '_').collect();
        assert!(page.contains(start.trim_end()), "{start}");
    }
    assert!(page.contains("This was a short training."));
    assert!(page.contains("href=\"#observable_E_1\"") && page.contains("id=\"observable_E_1\""));
}

#[test]
fn every_anchor_of_the_page_exists_once() {
    let report = report();
    let page = render_html(&report, &draw_figures(&report)).unwrap();
    for link in page.split("href=\"#").skip(1) {
        let anchor = link.split('"').next().unwrap();
        assert_eq!(page.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
    }
}

#[test]
fn json_keeps_everything_but_the_kind_of_what_is_not_finite() {
    let report = report();
    let json = to_json(&report).unwrap();
    let back = from_json(&json).unwrap();
    assert!(to_json(&back).unwrap() == json, "the report changed on its way through JSON");
    assert_eq!(back.observables[0].histogram.reference, report.observables[0].histogram.reference);
    assert!(back.observables[4].ks_p_value.is_nan());
    assert!(back.observables[4].separation.floor.is_nan(), "an infinity is read back as NaN");
    assert_eq!(back.observables[0].layer, None);
    assert_eq!(back.observables[3].layer, Some(1));

    let newer = json.replacen("\"format_version\": 2", "\"format_version\": 3", 1);
    assert!(matches!(from_json(&newer), Err(ReportError::Version { found: 3 })));
    assert!(matches!(from_json("{}"), Err(ReportError::Json(_))));
}

#[test]
fn all_files_are_written_through_the_sink() {
    let files = Mutex::new(BTreeMap::<PathBuf, usize>::new());
    let sink = |path: &Path, bytes: &[u8]| {
        files.lock().unwrap().insert(path.to_owned(), bytes.len());
        Ok(())
    };
    let mut paths = write_report(&report(), &sink).unwrap();
    paths.sort();
    let files = files.into_inner().unwrap();
    assert_eq!(paths, files.keys().cloned().collect::<Vec<_>>());
    assert_eq!(files.len(), 2 + 2 * 13);
    assert!(files.values().all(|size| *size > 500));
    assert!(paths.iter().all(|path| path.is_relative()));
}

#[test]
fn a_sink_that_fails_is_reported_with_its_path() {
    let sink = |_: &Path, _: &[u8]| Err(std::io::Error::other("disk full"));
    let error = write_report(&report(), &sink).unwrap_err();
    assert_eq!(error.to_string(), "write `report.json`: disk full");
}

#[test]
fn the_terminal_table_lists_verdict_worst_observables_and_classifiers() {
    let text = summary_text(&report());
    for expected in ["Not passed: 1 of 2", "FAIL", "sparsity_12", "n/a", "high-level (30 features)"]
    {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    assert!(text.contains(MARKUP));
    assert!(text.lines().all(|line| line.trim_end() == line));
}
