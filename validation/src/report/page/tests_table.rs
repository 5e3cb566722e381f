//! Tables of all tests of the observables, by topic.

use super::table::{Cell, HtmlTable, figure_cells};
use super::text::{escape, rich};
use crate::report::figures::{FigureSet, observable_stem};
use crate::report::model::{ModelResult, ObservableComparison, ValidationReport, WithFloor};

/// In every column, so many of the largest values are marked.
const WORST: usize = 3;

/// Topics in the order of their first observable.
pub(super) fn topics(report: &ValidationReport) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for one in report.models.iter().flat_map(|model| &model.observables) {
        if !names.contains(&one.group) {
            names.push(one.group.clone());
        }
    }
    names
}

/// The main figures of all observables: of several models side by side.
pub(super) fn main_table(report: &ValidationReport, figures: &FigureSet) -> HtmlTable {
    let several = report.models.len() > 1;
    let mut head = vec![Cell::text("Observable")];
    for model in &report.models {
        let of = |title: &str| match several {
            true => {
                let html = format!("{}<br>{}", escape(&model.name), rich(title));
                Cell::html(html, "n")
            }
            false => Cell::numbers(title),
        };
        head.extend([of("KS"), of("p (Holm)"), of("χ²/ndf"), of("Separation")]);
        head.push(Cell::numbers("floor").class("f"));
    }
    let limits: Vec<[f64; 3]> = report.models.iter().map(limits).collect();
    let row = |one: &ObservableComparison| {
        let mut row = vec![Cell::html(linked(one, figures), "wide")];
        for (model, limits) in report.models.iter().zip(&limits) {
            match model.observables.iter().find(|other| other.name == one.name) {
                Some(one) => row.extend(main_cells(one, limits)),
                None => row.extend((0..5).map(|_| Cell::text("n/a").class("n"))),
            }
        }
        row
    };
    let first = report.models.first().map(|model| &model.observables[..]).unwrap_or_default();
    topics(report).iter().fold(HtmlTable::new(head), |table, topic| {
        let rows = first.iter().filter(|one| one.group == *topic).map(row).collect();
        table.group(Some(topic), rows)
    })
}

fn main_cells(one: &ObservableComparison, limits: &[f64; 3]) -> [Cell; 5] {
    let worst = |figure: &WithFloor, limit: f64| {
        let cell = Cell::with_error(figure.value, figure.error);
        if figure.value >= limit { cell.class("worst") } else { cell }
    };
    [
        worst(&one.ks, limits[0]),
        Cell::number(one.ks_p_value_adjusted),
        worst(&one.chi2_per_ndf, limits[1]),
        worst(&one.separation, limits[2]),
        Cell::with_error(one.separation.floor, one.separation.floor_error).class("f"),
    ]
}

fn limits(model: &ModelResult) -> [f64; 3] {
    let all = &model.observables;
    [
        worst_limit(all, |one| one.ks),
        worst_limit(all, |one| one.chi2_per_ndf),
        worst_limit(all, |one| one.separation),
    ]
}

/// The smallest of the worst values, or infinity where there are too few for a ranking.
fn worst_limit(
    observables: &[ObservableComparison],
    select: impl Fn(&ObservableComparison) -> WithFloor,
) -> f64 {
    let mut values: Vec<f64> =
        observables.iter().map(|one| select(one).value).filter(|value| value.is_finite()).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    if values.len() > WORST { values[WORST - 1] } else { f64::INFINITY }
}

/// Every test of the observables of a topic, folded: a table for each model.
pub(super) fn all_tests(report: &ValidationReport, topic: &str) -> Vec<HtmlTable> {
    let several = report.models.len() > 1;
    let of_model = |model: &ModelResult| {
        let title = if several {
            let model = crate::plots::literal(&model.name);
            format!("All tests: {topic}, {model}")
        } else {
            format!("All tests: {topic}")
        };
        let rows = model.observables.iter().filter(|one| one.group == topic).map(test_row);
        HtmlTable::new(test_head()).folded(&title).rows(rows.collect())
    };
    report.models.iter().map(of_model).filter(|table| !table.is_empty()).collect()
}

fn test_head() -> Vec<Cell> {
    let number = Cell::numbers;
    let floor = || Cell::numbers("floor").class("f");
    vec![
        Cell::text("Observable"),
        number("KS"),
        floor(),
        number("p"),
        number("p (Holm)"),
        number("χ²/ndf"),
        floor(),
        number("ndf"),
        number("p"),
        number("A–D"),
        floor(),
        number("p"),
        number("M–W"),
        floor(),
        number("p"),
        number("W_1 / σ"),
        floor(),
        number("Energy d."),
        floor(),
        number("JSD (bits)"),
        floor(),
        number("Separation"),
        floor(),
    ]
}

fn test_row(one: &ObservableComparison) -> Vec<Cell> {
    if let Some(reason) = &one.abstained {
        let words = format!("{} <small>(no tests: {})</small>", rich(&one.label), escape(reason));
        let mut row = vec![Cell::html(words, "wide")];
        row.resize_with(test_head().len(), Cell::default);
        return row;
    }
    let mut row = vec![Cell::label(&one.label).class("wide")];
    row.extend(figure_cells(&one.ks));
    row.extend([Cell::number(one.ks_p_value), Cell::number(one.ks_p_value_adjusted)]);
    row.extend(figure_cells(&one.chi2_per_ndf));
    row.extend([Cell::count(one.chi2_ndf), Cell::number(one.chi2_p_value)]);
    row.extend(figure_cells(&one.anderson_darling));
    row.push(Cell::number(one.anderson_darling_p_value));
    row.extend(figure_cells(&one.mann_whitney));
    row.push(Cell::number(one.mann_whitney_p_value));
    for figure in [&one.wasserstein, &one.energy_distance, &one.jensen_shannon, &one.separation] {
        row.extend(figure_cells(figure));
    }
    row
}

/// The label, leading to its figure where there is one.
fn linked(one: &ObservableComparison, figures: &FigureSet) -> String {
    let stem = observable_stem(&one.name);
    let label = rich(&one.label);
    if figures.figures.iter().any(|figure| figure.stem == stem && figure.on_page) {
        format!("<a href=\"#{stem}\">{label}</a>")
    } else {
        label
    }
}
