//! The written report of a made-up validation: figures, page, JSON and terminal table.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod synthetic;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use synthetic::{MARKUP, Numbers, layer_image, report, report_of};
use validation::plots::{
    FigureContext, FigureSize, Histogram, HistogramSample, LayerMaps, Outside, PNG_SCALE, Plot,
    PlotError, Rendered, Roc, Style, Summary, SummaryItem, Units, VerticalScale, render_png,
};
use validation::report::{
    FigureFormats, FigureSet, FigureStyle, ReportError, ReportOptions, draw_figures, from_json,
    render_html, summary_text, to_json, write_report,
};

const CONTEXT: FigureContext =
    FigureContext { title: "Toy", subtitle: "photon", label: None, style: Style::Plain };

fn units() -> Units {
    Units::of(&detectors::builtin("calochallenge-photons").unwrap())
}

fn figures() -> FigureSet {
    draw_figures(&report(), &FigureStyle::default())
}

/// Counts of a bell, of a reference and a generated sample.
fn histogram() -> Histogram {
    let mut numbers = Numbers::new(1);
    let mut sample = |label: &str| HistogramSample {
        label: label.to_owned(),
        sums: (0..20_i32)
            .map(|bin| {
                (200.0 * (-f64::from((bin - 10).pow(2)) / 8.0).exp() * numbers.next()).floor()
            })
            .collect(),
        entries: 1000,
        ..HistogramSample::default()
    };
    Histogram {
        name: "x".to_owned(),
        label: "x (mm)".to_owned(),
        edges: (0..=20).map(|n| f64::from(n) / 20.0).collect(),
        reference: sample("reference"),
        generated: vec![sample("generated")],
        ..Histogram::default()
    }
}

/// Width and height from the header of a PNG file.
fn png_size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let word = |from: usize| u32::from_be_bytes(png[from..from + 4].try_into().unwrap());
    (word(16), word(20))
}

#[test]
fn every_figure_of_every_style_is_valid_svg_with_escaped_text() {
    for style in Style::ALL {
        let label = Some(MARKUP.to_owned());
        let set = draw_figures(&report_of(&[MARKUP, "b"]), &FigureStyle { style, label });
        assert!(set.missing.is_empty(), "{:?}", set.missing);
        for figure in &set.figures {
            let variant = figure.variant.iter().map(|variant| &variant.svg);
            for svg in std::iter::once(&figure.svg).chain(variant) {
                let document = roxmltree::Document::parse(svg).unwrap();
                assert_eq!(document.root_element().tag_name().name(), "svg");
                assert!(document.descendants().all(|node| node.tag_name().name() != "script"));
                assert!(!svg.contains("NaN") && !svg.contains("inf,"), "{}", figure.stem);
                let width = document.root_element().attribute("width");
                assert_eq!(width, Some(figure.width.to_string().as_str()), "{}", figure.stem);
            }
        }
    }
}

#[test]
fn there_is_a_figure_for_all_that_the_report_holds() {
    let set = figures();
    let stems: Vec<&str> = set.figures.iter().map(|figure| figure.stem.as_str()).collect();
    for stem in [
        "verdict",
        "summary",
        "training",
        "response",
        "resolution",
        "separation_by_incident_energy",
        "excess_by_incident_energy",
        "E_tot_over_E_inc_at_incident_energy_4_10_GeV",
        "observable_E_tot_over_E_inc",
        "observable_sparsity_12",
        "correlations",
        "shower_map_1",
        "radial_profile_2",
        "roc",
        "giveaways_network__high-level",
    ] {
        assert!(stems.contains(&stem), "{stem} in {stems:?}");
    }
    let of_stem = |stem: &str| set.figures.iter().find(|figure| figure.stem == stem).unwrap();
    assert!(of_stem("observable_E_1").variant.as_ref().unwrap().first, "log_y comes first");
    assert!(!of_stem("verdict").on_page);
    assert!(of_stem("shower_map_1").table.is_some());
}

#[test]
fn drawing_twice_gives_the_same_bytes() {
    let all = || figures().figures.into_iter().map(|figure| figure.svg);
    assert!(all().eq(all()));
    let pdf = || Rendered::of(&figures().figures[0].svg).unwrap().pdf("x").unwrap();
    assert!(pdf() == pdf());
}

