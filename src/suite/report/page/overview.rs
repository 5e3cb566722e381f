use serde::Serialize;

use super::table::{CellView, GroupView, TableView};
use crate::suite::report::catalogue::Catalogue;
use crate::suite::report::overall::OverallRank;
use crate::suite::report::tables::ProblemTable;
use crate::suite::report::text::{anchor, escaped};
use crate::suite::tier::Tier;

/// Problems of a tier in the table of contents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierContents {
    pub tier: String,
    /// Address and text.
    pub links: Vec<(String, String)>,
}

/// The name of a table, for people.
pub fn table_name(table: &ProblemTable<'_>, tables: &[ProblemTable<'_>]) -> String {
    let twice = tables.iter().filter(|other| other.problem == table.problem).count() > 1;
    let ProblemTable { problem, protocol, .. } = table;
    if twice { format!("{problem} ({})", protocol.name()) } else { problem.clone() }
}

/// Its address in the page.
pub fn table_anchor(table: &ProblemTable<'_>) -> String {
    anchor(table.protocol.name(), &table.problem)
}

pub fn contents(tables: &[ProblemTable<'_>]) -> Vec<TierContents> {
    let tiers = Tier::ALL.map(Some).into_iter().chain([None]);
    tiers
        .filter_map(|tier| {
            let links: Vec<(String, String)> = tables
                .iter()
                .filter(|table| table.facts.tier == tier)
                .map(|table| (table_anchor(table), table_name(table, tables)))
                .collect();
            let tier = tier.map_or("problems that this program does not have", Tier::name);
            (!links.is_empty()).then(|| TierContents { tier: tier.to_owned(), links })
        })
        .collect()
}

/// Ranks of systems over problems; an empty table where there is nothing to rank.
pub fn view(
    tables: &[ProblemTable<'_>],
    ranks: &[OverallRank],
    catalogue: &Catalogue,
) -> TableView {
    let mut view = TableView::default();
    let ranked: Vec<usize> = (0..tables.len())
        .filter(|number| ranks.iter().any(|rank| rank.ranks[*number].is_some()))
        .collect();
    if ranked.is_empty() {
        return view;
    }
    view.head.push(CellView::text("System"));
    view.head.push(CellView::number("Relative<br>rank"));
    view.head.push(CellView::number("Mean<br>rank"));
    view.head.push(CellView::number("Tables"));
    for number in &ranked {
        let table = &tables[*number];
        let html = format!(
            "<a href=\"#{}\">{}</a><br><small>of {}</small>",
            table_anchor(table),
            escaped(&table_name(table, tables)),
            table.entries.len()
        );
        view.head.push(CellView::text(html).with_class("c"));
    }
    let best = |number: usize| {
        let found = ranks.iter().filter_map(|rank| rank.ranks[number]);
        found.fold(f64::INFINITY, f64::min)
    };
    let row = |rank: &OverallRank| {
        let title = catalogue.system(&rank.system).title;
        let mut row = vec![
            CellView::text(format!(
                "<span title=\"{}\">{}</span>",
                escaped(&title),
                escaped(&rank.system)
            )),
            CellView::number(format!("{:.2}", rank.relative_rank)),
            CellView::number(format!("{:.1}", rank.mean_rank)),
            CellView::number(rank.tables.to_string()),
        ];
        for number in &ranked {
            row.push(match rank.ranks[*number] {
                None => CellView::text("").with_class("c"),
                Some(own) => {
                    let last = tables[*number].entries.len().max(2) - 1;
                    let share = (own - 1.0) / last as f64;
                    let shade = (4.0 * (1.0 - share)).round().clamp(0.0, 4.0);
                    let class = if own == best(*number) { "c best" } else { "c" };
                    CellView::text(format!("{own:.1}"))
                        .with_class(class)
                        .with_class(&format!("shade{shade}"))
                }
            });
        }
        row
    };
    let rows = ranks.iter().map(row).collect();
    view.groups.push(GroupView { heading: String::new(), class: "", rows });
    view
}
