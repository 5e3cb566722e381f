//! What was found in each bin of each condition.

use super::table::{Cell, HtmlTable};
use super::text::{escape, rich, rich_with_error};
use crate::report::figures::conditions::conditions;
use crate::report::model::{BinFigure, ConditionBin, ModelResult, ValidationReport};

/// A table for each condition and model, folded.
pub(super) fn tables(report: &ValidationReport, condition: &str) -> Vec<HtmlTable> {
    let several = report.models.len() > 1;
    let of_model = |model: &ModelResult| {
        let words = condition.replace('_', " ");
        let title = if several {
            format!("Bins of {words}, {}", crate::plots::literal(&model.name))
        } else {
            format!("Bins of {words}")
        };
        let bins: Vec<&ConditionBin> =
            model.per_condition.iter().filter(|bin| bin.condition == condition).collect();
        let classifiers = classifiers(&bins);
        let rows = bins.iter().map(|bin| row(model, bin, &classifiers)).collect();
        HtmlTable::new(head(&classifiers)).folded(&title).rows(rows)
    };
    report.models.iter().map(of_model).filter(|table| !table.is_empty()).collect()
}

/// All conditions with bins.
pub(super) fn all(report: &ValidationReport) -> Vec<String> {
    conditions(report).into_iter().map(str::to_owned).collect()
}

fn classifiers(bins: &[&ConditionBin]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in bins.iter().flat_map(|bin| &bin.auc) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn head(classifiers: &[String]) -> Vec<Cell> {
    let mut head = vec![
        Cell::text("Bin"),
        Cell::numbers("Reference events"),
        Cell::numbers("Generated events"),
        Cell::text("Worst separation, floor"),
        Cell::text("Worst KS, p"),
        Cell::text("Greatest shift of a mean / σ"),
        Cell::text("Spread furthest from 1"),
    ];
    head.extend(classifiers.iter().map(|name| Cell::numbers(&format!("AUC, {name}"))));
    head
}

fn row(model: &ModelResult, bin: &ConditionBin, classifiers: &[String]) -> Vec<Cell> {
    let label = |name: &str| {
        let same = model.observables.iter().find(|one| one.name == name);
        same.map_or_else(|| escape(name), |one| rich(&one.label))
    };
    let worst = |size: &dyn Fn(&BinFigure) -> f64, words: &dyn Fn(&BinFigure) -> String| {
        let figures = bin.figures.iter().filter(|figure| size(figure).is_finite());
        let worst = figures.max_by(|a, b| size(a).total_cmp(&size(b)));
        let html = worst.map_or_else(String::new, |figure| {
            format!("{} <small>{}</small>", words(figure), label(&figure.observable))
        });
        Cell::html(html, "")
    };
    let mut row = vec![
        Cell::text(&bin.label),
        Cell::count(bin.reference_events),
        Cell::count(bin.generated_events),
        worst(&|figure| figure.separation.value, &|figure| {
            let one = &figure.separation;
            let floor = rich_with_error(one.floor, one.floor_error);
            format!("{}, {floor}", rich_with_error(one.value, one.error))
        }),
        worst(&|figure| figure.ks.value, &|figure| {
            let value = rich_with_error(figure.ks.value, figure.ks.error);
            format!("{value}, {}", super::text::rich_number(figure.ks_p_value))
        }),
        worst(&|figure| figure.mean_shift.value.abs(), &|figure| {
            rich_with_error(figure.mean_shift.value, figure.mean_shift.error)
        }),
        worst(&|figure| figure.spread_ratio.value.ln().abs(), &|figure| {
            rich_with_error(figure.spread_ratio.value, figure.spread_ratio.error)
        }),
    ];
    for name in classifiers {
        let auc = bin.auc.iter().find(|(own, _)| own == name);
        row.push(match auc {
            Some((_, auc)) => Cell::with_error(auc.value, auc.error),
            None => Cell::text("n/a").class("n"),
        });
    }
    row
}