#[test]
fn png_has_twice_the_pixels_and_is_not_blank() {
    let svg = histogram().svg(&CONTEXT, FigureSize::COMPACT).unwrap();
    let png = render_png(&svg, PNG_SCALE).unwrap();
    assert_eq!(png_size(&png), (840, 760));
    let blank = "<svg xmlns='http://www.w3.org/2000/svg' width='420' height='380'/>";
    assert!(png.len() > 5 * render_png(blank, PNG_SCALE).unwrap().len());
    assert!(matches!(render_png("<svg", 1.0), Err(PlotError::Svg(_))));
}

#[test]
fn pdf_embeds_the_bundled_font_and_nothing_else() {
    let svg = histogram().svg(&CONTEXT, FigureSize::PAPER).unwrap();
    let pdf = Rendered::of(&svg).unwrap().pdf("A title").unwrap();
    assert!(pdf.starts_with(b"%PDF-1."));
    let text = String::from_utf8_lossy(&pdf);
    let fonts = text.matches("/BaseFont").count();
    assert!(fonts > 0 && text.matches("ShowerforgeSans").count() >= fonts, "{fonts} fonts");
    assert!(text.contains("/FontFile2") || text.contains("/FontFile3"));
}

#[test]
fn a_histogram_of_wrong_lengths_or_edges_is_an_error() {
    let draw = |histogram: &Histogram| histogram.svg(&CONTEXT, FigureSize::PAPER);
    let mut short = histogram();
    short.generated[0].sums.pop();
    assert!(matches!(draw(&short), Err(PlotError::Length { found: 19, expected: 20, .. })));
    let mut falling = histogram();
    falling.edges[3] = -1.0;
    assert!(matches!(draw(&falling), Err(PlotError::Edges { .. })));
    let mut none = histogram();
    none.edges.clear();
    assert!(matches!(draw(&none), Err(PlotError::Edges { .. })));
    let mut from_zero = histogram();
    from_zero.log_x = true;
    assert!(matches!(draw(&from_zero), Err(PlotError::Edges { .. })));
}

/// All texts of a figure.
fn texts(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| node.descendants().filter(|child| child.is_text()))
        .map(|parts| parts.filter_map(|part| part.text()).collect())
        .collect()
}

#[test]
fn a_histogram_says_what_it_does_not_draw() {
    let mut histogram = histogram();
    histogram.reference.outside = Outside { above: 12_345, ..Outside::default() };
    histogram.generated[0].outside = Outside { below: 3, above: 1, elsewhere: 0 };
    let found = texts(&histogram.svg(&CONTEXT, FigureSize::PAPER).unwrap());
    assert!(found.contains(&"Underflow: 0 | 3".to_owned()), "{found:?}");
    assert!(found.contains(&"Overflow: 12\u{a0}345 | 1".to_owned()), "{found:?}");
    assert!(found.contains(&"reference (1\u{a0}000 entries)".to_owned()), "{found:?}");
}

#[test]
fn a_label_is_the_users_own_or_none() {
    let histogram = histogram();
    for style in Style::ALL {
        let context = FigureContext { style, ..CONTEXT };
        let found = texts(&histogram.svg(&context, FigureSize::PAPER).unwrap()).join("\n");
        for name in ["ATLAS", "LHCb", "CERN", "Simulation", "Preliminary"] {
            assert!(!found.contains(name), "{name} in {found}");
        }
        let context = FigureContext { label: Some("My Experiment"), ..context };
        let found = texts(&histogram.svg(&context, FigureSize::PAPER).unwrap()).join(" ");
        assert!(found.contains("My Experiment"), "{found}");
    }
}

#[test]
fn counts_beyond_two_decades_ask_for_a_logarithmic_axis() {
    let mut histogram = histogram();
    histogram.generated.clear();
    histogram.reference.sums = [vec![2.0; 19], vec![200.0]].concat();
    assert!(!histogram.spans_decades());
    histogram.reference.sums[3] = 1.0;
    assert!(histogram.spans_decades());
    let log = Histogram { vertical: VerticalScale::Logarithmic, ..histogram };
    assert!(texts(&log.svg(&CONTEXT, FigureSize::PAPER).unwrap()).iter().any(|t| t == "10−1"));
}

