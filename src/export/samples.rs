use std::path::Path;

use ndarray::Array2;

use super::ExportError;
use super::onnx::output_name;
use crate::Error;
use crate::events::attributes::write_text;
use crate::events::chunked::{ChunkedError, ChunkedWriter, Compression};
use crate::events::{EventsError, hdf5_errors, new_file};
use crate::files::AtomicFile;
use crate::generate::{ConditionSource, Surrogate};
use crate::random::{GENERATOR_NAME, Purpose, Streams};

/// Which events are written beside an exported model.
#[derive(Debug)]
pub struct Samples {
    pub conditions: ConditionSource,
    pub seed: u64,
    pub first_event: u64,
    pub events: u64,
}

const BLOCK: u64 = 1024;

/// Writes what an exported model is compared with: HDF5 with the data sets `noise`
/// `[events, noise_width]` and `conditions` `[events, condition_width]`, the inputs of the signature
/// `showerforge`, and the values that `showerforge generate` makes of them under the name of that
/// signature's output.
///
/// # Errors
/// A condition outside of the model's range, an output that exists, or a disk that refuses.
pub fn write(
    surrogate: &Surrogate,
    samples: &Samples,
    path: &Path,
    force: bool,
) -> Result<(), Error> {
    let model = surrogate.model();
    let width = model.generator.noise_width();
    let refused = |error: ChunkedError| match error {
        ChunkedError::Hdf5(error) => hdf5_errors::writing(path, "write")(error),
        other => EventsError::Hdf5 {
            path: path.to_owned(),
            action: "write",
            reason: other.to_string(),
            writing: true,
        },
    };
    let output = AtomicFile::create(path, force)?;
    let file = new_file(output.path()).map_err(hdf5_errors::writing(path, "create"))?;
    let attributes = || {
        write_text(&file, "generator", concat!("showerforge ", env!("CARGO_PKG_VERSION")))?;
        write_text(&file, "model_sha256", surrogate.sha256())?;
        write_text(&file, "random_numbers", GENERATOR_NAME)?;
        file.new_attr::<u64>().create("seed")?.write_scalar(&samples.seed)?;
        file.new_attr::<u64>().create("first_event")?.write_scalar(&samples.first_event)
    };
    attributes().map_err(hdf5_errors::writing(path, "write the attributes of"))?;
    let compression = Compression::default();
    let create = |name: &str, width: usize| {
        ChunkedWriter::<f32>::create(&file, name, &[width], compression).map_err(refused)
    };
    let mut noises = create("noise", width)?;
    let mut conditions = ChunkedWriter::<f64>::create(
        &file,
        "conditions",
        &[model.detector.condition_width()],
        compression,
    )
    .map_err(refused)?;
    let mut values = create(output_name(&model.detector), model.detector.value_count())?;
    let streams = Streams::new(samples.seed, Purpose::Generation);
    let end = samples.first_event.checked_add(samples.events).ok_or(Error::TooManyEvents)?;
    let mut first = samples.first_event;
    while first < end {
        let count = BLOCK.min(end - first);
        let asked = samples.conditions.of_events(first, count as usize)?;
        surrogate.check(first, asked.view()).map_err(ExportError::from)?;
        let made = surrogate.generate(samples.seed, first, asked.view())?;
        let mut noise = Array2::<f32>::zeros((count as usize, width));
        for (event, mut row) in (first..).zip(noise.rows_mut()) {
            let row = row.as_slice_mut().expect("rows of a new array are contiguous");
            model.generator.fill_noise(&mut streams.normals(event), row);
        }
        noises.append(noise.view()).map_err(refused)?;
        conditions.append(asked.view()).map_err(refused)?;
        values.append(made.view()).map_err(refused)?;
        first += count;
    }
    noises.finish().map_err(refused)?;
    conditions.finish().map_err(refused)?;
    values.finish().map_err(refused)?;
    file.flush().map_err(hdf5_errors::writing(path, "write"))?;
    file.close().map_err(hdf5_errors::writing(path, "close"))?;
    Ok(output.commit()?)
}
