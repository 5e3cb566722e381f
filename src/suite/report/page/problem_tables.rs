use validation::plots::grouped;

use super::start::parameters;
use super::table::{CellView, GroupView, TableView};
use crate::suite::problem::Better;
use crate::suite::report::catalogue::Catalogue;
use crate::suite::report::read::Run;
use crate::suite::report::summary::{PublishedSummary, published_rows};
use crate::suite::report::tables::{Entry, ProblemTable};
use crate::suite::report::text::{duration, escaped, estimate_html, number_html};

/// Columns of the main table behind its measures.
const FURTHER: [&str; 5] = ["Rank", "Runs", "Iterations", "Time", "Parameters"];

/// The name of an entry; with its iterations, where a system has several entries.
pub fn entry_name(entry: &Entry<'_>, table: &ProblemTable<'_>) -> String {
    let twice = table.entries.iter().filter(|other| other.system == entry.system).count() > 1;
    let Entry { system, iterations, .. } = entry;
    if twice { format!("{system}, {iterations} iterations") } else { system.clone() }
}

fn heading(name: &str, better: Option<Better>) -> CellView {
    let arrow = match better {
        Some(Better::Lower) => " <span class=\"arrow\" title=\"lower is better\">↓</span>",
        Some(Better::Higher) => " <span class=\"arrow\" title=\"higher is better\">↑</span>",
        None => "",
    };
    CellView::number(format!("{}{arrow}", escaped(name)))
}

/// Headline measures, ranks and budgets of all systems, the floor, and published figures.
pub fn main_table(table: &ProblemTable<'_>, catalogue: &Catalogue) -> TableView {
    let columns = table.columns();
    let mut head = vec![CellView::text("System")];
    head.extend(columns.iter().map(|(name, better)| heading(name, *better)));
    for name in FURTHER {
        head.push(CellView::number(name));
    }
    let rows = table.entries.iter().map(|entry| entry_row(table, entry, &columns, catalogue));
    let mut groups = vec![GroupView { heading: String::new(), class: "", rows: rows.collect() }];
    if columns.iter().any(|(name, _)| table.floor.contains_key(name)) {
        let mut row = vec![CellView::text("data against data")];
        for (name, _) in &columns {
            let floor = table.floor.get(name);
            row.push(CellView::number(
                floor.map_or_else(String::new, |floor| estimate_html(floor, floor.count)),
            ));
        }
        row.extend(std::iter::repeat_n(CellView::default(), FURTHER.len()));
        groups.push(GroupView { heading: String::new(), class: "floor", rows: vec![row] });
    }
    groups.extend(published_groups(table, &columns));
    TableView { head, groups }
}

fn entry_row(
    table: &ProblemTable<'_>,
    entry: &Entry<'_>,
    columns: &[(String, Option<Better>)],
    catalogue: &Catalogue,
) -> Vec<CellView> {
    let title = catalogue.system(&entry.system).title;
    let mut row = vec![CellView::text(format!(
        "<b>{}</b>{}",
        escaped(&entry.system),
        if title.is_empty() {
            String::new()
        } else {
            format!("<br><small>{}</small>", escaped(&title))
        }
    ))];
    let ended = entry.runs.len() - entry.failed;
    for (name, better) in columns {
        row.push(match entry.measures.get(name) {
            None => CellView::number("—"),
            Some(estimate) => {
                let cell = CellView::number(estimate_html(estimate, ended));
                let better = better.filter(|_| table.entries.len() > 1);
                let best = better.and_then(|better| Some((table.best(name, better)?, better)));
                match best {
                    Some((best, _)) if best.mean == estimate.mean => cell.with_class("best"),
                    Some((best, better)) if estimate.is_as_good_as(&best, better) => {
                        cell.with_class("close")
                    }
                    _ => cell,
                }
            }
        });
    }
    row.push(CellView::number(
        entry.mean_rank.map_or_else(|| "—".to_owned(), |rank| format!("{rank:.1}")),
    ));
    let runs = if entry.failed == 0 {
        CellView::number(ended.to_string())
    } else {
        let html =
            format!("<a href=\"#failures\">{} of {} failed</a>", entry.failed, entry.runs.len());
        CellView::number(html).with_class("bad")
    };
    row.push(runs);
    let iterations = entry.iterations;
    row.push(CellView::number(if iterations == 0 {
        "—".to_owned()
    } else {
        grouped(iterations as usize)
    }));
    row.push(CellView::number(entry.seconds.map_or_else(|| "—".to_owned(), |s| duration(s.mean))));
    let count = entry.ended().map(|run| run.row.parameters).max().unwrap_or(0);
    row.push(CellView::number(parameters(count)));
    row
}