#[test]
fn the_table_of_a_histogram_has_garwoods_errors_and_ratios() {
    let mut histogram = histogram();
    histogram.edges = vec![0.0, 2.0, 4.0];
    histogram.reference.sums = vec![1.0, 3.0];
    histogram.generated[0].sums = vec![0.0, 4.0];
    let table = histogram.table().unwrap();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let density = "Fraction of entries / mm";
    assert_eq!(names, [density, density, "Ratio to reference", "Entries", "Entries"]);
    assert_eq!(table.columns[0].values, [0.125, 0.375]);
    assert_eq!(table.columns[2].values, [0.0, 4.0 / 3.0]);
    // 1 of 4 entries in a width of 2: from 0.1728 to 3.2995 entries.
    let (down, up) = table.columns[0].errors.as_ref().unwrap()[0];
    assert!((down - 0.827_246_221 / 8.0).abs() < 1e-9 && (up - 2.299_526_559 / 8.0).abs() < 1e-9);
    // No entry may still be 1.841 of 4, over a reference of a quarter.
    let (down, up) = table.columns[2].errors.as_ref().unwrap()[0];
    assert!(down == 0.0 && (up - 1.841_021_645).abs() < 1e-8, "{up}");
}

#[test]
fn what_has_no_content_is_missing_and_not_fatal() {
    let mut numbers = Numbers::new(3);
    let mut dark = layer_image(4, 3, &mut numbers);
    dark.reference.fill(0.0);
    dark.generated.fill(f64::NAN);
    let size = FigureSize::PAPER;
    let maps = LayerMaps {
        name: dark.name.clone(),
        shape: dark.shape.clone(),
        reference: ("a".to_owned(), dark.reference.clone()),
        generated: vec![("b".to_owned(), dark.generated.clone())],
        units: units(),
    };
    assert!(matches!(maps.svg(&CONTEXT, size), Err(PlotError::Empty { .. })));
    assert!(matches!(Roc::default().svg(&CONTEXT, size), Err(PlotError::Empty { .. })));
    assert!(matches!(Summary::default().svg(&CONTEXT, size), Err(PlotError::Empty { .. })));

    let mut report = report();
    let model = &mut report.models[0];
    model.layer_images = vec![dark];
    model.classifiers.clear();
    model.observables.clear();
    model.verdict.criteria.clear();
    model.distances.clear();
    model.per_condition.clear();
    model.correlations = None;
    let set = draw_figures(&report, &FigureStyle::default());
    assert_eq!(set.missing.len(), 2);
    let page = render_html(&report, &set).unwrap();
    assert!(page.contains("Average shower in layer 4") && page.contains("is missing"));
    assert!(summary_text(&report).starts_with("No criteria were set"));
}

#[test]
fn many_layers_share_the_rows_of_the_summary() {
    let items = (0..90).map(|layer| SummaryItem {
        group: "layer energies".to_owned(),
        label: format!("E in layer {layer}"),
        family: "E in each layer".to_owned(),
        floor: 1e-3,
        values: vec![1e-2],
    });
    let summary = Summary {
        measure: "Separation power".to_owned(),
        samples: vec!["generated".to_owned()],
        items: items.collect(),
    };
    let svg = summary.svg(&CONTEXT, FigureSize { width: 820, height: 0 }).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let height: u32 = document.root_element().attribute("height").unwrap().parse().unwrap();
    assert!(height < 300, "{height}");
}

#[test]
fn the_page_is_self_contained_escaped_and_complete() {
    for names in [&[MARKUP][..], &["first", MARKUP]] {
        let report = report_of(names);
        let page = render_html(&report, &draw_figures(&report, &FigureStyle::default())).unwrap();
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
        for observable in &report.models[0].observables {
            let start: String =
                observable.label.chars().take_while(|c| *c != '<' && *c != '_').collect();
            assert!(page.contains(start.trim_end()), "{start}");
        }
        assert!(page.contains("This was a short training."));
        assert!(
            page.contains("href=\"#observable_E_1\"") && page.contains("id=\"observable_E_1\"")
        );
        for expected in [
            "Known weaknesses",
            "--note &#x27;&lt;script",
            "Fréchet physics distance",
            "Bins of incident energy",
            "All tests: total energy",
            "limits.toml",
            "too few events",
        ] {
            assert!(page.contains(expected), "{expected}");
        }
        for sum in [&"0123456789abcdef".repeat(4), &"f".repeat(64)] {
            assert!(page.contains(sum), "{sum}");
        }
    }
}

#[test]
fn a_status_has_a_word_and_a_symbol_besides_its_colour() {
    let page = render_html(&report(), &FigureSet::default()).unwrap();
    for word in ["green", "amber", "red", "abstained"] {
        assert!(page.contains(&format!("href=\"#mark-{word}\"/></svg>{word}</span>")), "{word}");
    }
}

