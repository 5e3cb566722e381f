//! A submission to HEPData: `submission.yaml` and a data file for each figure.
//!
//! The format is that of HEPData's submission documentation, schema 1.1.1. The files are written
//! line by line: HEPData reads YAML 1.1, in which a float needs a point and its exponent a sign.

use std::fmt::Write as _;

use crate::plots::{Column, Places, Table, TableAxis};

/// The longest name of a table that HEPData takes.
const LONGEST_NAME: usize = 64;
/// Statistical errors, as HEPData labels them.
const ERROR_LABEL: &str = "stat";

/// A table of the submission.
pub struct HepDataTable<'a> {
    /// Title of the figure.
    pub title: &'a str,
    /// Name of the data file.
    pub file: &'a str,
    pub table: &'a Table,
}

/// The submission's own file: what it is about, and its tables.
pub fn submission(comment: &str, phrases: &[&str], tables: &[HepDataTable<'_>]) -> String {
    let mut text = format!("comment: {}\n", quoted(comment));
    for (index, table) in tables.iter().enumerate() {
        let number = format!("Figure {}: ", index + 1);
        let name: String = number.chars().chain(table.title.chars()).collect();
        let names: Vec<String> =
            table.table.columns.iter().map(|column| limited(&column.name, 128)).collect();
        let mut observables: Vec<&String> = Vec::new();
        for name in &names {
            if !observables.contains(&name) {
                observables.push(name);
            }
        }
        let list = |values: Vec<String>| values.join(", ");
        let observables = list(observables.into_iter().map(|name| quoted(name)).collect());
        let phrases = list(phrases.iter().map(|phrase| quoted(&limited(phrase, 128))).collect());
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "---\nname: {}\nlocation: {}\ndescription: {}\nkeywords:\n\
             - {{name: observables, values: [{observables}]}}\n\
             - {{name: phrases, values: [{phrases}]}}\ndata_file: {}\n",
            quoted(&limited(&name, LONGEST_NAME)),
            quoted(&limited(number.trim_end_matches([':', ' ']), 256)),
            quoted(table.title),
            quoted(table.file),
        );
    }
    text
}

/// The data file of a table.
pub fn to_hepdata(table: &Table) -> String {
    let mut text = "independent_variables:\n".to_owned();
    for axis in &table.axes {
        text += &header("- ", &axis.name, &axis.unit);
        text += "  values:\n";
        write_places(&mut text, axis);
    }
    text += "dependent_variables:\n";
    for column in &table.columns {
        text += &header("- ", &column.name, &column.unit);
        if !column.sample.is_empty() {
            let sample = quoted(&column.sample);
            // Writing to a `String` cannot fail.
            let _ = write!(text, "  qualifiers:\n  - {{name: Sample, value: {sample}}}\n");
        }
        text += "  values:\n";
        write_values(&mut text, column);
    }
    text
}

fn header(indent: &str, name: &str, unit: &str) -> String {
    let unit = if unit.is_empty() { String::new() } else { format!(", units: {}", quoted(unit)) };
    format!("{indent}header: {{name: {}{unit}}}\n", quoted(name))
}

fn write_places(text: &mut String, axis: &TableAxis) {
    // Writing to a `String` cannot fail.
    match &axis.places {
        Places::Bins(bins) => bins.iter().for_each(|&(low, high)| {
            let _ = writeln!(text, "  - {{low: {}, high: {}}}", number(low), number(high));
        }),
        Places::Values(values) => values.iter().for_each(|&value| {
            let _ = writeln!(text, "  - {{value: {}}}", number(value));
        }),
        Places::Names(names) => names.iter().for_each(|name| {
            let _ = writeln!(text, "  - {{value: {}}}", quoted(name));
        }),
    }
}

fn write_values(text: &mut String, column: &Column) {
    for (row, &value) in column.values.iter().enumerate() {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "  - {{value: {}", number(value));
        let error = column.errors.as_ref().map(|errors| errors[row]);
        // An error of zero is not allowed: there is none.
        if let Some((down, up)) = error.filter(|&(down, up)| down > 0.0 || up > 0.0) {
            let _ = if down == up {
                write!(text, ", errors: [{{symerror: {}", number(up))
            } else {
                let (minus, plus) = (number(-down), number(up));
                write!(text, ", errors: [{{asymerror: {{minus: {minus}, plus: {plus}}}")
            };
            let _ = write!(text, ", label: {ERROR_LABEL}}}]");
        }
        text.push_str("}\n");
    }
}

/// A number that YAML 1.1 takes for one; `"-"` for what is not known.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return "\"-\"".to_owned();
    }
    let text = format!("{value:?}");
    match text.split_once('e') {
        None => text,
        Some((mantissa, exponent)) => {
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            format!("{mantissa}{point}e{sign}{exponent}")
        }
    }
}

/// A text in double quotes, as JSON and YAML have it.
fn quoted(text: &str) -> String {
    // A string can always be written as JSON.
    serde_json::to_string(text).unwrap_or_default()
}

fn limited(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    text.chars().take(length - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_floats_in_yaml_1_1() {
        let cases = [(1.0, "1.0"), (1e-7, "1.0e-7"), (1.5e300, "1.5e+300"), (f64::NAN, "\"-\"")];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_table_is_read_back() {
        let axis = TableAxis::of_label("x (mm)", Places::Bins(vec![(0.0, 1.0), (1.0, 2.5)]));
        let errors = Some(vec![(0.25, 0.5), (0.0, 0.0)]);
        let column = Column { errors, ..Column::new("Entries", "a: \"b\"", vec![0.1, 2.0]) };
        let table = Table { axes: vec![axis], columns: vec![column] };
        let data: serde_yaml_ng::Value = serde_yaml_ng::from_str(&to_hepdata(&table)).unwrap();
        let column = &data["dependent_variables"][0];
        assert_eq!(data["independent_variables"][0]["header"]["units"], "mm");
        assert_eq!(data["independent_variables"][0]["values"][1]["high"], 2.5);
        assert_eq!(column["qualifiers"][0]["value"], "a: \"b\"");
        assert_eq!(column["values"][0]["errors"][0]["asymerror"]["minus"], -0.25);
        assert!(column["values"][1].get("errors").is_none());

        let title = "A very long title that HEPData would not take as the name of a table at all";
        let tables = [HepDataTable { title, file: "x.yaml", table: &table }];
        let text = submission("comment", &["photons"], &tables);
        let documents: Vec<serde_yaml_ng::Value> =
            serde::Deserialize::deserialize(serde_yaml_ng::Deserializer::from_str(&text))
                .map(|value| vec![value])
                .unwrap_or_default();
        assert!(documents.is_empty(), "several documents are no single value");
        let name = text.lines().find_map(|line| line.strip_prefix("name: ")).unwrap();
        assert_eq!(name.trim_matches('"').chars().count(), 64);
    }
}
