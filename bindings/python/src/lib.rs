//! Python module `showerforge`: events from a trained model as NumPy arrays.
//!
//! `showerforge.pyi` declares it to type checkers; `docs/python.md` explains it.

mod description;
mod failure;
mod model;
mod request;

use pyo3::prelude::*;

/// Events of particle detectors from a trained model.
#[pymodule]
fn showerforge(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<model::Model>()?;
    module.add_class::<description::Condition>()?;
    module.add_class::<description::Layer>()
}