#[test]
fn every_anchor_of_the_page_exists_once() {
    let report = report();
    let page = render_html(&report, &draw_figures(&report, &FigureStyle::default())).unwrap();
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
    let (old, new) = (&report.models[0].observables, &back.models[0].observables);
    assert_eq!(new[0].histogram.reference, old[0].histogram.reference);
    assert!(new[4].ks_p_value.is_nan());
    assert!(new[4].separation.floor.is_nan(), "an infinity is read back as NaN");
    assert_eq!(new[0].layer, None);
    assert_eq!(new[3].layer, Some(1));

    let newer = json.replacen("\"format_version\": 3", "\"format_version\": 4", 1);
    assert!(matches!(from_json(&newer), Err(ReportError::Version { found: 4 })));
    assert!(matches!(from_json("{}"), Err(ReportError::Json(_))));
}

fn written(options: &ReportOptions) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = Mutex::new(BTreeMap::<PathBuf, Vec<u8>>::new());
    let sink = |path: &Path, bytes: &[u8]| {
        files.lock().unwrap().insert(path.to_owned(), bytes.to_owned());
        Ok(())
    };
    let mut paths = write_report(&report(), options, &sink).unwrap();
    paths.sort();
    let files = files.into_inner().unwrap();
    assert_eq!(paths, files.keys().cloned().collect::<Vec<_>>());
    assert!(paths.iter().all(|path| path.is_relative()));
    files
}

#[test]
fn all_files_are_written_through_the_sink() {
    let files = written(&ReportOptions::default());
    let endings = |ending: &str| {
        let named = files.keys().filter(|path| path.extension().is_some_and(|own| own == ending));
        named.count()
    };
    let set = figures();
    let drawn = set.figures.len() + set.figures.iter().filter(|one| one.variant.is_some()).count();
    let tables = set.figures.iter().filter(|one| one.table.is_some()).count();
    for (ending, count) in
        [("svg", drawn), ("png", drawn), ("pdf", drawn), ("csv", tables), ("yaml", tables + 1)]
    {
        assert_eq!(endings(ending), count, "{ending}");
    }
    for name in ["report.html", "report.json", "hepdata/submission.yaml", "figures/roc.csv"] {
        assert!(files.contains_key(Path::new(name)), "{name}");
    }
    assert!(files.contains_key(Path::new("figures/observable_E_1_log.pdf")));
    assert!(files.values().all(|bytes| !bytes.is_empty()));
}

#[test]
fn formats_can_be_left_out() {
    let options = ReportOptions {
        formats: FigureFormats { svg: false, png: false, pdf: true },
        csv: false,
        hepdata: false,
        ..ReportOptions::default()
    };
    let files = written(&options);
    let others = files.keys().filter(|path| path.extension().is_none_or(|own| own != "pdf"));
    assert_eq!(others.count(), 2);
}

#[test]
fn hepdata_has_every_table_with_the_same_rows_throughout() {
    let files = written(&ReportOptions::default());
    let text = String::from_utf8(files[Path::new("hepdata/submission.yaml")].clone()).unwrap();
    let mut listed = 0;
    for document in serde_yaml_ng::Deserializer::from_str(&text) {
        let value: serde_yaml_ng::Value = serde::Deserialize::deserialize(document).unwrap();
        let Some(file) = value.get("data_file").and_then(|file| file.as_str()) else { continue };
        listed += 1;
        let data = &files[&Path::new("hepdata").join(file)];
        let data: serde_yaml_ng::Value = serde_yaml_ng::from_slice(data).unwrap();
        let rows = |variables: &str| -> Vec<usize> {
            let variables = data[variables].as_sequence().unwrap().iter();
            variables.map(|one| one["values"].as_sequence().unwrap().len()).collect()
        };
        let all = [rows("independent_variables"), rows("dependent_variables")].concat();
        assert!(all.len() > 1 && all.iter().all(|count| *count == all[0]), "{file}: {all:?}");
    }
    assert_eq!(listed + 1, files.keys().filter(|path| path.starts_with("hepdata")).count());
}

#[test]
fn a_sink_that_fails_is_reported_with_its_path() {
    let sink = |_: &Path, _: &[u8]| Err(std::io::Error::other("disk full"));
    let error = write_report(&report(), &ReportOptions::default(), &sink).unwrap_err();
    assert_eq!(error.to_string(), "write `report.json`: disk full");
}

#[test]
fn the_terminal_table_lists_verdict_worst_observables_and_classifiers() {
    let text = summary_text(&report());
    for expected in ["Red: 1 of 4", "RED", "sparsity_12", "n/a", "network on high-level (30"] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    assert!(text.contains(MARKUP));
    assert!(text.lines().all(|line| line.trim_end() == line));
}
