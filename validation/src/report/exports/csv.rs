//! A figure's numbers as comma-separated values (RFC 4180, with `\n` as line end).

use crate::plots::{Column, Places, Table, TableAxis};

/// A header line and a line for each row: first where the row is, then what was found there.
///
/// Bins have a low and a high end. Errors have a column each downwards and upwards. Numbers are
/// written such that they are read back to the last bit; what is not known is empty.
pub fn to_csv(table: &Table) -> String {
    let mut header = Vec::new();
    for axis in &table.axes {
        header.extend(axis_titles(axis));
    }
    for column in &table.columns {
        header.extend(column_titles(column));
    }
    let rows = table.axes.first().map_or(0, |axis| axis.places.len());
    let mut text = line(&header);
    for row in 0..rows {
        let mut fields = Vec::with_capacity(header.len());
        for axis in &table.axes {
            match &axis.places {
                Places::Bins(bins) => fields.extend([field(bins[row].0), field(bins[row].1)]),
                Places::Values(values) => fields.push(field(values[row])),
                Places::Names(names) => fields.push(names[row].clone()),
            }
        }
        for column in &table.columns {
            fields.push(field(column.values[row]));
            if let Some(errors) = &column.errors {
                fields.extend([field(errors[row].0), field(errors[row].1)]);
            }
        }
        text += &line(&fields);
    }
    text
}

fn with_unit(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

fn axis_titles(axis: &TableAxis) -> Vec<String> {
    let title = |part: &str| with_unit(&format!("{}{part}", axis.name), &axis.unit);
    match axis.places {
        Places::Bins(_) => vec![title(" low"), title(" high")],
        Places::Values(_) | Places::Names(_) => vec![title("")],
    }
}

fn column_titles(column: &Column) -> Vec<String> {
    let sample =
        if column.sample.is_empty() { String::new() } else { format!("{}: ", column.sample) };
    let title = |part: &str| with_unit(&format!("{sample}{}{part}", column.name), &column.unit);
    match column.errors {
        Some(_) => vec![title(""), title(" error down"), title(" error up")],
        None => vec![title("")],
    }
}

fn field(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { String::new() }
}

fn line(fields: &[String]) -> String {
    let quoted = |text: &String| {
        if text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.clone()
        }
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_errors_and_awkward_names() {
        let axis = TableAxis::of_label("E_1 (MeV)", Places::Bins(vec![(0.0, 1.5), (1.5, 1e-7)]));
        let errors = Some(vec![(0.25, 0.5), (0.0, 0.0)]);
        let column = Column { errors, ..Column::new("Entries", "a, \"b\"", vec![0.1, f64::NAN]) };
        let text = to_csv(&Table { axes: vec![axis], columns: vec![column] });
        let expected = "E_1 low (MeV),E_1 high (MeV),\"a, \"\"b\"\": Entries\",\
             \"a, \"\"b\"\": Entries error down\",\"a, \"\"b\"\": Entries error up\"\n\
             0.0,1.5,0.1,0.25,0.5\n1.5,1e-7,,0.0,0.0\n";
        assert_eq!(text, expected);
    }
}
