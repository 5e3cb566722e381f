//! Intact files of several detectors, layouts and ways of storing.

use std::ops::Range;
use std::path::Path;

use detectors::simulation::Simulation;
use hdf5_metno as hdf5;
use hdf5_metno::types::VarLenUnicode;
use ndarray::Array2;
use showerforge::events::{EventWriter, Events, Provenance, WriteOptions};
/// A valid file, and what is known of its bytes.
pub struct Base {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Where values are stored; all else that is not blank is structure.
    pub chunks: Vec<Range<usize>>,
    pub structure: Vec<usize>,
    /// Parts that end in a checksum, which is made right again after the damage.
    pub sums: Vec<Range<usize>>,
    /// All values are in gzip chunks.
    pub is_checksummed: bool,
}

pub fn bases(folder: &Path) -> Vec<Base> {
    let native = ["calochallenge-photons", "rich-pid", "rich-rings", "clic-ecal-25"];
    let mut bases: Vec<Base> = native.map(|name| simulated(folder, name)).into();
    let other = [Storage::Contiguous, Storage::Chunked, Storage::Fletcher, Storage::Newest];
    bases.extend(other.map(|storage| rewritten(folder, "rich-pid", storage)));
    bases.push(threedgan(folder));
    for name in ["big_endian", "float16"] {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        bases.push(Base::of(name, &fixtures.join(format!("{name}.hdf5"))));
    }
    bases
}

pub fn few_events(detector: &detectors::Detector) -> Events {
    let block = Simulation::of(detector).unwrap().events(1, 0, 7);
    let rows = |values: usize| (7, values);
    Events {
        conditions: Array2::from_shape_vec(rows(detector.condition_width()), block.conditions)
            .unwrap(),
        values: Array2::from_shape_vec(rows(detector.value_count()), block.values).unwrap(),
        weights: block.weights,
    }
}

pub fn write_native(path: &Path, detector: &str) {
    let detector = detectors::builtin(detector).unwrap();
    let options = WriteOptions { chunk_events: 3, ..WriteOptions::default() };
    let weighted = detector.weights_dataset().is_some();
    let mut writer =
        EventWriter::create(path, &detector, weighted, &Provenance::default(), options).unwrap();
    writer.append(&few_events(&detector)).unwrap();
    writer.finish().unwrap();
}

pub fn simulated(folder: &Path, detector: &str) -> Base {
    let path = folder.join(format!("{detector}.hdf5"));
    write_native(&path, detector);
    Base { is_checksummed: true, ..Base::of(detector, &path) }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Storage {
    Contiguous,
    Chunked,
    Fletcher,
    /// The format of HDF5 1.10, whose structures carry checksums.
    Newest,
}

/// The events of a native file, stored in other ways.
pub fn rewritten(folder: &Path, detector: &str, storage: Storage) -> Base {
    let name = format!("{detector}, {storage:?}");
    let native = folder.join(format!("{name}, native.hdf5"));
    write_native(&native, detector);
    let path = folder.join(format!("{name}.hdf5"));
    let from = hdf5::File::open(&native).unwrap();
    let to = match storage {
        Storage::Newest => hdf5::FileBuilder::new().with_fapl(|p| p.libver_v110()).create(&path),
        _ => hdf5::File::create(&path),
    };
    let to = to.unwrap();
    for dataset in from.datasets().unwrap() {
        let mut chunk = dataset.shape();
        chunk[0] = 3;
        let mut new = to.new_dataset_builder();
        new = match storage {
            Storage::Contiguous => new,
            Storage::Chunked => new.chunk(chunk),
            Storage::Fletcher => new.chunk(chunk).deflate(4).fletcher32(),
            Storage::Newest => new.chunk(chunk).shuffle().deflate(4),
        };
        let values = dataset.read_dyn::<f64>().unwrap();
        new.with_data(&values).create(dataset.name().as_str()).unwrap();
    }
    text_attribute(&to, "detector", detector);
    for index in 0..if storage == Storage::Newest { 12 } else { 1 } {
        text_attribute(&to, &format!("note {index}"), "some text");
    }
    drop((from, to));
    Base::of(&name, &path)
}

pub fn text_attribute(location: &hdf5::Location, name: &str, value: &str) {
    let value: VarLenUnicode = value.parse().unwrap();
    location.new_attr::<VarLenUnicode>().create(name).unwrap().write_scalar(&value).unwrap();
}

/// Showers as 3DGAN has them: `ECAL` `[events, x, y, z]` and `energy` in GeV, and `theta`.
pub fn threedgan(folder: &Path) -> Base {
    let detector = detectors::builtin("clic-ecal-25").unwrap();
    let events = few_events(&detector);
    let path = folder.join("threedgan.hdf5");
    let file = hdf5::File::create(&path).unwrap();
    let values = (events.values / 1000.0).into_shape_with_order((7, 25, 25, 25)).unwrap();
    let values = values.permuted_axes([0, 3, 2, 1]).as_standard_layout().into_owned();
    let new = file.new_dataset_builder().chunk([2, 25, 25, 25]).deflate(1);
    new.with_data(&values).create("ECAL").unwrap();
    let energies = events.conditions.column(0).mapv(|energy| energy / 1000.0);
    file.new_dataset_builder().with_data(&energies).create("energy").unwrap();
    file.new_dataset_builder().with_data(&energies.mapv(|_| 1.57)).create("theta").unwrap();
    text_attribute(&file, "detector", detector.name());
    drop(file);
    Base::of("3DGAN", &path)
}
