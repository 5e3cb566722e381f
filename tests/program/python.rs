//! Our files in h5py, where there is a Python with it.

use std::process::Command;

use ndarray::Array2;
use showerforge::events::{EventWriter, Provenance, WriteOptions};

use crate::support::{calorimeter, showers};

const READ: &str = r"
import sys, h5py, numpy
with h5py.File(sys.argv[1]) as file:
    energies, showers = file['incident_energies'], file['showers']
    assert sorted(file) == ['incident_energies', 'showers'], sorted(file)
    assert (energies.shape, energies.dtype.str) == ((250, 1), '<f8'), energies
    assert (showers.shape, showers.dtype.str) == ((250, 30), '<f4'), showers
    assert (showers.compression, showers.compression_opts, showers.shuffle) == ('gzip', 4, False)
    assert (energies[:, 0] == 256.0 + numpy.arange(250)).all()
    event, voxel = numpy.indices((250, 30))
    assert (showers[:] == ((event * voxel) % 11).astype('f4') / numpy.float32(4)).all()
    attributes = dict(file.attrs)
    assert attributes['seed'] == 7 and attributes['format_version'] == 1, attributes
    assert attributes['generator'].startswith('showerforge '), attributes
    assert attributes['unit'] == 'MeV', attributes
print('h5py', h5py.version.version, 'HDF5', h5py.version.hdf5_version)
";

#[test]
fn our_files_open_in_h5py() {
    let Some(python) = python_with_h5py() else {
        eprintln!("SKIPPED: no Python with h5py; set SHOWERFORGE_TEST_PYTHON to one");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("showers.hdf5");
    let provenance = Provenance { seed: Some(7), ..Provenance::default() };
    let options = WriteOptions { chunk_events: 100, ..WriteOptions::default() };
    let mut writer =
        EventWriter::create(&path, &calorimeter(30), false, &provenance, options).unwrap();
    let energies: Vec<f64> = (0..250).map(|event| 256.0 + f64::from(event)).collect();
    let voxels =
        Array2::from_shape_fn((250, 30), |(event, voxel)| ((event * voxel) % 11) as f32 / 4.0);
    writer.append(&showers(&energies, voxels)).unwrap();
    writer.finish().unwrap();
    let output = Command::new(python).args(["-c", READ]).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    eprintln!("read by {}", String::from_utf8_lossy(&output.stdout));
}

pub fn python_with_h5py() -> Option<String> {
    python_with("h5py, numpy")
}

/// A Python that can import these modules.
pub fn python_with(modules: &str) -> Option<String> {
    let named = std::env::var("SHOWERFORGE_TEST_PYTHON").ok();
    let candidates = named.into_iter().chain(["python3".to_owned(), ".venv/bin/python".to_owned()]);
    candidates.into_iter().find(|python| {
        let import = Command::new(python).args(["-c", &format!("import {modules}")]).output();
        import.is_ok_and(|output| output.status.success())
    })
}
