use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use rayon::prelude::*;

use super::{Column, TableError, TableWriter};
use crate::files::{AtomicFile, FileError};

/// Rows that are turned into text together, on one thread.
const ROWS_TOGETHER: usize = 256;

/// A header with the names, then a line for each event. Numbers are the shortest that read back
/// to the same 64 bits; `NaN`, `inf` and `-inf` are written so.
#[derive(Debug)]
pub(super) struct CsvTable {
    // Dropped in this order: the file is closed before it is removed.
    file: File,
    output: AtomicFile,
}

impl CsvTable {
    pub fn create(path: &Path, columns: &[Column], force: bool) -> Result<Self, TableError> {
        let output = AtomicFile::create(path, force)?;
        let file = OpenOptions::new()
            .write(true)
            .open(output.path())
            .map_err(|source| FileError::writing(path, source))?;
        let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
        let mut table = Self { file, output };
        table.write(&(names.join(",") + "\n"))?;
        Ok(table)
    }

    fn write(&mut self, text: &str) -> Result<(), TableError> {
        let path = self.output.output().to_owned();
        let written = self.file.write_all(text.as_bytes());
        Ok(written.map_err(|source| FileError::writing(&path, source))?)
    }
}

impl TableWriter for CsvTable {
    fn append(&mut self, columns: &[&[f64]]) -> Result<(), TableError> {
        let rows = columns.first().map_or(0, |column| column.len());
        let starts: Vec<usize> = (0..rows).step_by(ROWS_TOGETHER).collect();
        let texts: Vec<String> = starts
            .into_par_iter()
            .map(|start| {
                let mut text = String::new();
                for row in start..rows.min(start + ROWS_TOGETHER) {
                    for (index, column) in columns.iter().enumerate() {
                        let separator = if index == 0 { "" } else { "," };
                        let _ = write!(text, "{separator}{:?}", column[row]);
                    }
                    text.push('\n');
                }
                text
            })
            .collect();
        texts.iter().try_for_each(|text| self.write(text))
    }

    fn finish(self: Box<Self>) -> Result<(), TableError> {
        let Self { file, output } = *self;
        drop(file);
        Ok(output.commit()?)
    }
}

/// A field as RFC 4180 has it.
fn quoted(name: &str) -> String {
    if name.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_odd_names_are_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let column = |name: &str| Column {
            name: name.to_owned(),
            unit: "1".to_owned(),
            description: String::new(),
        };
        let columns = [column("E_1"), column("a \"b\", c")];
        let mut table = Box::new(CsvTable::create(&path, &columns, false).unwrap());
        let numbers = [0.1 + 0.2, 1e-300, f64::NAN, f64::NEG_INFINITY];
        table.append(&[&numbers, &[1.0, 2.0, 3.0, 1e22]]).unwrap();
        table.append(&[&[], &[]]).unwrap();
        table.append(&[&[5.0], &[-0.0]]).unwrap();
        table.finish().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "E_1,\"a \"\"b\"\", c\"");
        assert_eq!(lines[1..4], ["0.30000000000000004,1.0", "1e-300,2.0", "NaN,3.0"]);
        assert_eq!(lines[4..], ["-inf,1e22", "5.0,-0.0"]);
    }
}
