use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::ExitCode;
use crate::compute::{Device, Tensor};
use crate::files::{self, FileError, write_atomically};
use crate::nn::Module;

/// Why a model or checkpoint file cannot be read or written.
#[derive(Debug, Error)]
pub enum ModelFileError {
    #[error(transparent)]
    File(#[from] FileError),

    #[error("`{path}` is not a safetensors file, or it is cut off: {problem}")]
    NotSafetensors { path: PathBuf, problem: String },

    #[error("`{path}` is a safetensors file, but not {expected}: {problem}")]
    NotOurs { path: PathBuf, expected: &'static str, problem: String },

    #[error(
        "`{path}` has format version {found}, this version of showerforge reads {supported}; a newer showerforge wrote it"
    )]
    TooNew { path: PathBuf, found: u64, supported: u64 },

    #[error(
        "`{path}` has format version {found}, this version of showerforge reads {supported}; use the showerforge that wrote it, or train again"
    )]
    TooOld { path: PathBuf, found: u64, supported: u64 },

    #[error("`{path}`: tensor `{name}` {problem}")]
    Tensor { path: PathBuf, name: String, problem: String },
}

impl ModelFileError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::File(error) => error.exit_code(),
            _ => ExitCode::BadData,
        }
    }
}

/// Tensors of 32-bit floats by name, with one JSON text about them: the content of a safetensors
/// file of ours.
#[derive(Debug, Clone, Default)]
pub struct NamedTensors {
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

/// The metadata key under which our JSON stands.
const METADATA_KEY: &str = "showerforge";

impl NamedTensors {
    pub fn insert(&mut self, name: String, shape: Vec<usize>, values: Vec<f32>) {
        self.tensors.insert(name, (shape, values));
    }

    /// Adds every parameter of a module under `prefix`.
    pub fn insert_module(&mut self, prefix: &str, module: &impl Module) {
        module.clone().for_each_parameter(&mut |name, parameter| {
            let name = format!("{prefix}.{name}");
            self.insert(name, parameter.shape().to_vec(), parameter.to_host());
        });
    }

    /// Numbers in all tensors.
    pub fn number_count(&self) -> usize {
        self.tensors.values().map(|(_, values)| values.len()).sum()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Takes the values of one tensor out.
    ///
    /// # Errors
    /// If it is missing or has another shape.
    pub fn take(
        &mut self,
        path: &Path,
        name: &str,
        shape: &[usize],
    ) -> Result<Vec<f32>, ModelFileError> {
        let problem = |problem: String| ModelFileError::Tensor {
            path: path.to_owned(),
            name: name.to_owned(),
            problem,
        };
        let (found, values) =
            self.tensors.remove(name).ok_or_else(|| problem("is missing".to_owned()))?;
        if found != shape {
            return Err(problem(format!("has shape {found:?}, expected {shape:?}")));
        }
        if !values.iter().all(|value| value.is_finite()) {
            return Err(problem("holds values that are not finite".to_owned()));
        }
        Ok(values)
    }

    /// Sets every parameter of a module from the tensors under `prefix`.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn fill_module(
        &mut self,
        path: &Path,
        prefix: &str,
        module: &mut impl Module,
        device: &Device,
    ) -> Result<(), ModelFileError> {
        let mut result = Ok(());
        module.for_each_parameter(&mut |name, parameter| {
            if result.is_ok() {
                let shape = parameter.shape().to_vec();
                result = self.take(path, &format!("{prefix}.{name}"), &shape).map(|values| {
                    parameter.set_flat(Tensor::from_floats(values.as_slice(), device));
                });
            }
        });
        result
    }

    /// Writes the file, atomically.
    ///
    /// # Errors
    /// If the file exists and `force` is not given, or the disk refuses.
    pub fn write(
        &self,
        path: &Path,
        metadata_json: String,
        force: bool,
    ) -> Result<(), ModelFileError> {
        let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = self
            .tensors
            .iter()
            .map(|(name, (shape, values))| {
                (name, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect())
            })
            .collect();
        let views = bytes.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, (*shape).clone(), bytes)
                .expect("a tensor's values fill its shape");
            (name.as_str(), view)
        });
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), metadata_json)]);
        let file = safetensors::serialize(views, Some(metadata))
            .expect("names are unique and values fill their shapes");
        Ok(write_atomically(path, &file, force)?)
    }

    /// Reads a file of ours: the tensors, and the header that its JSON holds.
    ///
    /// `expected` says what the file should be; `supported` is the `format_version` that `Header`
    /// reads.
    ///
    /// # Errors
    /// If it cannot be read, is not safetensors, is cut off, was not written by showerforge, or is
    /// of another format.
    pub fn read<Header: DeserializeOwned>(
        path: &Path,
        expected: &'static str,
        supported: u64,
    ) -> Result<(Self, Header), ModelFileError> {
        let (tensors, json) = Self::read_with_json(path, expected)?;
        let not_ours = |error: serde_json::Error| ModelFileError::NotOurs {
            path: path.to_owned(),
            expected,
            problem: error.to_string(),
        };
        let value: serde_json::Value = serde_json::from_str(&json).map_err(not_ours)?;
        match value.get("format_version").and_then(serde_json::Value::as_u64) {
            Some(found) if found > supported => {
                Err(ModelFileError::TooNew { path: path.to_owned(), found, supported })
            }
            Some(found) if found < supported => {
                Err(ModelFileError::TooOld { path: path.to_owned(), found, supported })
            }
            _ => Ok((tensors, serde_json::from_value(value).map_err(not_ours)?)),
        }
    }

    fn read_with_json(
        path: &Path,
        expected: &'static str,
    ) -> Result<(Self, String), ModelFileError> {
        let bytes = files::read(path)?;
        let broken =
            |problem: String| ModelFileError::NotSafetensors { path: path.to_owned(), problem };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|e| broken(e.to_string()))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|e| broken(e.to_string()))?;
        let json = header.metadata().as_ref().and_then(|m| m.get(METADATA_KEY)).cloned();
        let json = json.ok_or_else(|| ModelFileError::NotOurs {
            path: path.to_owned(),
            expected,
            problem: format!("it has no `{METADATA_KEY}` metadata"),
        })?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.iter() {
            if view.dtype() != Dtype::F32 {
                return Err(ModelFileError::Tensor {
                    path: path.to_owned(),
                    name: name.to_owned(),
                    problem: format!("holds {:?}, expected F32", view.dtype()),
                });
            }
            let values = view
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes(b.try_into().expect("chunks of four")))
                .collect();
            tensors.insert(name.to_owned(), (view.shape().to_vec(), values));
        }
        Ok((Self { tensors }, json))
    }
}
