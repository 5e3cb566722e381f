use std::ffi::CString;
use std::path::PathBuf;

use ndarray::Array2;
use numpy::{IntoPyArray as _, PyArray2};
use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};
use showerforge::codec::CodecError;
use showerforge::generate::{EmbeddedError, EmbeddedSurrogate, EventNumbers};
use showerforge::model::ModelDescription;

use crate::description::{Condition, Layer};
use crate::failure::{exception, too_large, wrong};
use crate::request::Request;

/// A trained model, ready to generate events.
///
/// It is never changed, so that threads may share it; event k depends on the seed, its conditions
/// and k alone.
#[pyclass(module = "showerforge", frozen)]
#[derive(Debug)]
pub struct Model {
    surrogate: EmbeddedSurrogate,
    description: ModelDescription,
    path: PathBuf,
    threads: usize,
}

#[pymethods]
impl Model {
    #[new]
    #[pyo3(signature = (path, *, threads = 0, sha256 = None))]
    fn open(py: Python<'_>, path: PathBuf, threads: usize, sha256: Option<&str>) -> PyResult<Self> {
        let opened = py.detach(|| EmbeddedSurrogate::open(&path, threads));
        let surrogate = opened.map_err(|error| exception(&error))?;
        let found = surrogate.surrogate().sha256();
        if let Some(expected) = sha256.filter(|expected| *expected != found) {
            return Err(wrong(format!(
                "`{}` has SHA-256 {found}, expected {expected}",
                path.display()
            )));
        }
        let description = ModelDescription::of(surrogate.surrogate().model());
        let path = std::path::absolute(&path)?;
        Ok(Self { surrogate, description, path, threads })
    }

    #[pyo3(signature = (
        energies = None, *, seed, first_event = 0, event_numbers = None, events = None,
        conditions = None, threads = None, strict = false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords of a Python function")]
    fn generate<'py>(
        &self,
        py: Python<'py>,
        energies: Option<&Bound<'py, PyAny>>,
        seed: u64,
        first_event: u64,
        event_numbers: Option<Vec<u64>>,
        events: Option<usize>,
        conditions: Option<&Bound<'py, PyDict>>,
        threads: Option<usize>,
        strict: bool,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let events = match (&event_numbers, events) {
            (Some(numbers), Some(events)) if numbers.len() != events => {
                return Err(wrong(format!(
                    "there are {} event numbers for {events} events",
                    numbers.len()
                )));
            }
            (Some(numbers), _) => Some(numbers.len()),
            (None, events) => events,
        };
        let request = Request::new(&self.description.conditions, energies, conditions, events)?;
        let numbers = match &event_numbers {
            Some(numbers) => EventNumbers::Numbered(numbers),
            None => EventNumbers::From(first_event),
        };
        match self.surrogate.check(numbers, &request.conditions) {
            Ok(()) => {}
            Err(EmbeddedError::Codec(CodecError::OutOfRange(outside))) if !strict => {
                let message = CString::new(outside.to_string())?;
                PyErr::warn(py, &PyType::new::<PyUserWarning>(py), &message, 1)?;
            }
            Err(error) => return Err(exception(&error)),
        }
        let width = self.surrogate.value_count();
        let mut values: Vec<f32> = Vec::new();
        let size =
            request.events.checked_mul(width).ok_or_else(|| too_large(request.events, width))?;
        values.try_reserve_exact(size).map_err(|_| too_large(request.events, width))?;
        values.resize(size, 0.0);
        let made = py.detach(|| {
            let other = threads.map(|threads| self.surrogate.on_threads(threads)).transpose()?;
            let surrogate = other.as_ref().unwrap_or(&self.surrogate);
            surrogate.generate(seed, numbers, &request.conditions, &mut values)
        });
        made.map_err(|error| exception(&error))?;
        let values = Array2::from_shape_vec((request.events, width), values);
        Ok(values.expect("so many values").into_pyarray(py))
    }

    /// Name of the detector.
    #[getter]
    fn detector(&self) -> &str {
        &self.description.detector
    }

    /// Unit of the values.
    #[getter]
    fn unit(&self) -> &str {
        &self.description.unit
    }

    /// Values of one event.
    #[getter]
    fn values(&self) -> usize {
        self.description.values
    }

    /// Shape of one event: (nz, ny, nx) of a grid, (ny, nx) of an image, else (values,).
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        pyo3::types::PyTuple::new(py, &self.description.shape)
    }

    #[getter]
    fn conditions(&self) -> Vec<Condition> {
        self.description.conditions.iter().map(Condition::from).collect()
    }

    /// Layers of cells; none for a table.
    #[getter]
    fn layers(&self) -> Vec<Layer> {
        self.description.layers.iter().map(Layer::from).collect()
    }

    /// SHA-256 of the model file.
    #[getter]
    fn sha256(&self) -> &str {
        self.surrogate.surrogate().sha256()
    }

    #[getter]
    fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// All that is known of the model.
    fn describe<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?.call_method1("loads", (self.description.to_json(),))
    }

    fn __repr__(&self) -> String {
        let ModelDescription { detector, values, unit, .. } = &self.description;
        format!("<showerforge.Model {detector}: {values} values in {unit}>")
    }

    /// A copy opens the file again, and refuses one that has changed.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (PathBuf,))> {
        let (py, model) = (slf.py(), slf.get());
        let settings = PyDict::new(py);
        settings.set_item("threads", model.threads)?;
        settings.set_item("sha256", model.sha256())?;
        let partial = py.import("functools")?.getattr("partial")?;
        let opening = partial.call((slf.get_type(),), Some(&settings))?;
        Ok((opening, (model.path.clone(),)))
    }
}
