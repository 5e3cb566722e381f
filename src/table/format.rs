use std::path::Path;

use super::TableError;

/// How a table is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// A data set for each column, with the attributes `unit` and `description`.
    Hdf5,
    /// A header with the names, then a line for each event.
    Csv,
    /// One object, with a list of numbers for each column.
    Json,
}

impl TableFormat {
    /// The format that the name of a file ends in: `.h5`, `.hdf5`, `.csv` or `.json`.
    ///
    /// # Errors
    /// Another ending, or none.
    pub fn of(path: &Path) -> Result<Self, TableError> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("h5" | "hdf5") => Ok(Self::Hdf5),
            Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            _ => Err(TableError::Format { path: path.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_the_format() {
        for (name, expected) in [
            ("out.h5", TableFormat::Hdf5),
            ("a.b/out.HDF5", TableFormat::Hdf5),
            ("out.csv", TableFormat::Csv),
            ("out.h5.json", TableFormat::Json),
        ] {
            assert_eq!(TableFormat::of(Path::new(name)).unwrap(), expected, "{name}");
        }
        for name in ["out", "out.", "out.root", "h5"] {
            let refused = TableFormat::of(Path::new(name)).unwrap_err();
            assert_eq!(refused.exit_code(), crate::ExitCode::Usage, "{name}");
        }
    }
}
