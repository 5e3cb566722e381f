use std::path::Path;

use ndarray::Array2;

use crate::files;
use crate::suite::error::SuiteError;

/// The numbers of a CSV file, one row for each line: comma-separated, with or without a line of
/// names. Columns whose first value is no number, such as dates, are left out.
///
/// # Errors
/// A file that cannot be read, a line with another number of cells, a cell that is no finite
/// number, or nothing that is.
pub(super) fn read_csv(path: &Path) -> Result<Array2<f64>, SuiteError> {
    let text = files::read_to_string(path)?;
    parse(&text).map_err(|problem| SuiteError::BadFile { path: path.to_owned(), problem })
}

fn parse(text: &str) -> Result<Array2<f64>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..)
        .zip(text.lines())
        .map(|(number, line)| (number, line.split(',').map(str::trim).collect::<Vec<&str>>()))
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .peekable();
    let is_number = |cell: &&str| cell.parse::<f64>().is_ok();
    let mut names: Option<Vec<&str>> = None;
    if let Some((_, cells)) = lines.next_if(|(_, cells)| !cells.iter().any(&is_number)) {
        names = Some(cells);
    }
    let Some((_, first)) = lines.peek() else {
        return Err("it has no line with numbers".to_owned());
    };
    let width = names.as_ref().map_or(first.len(), Vec::len);
    let used: Vec<usize> = (0..first.len()).filter(|column| is_number(&first[*column])).collect();
    if used.is_empty() {
        return Err("it has no column of numbers".to_owned());
    }
    let mut values = Vec::new();
    let mut rows = 0;
    for (line, cells) in lines {
        if cells.len() != width {
            return Err(format!("line {line} has {} cells, expected {width}", cells.len()));
        }
        for column in &used {
            let cell = cells[*column];
            match cell.parse::<f64>() {
                Ok(value) if value.is_finite() => values.push(value),
                _ => {
                    let name = names.as_ref().map_or_else(
                        || format!("column {}", column + 1),
                        |names| format!("column `{}`", names[*column]),
                    );
                    return Err(format!("line {line}, {name} has `{cell}`, expected a number"));
                }
            }
        }
        rows += 1;
    }
    Ok(Array2::from_shape_vec((rows, used.len()), values).expect("as many cells in each line"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn names_and_dates_are_left_out() {
        let expected = arr2(&[[1.5, 2.0], [3.0, -4e2]]);
        let with = "Date, Open ,Close\r\n2020-01-01,1.5,2\r\n\r\n2020-01-02,3,-4e2\r\n";
        assert_eq!(parse(with), Ok(expected.clone()));
        assert_eq!(parse("1.5,2\n3,-400"), Ok(expected));
    }

    #[test]
    fn problems_are_told_with_their_line_and_column() {
        for (text, expected) in [
            ("", "it has no line with numbers"),
            ("a,b\n", "it has no line with numbers"),
            ("a,b\n1,2\n3\n", "line 3 has 1 cells, expected 2"),
            ("a,b\n1,2\n3,x\n", "line 3, column `b` has `x`, expected a number"),
            ("1,2\n,4\n", "line 2, column 1 has ``, expected a number"),
            ("1,2\nNaN,4\n", "line 2, column 1 has `NaN`, expected a number"),
        ] {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }
}