/// What others have published on the problem, a group for each source: first what can be compared.
fn published_groups(
    table: &ProblemTable<'_>,
    columns: &[(String, Option<Better>)],
) -> Vec<GroupView> {
    let mut rows: Vec<PublishedSummary> = published_rows(&table.problem, table.protocol);
    rows.retain(|row| columns.iter().any(|(name, _)| row.figures.contains_key(name)));
    rows.sort_by_key(|row| !row.same_protocol);
    let mut groups: Vec<GroupView> = Vec::new();
    for row in &rows {
        let quoted = if row.quoted { ", as quoted in a secondary source" } else { "" };
        let (kind, class) = if row.same_protocol {
            ("Published, of the same protocol", "published")
        } else {
            ("Published, of another protocol: context, not a comparison", "published context")
        };
        let heading = format!("{kind}: {}{quoted}", row.source);
        if groups.last().is_none_or(|group| group.heading != heading) {
            groups.push(GroupView { heading, class, rows: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.rows.push(published_row(table, row, columns));
        }
    }
    groups
}

fn published_row(
    table: &ProblemTable<'_>,
    row: &PublishedSummary,
    columns: &[(String, Option<Better>)],
) -> Vec<CellView> {
    let is_here = |ours: &&String| table.entries.iter().any(|entry| entry.system == **ours);
    let ours = row.ours.as_ref().filter(is_here);
    let ours =
        ours.map_or_else(String::new, |ours| format!(" <small>(ours: {})</small>", escaped(ours)));
    let mut cells = vec![CellView::text(format!("{}{ours}", escaped(&row.system)))];
    for (name, _) in columns {
        let printed = row.figures.get(name).map_or("", |figure| &figure.printed);
        cells.push(CellView::number(escaped(printed)));
    }
    cells.extend(std::iter::repeat_n(CellView::default(), FURTHER.len()));
    cells
}

/// Means of all systems in these measures.
pub fn measures_table(table: &ProblemTable<'_>, columns: &[(String, Option<Better>)]) -> TableView {
    let mut head = vec![CellView::text("System")];
    head.extend(columns.iter().map(|(name, better)| heading(name, *better)));
    let value = |found: Option<String>| CellView::number(found.unwrap_or_else(|| "—".to_owned()));
    let mut rows: Vec<Vec<CellView>> = table
        .entries
        .iter()
        .map(|entry| {
            let ended = entry.runs.len() - entry.failed;
            let mut row = vec![CellView::text(escaped(&entry_name(entry, table)))];
            row.extend(columns.iter().map(|(name, _)| {
                value(entry.measures.get(name).map(|found| estimate_html(found, ended)))
            }));
            row
        })
        .collect();
    let mut floor = vec![CellView::text("data against data")];
    floor.extend(columns.iter().map(|(name, _)| {
        value(table.floor.get(name).map(|found| estimate_html(found, found.count)))
    }));
    let ours = GroupView { heading: String::new(), class: "", rows: std::mem::take(&mut rows) };
    let floor = GroupView { heading: String::new(), class: "floor", rows: vec![floor] };
    TableView { head, groups: vec![ours, floor] }
}

/// Every run by itself.
pub fn runs_table(table: &ProblemTable<'_>) -> TableView {
    let columns = table.columns();
    let mut head = vec![CellView::text("System"), CellView::number("Seed")];
    head.extend(columns.iter().map(|(name, better)| heading(name, *better)));
    for name in ["Time", "Memory"] {
        head.push(CellView::number(name));
    }
    head.push(CellView::text("Device"));
    head.push(CellView::text("Settings"));
    let run_row = |entry: &Entry<'_>, run: &Run| {
        let row = &run.row;
        let mut cells = vec![
            CellView::text(escaped(&entry_name(entry, table))),
            CellView::number(row.seed.to_string()),
        ];
        for (name, _) in &columns {
            let failed = run.has_failed();
            let nothing = || if failed { "failed" } else { "—" }.to_owned();
            cells.push(CellView::number(row.measures.get(name).map_or_else(nothing, number_html)));
        }
        cells.push(CellView::number(duration(row.seconds)));
        let memory = row.peak_memory_mb.map_or_else(|| "—".to_owned(), |mb| format!("{mb:.0} MB"));
        cells.push(CellView::number(memory));
        cells.push(CellView::text(escaped(&row.device)));
        let hash: String = row.settings_sha256.chars().take(10).collect();
        cells.push(CellView::text(format!("<code>{}</code>", escaped(&hash))));
        cells
    };
    let rows = table
        .entries
        .iter()
        .flat_map(|entry| entry.runs.iter().map(move |run| run_row(entry, run)))
        .collect();
    TableView { head, groups: vec![GroupView { heading: String::new(), class: "", rows }] }
}
