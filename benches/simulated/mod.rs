//! A training on events of the detector's own simulation, for programs that measure trainings.

use std::path::Path;

use detectors::Detector;
use detectors::simulation::Simulation;
use ndarray::Array2;
use showerforge::codec::{EventCodec, Labels};
use showerforge::compute::Device;
use showerforge::events::{EventSet, EventWriter, Events, LayoutChoice, Provenance, WriteOptions};
use showerforge::gan::training::{SampleOptions, Trainer, TrainingSample};
use showerforge::settings::{CheckedSettings, TrainingSettings};

/// Values of all events together, and the most events.
const VALUES: usize = 8_000_000;
const MOST_EVENTS: usize = 20_000;
const SEED: u64 = 1;

/// Events for a configuration, in a file, and the codec that fits them.
pub struct SimulatedEvents {
    settings: TrainingSettings,
    detector: Detector,
    codec: EventCodec,
    folder: tempfile::TempDir,
}

impl SimulatedEvents {
    /// Simulates events for a configuration in TOML.
    ///
    /// # Panics
    /// If it is no configuration of a built-in detector.
    pub fn new(configuration: &str) -> Self {
        let settings: TrainingSettings = toml::from_str(configuration).expect("configuration");
        let detector = detectors::builtin(&settings.detector).expect("built in");
        let checked = settings.clone().check(detector.clone()).expect("valid configuration");
        let folder = tempfile::tempdir().expect("a folder");
        let (provenance, options) = (Provenance::default(), WriteOptions::default());
        let mut writer =
            EventWriter::create(&file_in(&folder), &detector, false, &provenance, options)
                .expect("new");
        writer.append(&events(&detector, &checked)).expect("valid events");
        writer.finish().expect("valid events");
        let set = open(&folder, &detector);
        let labels = Labels::new(&detector, &checked.conditions);
        let codec = EventCodec::fit(&detector, labels, &checked.codec, || {
            set.blocks().iter().map(|block| set.read(block)).collect::<Vec<_>>()
        })
        .expect("valid events");
        Self { settings, detector, codec, folder }
    }

    /// The batch size that the configuration has.
    #[allow(dead_code, reason = "not every program needs it")]
    pub fn batch_size(&self) -> usize {
        self.settings.training.batch_size
    }

    /// Untrained networks and the sample, on a device.
    ///
    /// # Panics
    /// If the configuration does not allow this batch size.
    pub fn training(&self, batch_size: usize, device: Device) -> (Trainer, TrainingSample) {
        let mut settings = self.settings.clone();
        settings.training.batch_size = batch_size;
        let settings = settings.check(self.detector.clone()).expect("valid configuration");
        let options = SampleOptions {
            azimuthal_symmetry: settings.training.azimuthal_symmetry,
            memory_bytes: 1 << 30,
            events_per_iteration: batch_size,
            packing: settings.packing(),
            seed: SEED,
        };
        let set = open(&self.folder, &self.detector);
        let sample =
            TrainingSample::new(set, &self.detector, &self.codec, options).expect("valid events");
        (Trainer::new(settings, self.codec.clone(), SEED, device), sample)
    }
}

fn file_in(folder: &tempfile::TempDir) -> std::path::PathBuf {
    Path::new(folder.path()).join("events.hdf5")
}

fn open(folder: &tempfile::TempDir, detector: &Detector) -> EventSet {
    EventSet::open(&[file_in(folder)], detector, &LayoutChoice::Detect).expect("valid events")
}

/// Events of the detector's simulation, at conditions that the configuration is for.
fn events(detector: &Detector, settings: &CheckedSettings) -> Events {
    let simulation = Simulation::of(detector).expect("all built-in detectors have one");
    let count = (VALUES / detector.value_count()).clamp(64, MOST_EVENTS);
    let labels = Labels::new(detector, &settings.conditions);
    let inside = |conditions: &[f64]| {
        let row = ndarray::ArrayView2::from_shape((1, conditions.len()), conditions);
        labels.check(0, row.expect("one row")).is_ok()
    };
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    let mut events = 0;
    for number in 0.. {
        if events == count {
            break;
        }
        let event = simulation.event(SEED, number);
        if inside(&event.conditions) {
            conditions.extend(event.conditions);
            values.extend(event.values);
            events += 1;
        }
    }
    Events {
        conditions: Array2::from_shape_vec((count, detector.condition_width()), conditions)
            .expect("each event has its conditions"),
        values: Array2::from_shape_vec((count, detector.value_count()), values)
            .expect("each event has its values"),
        weights: None,
    }
}
