use std::error::Error as _;

use pyo3::PyErr;
use pyo3::exceptions::{PyFileNotFoundError, PyMemoryError, PyOSError, PyValueError};
use showerforge::ExitCode;
use showerforge::generate::EmbeddedError;

/// Python's exception for one of ours, with the same text.
pub fn exception(error: &EmbeddedError) -> PyErr {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    match error {
        EmbeddedError::Other(error) => match error.exit_code() {
            ExitCode::MissingInput => PyFileNotFoundError::new_err(message),
            ExitCode::InputOutput => PyOSError::new_err(message),
            _ => PyValueError::new_err(message),
        },
        _ => PyValueError::new_err(message),
    }
}

pub fn wrong(message: String) -> PyErr {
    PyValueError::new_err(message)
}

pub fn too_large(events: usize, values: usize) -> PyErr {
    PyMemoryError::new_err(format!(
        "{events} events of {values} values do not fit into memory; ask for fewer at a time"
    ))
}
