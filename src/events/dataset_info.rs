use std::path::Path;

use hdf5_metno as hdf5;
use hdf5_metno::filters::Filter;
use hdf5_metno::types::TypeDescriptor;

use super::{EventsError, hdf5_errors};

/// How a data set is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetInfo {
    pub name: String,
    pub shape: Vec<usize>,
    /// As in `float32`.
    pub element_type: String,
    /// The filters as `gzip 9`, or `none`.
    pub compression: String,
    pub chunk: Option<Vec<usize>>,
    pub stored_bytes: u64,
}

/// How the data sets of the root are stored, sorted by name.
pub(super) fn datasets(file: &hdf5::File, path: &Path) -> Result<Vec<DatasetInfo>, EventsError> {
    let names = file.member_names().map_err(hdf5_errors::reading(path, "list the data sets of"))?;
    // By name: HDF5 looks through all names for that of a data set that was opened otherwise.
    let open = |name: String| Some((file.dataset(&name).ok()?, name));
    let mut infos: Vec<_> = names
        .into_iter()
        .filter_map(open)
        .map(|(dataset, name)| DatasetInfo::of(&dataset, &name))
        .collect();
    infos.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(infos)
}

impl DatasetInfo {
    fn of(dataset: &hdf5::Dataset, name: &str) -> Self {
        let filters: Vec<String> = dataset.filters().iter().map(filter_name).collect();
        Self {
            name: name.escape_debug().to_string(),
            shape: dataset.shape(),
            element_type: element_type(dataset)
                .map_or_else(|| "unknown".to_owned(), |found| found.to_string()),
            compression: if filters.is_empty() { "none".to_owned() } else { filters.join(" + ") },
            chunk: dataset.chunk(),
            stored_bytes: dataset.storage_size(),
        }
    }
}

fn filter_name(filter: &Filter) -> String {
    match filter {
        Filter::Deflate(level) => format!("gzip {level}"),
        Filter::Shuffle => "shuffle".to_owned(),
        Filter::Fletcher32 => "fletcher32".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn element_type(dataset: &hdf5::Dataset) -> Option<TypeDescriptor> {
    dataset.dtype().and_then(|found| found.to_descriptor()).ok()
}
